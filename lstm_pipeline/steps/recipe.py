"""The order of the steps, written once: a flow and a plain run both walk it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from lstm_pipeline.artifacts import Ref
from lstm_pipeline.errors import BadConfig, BadInput, Conflict
from lstm_pipeline.steps.desk import Job, honest_twin
from lstm_pipeline.steps.outcome import STEPS, Journal, Outcome
from lstm_pipeline.steps.refs import (
    DatasetRef,
    Entrants,
    EvaluationRef,
    ForecastRef,
    GateRef,
    Judged,
    PromotionRef,
    Trial,
    Twin,
    WatchRef,
)

R = TypeVar("R", bound=Ref)
LOG = logging.getLogger(__name__)

NOBODY = WatchRef(uri="", id="")
"""Nobody was on probation, or nobody looked."""
REMATCHES = 5
"""How often a candidate that lost a race is judged again, against the champion that won it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """What the recipe calls: plain functions, or the same functions as tasks of a flow."""

    build_dataset: Callable[[Job], DatasetRef]
    watch: Callable[[Job, DatasetRef], WatchRef]
    train: Callable[[Job, DatasetRef], Ref]
    recall: Callable[[Job, DatasetRef, Ref | None], Outcome | None]
    evaluate: Callable[[Job, DatasetRef, Entrants], EvaluationRef]
    train_stand_in: Callable[[Job, DatasetRef, str], Ref]
    decide: Callable[[Job, Trial], GateRef]
    promote: Callable[[Job, Trial, GateRef], PromotionRef]
    refit: Callable[[Job, Trial, GateRef, PromotionRef], PromotionRef]
    publish: Callable[[Job, Trial, PromotionRef], ForecastRef]
    report: Callable[[Job, Judged, ForecastRef, Journal], Outcome]
    report_forecast: Callable[[Job, Trial, ForecastRef], ForecastRef]


@dataclass(slots=True)
class Walk:
    """A recipe under way: calls steps, and notes how long each took and what was there already."""

    clock: Callable[[], float]
    seconds: dict[str, float] = field(default_factory=dict[str, float])
    reused: dict[str, bool] = field(default_factory=dict[str, bool])

    def step(self, name: str, call: Callable[[], R]) -> R:
        """Call one step; what is called twice adds up, and is reused only if it was each time."""
        begun = self.clock()
        ref = call()
        self.note(name, self.clock() - begun, reused=ref.reused)
        return ref

    def note(self, name: str, seconds: float, *, reused: bool) -> None:
        """Note what a step took, for the outcome and for the log."""
        LOG.info("%s: %.1f s%s", name, seconds, ", reused" if reused else "")
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds
        self.reused[name] = self.reused.get(name, True) and reused

    def journal(self) -> Journal:
        """What has been noted so far."""
        return Journal(
            seconds={name: round(seconds, 3) for name, seconds in self.seconds.items()},
            reused=tuple(name for name, reused in self.reused.items() if reused),
        )


def retrain(job: Job, steps: Steps, clock: Callable[[], float] = time.monotonic) -> Outcome:
    """Ingest, train, judge, promote, publish, report; an identical rerun returns what is stored."""
    walk = Walk(clock)
    dataset = walk.step("build_dataset", lambda: steps.build_dataset(job))
    # before anyone is judged: who is on probation may lose the place that the candidate is judged against
    watched = steps.watch(job, dataset)
    model = walk.step("train", lambda: steps.train(job, dataset)) if dataset.trainable else None
    # after training, as the model's id is part of the run's; a model that is there is only looked up
    stored = steps.recall(job, dataset, model)
    if stored is not None:
        made = {name for name, reused in walk.reused.items() if not reused}
        reused = tuple(name for name in STEPS if name not in made)
        told = stored.noting(Journal(seconds=walk.journal().seconds, reused=reused))
        return told.adding(watched.notes)
    twin = _twin(job, steps, walk) if dataset.leaky and dataset.trainable else None
    entrants = Entrants(model=model, twin=twin)
    judged = _judge(job, steps, walk, Candidacy(dataset=dataset, entrants=entrants, watched=watched))
    forecasts = walk.step("publish", lambda: steps.publish(job, judged.trial, judged.promotion))
    # noted by itself: the page is written before anyone knows how long that takes
    begun = clock()
    outcome = steps.report(job, judged, forecasts, walk.journal())
    walk.note("report", clock() - begun, reused=False)
    return outcome.noting(walk.journal())


