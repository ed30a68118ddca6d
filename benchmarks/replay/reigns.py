"""The replay: date by date each rule meets the same candidates with the champion that it has made itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from lstm_pipeline.gate import Decision, Evidence
from lstm_pipeline.scaling import training_stats
from lstm_pipeline.windows.dataset import boundaries
from replay.feeds import DATES, Feed
from replay.models import Made, Order, load_made
from replay.rules import Meeting, Rule
from replay.trials import Ground, Opponent, evidence_of, ground_of

HINDSIGHT = 4
"""Retrainings over which a promotion is looked back upon."""
AGES = (1, 4, 13)
"""Retrainings between candidate and champion where all pairs are judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stable:
    """All models of one feed and seed, and what each would have lost had it published."""

    tested: list[Made]
    children: list[Made] | None
    """None where not all are trained."""
    losses: dict[bool, np.ndarray]
    """By child or not: scaled error of each model between each date and the next, NaN before: (52, 52)."""
    raw: dict[bool, np.ndarray]
    """The same in squared units of the series."""

    def gains(self, candidate: int, champion: int, *, dates: int) -> float:
        """Share by which the candidate then lost less than the champion, over so many dates from its own."""
        span = slice(candidate, candidate + dates)
        mine, theirs = self.losses[False][candidate, span].mean(), self.losses[False][champion, span].mean()
        return float(1 - mine / theirs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A decision of the gate, and what came of the candidate."""

    nth: int
    champion: int
    decision: Decision
    gain_next: float
    """Share by which the candidate lost less than the champion until the next date."""
    gain_later: float
    """The same over the next four dates."""


@dataclass(slots=True)
class Reign:
    """Who was champion at each date under one rule and seed."""

    rule: Rule
    champions: list[int] = field(default_factory=lambda: [0])
    judged: list[Judged] = field(default_factory=list)

    @property
    def promotions(self) -> int:
        """Changes of champion, the first model not counted."""
        return len(set(self.champions)) - 1

    @property
    def longest(self) -> int:
        """Dates that one model published from."""
        return max(self.champions.count(one) for one in self.champions)

    def losses(self, stable: Stable, *, raw: bool = False) -> np.ndarray:
        """What was published lost, by date: (52,)."""
        table = stable.raw if raw else stable.losses
        return table[self.rule.refit != "none"][self.champions, np.arange(len(self.champions))]

    def harmful(self, stable: Stable, dates: int) -> list[bool]:
        """For each promotion whether the new champion then lost more than the old one would have."""
        table = stable.losses[self.rule.refit != "none"]
        result: list[bool] = []
        for nth in range(1, len(self.champions)):
            new, old = self.champions[nth], self.champions[nth - 1]
            span = slice(nth, nth + dates)
            if new != old:
                result.append(bool(table[new, span].mean() > table[old, span].mean()))
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """One feed, replayed."""

    feed: Feed
    stables: Mapping[int, Stable]
    """By seed."""
    reigns: Mapping[str, Mapping[int, Reign]]
    """By rule and seed."""
    pairs: Sequence[Judged]
    """Every candidate against the champions of some ages, whatever a rule had made of them."""
    firsts: Sequence[Decision]
    """What the gate says of each seed's first model."""


def replay(feed: Feed, work: Path, seeds: int, rules: Sequence[Rule]) -> Replay:
    """Replay all rules over all seeds whose models are complete."""
    stables = {seed: stable for seed in range(seeds) if (stable := stable_of(feed, work, seed)) is not None}
    reigns = {
        rule.name: {
            seed: Reign(rule=rule)
            for seed, stable in stables.items()
            if rule.refit == "none" or stable.children is not None
        }
        for rule in rules
    }
    stored: dict[tuple[int, int], float] = {}
    firsts: list[Decision] = []
    pairs: list[Judged] = []
    ours = next(rule for rule in rules if rule.name == "ours")
    for nth in range(DATES):
        ground = ground_of(feed, nth)
        for seed, stable in stables.items():
            desk = _Desk(ground=ground, stable=stable)
            alone = evidence_of(ground, stable.tested[nth], None)
            stored[seed, nth] = alone.wide.mse if alone.wide is not None else np.nan
            if nth == 0:
                decision = ours.judge(Meeting(evidence=alone, stored=np.nan, every=feed.plan.every)).decision
                firsts += [decision] if decision is not None else []
                continue
            for reign in (of[seed] for of in reigns.values() if seed in of):
                desk.extend(reign, stored[seed, reign.champions[-1]])
            pairs += [desk.judged(ours, nth - age) for age in AGES if nth >= age]
    return Replay(feed=feed, stables=stables, reigns=reigns, pairs=pairs, firsts=firsts)


@dataclass(slots=True)
class _Desk:
    """One date and seed: evidence is gathered once for each champion."""

    ground: Ground
    stable: Stable
    known: dict[tuple[int, bool], Evidence] = field(default_factory=dict)

    def extend(self, reign: Reign, stored: float) -> None:
        """Let a rule judge the date's candidate."""
        champion = reign.champions[-1]
        meeting = self._meeting(champion, stored, child=reign.rule.refit == "contest")
        ruling = reign.rule.judge(meeting)
        if ruling.decision is not None:
            reign.judged.append(self._looked_back(champion, ruling.decision))
        reign.champions.append(self.ground.nth if ruling.promotes else champion)

    def judged(self, rule: Rule, champion: int) -> Judged:
        """What a rule says of the date's candidate against any champion."""
        decision = rule.judge(self._meeting(champion, np.nan, child=False)).decision
        if decision is None:
            raise ValueError(f"{rule.name} is not a gate")
        return self._looked_back(champion, decision)

    def _meeting(self, champion: int, stored: float, *, child: bool) -> Meeting:
        if (champion, child) not in self.known:
            children = self.stable.children
            opponent = Opponent(
                nth=champion,
                tested=self.stable.tested[champion],
                child=children[champion] if child and children is not None else None,
            )
            self.known[champion, child] = evidence_of(
                self.ground, self.stable.tested[self.ground.nth], opponent
            )
        evidence = self.known[champion, child]
        return Meeting(evidence=evidence, stored=stored, every=self.ground.feed.plan.every)

    def _looked_back(self, champion: int, decision: Decision) -> Judged:
        nth = self.ground.nth
        return Judged(
            nth=nth,
            champion=champion,
            decision=decision,
            gain_next=self.stable.gains(nth, champion, dates=1),
            gain_later=self.stable.gains(nth, champion, dates=HINDSIGHT),
        )


def stable_of(feed: Feed, work: Path, seed: int) -> Stable | None:
    """The models of a seed; None where one is missing."""
    orders = [Order(plan=feed.plan.name, seed=seed, nth=nth, child=False) for nth in range(DATES)]
    tested = _all_of(orders, work)
    if tested is None:
        return None
    children = _all_of([replace(order, child=True) for order in orders], work)
    made = {False: tested} | ({True: children} if children is not None else {})
    both = {child: _losses(feed, models) for child, models in made.items()}
    return Stable(
        tested=tested,
        children=children,
        losses={child: tables[0] for child, tables in both.items()},
        raw={child: tables[1] for child, tables in both.items()},
    )


def _all_of(orders: Sequence[Order], work: Path) -> list[Made] | None:
    files = [order.file(work) for order in orders]
    return [load_made(file) for file in files] if all(file.exists() for file in files) else None


def _losses(feed: Feed, models: Sequence[Made]) -> tuple[np.ndarray, np.ndarray]:
    """Scaled and raw error of each model over each stretch from a date to the next: each (52, 52).

    Scaled by the variance of the first date's training part, series by series: one yardstick for all dates.
    """
    first = feed.dataset(feed.dates[0])
    variance = training_stats(first.table, boundaries(first.table, first.spec).validation).variance
    scaled, raw = np.full((DATES, DATES), np.nan), np.full((DATES, DATES), np.nan)
    for nth, made in enumerate(models):
        for date in range(nth, DATES):
            own = _published(feed, made, feed.dates[date])
            scaled[nth, date], raw[nth, date] = (own / variance).mean(), own.mean()
    return scaled, raw


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
