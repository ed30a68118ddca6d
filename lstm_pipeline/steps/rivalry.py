"""Candidate and champion beside their losses by origin: slices, tail, bias, all windows, who is newer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from lstm_pipeline import backtest, checkpoints
from lstm_pipeline.backtest import Cut, SlicedErrors
from lstm_pipeline.checkpoints import ModelCard
from lstm_pipeline.evaluations import OriginTable, Rivalry
from lstm_pipeline.gate import GatePolicy, Pair, SliceLosses, WideErrors
from lstm_pipeline.metrics import ErrorSums, mse
from lstm_pipeline.steps.arena import Arena, members
from lstm_pipeline.steps.contest import Contest, clean_windows
from lstm_pipeline.storage import Store
from lstm_pipeline.windows.index import Windows
from lstm_pipeline.windows.split import spans_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Pedigrees:
    """What both models were made by."""

    candidate: ModelCard
    champion: ModelCard
    """As it was judged: not yet trained to the end of its data."""


def pedigrees_of(store: Store, candidate: str, champion: str) -> Pedigrees:
    """Read the cards of both models."""
    return Pedigrees(
        candidate=checkpoints.card(store, candidate), champion=checkpoints.card_as_judged(store, champion)
    )


def wide_errors(contest: Contest, scores: Mapping[str, ErrorSums], tests: Windows) -> WideErrors:
    """Scaled errors over all test windows; `scores`: every rival's on them."""
    arena = contest.arena
    mine = replace(arena, models={"candidate": arena.models["candidate"]})
    return WideErrors(
        mse=_scaled(mine, scores["candidate"]),
        baseline_mse=min(_scaled(mine, scores[name]) for name in arena.baselines),
        beside=_beside(contest, scores, tests),
    )


def rivalry_of(contest: Contest, table: OriginTable, policy: GatePolicy, known: Pedigrees) -> Rivalry:
    """Candidate beside champion on the compared windows."""
    arena, cut = contest.arena, _cut(contest, table, policy)
    mine, theirs = (
        backtest.sliced_errors(arena.models[name].rival, contest.origins, arena.field, cut)
        for name in ("candidate", "champion")
    )
    ends = np.array([known.champion.data_end, known.candidate.data_end])
    before, after = arena.field.table.grid.step(ends)[0].tolist()
    return Rivalry(
        source=contest.source,
        refresh=known.candidate.recipe.refreshes(known.champion.recipe),
        age=after - before,
        span=_span(arena),
        slices=_slices(mine, theirs),
        tail=Pair(candidate=mine.tail, champion=theirs.tail),
        bias=Pair(candidate=mine.bias, champion=theirs.bias),
    )


def _span(arena: Arena) -> int:
    """Steps of the test part, of the series that has most."""
    spans = spans_of(arena.field.table, arena.dataset.spec.validation, arena.dataset.spec.test)
    return int((spans.end - spans.test).max())


def _beside(contest: Contest, scores: Mapping[str, ErrorSums], tests: Windows) -> Pair | None:
    """Both models over all clean windows of the series that both know; None where nobody can tell."""
    arena = contest.arena
    # published forecasts exist for some windows only, and those are compared already
    if "champion" not in arena.models or contest.source == "published":
        return None
    windows = tests.where(arena.shared[tests.series])
    windows = windows.where(clean_windows(arena, windows))
    if not len(windows):
        return None
    errors: list[float] = []
    for name in ("candidate", "champion"):
        whole = len(windows) == len(tests)
        sums = scores[name] if whole else backtest.score(arena.models[name].rival, windows, arena.field)
        errors.append(_scaled(arena, sums))
    return Pair(candidate=errors[0], champion=errors[1])


def _scaled(arena: Arena, sums: ErrorSums) -> float:
    """Mean over the series that all models know of each one's error divided by its variance."""
    own, say = sums.by_series(), arena.say.among(arena.shared)
    used = say.usable & (own.count[:, 0] > 0)
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = mse(own)[used, 0] / say.variance[used]
        return float((scaled * say.weight[used]).sum() / say.weight[used].sum()) if used.any() else np.nan


def _cut(contest: Contest, table: OriginTable, policy: GatePolicy) -> Cut:
    arena = contest.arena
    return Cut(
        say=arena.say.among(arena.shared),
        counted=table.counted,
        steps=backtest.parts_of_horizon(arena.field.size.horizon),
        groups={
            f"group {name}": members(arena.field.table.ids, patterns)
            for name, patterns in policy.groups.items()
        },
    )


def _slices(mine: SlicedErrors, theirs: SlicedErrors) -> dict[str, SliceLosses]:
    return {
        name: SliceLosses(candidate=loss, champion=theirs.losses[name]) for name, loss in mine.losses.items()
    }
