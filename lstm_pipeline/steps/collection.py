"""Collect garbage: what no row of the registry names, directly or through what it names, once it is old."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial

from lstm_pipeline.artifacts import canonical, digests_in
from lstm_pipeline.registry import Registry, mentions, still
from lstm_pipeline.storage import MANIFEST, Store

BATCH = 100
"""Things removed while writers wait: a fraction of a second, of the half minute that they would wait."""

_THING = re.compile(
    r"(?:datasets|models|evaluations|training|set_aside|sources)/([0-9a-f]{64})(?=/[^/]+$)"
    r"|(?:configs|recipes)/([0-9a-f]{64})\.json$"
)
"""What may be garbage, by the key of a file: a folder or a configuration, never a report or a forecast."""

SINGLE = ("configs/", "recipes/")
"""Folders of single files, which have no manifest."""

Naming = Callable[[str], frozenset[str]]
"""What a stored thing names, by its key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Garbage:
    """A folder, or a single file, that nothing names."""

    key: str
    bytes: int


def find_garbage(store: Store, registry: Registry, before: dt.datetime) -> tuple[Garbage, ...]:
    """What a collection would remove, by key: nothing of it was written after a moment.

    A run may have published what no row names yet: leave it the time to come to its end.

    Raises:
        BrokenArtifact: a promotion log was altered, or a manifest: what they name cannot be told then.
    """
    _require_chains(registry)
    return _garbage(store, mentions(registry.engine), before, cache(partial(_named_by, store)))


def collect(store: Store, registry: Registry, before: dt.datetime) -> tuple[Garbage, ...]:
    """Remove the garbage; returns what was removed, by key.

    Raises:
        BrokenArtifact: as for `find_garbage`, and then nothing is removed.
    """
    _require_chains(registry)
    # manifests do not change: what they name is read once
    named_by = cache(partial(_named_by, store))
    found = _garbage(store, mentions(registry.engine), before, named_by)
    removed: list[Garbage] = []
    for begin in range(0, len(found), BATCH):
        # asked again: a run may have taken up an old model meanwhile, and registered it
        with still(registry.engine) as named:
            doomed = {*found[begin : begin + BATCH]} & {*_garbage(store, named, before, named_by)}
            for thing in doomed:
                _remove(store, thing.key)
        removed += doomed
    return tuple(sorted(removed, key=lambda thing: thing.key))


def _require_chains(registry: Registry) -> None:
    for pipeline in registry.pipelines():
        registry.verify_chain(pipeline)


def _garbage(
    store: Store, named: frozenset[str], before: dt.datetime, named_by: Naming
) -> tuple[Garbage, ...]:
    keys = store.list()
    things = _things(keys)
    # reports and forecasts stay, and with them what they were made of
    told = [key.removesuffix(f"/{MANIFEST}") for key in keys if _is_told(key)]
    reached = _reached(store, things, named.union(*map(named_by, told)), named_by)
    lost = [(key, files) for key, files in sorted(things.items()) if _id_of(key) not in reached]
    weighed = [(key, _weight(store, files, before)) for key, files in lost]
    return tuple(Garbage(key=key, bytes=weight) for key, weight in weighed if weight is not None)


def _things(keys: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """The files of each thing that may be garbage."""
    things: defaultdict[str, list[str]] = defaultdict(list)
    for key in keys:
        if (found := _THING.match(key)) is not None:
            things[found[0]].append(key)
    return things


def _is_told(key: str) -> bool:
    return key.startswith(("reports/", "forecasts/")) and key.endswith(f"/{MANIFEST}")


def _id_of(key: str) -> str:
    return key.partition("/")[2].removesuffix(".json")


def _reached(store: Store, things: Iterable[str], named: frozenset[str], named_by: Naming) -> frozenset[str]:
    """All that is named, and all that is named by what is named."""
    by_id: defaultdict[str, list[str]] = defaultdict(list)
    beside: defaultdict[str, set[str]] = defaultdict(set)
    for key in things:
        by_id[_id_of(key)].append(key)
        # faulty rows name the dataset around which they lay, and stay as long as that does
        if key.startswith("set_aside/"):
            beside[(store.manifest(key) or {}).get("dataset", "")].add(_id_of(key))
    reached, new = named, named
    while new:
        follow = (name for name in new if name in by_id)
        told = (beside[name].union(*map(named_by, by_id[name])) for name in follow)
        new = frozenset().union(*told) - reached
        reached |= new
    return reached


def _named_by(store: Store, key: str) -> frozenset[str]:
    """Every digest that a configuration or the manifest of a folder holds."""
    if key.startswith(SINGLE):
        return digests_in((store.read(key) or b"").decode())
    return digests_in(canonical(store.manifest(key)))


def _weight(store: Store, files: Iterable[str], before: dt.datetime) -> int | None:
    """Bytes of all files together; None where one was written after a moment, or is gone."""
    found = [store.stat(key) for key in files]
    if not all(stat is not None and stat.modified <= before for stat in found):
        return None
    return sum(stat.bytes for stat in found if stat is not None)


def _remove(store: Store, key: str) -> None:
    if key.startswith(SINGLE):
        store.delete(key)
        return
    # first: a folder without it does not exist, whatever else of it is left if this process dies here
    store.delete(f"{key}/{MANIFEST}")
    store.clear(key)