def forecast_only(job: Job, steps: Steps) -> ForecastRef:
    """Publish forecasts from the champion as of the job's date, without training."""
    dataset = steps.build_dataset(job)
    watched = steps.watch(job, dataset)
    evaluation = steps.evaluate(job, dataset, Entrants(model=None))
    trial = Trial(dataset=dataset, model=None, evaluation=evaluation)
    standing = PromotionRef(uri=evaluation.uri, id=evaluation.champion or "", promoted=False)
    made = steps.publish(job, trial, standing)
    told = replace(made, notes=(*watched.notes, *made.notes))
    return steps.report_forecast(job, trial, told)


def judged_again(job: Job, steps: Steps, dataset: DatasetRef, model: Ref | None) -> tuple[Trial, GateRef]:
    """Score and decide once more, against who is champion by now; nobody is promoted."""
    walk = Walk(time.monotonic)
    return _try(job, steps, walk, Candidacy(dataset=dataset, entrants=Entrants(model=model)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidacy:
    """Who stands before the gate."""

    dataset: DatasetRef
    entrants: Entrants
    watched: WatchRef = NOBODY
    """Of the champion that is there."""
    rematches: int = REMATCHES


def _twin(job: Job, steps: Steps, walk: Walk) -> Twin | None:
    """The same recipe on the chronological split, to show what a leaky score hides, where it can train."""
    honest = honest_twin(job)
    try:
        dataset = walk.step("build_dataset", lambda: steps.build_dataset(honest))
    except BadConfig as error:
        # so few windows that by time they hold no part: the leaky run still ends in its HOLD
        LOG.warning("what a chronological split gives cannot be told: %s", error)
        return None
    if not dataset.trainable:
        return None
    return Twin(dataset=dataset, model=walk.step("train", lambda: steps.train(honest, dataset)))


def _judge(job: Job, steps: Steps, walk: Walk, who: Candidacy) -> Judged:
    """Score, decide and promote; who loses a race against another promotion is judged again."""
    trial, gate = _try(job, steps, walk, who)
    try:
        promotion = walk.step(
            "promote", lambda: steps.refit(job, trial, gate, steps.promote(job, trial, gate))
        )
    except Conflict:
        if who.rematches == 0:
            raise
        return _judge(job, steps, walk, replace(who, rematches=who.rematches - 1))
    return Judged(trial=trial, gate=gate, promotion=promotion, watched=who.watched)


def _try(job: Job, steps: Steps, walk: Walk, who: Candidacy) -> tuple[Trial, GateRef]:
    """Score and decide."""
    evaluation = _evaluate(job, steps, walk, who)
    trial = Trial(dataset=who.dataset, model=who.entrants.model, evaluation=evaluation)
    return trial, walk.step("decide", lambda: steps.decide(job, trial))


def _evaluate(job: Job, steps: Steps, walk: Walk, who: Candidacy) -> EvaluationRef:
    """Score everyone; where the champion has learnt too much, its recipe is trained to stand in for it."""

    def score(entrants: Entrants) -> EvaluationRef:
        return walk.step("evaluate", lambda: steps.evaluate(job, who.dataset, entrants))

    evaluation = score(who.entrants)
    champion = evaluation.champion
    if champion is None or not evaluation.wants_refit:
        return evaluation
    try:
        stand_in = walk.step("train", lambda: steps.train_stand_in(job, who.dataset, champion))
    except (BadConfig, BadInput) as error:
        # it is a command, and has nothing to say of these data: the gate goes by what is clean
        LOG.warning("nobody can stand in for the champion: %s", error)
        return evaluation
    return score(replace(who.entrants, stand_in=stand_in))
