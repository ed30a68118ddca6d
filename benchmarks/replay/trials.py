"""Candidate and champion before the gate, from kept forecasts: evidence by the pipeline's own functions."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lstm_pipeline import backtest
from lstm_pipeline.checkpoints import ModelCard, Recipe, TrainingRecord
from lstm_pipeline.evaluations import OriginTable, Rivalry
from lstm_pipeline.gate import Evidence, GatePolicy, OriginLosses
from lstm_pipeline.metrics import ErrorSums, mse
from lstm_pipeline.steps.arena import Arena, Contestant, arena_of
from lstm_pipeline.steps.contest import Champion, Contest, contest_of
from lstm_pipeline.steps.rivalry import Pedigrees, rivalry_of, wide_errors
from lstm_pipeline.steps.track_record import TrackRecord
from lstm_pipeline.windows.dataset import Dataset
from lstm_pipeline.windows.index import TEST, Windows
from replay.feeds import Feed
from replay.models import Made


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """One retraining date: what the pipeline knows then, and who forecasts without training."""

    feed: Feed
    nth: int
    dataset: Dataset
    arena: Arena
    """Without models."""
    tests: Windows
    """Test windows at the kept cutoffs."""
    scores: dict[str, ErrorSums]
    """Of the baselines, on all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opponent:
    """A champion."""

    nth: int
    tested: Made
    child: Made | None = None
    """What it was trained on to, where that is what publishes and what the contest goes by."""
    met: bool = True
    """The contest may go by the tested model, before what was published."""


def ground_of(feed: Feed, nth: int) -> Ground:
    """The ground of a date."""
    dataset = feed.dataset(feed.dates[nth])
    arena, tests = arena_of(dataset, None, {}), dataset.runs.windows(TEST)
    tests = tests.where((arena.field.target_end(tests) - feed.dates[nth]) % feed.plan.stride == 0)
    scores = {name: backtest.score(rival, tests, arena.field) for name, rival in arena.baselines.items()}
    return Ground(feed=feed, nth=nth, dataset=dataset, arena=arena, tests=tests, scores=scores)


def evidence_of(ground: Ground, candidate: Made, opponent: Opponent | None) -> Evidence:
    """The evidence that the pipeline would gather: where they meet, losses, slices, wide errors."""
    itself = _contestant(ground, candidate)
    arena = replace(ground.arena, models={"candidate": itself})
    champion = _champion(ground, opponent, itself) if opponent is not None else None
    contest = contest_of(arena, champion, ground.tests)
    table = _origin_table(contest)
    scores = ground.scores | {
        name: backtest.score(model.rival, ground.tests, arena.field)
        for name, model in contest.arena.models.items()
    }
    evidence = _evidence(contest, table, candidate, scores)
    evidence = replace(evidence, wide=wide_errors(contest, scores, ground.tests))
    if opponent is None:
        return evidence
    return _beside(
        evidence, rivalry_of(contest, table, GatePolicy(), _pedigrees(ground, candidate, opponent))
    )


def _contestant(ground: Ground, made: Made) -> Contestant:
    table, back = ground.dataset.table, ground.dataset.spec.size.input_size
    count = len(table.ids)
    return Contestant(
        rival=lambda windows: made.after(
            table.step_of(windows.start, windows.series) + back - 1, windows.series
        ),
        known=np.ones(count, dtype=bool),
        learnt=table.grid.stamp(np.full(count, made.learnt)),
    )


def _champion(ground: Ground, opponent: Opponent, candidate: Contestant) -> Champion:
    """The tested champion; or its child, with what it has published and the recipe trained anew.

    The recipe trained on the candidate's data is the candidate: nothing but the data ever changes here.
    """
    if opponent.child is None:
        itself = _contestant(ground, opponent.tested)
        return Champion(itself=itself, tested=None, record=lambda: None, stand_in=candidate)
    child = opponent.child
    return Champion(
        # before its date it has no kept forecasts: those windows are not clean, and count nowhere
        itself=_contestant(ground, child),
        tested=_contestant(ground, opponent.tested) if opponent.met else None,
        record=lambda: _record(ground, child),
        stand_in=candidate,
    )


def _record(ground: Ground, child: Made) -> TrackRecord:
    """What the child has published up to the date: a forecast at every horizon."""
    horizon, date = ground.dataset.spec.size.horizon, ground.feed.dates[ground.nth]
    steps = np.arange(child.learnt, date - horizon + 1, horizon)
    count = len(ground.dataset.table.ids)
    made = child.after(np.repeat(steps, count), np.tile(np.arange(count), len(steps)))
    return TrackRecord(field=ground.arena.field, steps=steps, made=made.reshape(len(steps), count, horizon))


def _origin_table(contest: Contest) -> OriginTable:
    arena, origins = contest.arena, contest.origins
    pooled = {
        name: backtest.origin_errors(rival, origins, arena.field).pooled(arena.say)
        for name, rival in arena.rivals.items()
    }
    return OriginTable(
        target_end=arena.field.table.grid.stamp(origins.target_end),
        pooled=pooled,
        clean=contest.clean,
        windows_id="",
        left_out=(),
    )


def _evidence(
    contest: Contest, table: OriginTable, candidate: Made, scores: dict[str, ErrorSums]
) -> Evidence:
    champion = table.pooled.get("champion")
    return Evidence(
        losses=OriginLosses(
            candidate=table.pooled["candidate"],
            baseline=table.pooled[table.best_baseline],
            champion=champion,
            clean=table.clean if champion is not None else None,
        ),
        intact=True,
        sound=candidate.facts["ended"] != "diverged" or candidate.facts["best_step"] > 0,
        finite=bool(np.isfinite(scores["candidate"].squared).all()),
        test_mse=float(mse(scores["candidate"].overall())[0, 0]),
        leaky=False,
        stale=False,
        newest=True,
        baseline=table.best_baseline,
        source=contest.source,
    )


def _beside(evidence: Evidence, rivalry: Rivalry) -> Evidence:
    return replace(
        evidence,
        refresh=rivalry.refresh,
        age=rivalry.age,
        span=rivalry.span,
        slices=rivalry.slices,
        tail=rivalry.tail,
        bias=rivalry.bias,
    )


def _pedigrees(ground: Ground, candidate: Made, opponent: Opponent) -> Pedigrees:
    return Pedigrees(candidate=_card(ground, candidate), champion=_card(ground, opponent.tested))


def _card(ground: Ground, made: Made) -> ModelCard:
    """What a manifest would tell; the recipe is the same for all."""
    config, spec = ground.feed.config, ground.dataset.spec
    return ModelCard(
        recipe=Recipe(dataset="", model=config.model, training=config.training, version=""),
        record=TrainingRecord(
            rounds=(), best_step=1, ended="budget", sentence="", device="cpu", parameters=0
        ),
        size=spec.size,
        freq=spec.freq,
        data_end=int(ground.dataset.table.grid.stamp(np.array([made.learnt]))[0]),
        weights_sha256="",
        manifest_sha256="",
    )
