"""Live accuracy: each step of each published forecast is scored once it has come, beside a naive forecast."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline import checkpoints, datasets
from lstm_pipeline.backtest import Say, losses_by_step
from lstm_pipeline.baselines import BASELINES, History, past_of
from lstm_pipeline.errors import BrokenArtifact
from lstm_pipeline.registry import LiveError, Publication, add_live_errors, steps_scored
from lstm_pipeline.steps.arena import say_of
from lstm_pipeline.steps.desk import Desk, this_moment
from lstm_pipeline.steps.published import Sheet, came, laid_out, steps_that_came
from lstm_pipeline.steps.refs import DatasetRef
from lstm_pipeline.windows.dataset import Dataset

LOG = logging.getLogger(__name__)

Floats = NDArray[np.float64]

PATIENCE = 10
"""Horizons after its cutoff in which a forecast's steps are waited for."""


def settle(desk: Desk, ref: DatasetRef) -> int:
    """Score every step of a live forecast that has come by now and has no score; returns how many that were.

    What was published counts, whoever made it: a person has seen it. A forecast that cannot be read is left
    out, and told in the log.
    """
    scored = steps_scored(desk.registry.engine, desk.pipeline)
    dataset = datasets.load(desk.store, ref.id)
    horizon = dataset.spec.size.horizon
    published = desk.registry.publications_before(desk.pipeline, "live", ref.cutoff)
    waiting = [
        row for row in published if scored.get(row.uri, 0) < horizon and not _given_up(dataset, row.cutoff)
    ]
    say = say_of(dataset, desk.config.gate.weights) if waiting else None
    found = [error for row in waiting if say for error in _errors(desk, ref, dataset, row, say)]
    add_live_errors(desk.registry.engine, [error for error in found if error.step > scored.get(error.uri, 0)])
    return len(found)


def _errors(desk: Desk, ref: DatasetRef, dataset: Dataset, row: Publication, say: Say) -> Iterator[LiveError]:
    """The errors of the steps that have come of one forecast."""
    try:
        sheet = laid_out(desk, dataset, row, own=False)
    except BrokenArtifact as error:
        LOG.warning("%s: a forecast is not scored: %s", desk.pipeline, error)
        return
    truth = came(dataset, sheet.cutoff)
    mine = losses_by_step(sheet.made, truth, say)
    naive = losses_by_step(_naive(desk, dataset, row, sheet), truth, say)
    age = _age(desk, dataset, row)
    for step in range(steps_that_came(dataset, sheet.cutoff)):
        # a step of which nothing was observed says nothing, now or later
        if np.isfinite(mine.loss[step]) and np.isfinite(naive.loss[step]):
            yield LiveError(
                pipeline=desk.pipeline,
                uri=row.uri,
                step=step + 1,
                cutoff=row.cutoff,
                model=row.model,
                age=age,
                loss=float(mine.loss[step]),
                naive_loss=float(naive.loss[step]),
                series=int(mine.series[step]),
                scored_by=ref.id,
                at=this_moment(),
            )


def _given_up(dataset: Dataset, cutoff: int) -> bool:
    """What has not come of a forecast by now will not come: it is not read again in each run."""
    step, _ = dataset.table.grid.step(np.array([cutoff], dtype=np.int64))
    return dataset.table.newest - int(step[0]) > PATIENCE * dataset.spec.size.horizon


def _naive(desk: Desk, dataset: Dataset, row: Publication, sheet: Sheet) -> Floats:
    """What the baseline that would have stood in says from the same cutoffs; NaN where a forecast is."""
    table, spec = dataset.table, dataset.spec
    until = np.where(sheet.there, sheet.cutoff, table.first)
    known = np.clip(until, table.first, table.last)
    history = History(
        past=past_of(table, spec.season_length),
        begin=table.offsets[:-1],
        cutoff=table.row_of(known),
        horizon=spec.size.horizon,
        gap=np.maximum(until - known, 0),
    )
    made = BASELINES[str(desk.store.require(row.uri)["rules"]["fallback"])](history)
    return np.where(np.isfinite(sheet.made), made, np.nan)


def _age(desk: Desk, dataset: Dataset, row: Publication) -> int | None:
    """Steps from the last row that the model of a forecast has learnt from to its cutoff."""
    if desk.registry.version(desk.pipeline, row.model) is None:
        return None
    try:
        learnt = checkpoints.card(desk.store, row.model).data_end
    except BrokenArtifact:
        return None
    steps, _ = dataset.table.grid.step(np.array([learnt, row.cutoff], dtype=np.int64))
    return int(steps[1] - steps[0])
