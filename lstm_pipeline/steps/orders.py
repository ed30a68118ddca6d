"""A training handed to another machine by reference: what it reads lies in the store, and what it makes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from pydantic import TypeAdapter

from lstm_pipeline.artifacts import canonical
from lstm_pipeline.checkpoints import Recipe
from lstm_pipeline.errors import BadConfig, BrokenArtifact
from lstm_pipeline.steps.desk import Desk, Job
from lstm_pipeline.steps.refs import DatasetRef


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingOrder:
    """All that a trainer elsewhere is told; where store and registry are stands in its own environment."""

    pipeline: str
    model: str
    """Id of the package that it is to make."""
    config: str
    """Key of the configuration that the recipe comes from."""
    recipe: str
    """Key of the recipe, which names the dataset."""
    source: str
    """Digest of what the dataset was read from."""
    where: Literal["auto", "pool", "here"]
    """As in [training]: whether another machine has to do it, may, or must not."""
    store: str
    """Where the one who orders keeps it: a trainer with another store would train what nobody finds."""


Elsewhere = Callable[[TrainingOrder], str]
"""Has a training done on another machine, and says where it was; empty: it is to be done here."""


def require_here(desk: Desk) -> None:
    """Refuse to train in this process where the pipeline wants it done on a worker.

    Raises:
        BadConfig: it does.
    """
    if desk.config.training.where == "pool":
        raise BadConfig(
            f'pipeline {desk.config.name}: training.where is "pool", and this run knows no pool: start it '
            'through Prefect (`up`, or `run --prefect`), or set where = "auto"'
        )


def place_order(desk: Desk, job: Job, dataset: DatasetRef, recipe: Recipe) -> TrainingOrder:
    """Lay a recipe down in the store, and name what a trainer needs."""
    key = f"recipes/{recipe.id}.json"
    desk.store.create(key, canonical(recipe).encode())
    return TrainingOrder(
        pipeline=desk.config.name,
        model=recipe.id,
        config=job.config,
        recipe=key,
        source=dataset.source,
        where=desk.config.training.where,
        store=job.store,
    )


def ordered_recipe(desk: Desk, order: TrainingOrder) -> Recipe:
    """The recipe that an order names.

    Raises:
        BadConfig: the order was made by another version of this package.
        BrokenArtifact: the recipe is not there, or was altered.
    """
    text = desk.store.read(order.recipe)
    if text is None:
        raise BrokenArtifact(
            f"{desk.store.uri(order.recipe)}: the recipe is not in the store; order it again"
        )
    recipe = TypeAdapter(Recipe).validate_python(json.loads(text))
    if recipe.id != order.model:
        raise BrokenArtifact(
            f"{desk.store.uri(order.recipe)}: got the recipe of {recipe.id}, expected that of {order.model}: "
            "it was altered, or this worker runs another version of lstm-pipeline; delete it and order again"
        )
    return recipe


def require_same_store(own: str, order: TrainingOrder) -> None:
    """Refuse an order whose store is not this trainer's.

    Raises:
        BadConfig: it is not.
    """
    if own != order.store:
        raise BadConfig(
            f"this worker's store is {own}, the run that orders a training keeps its own at {order.store}: "
            "give both the same LSTM_PIPELINE_STORE"
        )
