"""The replay: date by date each rule meets the same candidates with the champion that it has made itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from lstm_pipeline.gate import Decision
from lstm_pipeline.scaling import training_stats
from lstm_pipeline.windows.dataset import boundaries
from replay.feeds import DATES, Feed
from replay.models import Made, Order, load_made
from replay.rules import Meeting, Rule, Ruling
from replay.trials import Ground, Opponent, evidence_of, ground_of

HINDSIGHT = 4
"""Retrainings over which a promotion is looked back upon."""
AGES = (1, 4, 13)
"""Retrainings between candidate and champion where all pairs are judged."""
MIXED = 24
"""Lines whose candidates are drawn from all seeds: where one lucky model reigns for long, few lines tell little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One candidate for each date, and what each would have lost had it published."""

    seeds: tuple[int, ...]
    """Of each candidate: (52,)."""
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

    def losses(self, line: Line, *, raw: bool = False) -> np.ndarray:
        """What was published lost, by date: (52,)."""
        table = line.raw if raw else line.losses
        return table[self.rule.refit != "none"][self.champions, np.arange(len(self.champions))]

    def harmful(self, line: Line, dates: int) -> list[bool]:
        """For each promotion whether the new champion then lost more than the old one would have."""
        table = line.losses[self.rule.refit != "none"]
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
    lines: Mapping[str, Line]
    """By name: `seed 0`, `mixed 0`."""
    reigns: Mapping[str, Mapping[str, Reign]]
    """By rule and line."""
    pairs: Sequence[Judged]
    """Every candidate against the champions of some ages, whatever a rule had made of them."""
    firsts: Sequence[Decision]
    """What the gate says of each seed's first model."""


def replay(feed: Feed, work: Path, seeds: int, rules: Sequence[Rule]) -> Replay:
    """Replay all rules over all seeds whose models are complete, and over lines that mix them."""
    pure = {seed: line for seed in range(seeds) if (line := line_of(feed, work, seed)) is not None}
    lines = {f"seed {seed}": line for seed, line in pure.items()} | _mixed(list(pure.values()))
    reigns = {
        rule.name: {
            name: Reign(rule=rule)
            for name, line in lines.items()
            if rule.refit == "none" or line.children is not None
        }
        for rule in rules
    }
    ours = next(rule for rule in rules if rule.name == "ours")
    history, firsts, pairs = History(), list[Decision](), list[Judged]()
    for nth in range(DATES):
        desk = _Desk(ground=ground_of(feed, nth), history=history)
        for line in lines.values():
            desk.enter(line)
        if nth == 0:
            firsts += [desk.first(ours, line) for line in pure.values()]
            continue
        for reign, line in ((of[name], lines[name]) for of in reigns.values() for name in of):
            desk.extend(reign, line)
        pairs += [desk.judged(ours, line, nth - age) for line in pure.values() for age in AGES if nth >= age]
    return Replay(feed=feed, lines=lines, reigns=reigns, pairs=pairs, firsts=firsts)


def _mixed(pure: Sequence[Line]) -> dict[str, Line]:
    """Lines that take each date's candidate from a seed drawn at random; none where there is one seed."""
    rng = np.random.default_rng(20261125)
    drawn = rng.integers(len(pure), size=(MIXED, DATES)) if len(pure) > 1 else []
    return {f"mixed {number}": _mixture([pure[one] for one in row]) for number, row in enumerate(drawn)}


def _mixture(of: Sequence[Line]) -> Line:
    """The line that takes its nth candidate from the nth of these lines."""
    kinds = [False, True] if all(line.children is not None for line in of) else [False]
    return Line(
        seeds=tuple(line.seeds[nth] for nth, line in enumerate(of)),
        tested=[line.tested[nth] for nth, line in enumerate(of)],
        children=[(line.children or [])[nth] for nth, line in enumerate(of)] if True in kinds else None,
        losses={kind: np.stack([line.losses[kind][nth] for nth, line in enumerate(of)]) for kind in kinds},
        raw={kind: np.stack([line.raw[kind][nth] for nth, line in enumerate(of)]) for kind in kinds},
    )


