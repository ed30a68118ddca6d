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
from lstm_pipeline.artifacts import fingerprint
from lstm_pipeline.baselines import BASELINES, History
from lstm_pipeline.checkpoints import ModelPackage
from lstm_pipeline.datasets import Dataset
from lstm_pipeline.errors import Conflict
from lstm_pipeline.registry import Publication
from lstm_pipeline.series.table import SeriesTable
from lstm_pipeline.steps.desk import Desk, Job, open_desk
from lstm_pipeline.steps.refs import DatasetRef, ForecastRef, PromotionRef, Trial
from lstm_pipeline.steps.rivals import Seat, seat
from lstm_pipeline.steps.verdict import is_newest, run_id
from lstm_pipeline.storage import parquet_bytes, sha256

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_OBSERVED = 0.5
"""Share of its look-back that a series needs observed for the champion to forecast it."""
FRAME = "forecasts.parquet"
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
    champion, absent = _champion(desk, dataset, promotion.id)
    fallback = evaluations.load(desk.store, trial.evaluation.id).fallback or "seasonal_naive"
    made = (
        by_baselines(dataset, fallback, absent)
        if champion is None
        else by_champion(dataset, champion, fallback)
    )
    published_by = champion.id if champion is not None else fallback
    frame = forecast_frame(dataset, made, champion, purpose=purpose, column=desk.config.publish.column)
    facts = _facts(trial, published_by, fallback=fallback, column=desk.config.publish.column)
    name = f"{_label(dataset)}-{published_by[:16]}-{dataset.id[:16]}"
    key = _key(desk, f"forecasts/{desk.config.name}/{purpose}/{name}", facts)
    published = desk.store.publish(key, {FRAME: parquet_bytes(frame)}, facts, "forecast")
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
    stored = desk.store.read_part(key, FRAME)
    if purpose == "live":
        _move_latest(desk, trial.dataset, stored)
    return ForecastRef(
        uri=desk.store.part_uri(key, FRAME),
        id=sha256(stored),
        reused=published.reused,
        published_by=published_by,
        sources=dict(Counter(made.source)),
    )


def by_baselines(dataset: Dataset, fallback: str, reason: str) -> Forecasts:
    """Forecast every series of the table by a baseline, or by its last value if shorter than a season."""
    table, spec = dataset.table, dataset.spec
    history = History(
        y=table.y,
        begin=table.offsets[:-1],
        cutoff=table.offsets[1:] - 1,
        season=spec.season_length,
        horizon=spec.size.horizon,
        gap=_until(table) - table.last,
    )
    long_enough = table.lengths >= max(2, spec.season_length)
    values = np.where(long_enough[:, None], BASELINES[fallback](history), BASELINES["last_value"](history))
    source = tuple(fallback if enough else "last_value" for enough in long_enough)
    return Forecasts(values=values, source=source, reason=(reason,) * len(source))


def by_champion(dataset: Dataset, champion: ModelPackage, fallback: str) -> Forecasts:
    """Forecast every series of the table by the champion where it can, else by a baseline."""
    table, look_back = dataset.table, champion.size.input_size
    made = by_baselines(dataset, fallback, "")
    values, source = made.values, list(made.source)
    until = np.minimum(_until(table), table.last + look_back)  # beyond, a context holds no value at all
    chair = seat(champion, table, until=until)
    reason = _obstacles(dataset, chair, until)
    able = np.flatnonzero([not why for why in reason])
    cutoff = (table.offsets[:-1] + until - table.first)[able]
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
    reasons: list[str] = []
    for series, name in enumerate(table.ids):
        steps = int(until[series] - table.first[series] + 1)
        if dataset.failed.get(name, "").startswith("broken"):
            reasons.append(dataset.failed[name])
        elif chair.place[series] < 0:
            reasons.append(dataset.failed.get(name, "new: the champion has never seen this series"))
        elif steps < look_back:
            reasons.append(f"short: it has {steps} of the {look_back} steps that the champion looks back on")
        elif not observed[series] >= LEAST_OBSERVED * look_back:
            reasons.append(f"stale: {observed[series]} of its last {look_back} steps were observed")
        else:
            reasons.append("")
    return reasons


def forecast_frame(
    dataset: Dataset, made: Forecasts, champion: ModelPackage | None, *, purpose: str, column: str
) -> pa.Table:
    """One row per requested series and step: a series without a single usable row has empty forecasts."""
    table, horizon = dataset.table, dataset.spec.size.horizon
    rowless = sorted(set(dataset.failed) - set(table.ids))
    ids = [*table.ids, *rowless]
    end = np.concatenate([_until(table), np.full(len(rowless), table.last.max())])
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


def _champion(desk: Desk, dataset: Dataset, model: str) -> tuple[ModelPackage | None, str]:
    """The champion, or why none forecasts: one that has learnt from later targets would know the answers."""
    if not model:
        return None, "there is no champion yet"
    package = checkpoints.load(desk.store, model)
    if int(package.data_end.max()) > _cutoff(dataset):
        return None, "the champion has learnt from data after this cutoff"
    return package, ""


def _until(table: SeriesTable) -> Ints:
    """The step after which each series is forecast: the newest, or its own where steps are counted: (N,)."""
    return np.full(len(table.ids), table.last.max()) if table.grid.timed else table.last


def _cutoff(dataset: Dataset) -> int:
    """The newest stamp of the dataset."""
    return int(dataset.table.grid.stamp(np.array([dataset.table.last.max()]))[0])


def _label(dataset: Dataset) -> str:
    """The newest stamp as part of a name: 20180626T190000, or the integer step."""
    if not dataset.table.grid.timed:
        return str(_cutoff(dataset))
    moment = dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=_cutoff(dataset))
    return moment.strftime("%Y%m%dT%H%M%S")


def _facts(trial: Trial, published_by: str, *, fallback: str, column: str) -> dict[str, str]:
    return {
        "published_by": published_by,
        "dataset": trial.dataset.id,
        "fallback": fallback,
        "column": column,
    }


def _key(desk: Desk, key: str, facts: Mapping[str, str]) -> str:
    """Where a forecast is published: beside the one that is there, if that was made by other rules."""
    there = desk.store.manifest(key)
    if there is None or all(there.get(name) == value for name, value in facts.items()):
        return key
    return f"{key}-{fingerprint(facts)[:8]}"


def _move_latest(desk: Desk, dataset: DatasetRef, data: bytes) -> None:
    key = f"forecasts/{desk.config.name}/latest.parquet"
    for _ in range(ATTEMPTS):
        current = desk.store.read(key)
        # asked again after reading: whoever publishes later data registers it before moving the file
        if not is_newest(desk, dataset):
            return
        if current == data or desk.store.replace(key, data, sha256(current) if current is not None else None):
            return
    raise Conflict(f"{desk.store.uri(key)}: other runs kept replacing it; run again when they are done")
