"""Forecast every series from the champion, with fallbacks that say why, and publish."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lstm_pipeline import checkpoints, datasets, evaluations
from lstm_pipeline.baselines import BASELINES, History
from lstm_pipeline.checkpoints import ModelPackage
from lstm_pipeline.datasets import Dataset
from lstm_pipeline.errors import Conflict
from lstm_pipeline.registry import Publication
from lstm_pipeline.steps.desk import Desk, Job, open_desk
from lstm_pipeline.steps.refs import ForecastRef, PromotionRef, Trial
from lstm_pipeline.steps.rivals import Seat, seat
from lstm_pipeline.steps.verdict import is_newest, run_id
from lstm_pipeline.storage import parquet_bytes, sha256

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_OBSERVED = 0.5
"""Share of its look-back that a series needs observed for the champion to forecast it."""
ATTEMPTS = 5
"""How often the one mutable file is tried when others write it too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecasts:
    """A forecast for every requested series."""

    values: Floats
    """In the units of the series; NaN where there is nothing to forecast from: (N, H)."""
    source: tuple[str, ...]
    """champion, the name of a baseline, last_value or none: (N,)."""
    reason: tuple[str, ...]
    """Why it is not the champion's; empty where it is: (N,)."""


def publish(job: Job, trial: Trial, promotion: PromotionRef) -> ForecastRef:
    """Forecast the steps after the newest, from the champion or else the best baseline, and publish them.

    latest.parquet moves only for a run that no live forecast is ahead of.
    """
    desk = open_desk(job)
    dataset = datasets.load(desk.store, trial.dataset.id)
    purpose = "live" if is_newest(desk, trial.dataset) else "backfill"
    champion = _champion(desk, dataset, promotion.id)
    fallback = evaluations.load(desk.store, trial.evaluation.id).fallback or "seasonal_naive"
    made = forecast_all(dataset, champion, fallback)
    published_by = champion.id if champion is not None else fallback
    frame = forecast_frame(dataset, made, champion, purpose=purpose, column=desk.config.publish.column)
    data = parquet_bytes(frame)
    key = f"forecasts/{desk.config.name}/{purpose}/{_label(dataset)}-{published_by[:16]}-{dataset.id[:16]}"
    published = desk.store.publish(key, {"forecasts.parquet": data}, _facts(trial, published_by), "forecast")
    desk.registry.add_publication(
        Publication(
            pipeline=desk.config.name,
            purpose=purpose,
            cutoff=_cutoff(dataset),
            model=published_by,
            dataset=dataset.id,
            uri=published.uri,
            run=run_id(desk, trial.dataset, trial.model),
            at=dt.datetime.fromisoformat(job.now),
        )
    )
    if purpose == "live":
        _move_latest(desk, desk.store.read_part(key, "forecasts.parquet"))
    return ForecastRef(
        uri=desk.store.part_uri(key, "forecasts.parquet"),
        id=sha256(data),
        reused=published.reused,
        published_by=published_by,
        sources=dict(Counter(made.source)),
    )


def forecast_all(dataset: Dataset, champion: ModelPackage | None, fallback: str) -> Forecasts:
    """Forecast every series of the table: by the champion where it can, else by the chain of fallbacks."""
    table = dataset.table
    until = np.full(len(table.ids), table.last.max()) if table.grid.timed else table.last
    values, source = _by_baseline(dataset, until, fallback)
    reason = ["there is no champion yet"] * len(table.ids)
    if champion is not None:
        chair = seat(champion, table, until=until)
        reason = _obstacles(dataset, chair, until)
        able = np.array([not why for why in reason], dtype=bool)
        cutoff = table.offsets[:-1] + until - table.first
        values[able] = chair.after(cutoff[able], np.flatnonzero(able))
        for at in np.flatnonzero(able & ~np.isfinite(values).all(axis=1)):
            again, name = _by_baseline(dataset, until, fallback)
            values[at], source[at] = again[at], name[at]
            reason[at], able[at] = "not_finite: the champion's forecast is not finite", False
        source = ["champion" if can else name for can, name in zip(able, source, strict=True)]
    return Forecasts(values=values, source=tuple(source), reason=tuple(reason))


