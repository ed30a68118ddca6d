"""Score candidate, champion and baselines on the same windows, and keep what gate and report need."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline import backtest, checkpoints, datasets, evaluations, metrics
from lstm_pipeline.artifacts import Ref, fingerprint
from lstm_pipeline.backtest import Field, OriginErrors, Origins, Rival
from lstm_pipeline.checkpoints import ModelPackage
from lstm_pipeline.evaluations import Evaluation, OriginTable
from lstm_pipeline.metrics import ErrorSums
from lstm_pipeline.registry import standing
from lstm_pipeline.scaling import training_stats
from lstm_pipeline.steps.desk import Desk, Job, open_desk
from lstm_pipeline.steps.lineage import lineage
from lstm_pipeline.steps.refs import DatasetRef, EvaluationRef, Twin
from lstm_pipeline.steps.rivals import Seat, registered, seat
from lstm_pipeline.steps.traces import choose_series, trace_gate_activations, trace_tests
from lstm_pipeline.version import VERSION
from lstm_pipeline.windows.dataset import Dataset, boundaries
from lstm_pipeline.windows.index import TEST, VALIDATION, Windows

Floats = NDArray[np.float64]


def evaluate(job: Job, dataset: DatasetRef, model: Ref | None, twin: Twin | None = None) -> EvaluationRef:
    """Score every rival on the test windows of a dataset, and publish the scores.

    Without a model (nothing could be trained, or its package is damaged) only what fallback forecasts need
    is settled.
    """
    desk = open_desk(job)
    champion, seq = _opponent(desk, model)
    if model is not None and checkpoints.load_if_whole(desk.store, model.id) is None:
        model = None
    rivals = [model.id if model else None, champion, twin.model.id if twin else None]
    # the gate's thresholds are no part of it: another gate judges by the same scores
    identity = fingerprint([desk.config.name, dataset.id, *rivals, VERSION])
    found = evaluations.find(desk.store, identity)
    if found is None:
        stored = datasets.load(desk.store, dataset.id)
        evaluation = _evaluation(desk, stored, model, champion, twin)
        ancestry = {"candidate": model.id if model else "", "champion": champion or ""}
        found = evaluations.save(
            desk.store,
            identity,
            evaluation,
            lineage(job, desk.config.training, source=dataset.source, dataset=dataset.id, **ancestry),
        )
    return EvaluationRef(uri=found.uri, id=identity, reused=found.reused, champion=champion, champion_seq=seq)


def _opponent(desk: Desk, model: Ref | None) -> tuple[str | None, int]:
    """The champion a candidate is judged against, and the promotion that made it one.

    A candidate that is champion already, because its run was cut off or its source was sent again, is judged
    against the one before, as it was the first time.
    """
    log = desk.registry.promotions(desk.config.name)
    if not log:
        return None, 0
    if model is not None and log[-1].model == model.id:
        # after a rollback to it, that is not the one who was rolled back
        crowned = standing(log)[-1]
        return crowned.previous_model, crowned.seq - 1
    return log[-1].model, log[-1].seq


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arena:
    """The field of a dataset with its rivals by name, models first."""

    dataset: Dataset
    field: Field
    models: Mapping[str, Seat]
    baselines: Mapping[str, Rival]
    variance: Floats
    """Of each series' training part, which scales its errors: (N,)."""
    scale: Floats
    """The divisor of each series' MASE: (N,)."""

    @property
    def rivals(self) -> dict[str, Rival]:
        return {name: _on_windows(chair, self.field) for name, chair in self.models.items()} | dict(
            self.baselines
        )


def _on_windows(chair: Seat, field: Field) -> Rival:
    return lambda windows: chair.after(windows.start + field.size.input_size - 1, windows.series)


def _arena(desk: Desk, dataset: Dataset, models: Mapping[str, str | None]) -> _Arena:
    field = Field(table=dataset.table, size=dataset.spec.size, season=dataset.spec.season_length)
    seated = {
        name: seat(_package(desk, name, identity), dataset.table)
        for name, identity in models.items()
        if identity
    }
    if not _share_series(seated):
        del seated["champion"]
    # of the training part alone: what is held out must not set the scale of its own errors
    training_end = boundaries(dataset.table, dataset.spec).validation
    return _Arena(
        dataset=dataset,
        field=field,
        models=seated,
        baselines=backtest.baseline_rivals(field),
        variance=training_stats(dataset.table, training_end).variance,
        scale=backtest.seasonal_scale(dataset.table, training_end, dataset.spec.season_length),
    )


def _package(desk: Desk, name: str, identity: str) -> ModelPackage:
    """A rival's package; a champion's must be the one that was judged when it became champion."""
    return registered(desk, identity) if name == "champion" else checkpoints.load(desk.store, identity)


