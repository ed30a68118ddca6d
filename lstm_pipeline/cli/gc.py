"""`gc`: remove from a store what nothing names any more."""

from __future__ import annotations

import datetime as dt

import typer

from lstm_pipeline.artifacts import canonical
from lstm_pipeline.cli.console import answer, errors_told, say
from lstm_pipeline.cli.known import known_places
from lstm_pipeline.cli.run import JSON, STORE
from lstm_pipeline.errors import UsageError
from lstm_pipeline.spans import span_of


def gc(
    dry_run: bool = typer.Option(False, "--dry-run", help="Print the same list, and remove nothing."),
    older_than: str = typer.Option(
        "7d", "--older-than", help="Spare what is younger: 12h, 7d, 2w. A run may still be using it."
    ),
    store: str | None = STORE,
    as_json: bool = JSON,
) -> None:
    """Remove from the store what no run, model or forecast needs."""
    with errors_told(as_json=as_json):
        from lstm_pipeline.registry import open_registry, read_registry
        from lstm_pipeline.steps.collection import collect, find_garbage
        from lstm_pipeline.storage import open_store

        before = dt.datetime.now(dt.UTC) - age_of(older_than)
        chosen = known_places(store)
        # read first: where there is no registry, everything would look unneeded
        registry, place = read_registry(chosen.registry), open_store(chosen.store)
        if dry_run:
            found = find_garbage(place, registry, before)
        else:
            found = collect(place, open_registry(chosen.registry), before)
        total = sum(thing.bytes for thing in found)
        if as_json:
            answer(canonical({"removed": found, "bytes": total, "dry_run": dry_run}))
        elif found:
            answer("\n".join(f"{thing.key}  {thing.bytes:,} bytes" for thing in found))
        say(f"{'would remove' if dry_run else 'removed'} {len(found)}, {total:,} bytes")


def age_of(text: str) -> dt.timedelta:
    """The time that a number with a unit means.

    Raises:
        UsageError: it is none.
    """
    try:
        return span_of(text)
    except ValueError as error:
        raise UsageError(f"--older-than: {error}") from error
