"""What commands about a line share: the registry of a store that is there, and moments as people write."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from lstm_pipeline.errors import BadInput, UsageError

if TYPE_CHECKING:
    from lstm_pipeline.registry import Registry
    from lstm_pipeline.settings.environment import Places
    from lstm_pipeline.steps.desk import Line


def registry_to_read(store: str | None) -> Registry:
    """The registry of a store, to look at.

    Raises:
        BadInput: there is no such store.
    """
    from lstm_pipeline.registry import read_registry

    return read_registry(known_places(store).registry)


def known_places(store: str | None) -> Places:
    """Where store and registry are; nothing is created.

    Raises:
        BadInput: there is no such store.
    """
    from lstm_pipeline.settings.environment import places

    chosen = places(store)
    if "://" not in chosen.store and not Path(chosen.store).is_dir():
        raise BadInput(
            f"{chosen.store}: there is no store here; run a pipeline first, or name another with --store"
        )
    return chosen


def known_line(pipeline: str, store: str | None, *, to_write: bool) -> Line:
    """A pipeline of a store by its name.

    Raises:
        BadInput: there is no such store, or no such pipeline in it.
    """
    from lstm_pipeline.registry import open_registry, read_registry
    from lstm_pipeline.steps.desk import Line
    from lstm_pipeline.storage import open_store

    chosen = known_places(store)
    # read first: to open a registry to write would make one
    known = read_registry(chosen.registry).pipelines()
    if pipeline not in known:
        raise BadInput(
            f"{pipeline}: no pipeline of this name is in this store; there is {', '.join(known) or 'none'}"
        )
    opened = open_registry if to_write else read_registry
    return Line(pipeline=pipeline, store=open_store(chosen.store), registry=opened(chosen.registry))


def utc(moment: dt.datetime) -> str:
    """A moment as `--at` takes it, to the second."""
    return f"{moment.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"


def moment_of(text: str | None) -> dt.datetime | None:
    """The end of the second that a text names; without an offset it is UTC, as what is printed here.

    Raises:
        UsageError: it is no ISO time.
    """
    if text is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--at: got {text!r}, expected an ISO time such as 2026-05-03T12:00") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    # logs print seconds and promotions keep microseconds: a printed moment must find its own row
    return moment.replace(microsecond=moment.microsecond or 999_999)
