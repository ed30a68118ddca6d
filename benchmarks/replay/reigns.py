"""The replay: date by date each rule meets the same candidates with the champion that it has made itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from lstm_pipeline.gate import Decision
from replay.feeds import DATES, Feed
from replay.lines import Line, entrants_of, line_of, mixed_lines
from replay.rules import Meeting, Refit, Rule, Ruling
from replay.trials import Ground, Opponent, evidence_of, ground_of

HINDSIGHT = 4
"""Retrainings over which a promotion is looked back upon."""
AGES = (1, 2, 4, 8, 13, 26)
"""Retrainings between candidate and champion where all pairs are judged."""


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

    refit: Refit
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
        return table[self.refit != "none"][self.champions, np.arange(len(self.champions))]

    def harmful(self, line: Line, dates: int) -> list[bool]:
        """For each promotion whether the new champion then lost more than the old one would have."""
        table = line.losses[self.refit != "none"]
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
    made = entrants_of(feed, work, seeds)
    pure = {
        f"seed {seed}": line_of([of[seed] for of in made])
        for seed in range(seeds)
        if all(seed in of for of in made)
    }
    lines = pure | (mixed_lines(made) if pure else {})
    reigns = {
        rule.name: {
            name: Reign(refit=rule.refit)
            for name, line in lines.items()
            if rule.refit == "none" or line.refitted
        }
        for rule in rules
    }
    # as if nobody had been refitted: each candidate against models of any age, on what both do not know
    ours = next(rule for rule in rules if rule.name == "ours, no refit")
    history, firsts, pairs = History(), list[Decision](), list[Judged]()
    for nth in range(DATES):
        desk = _Desk(ground=ground_of(feed, nth), history=history)
        for line in lines.values():
            desk.enter(line)
        if nth == 0:
            firsts += [desk.first(ours, line) for line in pure.values()]
            continue
        for rule in rules:
            for name, reign in reigns[rule.name].items():
                desk.extend(reign, rule, lines[name])
        pairs += [desk.judged(ours, line, nth - age) for line in pure.values() for age in AGES if nth >= age]
    return Replay(feed=feed, lines=lines, reigns=reigns, pairs=pairs, firsts=firsts)


@dataclass(slots=True)
class History:
    """What earlier dates leave behind: each candidate's scaled test error, by seed and number."""

    stored: dict[tuple[int, int], float] = field(default_factory=dict)


@dataclass(slots=True)
class _Desk:
    """One date: evidence is gathered once, and judged once, for each candidate, champion and rule."""

    ground: Ground
    history: History
    meetings: dict[tuple[int, int, int, Refit], Meeting] = field(default_factory=dict)
    rulings: dict[tuple[str, int, int, int], Ruling] = field(default_factory=dict)

    def enter(self, line: Line) -> None:
        """Note the test error of the date's candidate."""
        one = line.entrants[self.ground.nth]
        key = (one.seed, self.ground.nth)
        if key not in self.history.stored:
            wide = evidence_of(self.ground, one.tested, None).wide
            self.history.stored[key] = wide.mse if wide is not None else np.nan

    def first(self, rule: Rule, line: Line) -> Decision:
        """What a gate says of a first model."""
        evidence = evidence_of(self.ground, line.entrants[self.ground.nth].tested, None)
        return _decision(rule.judge(Meeting(evidence=evidence, stored=np.nan, every=0)))

    def extend(self, reign: Reign, rule: Rule, line: Line) -> None:
        """Let a rule judge the date's candidate."""
        champion = reign.champions[-1]
        ruling = self._ruling(rule, line, champion)
        if ruling.decision is not None:
            reign.judged.append(self._looked_back(line, champion, ruling.decision))
        reign.champions.append(self.ground.nth if ruling.promotes else champion)

    def judged(self, rule: Rule, line: Line, champion: int) -> Judged:
        """What a gate says of the date's candidate against any champion."""
        return self._looked_back(line, champion, _decision(self._ruling(rule, line, champion)))

    def _ruling(self, rule: Rule, line: Line, champion: int) -> Ruling:
        candidate, opponent = line.entrants[self.ground.nth], line.entrants[champion]
        key = (rule.name, candidate.seed, opponent.seed, champion)
        if key not in self.rulings:
            self.rulings[key] = rule.judge(self._meeting(line, champion, rule.refit))
        return self.rulings[key]

    def _meeting(self, line: Line, champion: int, refit: Refit) -> Meeting:
        one, other = line.entrants[self.ground.nth], line.entrants[champion]
        # who is met as tested is met alike, whoever publishes
        way: Refit = "none" if refit == "parent" else refit
        key = (one.seed, other.seed, champion, way)
        if key not in self.meetings:
            child = other.child if way != "none" else None
            opponent = Opponent(nth=champion, tested=other.tested, child=child, met=way == "contest")
            self.meetings[key] = Meeting(
                evidence=evidence_of(self.ground, one.tested, opponent),
                stored=self.history.stored[other.seed, champion],
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