def _obstacles(dataset: Dataset, chair: Seat, until: Ints) -> list[str]:
    """Why the champion cannot forecast each series; empty where it can: (N,)."""
    table, look_back = dataset.table, chair.package.size.input_size
    end = chair.rows.offsets[:-1] + look_back + until - table.first + 1
    seen = np.concatenate([[0], np.cumsum(chair.rows.observed)])
    observed = seen[end] - seen[end - look_back]
    reasons: list[str] = []
    for series, name in enumerate(table.ids):
        steps = int(until[series] - table.first[series] + 1)
        if dataset.failed.get(name, "").startswith("refused"):
            reasons.append(f"broken: {dataset.failed[name]}")
        elif chair.place[series] < 0:
            reasons.append(dataset.failed.get(name, "new: the champion has never seen this series"))
        elif steps < look_back:
            reasons.append(f"short: it has {steps} of the {look_back} steps that the champion looks back on")
        elif not observed[series] >= LEAST_OBSERVED * look_back:
            reasons.append(f"stale: {observed[series]} of its last {look_back} steps were observed")
        else:
            reasons.append("")
    return reasons


def _by_baseline(dataset: Dataset, until: Ints, name: str) -> tuple[Floats, list[str]]:
    """Every series by the baseline, or by its last value if shorter than a season: (N, H), and sources."""
    table, spec = dataset.table, dataset.spec
    history = History(
        y=table.y,
        begin=table.offsets[:-1],
        cutoff=table.offsets[1:] - 1,
        season=spec.season_length,
        horizon=spec.size.horizon,
        gap=until - table.last,
    )
    long_enough = table.lengths >= max(2, spec.season_length)
    values = np.where(long_enough[:, None], BASELINES[name](history), BASELINES["last_value"](history))
    return values, [name if enough else "last_value" for enough in long_enough]


def forecast_frame(
    dataset: Dataset, made: Forecasts, champion: ModelPackage | None, *, purpose: str, column: str
) -> pa.Table:
    """One row per requested series and step: a series without a single usable row has empty forecasts."""
    table, horizon = dataset.table, dataset.spec.size.horizon
    rowless = sorted(set(dataset.failed) - set(table.ids))
    ids = [*table.ids, *rowless]
    newest = int(table.last.max())
    end = np.full(len(ids), newest)
    if not table.grid.timed:
        end[: len(table.ids)] = table.last
    values = np.concatenate([made.values, np.full((len(rowless), horizon), np.nan)]).ravel()
    source = [*made.source, *("none" for _ in rowless)]
    reason = [*made.reason, *(dataset.failed[name] for name in rowless)]
    kind = {"none": None} | ({"champion": champion.recipe.model.kind} if champion else {})
    version = {"champion": champion.id} if champion else {}

    def each(texts: list[str | None]) -> pa.Array:
        return pa.array(texts, pa.string()).take(pa.array(np.repeat(np.arange(len(ids)), horizon)))

    empty = pa.nulls(len(values), pa.float64())
    frame = pa.table(
        {
            "unique_id": each([*ids]),
            "ds": datasets.stamp_column(table.grid, (end[:, None] + np.arange(1, horizon + 1)).ravel()),
            "cutoff": datasets.stamp_column(table.grid, np.repeat(end, horizon)),
            column: pa.array(values, mask=~np.isfinite(values)),
            f"{column}-lo-90": empty,
            f"{column}-hi-90": empty,
            "model": each([kind.get(name, name) for name in source]),
            "model_version": each([version.get(name) for name in source]),
            "purpose": each([purpose] * len(ids)),
            "source": each([*source]),
            "reason": each([*reason]),
        }
    )
    return frame.sort_by([("unique_id", "ascending"), ("ds", "ascending")])


def _champion(desk: Desk, dataset: Dataset, model: str) -> ModelPackage | None:
    """The champion, unless it has learnt from targets after this run's cutoff."""
    if not model:
        return None
    package = checkpoints.load(desk.store, model)
    return package if int(package.data_end.max()) <= _cutoff(dataset) else None


def _cutoff(dataset: Dataset) -> int:
    """The newest stamp of the dataset."""
    return int(dataset.table.grid.stamp(np.array([dataset.table.last.max()]))[0])


def _label(dataset: Dataset) -> str:
    """The newest stamp as part of a name: 20180626T190000, or the integer step."""
    if not dataset.table.grid.timed:
        return str(_cutoff(dataset))
    moment = dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=_cutoff(dataset))
    return moment.strftime("%Y%m%dT%H%M%S")


def _facts(trial: Trial, published_by: str) -> Mapping[str, object]:
    return {
        "published_by": published_by,
        "dataset": trial.dataset.id,
        "evaluation": trial.evaluation.id,
        "as_of": trial.dataset.as_of,
    }


def _move_latest(desk: Desk, data: bytes) -> None:
    key = f"forecasts/{desk.config.name}/latest.parquet"
    for _ in range(ATTEMPTS):
        current = desk.store.read(key)
        if current == data or desk.store.replace(key, data, sha256(current) if current is not None else None):
            return
    raise Conflict(f"{desk.store.uri(key)}: other runs kept replacing it; run again when they are done")
