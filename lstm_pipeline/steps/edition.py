"""One edition of forecasts: made by a model with fallbacks, placed in the store, told to the registry."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from lstm_pipeline.artifacts import fingerprint
from lstm_pipeline.checkpoints import ModelPackage
from lstm_pipeline.registry import Publication
from lstm_pipeline.steps.desk import Desk, Job, this_moment
from lstm_pipeline.steps.forecasts import by_baselines, by_champion, forecast_frame
from lstm_pipeline.steps.line import run_id
from lstm_pipeline.steps.lineage import lineage
from lstm_pipeline.steps.refs import Trial
from lstm_pipeline.storage import parquet_bytes
from lstm_pipeline.windows.dataset import Dataset

FRAME = "forecasts.parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What forecasts are made by, beside the model."""

    purpose: str
    """live, backfill or shadow."""
    fallback: str
    """The baseline that forecasts where the model cannot."""
    column: str

    @property
    def recorded(self) -> dict[str, str]:
        """What a manifest keeps of them."""
        return {"fallback": self.fallback, "column": self.column}


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """Forecasts made, and under which rules."""

    frame: pa.Table
    published_by: str
    rules: Rules
    sources: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """Where an edition lies."""

    key: str
    reused: bool
    row: Publication
    """As it stands in the registry."""


def edition(dataset: Dataset, champion: ModelPackage | None, absent: str, rules: Rules) -> Edition:
    """Forecast every series by a model where it can; `absent`: why there is none."""
    if champion is None:
        made = by_baselines(dataset, rules.fallback, absent)
    else:
        made = by_champion(dataset, champion, rules.fallback)
    own = champion is not None and "champion" in made.source
    return Edition(
        frame=forecast_frame(dataset, made, champion, purpose=rules.purpose, column=rules.column),
        # a champion that could forecast none of the series has published nothing
        published_by=champion.id if champion is not None and own else rules.fallback,
        rules=rules,
        sources=dict(Counter(made.source)),
    )


def issue(job: Job, desk: Desk, trial: Trial, made: Edition) -> Issued:
    """Publish an edition under its own name, and tell the registry."""
    ref, rules = trial.dataset, made.rules
    name = f"{_label(ref.cutoff, timed=ref.timed)}-{made.published_by[:16]}-{ref.id[:16]}"
    key = _key(desk, f"forecasts/{desk.config.name}/{rules.purpose}/{name}", rules.recorded)
    facts = {"rules": rules.recorded, "lineage": _lineage(job, desk, trial, made)}
    published = desk.store.publish(key, {FRAME: parquet_bytes(made.frame)}, facts, "forecast")
    row = desk.registry.add_publication(
        Publication(
            pipeline=desk.config.name,
            purpose=rules.purpose,
            cutoff=ref.cutoff,
            model=made.published_by,
            dataset=ref.id,
            uri=desk.store.key(published.uri),
            run=run_id(desk, ref, trial.model),
            at=this_moment(),
        )
    )
    return Issued(key=key, reused=published.reused, row=row)


def _lineage(job: Job, desk: Desk, trial: Trial, made: Edition) -> dict[str, str]:
    return lineage(
        job,
        desk.config.training,
        source=trial.dataset.source,
        dataset=trial.dataset.id,
        evaluation=trial.evaluation.id,
        published_by=made.published_by,
    )


def _label(cutoff: int, *, timed: bool) -> str:
    """The newest stamp as part of a name: 20180626T190000, or the integer step."""
    if not timed:
        return str(cutoff)
    moment = dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=cutoff)
    return moment.strftime("%Y%m%dT%H%M%S")


def _key(desk: Desk, key: str, rules: Mapping[str, str]) -> str:
    """Where a forecast is published: beside the one that is there, if that was made by other rules."""
    there = desk.store.manifest(key)
    return key if there is None or there["rules"] == rules else f"{key}-{fingerprint(rules)[:8]}"
