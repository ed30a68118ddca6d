"""Models that are not what they seem: each a training step that takes the place of the honest one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from lstm_pipeline import checkpoints, datasets
from lstm_pipeline.artifacts import Ref, fingerprint
from lstm_pipeline.checkpoints import ModelPackage
from lstm_pipeline.errors import UsageError
from lstm_pipeline.steps.desk import Desk, Job, open_desk
from lstm_pipeline.steps.fitting import fit_package, settled_recipe, train
from lstm_pipeline.steps.lineage import lineage
from lstm_pipeline.steps.refs import DatasetRef
from lstm_pipeline.storage import sha256
from lstm_pipeline.windows.dataset import Dataset
from lstm_pipeline.windows.whole import whole

WEIGHTS = "weights.safetensors"
SHAKE = 0.02
"""By which a weight moves, in deviations of its matrix."""


def trained_on_test(job: Job, dataset: DatasetRef) -> Ref:
    """Train on every window, those of the test part too; the package says up to when it has learnt."""
    return _taught(job, dataset, "trained on the test part", whole)


def hiding_its_data_end(job: Job, dataset: DatasetRef) -> Ref:
    """The same model, in a package that claims to have learnt nothing of the test part."""
    desk = open_desk(job)
    liar = checkpoints.load(desk.store, trained_on_test(job, dataset).id)
    honest = checkpoints.load(desk.store, train(job, dataset).id)
    return _saved(desk, replace(liar, data_end=honest.data_end), "hides its data end")


def not_finite_in_one(job: Job, dataset: DatasetRef) -> Ref:
    """A model whose scale of its last series has vanished: every forecast of that series is NaN."""
    desk = open_desk(job)
    package = checkpoints.load(desk.store, train(job, dataset).id)
    scale = package.scaler.scale.copy()
    # finite, as JSON has no NaN; but no scaled value is a number
    scale[-1] = np.finfo(np.float64).tiny
    return _saved(desk, replace(package, scaler=replace(package.scaler, scale=scale)), "not finite in one")


def damaged(job: Job, dataset: DatasetRef) -> Ref:
    """A model in whose stored weights one bit is flipped."""
    desk = open_desk(job)
    ref = _saved(desk, checkpoints.load(desk.store, train(job, dataset).id), "damaged")
    key = f"{checkpoints.key_of(ref.id)}/{WEIGHTS}"
    data = desk.store.read(key)
    # once only: flipped again the bit would be whole
    if data is not None and checkpoints.load_if_whole(desk.store, ref.id) is not None:
        desk.store.replace(key, data[:-1] + bytes([data[-1] ^ 1]), sha256(data))
    return ref


def shaken_champion(seed: int) -> Callable[[Job, DatasetRef], Ref]:
    """A training step that moves each weight of the champion a little, at random: better by luck alone."""

    def step(job: Job, _dataset: DatasetRef) -> Ref:
        desk, rng = open_desk(job), np.random.default_rng(seed)
        champion = desk.registry.champion(desk.pipeline)
        if champion is None:
            raise UsageError(f"{desk.pipeline}: there is no champion to be shaken; run the pipeline first")
        package = checkpoints.load(desk.store, champion.model)
        weights = {
            name: (w + SHAKE * w.std() * rng.standard_normal(w.shape)).astype(np.float32)
            for name, w in package.weights.items()
        }
        return _saved(desk, replace(package, weights=weights), f"shaken {seed}")

    return step


def trained_on_one(series: str) -> Callable[[Job, DatasetRef], Ref]:
    """A training step that learns from the windows of one series alone, and claims to serve them all."""

    def only(dataset: Dataset) -> Dataset:
        runs = dataset.runs
        keep = runs.series == dataset.table.ids.index(series)
        parts = {name: getattr(runs, name)[keep] for name in ("start", "series", "part", "count")}
        return replace(dataset, runs=replace(runs, **parts))

    def step(job: Job, dataset: DatasetRef) -> Ref:
        return _taught(job, dataset, f"trained on {series} alone", only)

    return step


def _taught(job: Job, dataset: DatasetRef, mark: str, lesson: Callable[[Dataset], Dataset]) -> Ref:
    """Fit the job's own recipe on other windows than it says."""
    desk = open_desk(job)
    recipe = settled_recipe(desk, dataset.id)
    found = checkpoints.find(desk.store, _forged_id(recipe.id, mark))
    if found is not None:
        return found
    # under a name of its own: the honest fit's resume states would be gone on from
    apart = replace(recipe, parent=_forged_id(recipe.id, mark))
    ancestry = lineage(job, recipe.training, source=dataset.source, dataset=dataset.id)
    package = fit_package(desk, apart, lesson(datasets.load(desk.store, dataset.id)), ancestry)
    return _saved(desk, replace(package, recipe=recipe, id=recipe.id), mark)


def _saved(desk: Desk, package: ModelPackage, mark: str) -> Ref:
    """Publish a forged package under an id of its own."""
    return checkpoints.save(desk.store, replace(package, id=_forged_id(package.id, mark)))


def _forged_id(honest: str, mark: str) -> str:
    return fingerprint([honest, mark])
