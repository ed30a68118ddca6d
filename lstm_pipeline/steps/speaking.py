"""A model that is a command speaks of a dataset: asked anew, or as it was asked before."""

from __future__ import annotations

from dataclasses import replace

from lstm_pipeline import checkpoints, datasets, external
from lstm_pipeline.artifacts import Ref
from lstm_pipeline.checkpoints import ModelPackage
from lstm_pipeline.model.config import ExternalConfig
from lstm_pipeline.steps import commands
from lstm_pipeline.steps.desk import Desk, Job
from lstm_pipeline.steps.lineage import lineage
from lstm_pipeline.steps.refs import DatasetRef


def speaking_of(job: Job, desk: Desk, dataset: DatasetRef, package: ModelPackage) -> ModelPackage:
    """A model that can forecast from a dataset: itself, or a command with what it says of these data.

    Raises:
        BadConfig, BadInput: the command says nothing that can be used.
    """
    if not isinstance(package.recipe.model, ExternalConfig) or package.recipe.dataset == dataset.id:
        return package
    said = checkpoints.load(desk.store, asked(desk, job, dataset, package.recipe.model, package).id)
    # the command is the champion, whatever data it was asked about
    return replace(said, id=package.id)


def said_already(desk: Desk, dataset: DatasetRef, package: ModelPackage) -> ModelPackage:
    """The same, but a command is not asked: where it was not before, it cannot forecast from these data."""
    model = package.recipe.model
    if not isinstance(model, ExternalConfig):
        return package
    said = checkpoints.load_if_whole(desk.store, commands.recipe_of(model, dataset.id).id)
    return package if said is None else replace(said, id=package.id)


def asked(
    desk: Desk, job: Job, dataset: DatasetRef, model: ExternalConfig, before: ModelPackage | None
) -> Ref:
    """What a command says of a dataset: as it stands there, or newly asked.

    `before`: the model whose command it is, which keeps the files that made it; None: they are read.
    """
    recipe = commands.recipe_of(model, dataset.id)
    found = checkpoints.find(desk.store, recipe.id)
    if found is not None:
        return found
    files = external.files_of(model) if before is None else commands.files_kept(before)
    ancestry = lineage(job, recipe.training, source=dataset.source, dataset=dataset.id)
    stored = datasets.load(desk.store, dataset.id)
    return checkpoints.save(desk.store, commands.ask(recipe, model, files, stored, ancestry))
