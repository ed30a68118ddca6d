"""The deceptions: what is planted, and how it comes before the gate."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Literal

from lstm_pipeline.artifacts import Ref
from lstm_pipeline.steps.desk import Job
from lstm_pipeline.steps.fooling import forgery, spoilt
from lstm_pipeline.steps.fooling.ground import Line
from lstm_pipeline.steps.fooling.shop import DAY, HUGE, TEST, VALIDATION
from lstm_pipeline.steps.fooling.spoilt import Fault
from lstm_pipeline.steps.outcome import Outcome
from lstm_pipeline.steps.refs import DatasetRef

Attack = Callable[[Line], Outcome]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deception:
    """A candidate that must not become champion."""

    name: str
    planted: str
    """What was done, in a sentence."""
    attack: Attack
    champion: Literal["young", "grown"] = "young"
    """young: less trained than the candidate, which therefore has the lower error; grown: trained as long."""
    naive: Literal["same windows", "stored score"] = "same windows"
    """What the usual rule holds the candidate's test error against: the champion's on the same windows, or
    the one that was stored when the champion was made."""
    beyond: bool = False
    """No gate can tell: it is shown for honesty, and does not count as fooled."""
    honest: bool = False
    """Nothing is planted."""


def forged(step: Callable[[Job, DatasetRef], Ref]) -> Attack:
    """Let another step train the candidate."""
    return lambda line: line.challenge(steps=replace(line.steps, train=step))


def fed_with(fault: Fault, steps: int, series: Collection[str] | None = None) -> Attack:
    """Let the newest rows arrive with a fault."""
    return lambda line: line.challenge(table=spoilt.spoil(line.ground.table, fault, steps, series))


def as_it_is(line: Line) -> Outcome:
    """The candidate that most forgeries are made of, as it is."""
    return line.challenge()


def lucky_seed(seeds: int) -> Attack:
    """Many candidates on the same windows; tells of one that was promoted, or else of the luckiest."""

    def attack(line: Line) -> Outcome:
        shaken = [replace(line.steps, train=forgery.shaken_champion(seed)) for seed in range(seeds)]
        tried = [line.challenge(steps=steps) for steps in shaken]
        let_through = [outcome for outcome in tried if outcome.promoted]
        return let_through[0] if let_through else min(tried, key=_error)

    return attack


def random_split(line: Line) -> Outcome:
    """Windows dealt at random: neighbours of every test window have trained the candidate."""
    return line.challenge({"split": {"kind": "random", "validation": 0.1, "test": 0.2}})


def half_trained(line: Line) -> Outcome:
    """A candidate with a fraction of the champion's budget."""
    return line.challenge(line.ground.young)


def _error(outcome: Outcome) -> float:
    return math.inf if outcome.mse is None else outcome.mse


HONEST = Deception(
    name="an honest candidate", planted="nothing: it is better, and must pass", attack=as_it_is, honest=True
)
"""The counter-proof: a gate that refuses everything is not fooled either."""

DECEPTIONS = (
    Deception(
        name="trained on the test block",
        planted="the candidate has learnt from all windows, and its package says so",
        attack=forged(forgery.trained_on_test),
    ),
    Deception(
        name="NaN in one series",
        planted="every forecast of one series is NaN",
        attack=forged(forgery.not_finite_in_one),
    ),
    Deception(
        name="wrong units by 1000",
        planted="the newest rows of one series arrive in another unit",
        attack=fed_with(spoilt.times_a_thousand, TEST, ("north",)),
    ),
    Deception(
        name="frozen sensor",
        planted="two series repeat one value through the test part",
        attack=fed_with(spoilt.frozen, TEST, ("north", "south")),
    ),
    Deception(
        name="lucky seed out of 20",
        planted="the champion itself, its weights shaken by one seed after another until the error is lower",
        attack=lucky_seed(20),
        champion="grown",
    ),
    Deception(
        name="values of the future",
        planted="two days of every four that are held out hold the values of the two days after them",
        attack=fed_with(spoilt.from_the_future(2 * DAY), TEST + VALIDATION),
    ),
    Deception(
        name="one huge series in its favour",
        planted="the candidate has learnt from the huge series alone, and forecasts the others badly",
        attack=forged(forgery.trained_on_one(HUGE)),
    ),
    Deception(
        name="damaged package",
        planted="one bit of the candidate's stored weights is flipped",
        attack=forged(forgery.damaged),
    ),
    Deception(
        name="random split",
        planted="windows are dealt to training and test at random",
        attack=random_split,
    ),
    Deception(
        name="champion's stored score",
        planted="a half-trained candidate meets an easier test part than the champion had",
        attack=half_trained,
        champion="grown",
        naive="stored score",
    ),
    Deception(
        name="hides what it has learnt",
        planted="the candidate has learnt from the test part, and its package denies it",
        attack=forged(forgery.hiding_its_data_end),
        beyond=True,
    ),
    Deception(
        name="a feed that always knew",
        planted="the whole feed is smoothed with values of the hours ahead",
        attack=fed_with(spoilt.smoothed_ahead(3), 10**9),
        beyond=True,
    ),
)
"""All of them, in the order in which they are told."""
