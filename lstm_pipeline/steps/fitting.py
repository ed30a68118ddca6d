"""Train the network of a job on a stored dataset, resumable, and publish the model package."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from lstm_pipeline import checkpoints, datasets
from lstm_pipeline.artifacts import Ref
from lstm_pipeline.checkpoints import ModelPackage, Recipe
from lstm_pipeline.errors import BrokenArtifact
from lstm_pipeline.model.config import ExternalConfig
from lstm_pipeline.scaling import SeriesScaler, fit_scaler
from lstm_pipeline.steps.desk import Desk, Job, open_desk
from lstm_pipeline.steps.lineage import lineage
from lstm_pipeline.steps.orders import (
    Elsewhere,
    TrainingOrder,
    ordered_recipe,
    place_order,
    require_here,
    require_same_store,
)
from lstm_pipeline.steps.packing import package_of, trained
from lstm_pipeline.steps.refs import DatasetRef
from lstm_pipeline.steps.speaking import asked
from lstm_pipeline.version import VERSION
from lstm_pipeline.windows.dataset import Dataset, boundaries
from lstm_pipeline.windows.index import TRAIN, VALIDATION
from lstm_pipeline.windows.whole import whole

if TYPE_CHECKING:
    from lstm_pipeline.training.loop import FitHooks, FitResult
    from lstm_pipeline.training.resume import ResumeState
    from lstm_pipeline.training.rounds import Round


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a fit has come."""

    step: int
    of: int
    training_loss: float
    validation_loss: float | None
    refit: bool = False
    """Of a promoted recipe, trained to the end of its data."""

    @property
    def percent(self) -> float:
        """Share of the budget that is done, in percent."""
        return 100.0 * self.step / self.of


