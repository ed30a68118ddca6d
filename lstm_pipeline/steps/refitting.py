"""Train a promoted recipe to the end of its data, and let that model publish in place of the tested one."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np

from lstm_pipeline import backtest, checkpoints, datasets
from lstm_pipeline.checkpoints import Recipe
from lstm_pipeline.registry import Proposal
from lstm_pipeline.steps.arena import say_of, seated
from lstm_pipeline.steps.desk import Desk, Job, open_desk, this_moment
from lstm_pipeline.steps.fitting import OnProgress, silent, train_whole
from lstm_pipeline.steps.refs import GateRef, PromotionRef, Trial
from lstm_pipeline.steps.rivals import seat
from lstm_pipeline.steps.verdict import register
from lstm_pipeline.version import VERSION
from lstm_pipeline.windows.dataset import Dataset
from lstm_pipeline.windows.index import TEST

LOG = logging.getLogger(__name__)

PARITY = 1.1
"""Largest error of the refitted model on the tested windows, in errors of the tested one.

It has learnt from these windows: a lower error proves nothing, a higher one that something went wrong.
"""


def refit(
    job: Job, trial: Trial, made: GateRef, promotion: PromotionRef, on_progress: OnProgress = silent
) -> PromotionRef:
    """Where the policy asks for it, make the tested recipe's model that knows all data champion.

    Raises:
        Conflict: another promotion came in between.
    """
    desk, tested = open_desk(job), trial.model
    # a run that was cut off after this step finds the refitted model as champion
    done = tested is None or promotion.id != tested.id
    if desk.config.gate.refit == "none" or not promotion.promoted or tested is None or done:
        return promotion
    child = train_whole(job, trial.dataset, _recipe(desk, tested.id), on_progress)
    register(desk, trial.dataset, child)
    fault = _fault(desk, trial, tested.id, child.id)
    if fault:
        LOG.warning("%s", fault)
        return replace(promotion, refit=fault)
    proposal = Proposal(
        pipeline=desk.pipeline,
        model=child.id,
        kind="refit",
        gate_report=made.id,
        actor=job.actor,
        reason=f"{tested.id} trained to the end of its data",
        as_of=trial.dataset.as_of,
        at=this_moment(),
    )
    row = desk.registry.promote(proposal, trial.evaluation.champion_seq + 1)
    said = f"published is the tested recipe trained to the end of its data; tested was {tested.id}"
    return PromotionRef(uri=f"promotion/{row.pipeline}/{row.seq}", id=row.model, promoted=True, refit=said)


def _recipe(desk: Desk, tested: str) -> Recipe:
    """The tested recipe for as many steps as served it best, as nothing is left to stop it by."""
    card = checkpoints.card(desk.store, tested)
    training = replace(card.recipe.training, max_steps=max(1, card.record.best_step), epochs=None)
    return Recipe(
        dataset=card.recipe.dataset,
        model=card.recipe.model,
        training=training,
        version=VERSION,
        parent=tested,
    )


def _fault(desk: Desk, trial: Trial, tested: str, child: str) -> str:
    """Why the refitted model may not publish, as a sentence; empty where it may."""
    dataset = datasets.load(desk.store, trial.dataset.id)
    before, after = (_error(desk, dataset, model) for model in (tested, child))
    if np.isfinite(after) and after <= PARITY * before:
        return ""
    return (
        f"the recipe trained to the end of its data was not let through: its error on the tested windows is "
        f"{after:.4g} where the tested model's is {before:.4g}; the tested model publishes"
    )


def _error(desk: Desk, dataset: Dataset, model: str) -> float:
    """Scaled error of a model over a dataset's origins; infinite where a forecast is not finite."""
    field = backtest.field_of(dataset)
    origins = backtest.tested_origins(dataset, dataset.runs.windows(TEST))
    rival = seated(seat(checkpoints.load(desk.store, model), dataset.table), field).rival
    say = say_of(dataset, desk.config.gate.weights)
    return float(np.nanmean(backtest.origin_errors(rival, origins, field).pooled(say)))
