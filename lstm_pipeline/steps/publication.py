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
from lstm_pipeline.datasets import BROKEN, Dataset
from lstm_pipeline.errors import Conflict
from lstm_pipeline.registry import Publication
from lstm_pipeline.steps.desk import Desk, Job, open_desk
from lstm_pipeline.steps.lineage import lineage
from lstm_pipeline.steps.refs import DatasetRef, ForecastRef, PromotionRef, Trial
from lstm_pipeline.steps.rivals import Seat, seat
from lstm_pipeline.steps.verdict import is_newest, run_id
from lstm_pipeline.storage import parquet_bytes, sha256
from lstm_pipeline.windows.index import COMPLETENESS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

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
    champion, absent = _champion(desk, trial.dataset, promotion.id, purpose)
    fallback = evaluations.load(desk.store, trial.evaluation.id).fallback or "seasonal_naive"
    made = (
        by_baselines(dataset, fallback, absent)
        if champion is None
        else by_champion(dataset, champion, fallback)
    )
    published_by = champion.id if champion is not None and "champion" in made.source else fallback
    frame = forecast_frame(dataset, made, champion, purpose=purpose, column=desk.config.publish.column)
    rules = {"fallback": fallback, "column": desk.config.publish.column}
    origin = lineage(job, dataset=dataset.id, evaluation=trial.evaluation.id, published_by=published_by)
    name = f"{_label(dataset)}-{published_by[:16]}-{dataset.id[:16]}"
    key = _key(desk, f"forecasts/{desk.config.name}/{purpose}/{name}", rules)
    facts = {"rules": rules, "lineage": origin}
    published = desk.store.publish(key, {FRAME: parquet_bytes(frame)}, facts, "forecast")
    desk.registry.add_publication(
        Publication(
            pipeline=desk.config.name,
            purpose=purpose,
            cutoff=dataset.cutoff,
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
    until = _until(dataset)
    known = np.clip(until, table.first, table.last)
    history = History(
        y=table.y,
        begin=table.offsets[:-1],
        cutoff=table.offsets[:-1] + known - table.first,
        season=spec.season_length,
        horizon=spec.size.horizon,
        gap=until - known,
    )
    long_enough = table.lengths >= max(2, spec.season_length)
    values = np.where(long_enough[:, None], BASELINES[fallback](history), BASELINES["last_value"](history))
    source = tuple(fallback if enough else "last_value" for enough in long_enough)
    reasons = tuple(dataset.failed.get(name, reason) for name in table.ids)
    return Forecasts(values=values, source=source, reason=reasons)


def by_champion(dataset: Dataset, champion: ModelPackage, fallback: str) -> Forecasts:
    """Forecast every series of the table by the champion where it can, else by a baseline."""
    table, look_back = dataset.table, champion.size.input_size
    made = by_baselines(dataset, fallback, "")
    values, source = made.values, list(made.source)
    until = np.clip(
        _until(dataset), table.first, table.last + look_back
    )  # beyond, a context holds no value at all
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
    least = COMPLETENESS[dataset.spec.missing.split()[0]].context
    reasons: list[str] = []
    for series, name in enumerate(table.ids):
        steps = int(until[series] - table.first[series] + 1)
        if dataset.failed.get(name, "").startswith(BROKEN):
            reasons.append(dataset.failed[name])
        elif chair.place[series] < 0:
            reasons.append(dataset.failed.get(name, "new: the champion has never seen this series"))
        elif steps < look_back:
            reasons.append(f"short: it has {steps} of the {look_back} steps that the champion looks back on")
        elif not observed[series] >= least * look_back:
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
    end = np.concatenate([_until(dataset), np.full(len(rowless), dataset.table.newest)])
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


def _champion(desk: Desk, dataset: DatasetRef, model: str, purpose: str) -> tuple[ModelPackage | None, str]:
    """The champion, or why none forecasts: one trained or chosen on later data would know the answers.

    A run about the past is forecast by who was champion as of then.
    """
    if purpose != "live":
        then = [row for row in desk.registry.promotions(desk.config.name) if _knew(row.as_of, dataset.as_of)]
        model = then[-1].model if then else ""
    if not model:
        return None, "there is no champion yet" if purpose == "live" else "there was no champion as of then"
    package = checkpoints.load(desk.store, model)
    if int(package.data_end.max()) > dataset.cutoff:
        return None, "the champion has learnt from data after this cutoff"
    return package, ""


def _knew(then: str, now: str) -> bool:
    """True where one logical date is not later than another: both ISO times, or both steps."""
    both = (then, now)
    return int(then) <= int(now) if all(text.lstrip("-").isdigit() for text in both) else then <= now


def _until(dataset: Dataset) -> Ints:
    """The step after which each series is forecast: the newest, or its own where steps are counted: (N,)."""
    table = dataset.table
    return np.full(len(table.ids), dataset.table.newest) if table.grid.timed else table.last


def _label(dataset: Dataset) -> str:
    """The newest stamp as part of a name: 20180626T190000, or the integer step."""
    if not dataset.table.grid.timed:
        return str(dataset.cutoff)
    moment = dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=dataset.cutoff)
    return moment.strftime("%Y%m%dT%H%M%S")


def _key(desk: Desk, key: str, rules: Mapping[str, str]) -> str:
    """Where a forecast is published: beside the one that is there, if that was made by other rules."""
    there = desk.store.manifest(key)
    return key if there is None or there["rules"] == rules else f"{key}-{fingerprint(rules)[:8]}"


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
