"""A forecast for every series: from the champion where it can, else from a baseline, with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lstm_pipeline import datasets
from lstm_pipeline.baselines import BASELINES, History, past_of
from lstm_pipeline.checkpoints import ModelPackage
from lstm_pipeline.series.stretch import Filling
from lstm_pipeline.steps.rivals import Seat, seat
from lstm_pipeline.windows.dataset import Dataset, DatasetSpec
from lstm_pipeline.windows.index import COMPLETENESS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

AHEAD = "the champion has learnt from data after this cutoff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecasts:
    """A forecast for every requested series."""

    values: Floats
    """In the units of the series; NaN where there is nothing to forecast from: (N, H)."""
    source: tuple[str, ...]
    """champion, the name of a baseline, last_value or none: (N,)."""
    reason: tuple[str, ...]
    """Why it is not the champion's; empty where it is: (N,)."""


def by_baselines(dataset: Dataset, fallback: str, reason: str) -> Forecasts:
    """Forecast every series of the table by a baseline, or by its last value if shorter than a season."""
    table, spec = dataset.table, dataset.spec
    until = dataset.table.ends
    known = np.clip(until, table.first, table.last)
    history = History(
        past=past_of(table, spec.season_length),
        begin=table.offsets[:-1],
        cutoff=table.row_of(known),
        horizon=spec.size.horizon,
        gap=until - known,
    )
    long_enough = table.lengths >= max(2, spec.season_length)
    values = np.where(long_enough[:, None], BASELINES[fallback](history), BASELINES["last_value"](history))
    source = np.where(long_enough, fallback, "last_value")
    # a series refused at the door may begin after the newest step of the others: nothing of it is known there
    unborn = until < table.first
    values[unborn], source[unborn] = np.nan, "none"
    failed = dataset.failed
    reasons = tuple(failed[name].text if name in failed else reason for name in table.ids)
    return Forecasts(values=values, source=tuple(source.tolist()), reason=reasons)


def by_champion(dataset: Dataset, champion: ModelPackage, fallback: str) -> Forecasts:
    """Forecast every series of the table by the champion where it can, else by a baseline."""
    table, look_back = dataset.table, champion.size.input_size
    made = by_baselines(dataset, fallback, "")
    values, source = made.values, list(made.source)
    until = np.clip(
        dataset.table.ends, table.first, table.last + look_back
    )  # beyond, a context holds no value at all
    chair = seat(champion, table, until=until, filling=_filling(dataset.spec))
    reason = _obstacles(dataset, chair, until)
    able = np.flatnonzero([not why for why in reason])
    cutoff = table.row_of(until)[able]
    for at, forecast in zip(able.tolist(), chair.after(cutoff, able), strict=True):
        if np.isfinite(forecast).all():
            values[at], source[at] = forecast, "champion"
        else:
            reason[at] = "not_finite: the champion's forecast is not finite"
    return Forecasts(values=values, source=tuple(source), reason=tuple(reason))


def _obstacles(dataset: Dataset, chair: Seat, until: Ints) -> list[str]:
    """Why the champion cannot forecast each series; empty where it can: (N,)."""
    table, look_back = dataset.table, chair.package.size.input_size
    end = chair.rows.offsets[:-1] + look_back + until - table.first + 1
    seen = np.concatenate([[0], np.cumsum(chair.rows.observed)])
    observed = seen[end] - seen[end - look_back]
    ahead = _learnt_later(dataset, chair, until)
    # a series that fell silent is stale, also where the policy fills its steps
    least = max(COMPLETENESS["mask"].context, COMPLETENESS[dataset.spec.missing].context)
    reasons: list[str] = []
    for series, name in enumerate(table.ids):
        steps = int(until[series] - table.first[series] + 1)
        failure = dataset.failed.get(name)
        if failure is not None and (failure.kind == "broken" or chair.place[series] < 0):
            reasons.append(failure.text)
        elif chair.place[series] < 0:
            reasons.append("new: the champion has never seen this series")
        elif ahead[series]:
            reasons.append(AHEAD)
        elif steps < look_back:
            reasons.append(f"short: it has {steps} of the {look_back} steps that the champion looks back on")
        elif not observed[series] >= least * look_back:
            reasons.append(f"stale: {observed[series]} of its last {look_back} steps were observed")
        else:
            reasons.append("")
    return reasons


def _learnt_later(dataset: Dataset, chair: Seat, until: Ints) -> Bools:
    """True where the champion has learnt from later steps of the very series: each counts its own: (N,)."""
    learnt = chair.package.data_end[np.maximum(chair.place, 0)]
    counted = not dataset.table.grid.timed
    return counted & (chair.place >= 0) & (learnt > dataset.table.grid.stamp(until))


def forecast_frame(
    dataset: Dataset, made: Forecasts, champion: ModelPackage | None, *, purpose: str, column: str
) -> pa.Table:
    """One row per requested series and step: a series without a single usable row has empty forecasts."""
    grid, horizon = dataset.table.grid, dataset.spec.size.horizon
    rowless = sorted(set(dataset.failed) - set(dataset.table.ids))
    end = np.concatenate([dataset.table.ends, np.full(len(rowless), dataset.table.newest)])
    values = np.concatenate([made.values, np.full((len(rowless), horizon), np.nan)]).ravel()
    source = [*made.source, *("none" for _ in rowless)]
    kind = {"none": None} | ({"champion": champion.recipe.model.kind} if champion else {})
    version = {"champion": champion.id} if champion else {}
    # nobody computes intervals yet: their columns stand so that readers need not change once somebody does
    empty = pa.nulls(len(values), pa.float64())
    frame = pa.table(
        {
            "unique_id": _each([*dataset.table.ids, *rowless], horizon),
            "ds": datasets.stamp_column(grid, (end[:, None] + np.arange(1, horizon + 1)).ravel()),
            "cutoff": datasets.stamp_column(grid, np.repeat(end, horizon)),
            column: pa.array(values, mask=~np.isfinite(values)),
            f"{column}-lo-90": empty,
            f"{column}-hi-90": empty,
            "model": _each([kind.get(name, name) for name in source], horizon),
            "model_version": _each([version.get(name) for name in source], horizon),
            "purpose": _each([purpose] * len(source), horizon),
            "source": _each(source, horizon),
            "reason": _each([*made.reason, *(dataset.failed[name].text for name in rowless)], horizon),
        }
    )
    return frame.sort_by([("unique_id", "ascending"), ("ds", "ascending")])


def _each(texts: Sequence[str | None], horizon: int) -> pa.Array:
    """A text of each series, for each of its steps: (N,) -> (N x horizon,)."""
    return pa.array(texts, pa.string()).take(pa.array(np.repeat(np.arange(len(texts)), horizon)))


def _filling(spec: DatasetSpec) -> Filling:
    """What stands behind a series that ended early: the same as in its gaps."""
    return Filling(method=spec.fill or "last", season_length=spec.season_length)