def _share_series(seated: Mapping[str, Seat]) -> bool:
    """There is a series that all models know: without one they cannot be compared."""
    return len(seated) < 2 or bool(np.all([chair.place >= 0 for chair in seated.values()], axis=0).any())


def _evaluation(
    desk: Desk, dataset: Dataset, model: Ref | None, champion: str | None, twin: Twin | None
) -> Evaluation:
    candidate = model.id if model else None
    # without a candidate nobody is compared, and no champion is read
    arena = _arena(desk, dataset, {"candidate": candidate, "champion": champion if candidate else None})
    tests, fallback = dataset.runs.windows(TEST), _best_on_validation(arena)
    if candidate is None or not len(tests):
        return evaluations.nothing_trained(fallback)
    return _scored(arena, tests, fallback, _twin_mse(desk, twin))


def _scored(arena: _Arena, tests: Windows, fallback: str | None, twin: float | None) -> Evaluation:
    """All rivals on the same test windows."""
    field, rivals = arena.field, arena.rivals
    scores = {name: backtest.score(rival, tests, field) for name, rival in rivals.items()}
    origins = _origins(arena, tests)
    losses = {name: backtest.origin_errors(rival, origins, field) for name, rival in rivals.items()}
    # without variance a series has no say: one that a model does not know is left out for all rivals
    weight = np.where(_compared(arena), arena.variance, 0.0)
    table = _origin_table(arena, origins, losses, weight)
    chosen = choose_series(scores)
    return Evaluation(
        series=evaluations.series_scores(
            field.table.ids,
            scores,
            windows=np.bincount(tests.series, minlength=len(field.table.ids)),
            scale=arena.scale,
            scaled={name: errors.by_series(weight, table.counted) for name, errors in losses.items()},
        ),
        steps=evaluations.step_scores(scores),
        overall=evaluations.overall_scores(scores, arena.scale),
        origins=table,
        trace=trace_tests(rivals, origins, field, chosen),
        gates=trace_gate_activations(arena.models["candidate"], origins, field, chosen),
        fallback=fallback,
        finite=bool(np.isfinite(scores["candidate"].squared).all()),
        twin=twin,
    )


def _best_on_validation(arena: _Arena) -> str | None:
    """The baseline with the least error on the validation windows; None where there are none."""
    windows = arena.dataset.runs.windows(VALIDATION)
    if not len(windows):
        return None
    scores = {name: backtest.score(rival, windows, arena.field) for name, rival in arena.baselines.items()}
    return backtest.best(scores, arena.variance)


def _origins(arena: _Arena, tests: Windows) -> Origins:
    if arena.dataset.spec.split == "random":
        return backtest.every_origin(tests, arena.field)
    return backtest.origins_apart(tests, arena.field)


def _origin_table(
    arena: _Arena, origins: Origins, losses: Mapping[str, OriginErrors], weight: Floats
) -> OriginTable:
    """The losses by origin; `weight`: the variance of each series that is compared, else 0: (N,)."""
    return OriginTable(
        target_end=arena.field.table.grid.stamp(origins.target_end),
        pooled={name: errors.pooled(weight) for name, errors in losses.items()},
        clean=_clean(arena, origins),
        windows_id=_windows_id(arena.field, origins),
        left_out=tuple(
            name
            for name, both in zip(arena.field.table.ids, _compared(arena), strict=True)
            if not both and name not in arena.dataset.failed
        ),
    )


def _compared(arena: _Arena) -> NDArray[np.bool_]:
    """Series that every model can forecast: (N,)."""
    return np.all([chair.place >= 0 for chair in arena.models.values()], axis=0)


def _clean(arena: _Arena, origins: Origins) -> NDArray[np.bool_]:
    """Origins whose targets all lie after everything that any of the models has learnt from: (O,)."""
    field, windows = arena.field, origins.windows
    begin = field.table.grid.stamp(field.target_end(windows) - field.size.horizon + 1)
    clean = np.ones(origins.count, dtype=bool)
    for chair in arena.models.values():
        learnt = _learnt(chair, timed=field.table.grid.timed)[windows.series]
        np.logical_and.at(clean, origins.nth, begin > learnt)
    return clean


def _learnt(chair: Seat, *, timed: bool) -> NDArray[np.int64]:
    """Stamp of the last target that the model has learnt from, for each series of the table: (N,).

    With timestamps what any series taught counts for all; where steps are counted each has its own clock,
    and a series that taught nothing lies far back.
    """
    taught = chair.package.data_end
    if timed:
        return np.full(len(chair.place), taught.max())
    return np.where(chair.place >= 0, taught[np.maximum(chair.place, 0)], np.iinfo(np.int64).min)


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
    arena = _arena(desk, dataset, {"candidate": twin.model.id})
    sums: ErrorSums = backtest.score(arena.rivals["candidate"], dataset.runs.windows(TEST), arena.field)
    return float(metrics.mse(sums.overall())[0, 0])
