"""A job, small enough to travel to another machine, and the desk it is done at."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from lstm_pipeline.artifacts import canonical, fingerprint
from lstm_pipeline.errors import BrokenArtifact, UsageError
from lstm_pipeline.registry import Registry, Task, open_registry
from lstm_pipeline.settings.config import PipelineConfig, parse_pipeline, read_pipeline
from lstm_pipeline.settings.environment import Places, places
from lstm_pipeline.storage import Store, open_store


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotName:
    """A slot of a pipeline's schedule."""

    task: Task
    due: str
    """ISO time, with offset."""

    @property
    def due_at(self) -> dt.datetime:
        """The moment that the schedule names."""
        return dt.datetime.fromisoformat(self.due)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run of one pipeline: where everything is, and when."""

    config: str
    """Key of the stored configuration."""
    store: str
    registry: str
    as_of: str | None
    """Logical date: ISO time, or an integer step; None: now."""
    now: str
    """ISO time, with offset, at which the run was asked for."""
    actor: str = "run"
    """Who asked: recorded with a promotion."""
    slot: SlotName | None = None
    """The slot of a schedule that it fills; None where a person asked."""


class Office(Protocol):
    """What is needed where only the models of a pipeline matter, not what its file says: a desk has it."""

    @property
    def pipeline(self) -> str:
        """The name of the line."""
        ...

    @property
    def store(self) -> Store:
        """Where its packages are."""
        ...

    @property
    def registry(self) -> Registry:
        """Where its promotions are."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A pipeline that is known by its name alone, as a person names it."""

    pipeline: str
    store: Store
    registry: Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a step works with."""

    config: PipelineConfig
    store: Store
    registry: Registry

    @property
    def pipeline(self) -> str:
        """The name of the line."""
        return self.config.name


def new_job(config: PipelineConfig, places: Places, *, now: dt.datetime, as_of: str | None) -> Job:
    """Store the configuration and name the job."""
    store = open_store(places.store)
    key = _store_config(store, config)
    return Job(config=key, store=places.store, registry=places.registry, as_of=as_of, now=now.isoformat())


def job_from_file(path: str, *, store: str | None, as_of: str | None, now: dt.datetime | None = None) -> Job:
    """The job of running a pipeline file now, with the places that the environment names.

    `now`: the moment that counts as now, where the run began earlier and goes on.

    Raises:
        BadInput, BadConfig: the file cannot be used.
    """
    moment = (now or dt.datetime.now(dt.UTC)).replace(microsecond=0)
    return new_job(read_pipeline(path), places(store), now=moment, as_of=as_of)


def job_of_config(key: str, *, store: str | None, as_of: str | None, now: dt.datetime | None = None) -> Job:
    """The job of running a stored configuration, with the places that the environment names.

    `now`: as for `job_from_file`.
    """
    moment, where = (now or dt.datetime.now(dt.UTC)).replace(microsecond=0), places(store)
    return Job(config=key, store=where.store, registry=where.registry, as_of=as_of, now=moment.isoformat())


def honest_twin(job: Job) -> Job:
    """The same job with the chronological split in the place of a random one."""
    desk = open_desk(job)
    split = replace(desk.config.split, kind="chronological")
    twin = desk.config.model_copy(update={"split": split})
    # it is not the slot's own dataset that the twin looks at
    return replace(job, config=_store_config(desk.store, twin), slot=None)


def open_desk(job: Job) -> Desk:
    """Open what the job names.

    Raises:
        BrokenArtifact: its configuration is not in the store.
        Unreachable: store or registry do not answer.
    """
    store = open_store(job.store)
    return Desk(config=stored_config(store, job.config), store=store, registry=open_registry(job.registry))


def stored_config(store: Store, key: str) -> PipelineConfig:
    """The configuration that a job refers to.

    Raises:
        BrokenArtifact: it is not in the store, or was altered.
    """
    text = store.read(key)
    if text is None:
        raise BrokenArtifact(
            f"{store.uri(key)}: the job's configuration is not in the store; start the run again"
        )
    if f"configs/{fingerprint(json.loads(text))}.json" != key:
        raise BrokenArtifact(
            f"{store.uri(key)}: got a configuration that is not the one it is named by, so it was "
            "altered: delete it and start the run again"
        )
    # from anywhere: the paths of a stored configuration are absolute
    return parse_pipeline(json.loads(text), folder=Path("/"), named=key)


def this_moment() -> dt.datetime:
    """Now, in UTC: when something happened. A job's `now` is when it was asked for."""
    return dt.datetime.now(dt.UTC)


def as_of_of(job: Job) -> dt.datetime | int:
    """The logical date as it was given: a moment with a zone or without, or a step; else now, with a zone.

    Raises:
        UsageError: it is neither an integer nor an ISO time.
    """
    text = job.now if job.as_of is None else job.as_of
    try:
        return int(text) if text.removeprefix("-").isdigit() else dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"--as-of: got {text!r}, expected an ISO time such as 2018-06-26T19:00, or an integer step"
        ) from error


def _store_config(store: Store, config: PipelineConfig) -> str:
    document = config.model_dump(mode="json")
    key = f"configs/{fingerprint(document)}.json"
    store.create(key, canonical(document).encode())
    return key
