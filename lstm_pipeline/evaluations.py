"""Stored evaluations: the scores of all rivals on the same windows, and what a report draws of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import TypeAdapter
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from lstm_pipeline import metrics
from lstm_pipeline.artifacts import Ref, plain
from lstm_pipeline.metrics import ErrorSums
from lstm_pipeline.storage import Store, parquet_bytes, read_parquet

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One rival's errors over some windows; None where nothing was observed or a forecast was not finite."""

    mse: float | None
    mae: float | None
    rmse: float | None
    smape: float | None
    mase: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginTable:
    """Losses per compared origin, and which origins may be compared."""

    target_end: Ints
    """Stamp of the last target of each origin: (O,)."""
    pooled: Mapping[str, Floats]
    """By rival: mean over series of squared errors divided by each series' variance, each (O,)."""
    clean: NDArray[np.bool_]
    """Later than everything the models have learnt from: (O,)."""
    windows_id: str
    left_out: tuple[str, ...]
    """Series that only one of the models can forecast."""

    @property
    def counted(self) -> NDArray[np.bool_]:
        """Origins with observed targets and, beside a champion, those that neither has learnt from: (O,)."""
        scored = ~np.isnan(next(iter(self.pooled.values())))
        return scored & self.clean if "champion" in self.pooled else scored


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Forecasts of some series at the compared origins, end to end."""

    frame: pa.Table
    """unique_id, ds, actual, and a column per rival."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateTraceTable:
    """Gate activations of the candidate's top layer on one window."""

    series: str
    ds: Ints
    """Stamps of the window: (T,)."""
    values: Floats
    """The window in the units of the series: (T,)."""
    forget: NDArray[np.float32]
    """(T, hidden), as are the others."""
    input: NDArray[np.float32]
    output: NDArray[np.float32]
    cell: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Everything gate and report need of a run's scores."""

    series: pa.Table | None
    """unique_id, rival, windows, mse, mae, rmse, smape, mase, scaled_mse."""
    steps: Mapping[str, tuple[float | None, ...]]
    """By rival: MSE per step of the horizon."""
    overall: Mapping[str, Score]
    """By rival: over all test windows, in the units of the series."""
    origins: OriginTable | None
    trace: Trace | None
    gates: GateTraceTable | None
    fallback: str | None
    """The baseline that was best on validation."""
    finite: bool
    twin: float | None
    """Test MSE of the same recipe on the chronological split, where the split is leaky."""


def nothing_trained(fallback: str | None) -> Evaluation:
    """The evaluation of a run without a model."""
    return Evaluation(
        series=None,
        steps={},
        overall={},
        origins=None,
        trace=None,
        gates=None,
        fallback=fallback,
        finite=True,
        twin=None,
    )


def series_scores(
    ids: tuple[str, ...],
    scores: Mapping[str, ErrorSums],
    *,
    windows: Ints,
    scale: Floats,
    scaled: Mapping[str, Floats],
) -> pa.Table:
    """One row per series with test windows and rival; `scaled`: by rival what the gate weighs, each (N,)."""
    shown = np.flatnonzero(windows > 0)
    names = pa.array(ids, type=pa.string()).take(pa.array(shown))
    frames: list[pa.Table] = []
    for rival, sums in scores.items():
        own = sums.by_series()
        columns: dict[str, Any] = {"unique_id": names, "rival": pa.array([rival] * len(shown), pa.string())}
        columns["windows"] = pa.array(windows[shown])
        for name, values in (
            ("mse", metrics.mse(own)[:, 0]),
            ("mae", metrics.mae(own)[:, 0]),
            ("rmse", metrics.rmse(own)[:, 0]),
            ("smape", metrics.smape(own)[:, 0]),
            ("mase", metrics.mase_by_series(sums, scale)),
            ("scaled_mse", scaled[rival]),
        ):
            columns[name] = pa.array(values[shown])
        frames.append(pa.table(columns))
    return pa.concat_tables(frames)


def step_scores(scores: Mapping[str, ErrorSums]) -> dict[str, tuple[float | None, ...]]:
    """MSE per step of the horizon, by rival."""
    return {name: tuple(plain(metrics.mse(sums.by_step())[0].tolist())) for name, sums in scores.items()}


