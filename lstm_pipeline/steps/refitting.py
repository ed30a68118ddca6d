"""Train a promoted recipe to the end of its data, and let that model publish in place of the tested one."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np

from lstm_pipeline import backtest, checkpoints, datasets
from lstm_pipeline.checkpoints import Recipe
from lstm_pipeline.registry import Proposal
from lstm_pipeline.steps.arena import say_of, seated
from lstm_pipeline.steps.asking import distance
from lstm_pipeline.steps.desk import Desk, Job, open_desk, this_moment
from lstm_pipeline.steps.fitting import PLAIN_SHOP, Shop, train_whole
from lstm_pipeline.steps.petitions import request_of
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

HELD = "the tested model publishes, and not its recipe trained to the end of its data"
"""How the note begins that tells why."""


def refit(
    job: Job, trial: Trial, made: GateRef, promotion: PromotionRef, shop: Shop = PLAIN_SHOP
) -> PromotionRef:
    """Where the policy asks for it, make the tested recipe's model that knows all data champion.

    Raises:
        Conflict: another promotion came in between.
    """
    desk, tested = open_desk(job), trial.model
    if not desk.config.refits or not promotion.promoted or tested is None:
        return promotion
    recipe = _recipe(desk, tested.id)
    # a run that was cut off after this step, or in another store, finds the refitted model as champion
    if promotion.id not in (tested.id, recipe.id):
        return promotion
    child = train_whole(job, trial.dataset, recipe, shop)
    if promotion.id == child.id:
        return replace(promotion, refit=_told(tested.id))
    register(desk, trial.dataset, child)
    fault = _fault(desk, trial, tested.id, child.id) or _stray(job, trial, made, (tested.id, child.id))
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
    return PromotionRef(
        uri=f"promotion/{row.pipeline}/{row.seq}", id=row.model, promoted=True, refit=_told(tested.id)
    )


def _told(tested: str) -> str:
    return f"published is the tested recipe trained to the end of its data; tested was {tested}"


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
    return f"{HELD}: its error on the tested windows is {after:.4g} where the tested model's is {before:.4g}"


def _stray(job: Job, trial: Trial, made: GateRef, models: tuple[str, str]) -> str:
    """Why it would have taken a person's word that nobody gave; empty where it would not.

    The cap of [approval] holds for what is published: its distance from the champion before or, where a
    person has let the tested model pass, from that one.
    """
    desk, (tested, child) = open_desk(job), models
    policy, before = desk.config.approval, trial.evaluation.champion
    approved = request_of(desk.registry, desk.pipeline, made.id) is not None
    if policy.policy != "moved" or before is None:
        return ""
    apart = distance(job, desk, trial.dataset, (child, tested if approved else before))
    if apart <= policy.move_cap:
        return ""
    whose = "those that were approved" if approved else "the champion's"
    return f"{HELD}: its forecasts lie {apart:.3g} deviations from {whose}, more than {policy.move_cap:g}"


def _error(desk: Desk, dataset: Dataset, model: str) -> float:
    """Scaled error of a model over a dataset's origins; infinite where a forecast is not finite."""
    field = backtest.field_of(dataset)
    origins = backtest.tested_origins(dataset, dataset.runs.windows(TEST))
    rival = seated(seat(checkpoints.load(desk.store, model), dataset.table), field).rival
    say = say_of(dataset, desk.config.gate.weights)
    return float(np.nanmean(backtest.origin_errors(rival, origins, field).pooled(say)))