OnProgress = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """Show nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """Where a training is done, and who looks on."""

    show: OnProgress = silent
    elsewhere: Elsewhere | None = None
    """Asked before a training is done here; None: there is nowhere else."""
    by: str = ""
    """Who trains, for the manifest; empty: the process of the run itself."""


PLAIN_SHOP = Shop()


def train(job: Job, dataset: DatasetRef, shop: Shop = PLAIN_SHOP) -> Ref:
    """Fit the job's network on a dataset, or return the model that is already there.

    A run that was killed resumes from its newest resume state and ends in the same bytes.
    """
    desk = open_desk(job)
    if isinstance(desk.config.model, ExternalConfig):
        return asked(desk, job, dataset, desk.config.model, None)
    return _trained_by(desk, job, dataset, settled_recipe(desk, dataset.id), shop)


def train_stand_in(job: Job, dataset: DatasetRef, champion: str, shop: Shop = PLAIN_SHOP) -> Ref:
    """Train a champion's recipe on a candidate's dataset, where the champion itself has learnt too much."""
    desk = open_desk(job)
    own = checkpoints.card_as_judged(desk.store, champion).recipe
    if isinstance(own.model, ExternalConfig):
        return asked(desk, job, dataset, own.model, checkpoints.load(desk.store, champion))
    recipe = Recipe(dataset=dataset.id, model=own.model, training=own.training, version=VERSION)
    return _trained_by(desk, job, dataset, recipe, shop)


def train_whole(job: Job, dataset: DatasetRef, recipe: Recipe, shop: Shop = PLAIN_SHOP) -> Ref:
    """Train a recipe on every window of a dataset, to the end of its data; its parent was the one judged."""
    return _trained_by(open_desk(job), job, dataset, recipe, shop)


def carry_out(job: Job, order: TrainingOrder, shop: Shop) -> Ref:
    """Train what another machine ordered; what is there already is not trained again.

    Raises:
        BadConfig: the order is for another store; BrokenArtifact: its recipe cannot be read.
    """
    desk = open_desk(job)
    require_same_store(job.store, order)
    recipe = ordered_recipe(desk, order)
    found = checkpoints.find(desk.store, recipe.id)
    return found if found is not None else _trained_here(desk, job, order.source, recipe, shop)


def _trained_by(desk: Desk, job: Job, dataset: DatasetRef, recipe: Recipe, shop: Shop) -> Ref:
    """The model of a recipe: the one that is there, or else trained, on another machine or here."""
    found = checkpoints.find(desk.store, recipe.id)
    if found is not None:
        return found
    if shop.elsewhere is None:
        require_here(desk)
    elif desk.config.training.where != "here" and shop.elsewhere(place_order(desk, job, dataset, recipe)):
        # what counts is what lies in the store, whatever the other machine said of it
        desk.store.require(checkpoints.key_of(recipe.id))
        return Ref(uri=desk.store.uri(checkpoints.key_of(recipe.id)), id=recipe.id)
    return _trained_here(desk, job, dataset.source, recipe, shop)


def _trained_here(desk: Desk, job: Job, source: str, recipe: Recipe, shop: Shop) -> Ref:
    stored = datasets.load(desk.store, recipe.dataset)
    # only what was judged before may learn from what is held out
    stored = whole(stored) if recipe.parent is not None else stored
    ancestry = lineage(job, recipe.training, source=source, dataset=recipe.dataset)
    ancestry |= {"trained_by": shop.by} if shop.by else {}
    return checkpoints.save(desk.store, fit_package(desk, recipe, stored, ancestry, shop.show))


def fit_package(
    desk: Desk, recipe: Recipe, stored: Dataset, ancestry: dict[str, str], on_progress: OnProgress = silent
) -> ModelPackage:
    """Fit a recipe on the windows of a dataset; nothing is published."""
    scaler = fit_scaler(
        stored.table, boundaries(stored.table, stored.spec).validation, recipe.network.scaling
    )
    result = _fit(desk, recipe, stored, scaler, on_progress)
    return package_of(recipe, stored, scaler, result, ancestry)


def settled_recipe(desk: Desk, dataset_id: str) -> Recipe:
    """The model's identity, with the budget settled: needs the dataset's manifest, not its rows."""
    from lstm_pipeline.training.budget import default_max_steps

    training = desk.config.training
    recipe = Recipe(dataset=dataset_id, model=desk.config.model, training=training, version=VERSION)
    if training.max_steps is None and training.epochs is None:
        size, windows = datasets.size_of(desk.store, dataset_id)
        steps = default_max_steps(recipe.network, size, training.batch_size, windows)
        return replace(recipe, training=replace(training, max_steps=steps))
    return recipe


def _fit(
    desk: Desk, recipe: Recipe, dataset: Dataset, scaler: SeriesScaler, on_progress: OnProgress
) -> FitResult:
    # torch comes with these: a run that finds its model in the store does without
    from lstm_pipeline.training.data import TrainingSet
    from lstm_pipeline.training.fit import fit

    table, owner = dataset.table, dataset.table.series_of_row
    place = np.cumsum(trained(dataset)) - 1  # of each series in the package, which holds the trained ones
    training, validation = dataset.runs.windows(TRAIN), dataset.runs.windows(VALIDATION)
    data = TrainingSet(
        values=scaler.scaled(table.y, owner),
        observed=table.observed,
        train=training.start,
        train_series=place[training.series],
        validation=validation.start,
        validation_series=place[validation.series],
        size=dataset.spec.size,
    )
    return fit(recipe.network, recipe.training, data, _hooks(desk, recipe, len(training), on_progress))


def _hooks(desk: Desk, recipe: Recipe, windows: int, on_progress: OnProgress) -> FitHooks:
    """Show each round, keep resume states in the store, and go on from the newest one that is whole."""
    from lstm_pipeline.training.budget import plan_steps
    from lstm_pipeline.training.loop import FitHooks

    total = plan_steps(recipe.training, windows).total

    def show(round_: Round) -> None:
        on_progress(
            Progress(
                step=round_.step,
                of=total,
                training_loss=round_.training_loss,
                validation_loss=round_.validation_loss,
                refit=recipe.parent is not None,
            )
        )

    def keep(state: ResumeState) -> None:
        checkpoints.save_state(desk.store, recipe.id, state.position.step, state.to_bytes())

    return FitHooks(on_round=show, save=keep, resume=_newest_whole(desk, recipe.id))


def _newest_whole(desk: Desk, model_id: str) -> ResumeState | None:
    """The newest resume state that reads: where it is torn, the one before serves."""
    from lstm_pipeline.training.resume import ResumeState

    for state in checkpoints.newest_states(desk.store, model_id):
        try:
            return ResumeState.from_bytes(state)
        except BrokenArtifact:
            continue
    return None
