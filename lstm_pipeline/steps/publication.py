"""Forecast every series from the champion, with fallbacks that say why, and publish."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from lstm_pipeline import datasets, evaluations
from lstm_pipeline.artifacts import fingerprint
from lstm_pipeline.checkpoints import ModelPackage
from lstm_pipeline.errors import Conflict
from lstm_pipeline.registry import Publication
from lstm_pipeline.steps.desk import Desk, Job, open_desk, this_moment
from lstm_pipeline.steps.forecasts import AHEAD, by_baselines, by_champion, forecast_frame
from lstm_pipeline.steps.line import is_newest, not_later, run_id
from lstm_pipeline.steps.lineage import lineage
from lstm_pipeline.steps.refs import DatasetRef, ForecastRef, PromotionRef, Trial
from lstm_pipeline.steps.rivals import registered
from lstm_pipeline.storage import parquet_bytes, sha256
from lstm_pipeline.windows.dataset import Dataset

FRAME = "forecasts.parquet"
ATTEMPTS = 5
"""How often the one mutable file is tried when others write it too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edition:
    """Forecasts made, and under which rules."""

    frame: pa.Table
    published_by: str
    purpose: str
    rules: Mapping[str, str]
    sources: Mapping[str, int]


def publish(job: Job, trial: Trial, promotion: PromotionRef) -> ForecastRef:
    """Forecast the steps after the newest, from the champion or else the best baseline, and publish them.

    latest.parquet moves only for a run that no live forecast is ahead of.
    """
    desk = open_desk(job)
    # who may publish stands in this log: an edited one is not believed
    desk.registry.verify_chain(desk.config.name)
    dataset = datasets.load(desk.store, trial.dataset.id)
    made = _make(desk, dataset, trial, promotion)
    name = f"{_label(dataset)}-{made.published_by[:16]}-{dataset.id[:16]}"
    key = _key(desk, f"forecasts/{desk.config.name}/{made.purpose}/{name}", made.rules)
    facts = {"rules": made.rules, "lineage": _lineage(job, desk, trial, made)}
    published = desk.store.publish(key, {FRAME: parquet_bytes(made.frame)}, facts, "forecast")
    # before latest moves: a run with older data asks the registry whether to keep away from it
    _register(desk, trial, made, published.uri)
    # read back: where another run was first, latest holds what that one published
    stored = desk.store.read_part(key, FRAME)
    if made.purpose == "live":
        _move_latest(desk, trial.dataset, stored)
    return ForecastRef(
        uri=desk.store.part_uri(key, FRAME),
        id=sha256(stored),
        reused=published.reused,
        published_by=made.published_by,
        sources=made.sources,
        failed=trial.dataset.failed,
    )


def latest_key(desk: Desk) -> str:
    """The one file that is ever replaced: the newest live forecasts."""
    return f"forecasts/{desk.config.name}/latest.parquet"


def _make(desk: Desk, dataset: Dataset, trial: Trial, promotion: PromotionRef) -> _Edition:
    """Forecast every series by who may publish."""
    purpose, column = "live" if is_newest(desk, trial.dataset) else "backfill", desk.config.publish.column
    champion, absent = _champion(desk, trial.dataset, promotion.id, purpose)
    # None where no window chose among the baselines
    fallback = evaluations.load(desk.store, trial.evaluation.id).fallback or "seasonal_naive"
    if champion is None:
        made = by_baselines(dataset, fallback, absent)
    else:
        made = by_champion(dataset, champion, fallback)
    return _Edition(
        frame=forecast_frame(dataset, made, champion, purpose=purpose, column=column),
        # a champion that could forecast none of the series has published nothing
        published_by=champion.id if champion is not None and "champion" in made.source else fallback,
        purpose=purpose,
        rules={"fallback": fallback, "column": column},
        sources=dict(Counter(made.source)),
    )


def _lineage(job: Job, desk: Desk, trial: Trial, made: _Edition) -> dict[str, str]:
    return lineage(
        job,
        desk.config.training,
        source=trial.dataset.source,
        dataset=trial.dataset.id,
        evaluation=trial.evaluation.id,
        published_by=made.published_by,
    )


def _register(desk: Desk, trial: Trial, made: _Edition, uri: str) -> None:
    desk.registry.add_publication(
        Publication(
            pipeline=desk.config.name,
            purpose=made.purpose,
            cutoff=trial.dataset.cutoff,
            model=made.published_by,
            dataset=trial.dataset.id,
            uri=desk.store.key(uri),
            run=run_id(desk, trial.dataset, trial.model),
            at=this_moment(),
        )
    )


def _champion(desk: Desk, dataset: DatasetRef, model: str, purpose: str) -> tuple[ModelPackage | None, str]:
    """The champion, or why none forecasts: one trained or chosen on later data would know the answers.

    A run about the past is forecast by who was champion as of then.
    """
    if purpose != "live":
        log = desk.registry.promotions(desk.config.name)
        then = [row for row in log if not_later(row.as_of, dataset.as_of)]
        model = then[-1].model if then else ""
    if not model:
        return None, "there is no champion yet" if purpose == "live" else "there was no champion as of then"
    package = registered(desk, model)
    # where steps are counted each series has a clock of its own, and is asked when it is forecast
    if dataset.timed and int(package.data_end.max()) > dataset.cutoff:
        return None, AHEAD
    return package, ""


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
    key = latest_key(desk)
    for _ in range(ATTEMPTS):
        current = desk.store.read(key)
        # asked again after reading: whoever publishes later data registers it before moving the file
        if not is_newest(desk, dataset):
            return
        if current == data or desk.store.replace(key, data, sha256(current) if current is not None else None):
            return
    raise Conflict(f"{desk.store.uri(key)}: other runs kept replacing it; run again when they are done")
