"""Score candidate, champion and baselines on the same windows, and keep what gate and report need."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline import backtest, checkpoints, datasets, evaluations, metrics
from lstm_pipeline.artifacts import Ref, fingerprint
from lstm_pipeline.backtest import Field, OriginErrors, Origins
from lstm_pipeline.checkpoints import ModelPackage
from lstm_pipeline.evaluations import Evaluation, OriginTable
from lstm_pipeline.gate import GatePolicy
from lstm_pipeline.metrics import ErrorSums
from lstm_pipeline.registry import reigns, standing
from lstm_pipeline.steps.arena import Arena, Contestant, arena_of, seated
from lstm_pipeline.steps.contest import Champion, Contest, clean_windows, contest_of
from lstm_pipeline.steps.desk import Desk, Job, open_desk
from lstm_pipeline.steps.lineage import lineage
from lstm_pipeline.steps.refs import DatasetRef, Entrants, EvaluationRef, Twin
from lstm_pipeline.steps.rivalry import Pedigrees, pedigrees_of, rivalry_of, wide_errors
from lstm_pipeline.steps.rivals import Seat, registered, seat
from lstm_pipeline.steps.traces import choose_series, trace_gate_activations, trace_tests
from lstm_pipeline.steps.track_record import track_record
from lstm_pipeline.version import VERSION
from lstm_pipeline.windows.dataset import Dataset
from lstm_pipeline.windows.index import TEST, Windows

Floats = NDArray[np.float64]


def evaluate(job: Job, dataset: DatasetRef, entrants: Entrants) -> EvaluationRef:
    """Score every rival on the test windows of a dataset, and publish the scores.

    Without a model (nothing could be trained, or its package is damaged) only what fallback forecasts need
    is settled.
    """
    desk = open_desk(job)
    champion, seq = _opponent(desk, entrants.model)
    identity = _identity(desk, dataset, entrants, champion)
    found = evaluations.find(desk.store, identity)
    if found is None:
        evaluation = scores_of(desk, dataset.id, entrants, champion)
        rivals = {"candidate": entrants.model, "stand_in": entrants.stand_in}
        ancestry = {name: model.id for name, model in rivals.items() if model} | {"champion": champion or ""}
        found = evaluations.save(
            desk.store,
            identity,
            evaluation,
            lineage(job, desk.config.training, source=dataset.source, dataset=dataset.id, **ancestry),
        )
    return EvaluationRef(
        uri=found.uri,
        id=identity,
        reused=found.reused,
        champion=champion,
        champion_seq=seq,
        wants_refit=evaluations.wants_refit(desk.store, identity),
    )


def _identity(desk: Desk, dataset: DatasetRef, entrants: Entrants, champion: str | None) -> str:
    """What the scores depend on; the gate's thresholds are no part of it: another gate judges by the same."""
    model = _whole(desk, entrants.model)
    twin, stand_in, gate = entrants.twin, entrants.stand_in, desk.config.gate
    rivals = [model.id if model else None, champion, twin.model.id if twin else None]
    cut = [stand_in.id if stand_in else None, gate.groups, gate.weights]
    return fingerprint([desk.config.name, dataset.id, *rivals, *cut, VERSION])


def _whole(desk: Desk, model: Ref | None) -> Ref | None:
    """The candidate, if its package reads back unaltered."""
    return model if model is not None and checkpoints.load_if_whole(desk.store, model.id) else None


def _opponent(desk: Desk, model: Ref | None) -> tuple[str | None, int]:
    """The champion a candidate is judged against, and the promotion that made it one.

    A candidate that is champion already, because its run was cut off or its source was sent again, is judged
    against the one before, as it was the first time.
    """
    log = desk.registry.promotions(desk.config.name)
    if not log:
        return None, 0
    if model is not None and reigns(log, model.id):
        # after a rollback to it, that is not the one who was rolled back
        held = standing(log)
        crowned = held[-2] if held[-1].kind == "refit" else held[-1]
        return crowned.previous_model, crowned.seq - 1
    return log[-1].model, log[-1].seq


def scores_of(desk: Desk, dataset_id: str, entrants: Entrants, champion: str | None) -> Evaluation:
    """The scores of all rivals on the test windows of a dataset; writes nothing."""
    dataset, model = datasets.load(desk.store, dataset_id), _whole(desk, entrants.model)
    chair = seat(checkpoints.load(desk.store, model.id), dataset.table) if model is not None else None
    candidate = seated(chair, backtest.field_of(dataset)) if chair is not None else None
    arena = arena_of(dataset, candidate, desk.config.gate.weights)
    tests = _tests(arena)
    if chair is None or not len(tests):
        return evaluations.nothing_trained(arena.fallback)
    contest = contest_of(arena, _champion(desk, dataset, champion, entrants.stand_in), tests)
    known = None
    if champion is not None and "champion" in contest.arena.models:
        known = pedigrees_of(desk.store, chair.package.id, champion)
    bench = _Bench(chair=chair, tests=tests, pedigrees=known, twin=_twin_mse(desk, entrants.twin))
    return _scored(contest, bench, desk.config.gate)