def overall_scores(scores: Mapping[str, ErrorSums], scale: Floats) -> dict[str, Score]:
    """Errors over all series and steps, by rival."""
    return {
        name: Score(
            mse=_value(metrics.mse(sums.overall())),
            mae=_value(metrics.mae(sums.overall())),
            rmse=_value(metrics.rmse(sums.overall())),
            smape=_value(metrics.smape(sums.overall())),
            mase=_value(metrics.mase(sums, scale)),
        )
        for name, sums in scores.items()
    }


def _value(figure: Floats) -> float | None:
    number = float(figure.reshape(-1)[0])
    return number if np.isfinite(number) else None


def key_of(evaluation_id: str) -> str:
    """Where an evaluation lies in the store."""
    return f"evaluations/{evaluation_id}"


def find(store: Store, evaluation_id: str) -> Ref | None:
    """The evaluation, where there is one."""
    key = key_of(evaluation_id)
    return Ref(uri=store.uri(key), id=evaluation_id, reused=True) if store.manifest(key) else None


def save(store: Store, evaluation_id: str, evaluation: Evaluation, lineage: Mapping[str, str]) -> Ref:
    """Publish an evaluation; the first complete one under its id stays."""
    parts: dict[str, bytes] = {}
    facts: dict[str, Any] = {
        "id": evaluation_id,
        "lineage": dict(lineage),
        "steps": evaluation.steps,
        "overall": evaluation.overall,
        "fallback": evaluation.fallback,
        "finite": evaluation.finite,
        "twin": evaluation.twin,
    }
    if evaluation.series is not None:
        parts["series.parquet"] = parquet_bytes(evaluation.series)
    if evaluation.trace is not None:
        parts["trace.parquet"] = parquet_bytes(evaluation.trace.frame)
    if (origins := evaluation.origins) is not None:
        parts["origins.parquet"] = parquet_bytes(_origin_frame(origins))
        facts["origins"] = {"windows_id": origins.windows_id, "left_out": origins.left_out}
    if (gates := evaluation.gates) is not None:
        names = ("ds", "values", "forget", "input", "output", "cell")
        parts["gates.safetensors"] = save_tensors(
            {name: np.ascontiguousarray(getattr(gates, name)) for name in names}
        )
        facts["gates"] = gates.series
    published = store.publish(key_of(evaluation_id), parts, plain(facts), "evaluation")
    return Ref(uri=published.uri, id=evaluation_id, reused=published.reused)


def load(store: Store, evaluation_id: str) -> Evaluation:
    """Read an evaluation back.

    Raises:
        BrokenArtifact: it is not there, altered, or of a newer format.
    """
    key = key_of(evaluation_id)
    facts = store.require(key)

    def frame(name: str) -> pa.Table | None:
        if name not in facts["parts"]:
            return None
        return read_parquet(store.read_part(key, name))

    trace = frame("trace.parquet")
    return Evaluation(
        series=frame("series.parquet"),
        steps={name: tuple(values) for name, values in facts["steps"].items()},
        overall=TypeAdapter(dict[str, Score]).validate_python(facts["overall"]),
        origins=_origin_table(frame("origins.parquet"), facts.get("origins")),
        trace=Trace(frame=trace) if trace is not None else None,
        gates=_gates(store, key, facts.get("gates")),
        fallback=facts["fallback"],
        finite=facts["finite"],
        twin=facts["twin"],
    )


def _origin_frame(origins: OriginTable) -> pa.Table:
    columns: dict[str, Any] = {"target_end": pa.array(origins.target_end), "clean": pa.array(origins.clean)}
    return pa.table(columns | {name: pa.array(loss) for name, loss in origins.pooled.items()})


def _origin_table(frame: pa.Table | None, facts: Mapping[str, Any] | None) -> OriginTable | None:
    if frame is None or facts is None:
        return None
    rivals = [name for name in frame.column_names if name not in ("target_end", "clean")]
    return OriginTable(
        target_end=frame["target_end"].to_numpy(),
        pooled={name: frame[name].to_numpy() for name in rivals},
        clean=frame["clean"].to_numpy(),
        windows_id=str(facts["windows_id"]),
        left_out=tuple(facts["left_out"]),
    )


def _gates(store: Store, key: str, series: str | None) -> GateTraceTable | None:
    if series is None:
        return None
    arrays = load_tensors(store.read_part(key, "gates.safetensors"))
    return GateTraceTable(series=series, **arrays)  # pyright: ignore[reportArgumentType] # written by save, by name
