"""Lines of candidates: one model for each date, and what each would have lost had it published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lstm_pipeline.scaling import training_stats
from lstm_pipeline.windows.dataset import boundaries
from replay.feeds import DATES, Feed
from replay.models import Made, Order, load_made

MIXED = 12
"""Lines whose candidates are drawn from all seeds: where one lucky model reigns for long, few lines tell little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrant:
    """A candidate, and what it would have lost had it published: by date, NaN before its own, each (52,)."""

    seed: int
    tested: Made
    child: Made | None
    """None where it is not trained."""
    losses: dict[bool, np.ndarray]
    """By child or not: scaled errors."""
    raw: dict[bool, np.ndarray]
    """The same in squared units of the series."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One candidate for each date."""

    entrants: tuple[Entrant, ...]
    """(52,)"""
    losses: dict[bool, np.ndarray]
    """By child or not: scaled error of each candidate from each date to the next: (52, 52)."""
    raw: dict[bool, np.ndarray]
    """The same in squared units of the series."""

    @property
    def refitted(self) -> bool:
        """Every candidate has a child."""
        return True in self.losses

    def gains(self, candidate: int, champion: int, *, dates: int) -> float:
        """Share by which the candidate then lost less than the champion, over so many dates from its own."""
        span = slice(candidate, candidate + dates)
        mine, theirs = self.losses[False][candidate, span].mean(), self.losses[False][champion, span].mean()
        return float(1 - mine / theirs)


def entrants_of(feed: Feed, work: Path, seeds: int) -> list[dict[int, Entrant]]:
    """The candidates of each date that are trained, by seed."""
    variance = _yardstick(feed)
    orders = [
        [Order(plan=feed.plan.name, seed=seed, nth=nth, child=False) for seed in range(seeds)]
        for nth in range(DATES)
    ]
    return [
        {order.seed: _entrant(feed, order, work, variance) for order in of if order.file(work).exists()}
        for of in orders
    ]


def _entrant(feed: Feed, order: Order, work: Path, variance: np.ndarray) -> Entrant:
    files = {child: replace(order, child=child).file(work) for child in (False, True)}
    made = {child: load_made(file) for child, file in files.items() if file.exists()}
    own = {child: _series_losses(feed, model, order.nth) for child, model in made.items()}
    return Entrant(
        seed=order.seed,
        tested=made[False],
        child=made.get(True),
        losses={child: (losses / variance).mean(axis=1) for child, losses in own.items()},
        raw={child: losses.mean(axis=1) for child, losses in own.items()},
    )


def line_of(entrants: Sequence[Entrant]) -> Line:
    """The line of these candidates, one for each date."""
    kinds = [False, True] if all(one.child is not None for one in entrants) else [False]
    return Line(
        entrants=tuple(entrants),
        losses={kind: np.stack([one.losses[kind] for one in entrants]) for kind in kinds},
        raw={kind: np.stack([one.raw[kind] for one in entrants]) for kind in kinds},
    )


def mixed_lines(made: Sequence[dict[int, Entrant]]) -> dict[str, Line]:
    """Lines that take each date's candidate from a seed drawn at random; none where every date has one."""
    if all(len(of) == 1 for of in made):
        return {}
    rng = np.random.default_rng(20261125)
    return {
        f"mixed {number}": line_of([list(of.values())[rng.integers(len(of))] for of in made])
        for number in range(MIXED)
    }


def _yardstick(feed: Feed) -> np.ndarray:
    """Variance of each series in the first date's training part: one yardstick for all dates: (N,)."""
    first = feed.dataset(feed.dates[0])
    return training_stats(first.table, boundaries(first.table, first.spec).validation).variance


def _series_losses(feed: Feed, made: Made, nth: int) -> np.ndarray:
    """Mean squared error of each series from each date to the next; NaN before its own: (52, N)."""
    losses = np.full((DATES, len(feed.table.ids)), np.nan)
    for date in range(nth, DATES):
        losses[date] = _published(feed, made, feed.dates[date])
    return losses


def _published(feed: Feed, made: Made, date: int) -> np.ndarray:
    """Mean squared error of each series over what a model publishes from a date to the next: (N,)."""
    horizon, count = feed.config.windows.horizon or 1, len(feed.table.ids)
    cutoffs = np.repeat(np.arange(date, date + feed.plan.every, horizon), count)
    series = np.tile(np.arange(count), len(cutoffs) // count)
    rows = feed.table.row_of(cutoffs, series)[:, None] + np.arange(1, horizon + 1)
    seen = feed.table.observed[rows]
    loss = np.where(seen, made.after(cutoffs, series) - feed.table.y[rows], 0.0) ** 2
    shape = (-1, count, horizon)
    return loss.reshape(shape).sum(axis=(0, 2)) / seen.reshape(shape).sum(axis=(0, 2))