def _tests(arena: Arena) -> Windows:
    """The test windows: of a candidate that forecasts some only, those of which it has learnt nothing."""
    tests, candidate = arena.dataset.runs.windows(TEST), arena.models.get("candidate")
    some = candidate is not None and candidate.covers is not None
    return tests.where(clean_windows(arena, tests)) if some else tests


def _champion(desk: Desk, dataset: Dataset, model: str | None, stand_in: Ref | None) -> Champion | None:
    """The champion with whatever else may speak for it; it must be the package that was judged."""
    if model is None:
        return None
    field, package = backtest.field_of(dataset), registered(desk, model)

    def contestant(of: ModelPackage) -> Contestant:
        return seated(seat(of, dataset.table), field)

    parent = package.recipe.parent
    return Champion(
        itself=contestant(package),
        tested=contestant(registered(desk, parent)) if parent is not None else None,
        record=lambda: track_record(desk, field, model, _test_begin(dataset)),
        stand_in=contestant(checkpoints.load(desk.store, stand_in.id)) if stand_in is not None else None,
    )


def _test_begin(dataset: Dataset) -> int:
    """Stamp of the earliest cutoff of a test window."""
    windows, field = dataset.runs.windows(TEST), backtest.field_of(dataset)
    cutoffs = field.target_end(windows) - field.size.horizon
    return int(field.table.grid.stamp(cutoffs.min(keepdims=True))[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bench:
    """What scoring needs beside the rivals."""

    chair: Seat
    """The candidate's."""
    tests: Windows
    pedigrees: Pedigrees | None
    """None without a champion that can be compared."""
    twin: float | None


def _scored(contest: Contest, bench: _Bench, policy: GatePolicy) -> Evaluation:
    """All rivals on the same test windows."""
    arena, origins, tests = contest.arena, contest.origins, bench.tests
    field, rivals, names = arena.field, arena.rivals, arena.field.table.ids
    scores = {name: backtest.score(rival, tests, field) for name, rival in rivals.items()}
    losses = {name: backtest.origin_errors(rival, origins, field) for name, rival in rivals.items()}
    # a series that a model does not know has no say for any
    say, table = arena.say.among(arena.shared), _origin_table(contest, losses)
    chosen = choose_series(scores)
    return Evaluation(
        series=evaluations.series_scores(
            names,
            scores,
            windows=np.bincount(tests.series, minlength=len(names)),
            scale=arena.scale,
            scaled={name: errors.by_series(say, table.counted) for name, errors in losses.items()},
        ),
        steps=evaluations.step_scores(scores),
        overall=evaluations.overall_scores(scores, arena.scale),
        origins=table,
        wide=wide_errors(contest, scores, tests),
        rivalry=rivalry_of(contest, table, policy, bench.pedigrees) if bench.pedigrees else None,
        wants_refit=contest.wants_refit,
        trace=trace_tests(rivals, origins, field, chosen),
        gates=trace_gate_activations(bench.chair, origins, field, chosen),
        fallback=arena.fallback,
        finite=bool(np.isfinite(scores["candidate"].squared).all()),
        twin=bench.twin,
    )


def _origin_table(contest: Contest, losses: Mapping[str, OriginErrors]) -> OriginTable:
    arena, origins = contest.arena, contest.origins
    say = arena.say.among(arena.shared)
    return OriginTable(
        target_end=arena.field.table.grid.stamp(origins.target_end),
        pooled={name: errors.pooled(say) for name, errors in losses.items()},
        clean=contest.clean,
        windows_id=_windows_id(arena.field, origins),
        left_out=tuple(
            name
            for name, both in zip(arena.field.table.ids, arena.shared, strict=True)
            if not both and name not in arena.dataset.failed
        ),
    )


def _windows_id(field: Field, origins: Origins) -> str:
    """sha256 of what the compared windows ask for: series, times, truth and mask."""
    target, observed = field.truth(origins.windows)
    digest = hashlib.sha256("\0".join(field.table.ids).encode())
    for part in (origins.windows.series, field.target_end(origins.windows), target, observed):
        digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()


def _twin_mse(desk: Desk, twin: Twin | None) -> float | None:
    """Test MSE of the same recipe on the chronological split, in squared units of the series."""
    if twin is None:
        return None
    dataset = datasets.load(desk.store, twin.dataset.id)
    field, chair = (
        backtest.field_of(dataset),
        seat(checkpoints.load(desk.store, twin.model.id), dataset.table),
    )
    sums: ErrorSums = backtest.score(seated(chair, field).rival, dataset.runs.windows(TEST), field)
    return float(metrics.mse(sums.overall())[0, 0])
