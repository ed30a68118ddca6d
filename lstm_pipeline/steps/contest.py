"""Which windows candidate and champion may be compared on, and who speaks for the champion there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline import backtest
from lstm_pipeline.backtest import Field, Origins
from lstm_pipeline.gate import FEWEST, Source
from lstm_pipeline.steps.arena import Arena, Contestant
from lstm_pipeline.steps.track_record import TrackRecord
from lstm_pipeline.windows.index import Windows

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """Rivals and the origins at which they meet."""

    arena: Arena
    origins: Origins
    clean: Bools
    """Origins whose targets have taught neither model: (O,)."""
    source: Source
    wants_refit: bool = False
    """Too few origins are left: the champion's recipe, trained anew, would leave more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Champion:
    """The champion as a contestant, and what may speak for it where it has learnt from too much."""

    itself: Contestant
    tested: Contestant | None
    """The model that was judged, where the champion is that recipe trained to the end of its data."""
    record: Callable[[], TrackRecord | None]
    """Its published forecasts, read only where they are needed; None without any."""
    stand_in: Contestant | None
    """Its recipe, trained on the candidate's training part."""


def contest_of(arena: Arena, champion: Champion | None, tests: Windows) -> Contest:
    """Settle where the rivals meet: the first source that leaves origins enough to test on.

    In this order: windows later than everything either has learnt from; forecasts that the champion's recipe
    had published; the model that was judged in its place; that recipe trained anew. Where none of them does,
    what is clean, however little.
    """
    own = backtest.tested_origins(arena.dataset, tests)
    if champion is None:
        return Contest(arena=arena, origins=own, clean=np.ones(own.count, bool), source="clean")
    usual = _contest(arena.facing(champion.itself), own, "clean")
    # nothing to gain where the whole test part is too short, or the two share no series
    if "champion" not in usual.arena.models or _left(usual) >= FEWEST or _scored(usual) < FEWEST:
        return usual
    enough = (found for found in _witnesses(arena, champion, tests) if _left(found) >= FEWEST)
    found = next(enough, None)
    if found is not None:
        return found
    if champion.stand_in is not None:
        return _contest(arena.facing(champion.stand_in), own, "refit")
    return replace(usual, wants_refit=True)


def _witnesses(arena: Arena, champion: Champion, tests: Windows) -> Iterator[Contest]:
    """Who may speak for a champion that has learnt from too much, without any training."""
    record = champion.record()
    if record is not None:
        facing = arena.facing(record.contestant)
        yield _contest(facing, _recorded(facing, record, tests), "published")
    # after what was published, which is harder to beat: in 52 retrainings that order lost less
    if champion.tested is not None:
        yield _contest(arena.facing(champion.tested), backtest.tested_origins(arena.dataset, tests), "tested")


def clean_windows(arena: Arena, windows: Windows) -> Bools:
    """Windows that every model can forecast, of which none has learnt a target: (W,)."""
    field = arena.field
    begin = field.table.grid.stamp(field.target_end(windows) - field.size.horizon + 1)
    clean = np.ones(len(windows), dtype=bool)
    for model in arena.models.values():
        clean &= begin > model.learnt[windows.series]
        if model.covers is not None:
            clean &= model.covers(windows)
    return clean


def _contest(arena: Arena, origins: Origins, source: Source) -> Contest:
    clean = np.ones(origins.count, dtype=bool)
    np.logical_and.at(clean, origins.nth, clean_windows(arena, origins.windows))
    return Contest(arena=arena, origins=origins, clean=clean, source=source)


def _left(contest: Contest) -> int:
    """Origins that can be compared."""
    return int(np.count_nonzero(_observed(contest) & contest.clean))


def _scored(contest: Contest) -> int:
    return int(np.count_nonzero(_observed(contest)))


def _observed(contest: Contest) -> Bools:
    """Origins at which something of the shared series was observed: (O,)."""
    _, observed = contest.arena.field.truth(contest.origins.windows)
    usable = (contest.arena.shared & contest.arena.say.usable)[contest.origins.windows.series]
    seen = np.bincount(
        contest.origins.nth, weights=observed.any(axis=1) & usable, minlength=contest.origins.count
    )
    return seen > 0


def _recorded(arena: Arena, record: TrackRecord, tests: Windows) -> Origins:
    """Test windows that have a published forecast, the newest first and each a horizon before the last."""
    windows = tests.where(record.covers(tests))
    end = arena.field.target_end(windows)
    kept = _spread(np.unique(end), arena.field)
    return backtest.every_origin(windows.where(np.isin(end, kept)), arena.field)


def _spread(ends: Ints, field: Field) -> Ints:
    """Of these steps in rising order the newest, and before it those at least a horizon apart."""
    kept: list[int] = []
    for end in ends[::-1].tolist():
        if not kept or kept[-1] - end >= field.size.horizon:
            kept.append(end)
    return np.array(kept, dtype=np.int64)
