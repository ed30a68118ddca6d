"""All checks on one feed, and what their findings mean for a run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from lstm_pipeline.health.bounds import clipped, sentinel
from lstm_pipeline.health.feed import Feed, Seen, Suspicion, seen_of
from lstm_pipeline.health.frozen import frozen, repeated
from lstm_pipeline.health.gaps import gappy
from lstm_pipeline.health.level import scale
from lstm_pipeline.health.pattern import shifted
from lstm_pipeline.health.texture import texture

# what explains most goes first: a frozen series is also shifted, noise and clipped
CHECKS: tuple[Callable[[Seen], list[Suspicion]], ...] = (
    gappy,
    frozen,
    repeated,
    sentinel,
    scale,
    shifted,
    clipped,
    texture,
)
"""Every check, in the order in which they have a say."""

TOLERATED = 0.1
"""Share of the judged series that may be suspicious before the whole is unfit to judge by."""


def examine(feed: Feed) -> list[Suspicion]:
    """Find the series whose held-out part does not look like the feed it was: one record each, by index."""
    seen = seen_of(feed)
    if not len(seen.row):
        return []
    found: dict[int, Suspicion] = {}
    for check in CHECKS:
        for suspicion in check(seen):
            found.setdefault(suspicion.series, suspicion)
    return [found[series] for series in sorted(found)]


def verdict_on(suspect: Mapping[str, str], judged: Collection[str]) -> str:
    """Why the data of a run are not fit to judge by: too many judged series are suspicious; else empty.

    One suspicious series among ten or more is noted only.
    """
    broken = [name for name in judged if name in suspect]
    if not len(broken) > TOLERATED * len(judged):
        return ""
    first = broken[0]
    return (
        f"{len(broken)} of {len(judged)} series do not look like the same feed as before, {first} for one: "
        f"{suspect[first]}; put the source right, or wait until what is held out begins after the change"
    )