@dataclass(slots=True)
class History:
    """What earlier dates leave behind: each candidate's scaled test error, by seed and number."""

    stored: dict[tuple[int, int], float] = field(default_factory=dict)


@dataclass(slots=True)
class _Desk:
    """One date: evidence is gathered once, and judged once, for each candidate, champion and rule."""

    ground: Ground
    history: History
    meetings: dict[tuple[int, int, int, bool], Meeting] = field(default_factory=dict)
    rulings: dict[tuple[str, int, int, int], Ruling] = field(default_factory=dict)

    def enter(self, line: Line) -> None:
        """Note the test error of the date's candidate."""
        key = (line.seeds[self.ground.nth], self.ground.nth)
        if key not in self.history.stored:
            wide = evidence_of(self.ground, line.tested[self.ground.nth], None).wide
            self.history.stored[key] = wide.mse if wide is not None else np.nan

    def first(self, rule: Rule, line: Line) -> Decision:
        """What a gate says of a first model."""
        evidence = evidence_of(self.ground, line.tested[self.ground.nth], None)
        return _decision(rule.judge(Meeting(evidence=evidence, stored=np.nan, every=0)))

    def extend(self, reign: Reign, line: Line) -> None:
        """Let a rule judge the date's candidate."""
        champion = reign.champions[-1]
        ruling = self._ruling(reign.rule, line, champion)
        if ruling.decision is not None:
            reign.judged.append(self._looked_back(line, champion, ruling.decision))
        reign.champions.append(self.ground.nth if ruling.promotes else champion)

    def judged(self, rule: Rule, line: Line, champion: int) -> Judged:
        """What a gate says of the date's candidate against any champion."""
        return self._looked_back(line, champion, _decision(self._ruling(rule, line, champion)))

    def _ruling(self, rule: Rule, line: Line, champion: int) -> Ruling:
        key = (rule.name, line.seeds[self.ground.nth], line.seeds[champion], champion)
        if key not in self.rulings:
            self.rulings[key] = rule.judge(self._meeting(line, champion, child=rule.refit == "contest"))
        return self.rulings[key]

    def _meeting(self, line: Line, champion: int, *, child: bool) -> Meeting:
        key = (line.seeds[self.ground.nth], line.seeds[champion], champion, child)
        if key not in self.meetings:
            opponent = Opponent(
                nth=champion,
                tested=line.tested[champion],
                child=line.children[champion] if child and line.children is not None else None,
            )
            self.meetings[key] = Meeting(
                evidence=evidence_of(self.ground, line.tested[self.ground.nth], opponent),
                stored=self.history.stored[line.seeds[champion], champion],
                every=self.ground.feed.plan.every,
            )
        return self.meetings[key]

    def _looked_back(self, line: Line, champion: int, decision: Decision) -> Judged:
        nth = self.ground.nth
        return Judged(
            nth=nth,
            champion=champion,
            decision=decision,
            gain_next=line.gains(nth, champion, dates=1),
            gain_later=line.gains(nth, champion, dates=HINDSIGHT),
        )


def _decision(ruling: Ruling) -> Decision:
    if ruling.decision is None:
        raise ValueError("this rule is not a gate")
    return ruling.decision


def line_of(feed: Feed, work: Path, seed: int) -> Line | None:
    """The models of a seed; None where one is missing."""
    orders = [Order(plan=feed.plan.name, seed=seed, nth=nth, child=False) for nth in range(DATES)]
    tested = _all_of(orders, work)
    if tested is None:
        return None
    children = _all_of([replace(order, child=True) for order in orders], work)
    made = {False: tested} | ({True: children} if children is not None else {})
    both = {child: _losses(feed, models) for child, models in made.items()}
    return Line(
        seeds=(seed,) * DATES,
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
