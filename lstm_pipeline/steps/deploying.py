"""Pipeline files become what a server is told: stored under their keys, noted in the registry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from lstm_pipeline.errors import BadConfig
from lstm_pipeline.registry import Deployed, Registry, deploy, deployed, open_registry
from lstm_pipeline.settings.config import PipelineConfig, read_pipeline
from lstm_pipeline.settings.environment import Places
from lstm_pipeline.steps.desk import new_job, stored_config
from lstm_pipeline.storage import open_store


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployable:
    """A pipeline that is to be deployed."""

    config: PipelineConfig
    key: str
    """Of its configuration in the store."""


def read_all(files: Sequence[str]) -> tuple[PipelineConfig, ...]:
    """Read pipeline files, all before anything is done with one.

    Raises:
        BadInput, BadConfig: one of them cannot be used, or two have the same name.
    """
    configs = [read_pipeline(file) for file in files]
    by_name: dict[str, str] = {}
    for file, config in zip(files, configs, strict=True):
        if by_name.setdefault(config.name, file) != file:
            raise BadConfig(
                f"{file}: got the name {config.name!r}, which {by_name[config.name]} has too: "
                "one of them needs another name"
            )
    return tuple(configs)


def laid_down(configs: Sequence[PipelineConfig], where: Places, now: dt.datetime) -> tuple[Deployable, ...]:
    """Store each configuration, where every worker can read it.

    Raises:
        Unreachable: store or registry do not answer.
    """
    open_registry(where.registry)
    jobs = [new_job(config, where, now=now, as_of=None) for config in configs]
    return tuple(Deployable(config=config, key=job.config) for config, job in zip(configs, jobs, strict=True))


def known_already(where: Places) -> tuple[Deployable, ...]:
    """What was deployed before, for a service that comes up again."""
    store, registry = open_store(where.store), open_registry(where.registry)
    rows = deployed(registry.engine).values()
    return tuple(Deployable(config=stored_config(store, row.config), key=row.config) for row in rows)


def note(registry: Registry, pipelines: Sequence[Deployable], *, actor: str, now: dt.datetime) -> None:
    """Keep in the registry what a server was told: `status` and backfills go by it."""
    for one in pipelines:
        deploy(registry.engine, Deployed(pipeline=one.config.name, config=one.key, actor=actor, at=now))
