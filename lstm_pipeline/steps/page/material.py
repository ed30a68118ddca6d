"""What a page is made from, read from the store once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from lstm_pipeline import checkpoints, datasets
from lstm_pipeline.checkpoints import ModelPackage
from lstm_pipeline.evaluations import Evaluation
from lstm_pipeline.report.drawn import Stamps, Values
from lstm_pipeline.steps.desk import Desk
from lstm_pipeline.steps.outcome import Outcome
from lstm_pipeline.steps.refs import ForecastRef, Judged
from lstm_pipeline.storage import read_parquet
from lstm_pipeline.windows.dataset import Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFindings:
    """All that a run has found."""

    judged: Judged
    forecasts: ForecastRef
    scores: Evaluation
    outcome: Outcome
    command: str
    """What to type to reproduce the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """The findings with the stored things they point to."""

    findings: RunFindings
    dataset: Dataset
    set_aside: pa.Table
    forecasts: Mapping[str, pa.Table]
    """By series."""
    live: bool
    """They were published as the newest, not as forecasts of the past."""
    tests: Mapping[str, pa.Table]
    """Forecasts on the test part, by series, for those that are drawn."""
    package: ModelPackage | None
    """None where there is no model, or a damaged one."""


def gather(desk: Desk, found: RunFindings) -> Material:
    """Read what the page of a run shows."""
    trial, trace = found.judged.trial, found.scores.trace
    folder, _, part = desk.store.key(found.forecasts.uri).rpartition("/")
    frame = read_parquet(desk.store.read_part(folder, part))
    return Material(
        findings=found,
        dataset=datasets.load(desk.store, trial.dataset.id),
        set_aside=datasets.load_set_aside(desk.store, trial.dataset.set_aside),
        forecasts=by_series(frame),
        live=frame["purpose"].to_pylist()[:1] == ["live"],
        tests=by_series(trace.frame) if trace is not None else {},
        package=checkpoints.load_if_whole(desk.store, trial.model.id) if trial.model is not None else None,
    )


def by_series(frame: pa.Table) -> dict[str, pa.Table]:
    """The rows of each series, in order of time: views of one sorted frame."""
    frame = frame.sort_by([("unique_id", "ascending"), ("ds", "ascending")]).combine_chunks()
    if not frame.num_rows:
        return {}
    codes = frame["unique_id"].dictionary_encode().combine_chunks()
    heads = np.flatnonzero(np.diff(codes.indices.to_numpy(), prepend=-1))
    ends = [*heads[1:].tolist(), frame.num_rows]
    names = codes.dictionary.to_pylist()
    return {
        name: frame.slice(head, end - head)
        for name, head, end in zip(names, heads.tolist(), ends, strict=True)
    }


def numbers(values: Iterable[float | None]) -> Values:
    """Values for a picture: what is not finite is a hole."""
    return tuple(float(v) if v is not None and math.isfinite(v) else None for v in values)


def column(frame: pa.Table | None, name: str | None) -> Values:
    """One column for a picture; empty where there is none."""
    if frame is None or name is None or name not in frame.column_names:
        return ()
    return numbers(frame[name].to_pylist())


def labels(frame: pa.Table | None) -> Stamps:
    """The stamps of a frame as text."""
    if frame is None:
        return ()
    values = frame["ds"].to_pylist()
    return tuple(value.isoformat() if hasattr(value, "isoformat") else str(value) for value in values)
