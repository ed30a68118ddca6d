"""How each pipeline of an installation stands: what people look at in the morning."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from lstm_pipeline import datasets
from lstm_pipeline.errors import BrokenArtifact
from lstm_pipeline.registry import Deployed, Publication, Registry, RunRow, Task, deployed
from lstm_pipeline.report.forecast_page import LiveRecord
from lstm_pipeline.series.grid import stamp_text
from lstm_pipeline.settings.config import PipelineConfig
from lstm_pipeline.steps.desk import stored_config
from lstm_pipeline.steps.live_record import live_record
from lstm_pipeline.steps.outcome import Outcome, outcome_of
from lstm_pipeline.storage import Store

TASKS: tuple[Task, ...] = ("retrain", "forecast")
SHOWN = 5
"""Verdicts of a pipeline."""
EPOCH = dt.datetime(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a run ended."""

    at: dt.datetime
    as_of: str
    verdict: str
    reasons: tuple[str, ...]
    skill: float | None
    """Against the best naive forecast."""
    report: str
    """Key of its page in the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Champion:
    """Who publishes."""

    model: str
    kind: str
    """How it became champion."""
    since: dt.datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The newest live forecast."""

    at: dt.datetime
    cutoff: str
    """The newest row it knew: ISO time on the clock of the series, or a step."""
    age_seconds: int | None
    """From that row to now, as if the series' clock were UTC; None where series count steps."""
    published_by: str
    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One pipeline."""

    pipeline: str
    deployed: dt.datetime | None
    """Since when its configuration is; None where it runs by hand alone."""
    champion: Champion | None
    verdicts: tuple[Verdict, ...]
    """The newest ones, newest first."""
    forecast: Forecast | None
    next_slots: Mapping[Task, dt.datetime]
    live: LiveRecord | None
    waits: dt.datetime | None
    """Until when a promotion waits for a person."""
    alerts: tuple[str, ...]


def standings(store: Store, registry: Registry, now: dt.datetime) -> tuple[Standing, ...]:
    """Every pipeline that is deployed or has run, by name.

    Raises:
        Unreachable: the registry does not answer.
    """
    known = deployed(registry.engine)
    names = sorted({*registry.pipelines(), *known})
    return tuple(_standing(store, registry, name, known.get(name), now) for name in names)


def _standing(
    store: Store, registry: Registry, name: str, known: Deployed | None, now: dt.datetime
) -> Standing:
    runs = registry.runs(name)[-SHOWN:]
    outcomes = [outcome_of(row.outcome) for row in runs]
    request = registry.pending(name, now)
    return Standing(
        pipeline=name,
        deployed=known.at if known is not None else None,
        champion=_champion(registry, name),
        verdicts=tuple(map(_verdict, reversed(runs), reversed(outcomes))),
        forecast=_forecast(store, registry, name, now),
        next_slots=_next_slots(_config(store, known), now),
        live=live_record(registry, name),
        waits=request.expires_at if request is not None else None,
        alerts=outcomes[-1].alerts if outcomes else (),
    )


def _champion(registry: Registry, name: str) -> Champion | None:
    row = registry.champion(name)
    return None if row is None else Champion(model=row.model, kind=row.kind, since=row.at, reason=row.reason)


def _verdict(row: RunRow, outcome: Outcome) -> Verdict:
    return Verdict(
        at=row.at,
        as_of=outcome.as_of,
        verdict=outcome.verdict,
        reasons=outcome.reasons,
        skill=outcome.skill,
        report=outcome.report,
    )


def _forecast(store: Store, registry: Registry, name: str, now: dt.datetime) -> Forecast | None:
    cutoff = registry.newest_cutoff(name, "live")
    if cutoff is None:
        return None
    row: Publication = registry.publications(name, "live", cutoff)[-1]
    timed = _timed(store, row)
    age = now.replace(tzinfo=None) - (EPOCH + dt.timedelta(microseconds=cutoff)) if timed else None
    seconds = None if age is None else int(age.total_seconds())
    return Forecast(
        at=row.at,
        cutoff=stamp_text(cutoff, timed=timed),
        age_seconds=seconds,
        published_by=row.model,
        uri=store.uri(row.uri),
    )


def _timed(store: Store, row: Publication) -> bool:
    """The series have times; where their dataset is gone, what could be a time of this age is one."""
    try:
        return datasets.grid_of(store, row.dataset).timed
    except BrokenArtifact:
        return row.cutoff > 10**14


def _config(store: Store, known: Deployed | None) -> PipelineConfig | None:
    return None if known is None else stored_config(store, known.config)


def _next_slots(config: PipelineConfig | None, now: dt.datetime) -> Mapping[Task, dt.datetime]:
    found: dict[Task, dt.datetime] = {}
    for task in TASKS:
        clock = config.schedule.clock(task) if config is not None else None
        if clock is not None:
            found[task] = next(clock.following(now))
    return found
