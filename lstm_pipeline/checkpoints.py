"""The model package (safetensors + JSON, readable without torch) and the resume state of a fit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from lstm_pipeline.artifacts import Ref, canonical, fingerprint, plain
from lstm_pipeline.errors import BrokenArtifact
from lstm_pipeline.model.config import AnyModel, ExternalConfig, ModelConfig
from lstm_pipeline.scaling import SeriesScaler
from lstm_pipeline.storage import Store
from lstm_pipeline.training.config import TrainingConfig
from lstm_pipeline.windows.config import WindowSize

KEPT_STATES = 2
"""Resume states kept per fit."""

PLACE = ("device", "checkpoint_seconds", "where", "on_missing_gpu")
"""Training settings that say where and how safely, not what: no part of a model's identity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """All that decides a model's weights: its identity."""

    dataset: str
    """Id of the dataset."""
    model: AnyModel
    training: TrainingConfig
    """With max_steps settled."""
    # results may change between versions, and then the id must
    version: str
    """Version of the package."""
    parent: str | None = None
    """Model it starts from, where it does not start from scratch."""

    @property
    def id(self) -> str:
        """sha256 that names the model."""
        return fingerprint({**plain(self), "training": self._training(PLACE)})

    @property
    def network(self) -> ModelConfig:
        """The network.

        Raises:
            ValueError: it is a command.
        """
        if isinstance(self.model, ExternalConfig):
            raise ValueError("a command has no network: ask whether the model is one before it is built")  # noqa: TRY004
        return self.model

    def refreshes(self, other: Recipe) -> bool:
        """The same save for data, place, and a budget that has grown with the data; not a smaller one."""
        apart = (*PLACE, "max_steps")
        mine, theirs = ((one.model, one.version, one._training(apart)) for one in (self, other))
        return mine == theirs and _grown(self.training.max_steps, other.training.max_steps)

    def _training(self, apart: tuple[str, ...]) -> dict[str, object]:
        return {name: value for name, value in plain(self.training).items() if name not in apart}


def _grown(steps: int | None, before: int | None) -> bool:
    return steps == before if steps is None or before is None else steps >= before


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundRecord:
    """One round of training, as stored."""

    step: int
    training_loss: float | None
    validation_loss: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRecord:
    """How a fit went."""

    rounds: tuple[RoundRecord, ...]
    best_step: int
    ended: str
    """budget, patience or diverged."""
    sentence: str
    device: str
    parameters: int
    """Numbers in the weights."""

    @property
    def sound(self) -> bool:
        """The fit reached weights worth judging: it did not diverge before a single round had ended well."""
        return self.ended != "diverged" or self.best_step > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """What the manifest of a package tells, without its weights."""

    recipe: Recipe
    record: TrainingRecord
    size: WindowSize
    freq: str | int
    data_end: int
    """The newest stamp it has learnt from in any way: microseconds since the epoch, or a step."""
    weights_sha256: str
    manifest_sha256: str
    told: bool = True
    """Somebody can tell what it has learnt from."""
    trained_by: str = ""
    """Which worker made it; empty where the process of its run did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPackage:
    """A trained model with all it needs to forecast."""

    id: str
    recipe: Recipe
    size: WindowSize
    freq: str | int
    weights: Mapping[str, NDArray[Any]]
    """Of a command's model its forecasts, and the files that made them (`lstm_pipeline.external`)."""
    scaler: SeriesScaler
    data_end: NDArray[np.int64]
    """Stamp of the last target that each series of the scaler has taught, validation included: (N,)."""
    record: TrainingRecord
    lineage: Mapping[str, str]

    @property
    def told(self) -> bool:
        """Somebody can tell what it has learnt from: a command that forecasts may keep silent about it."""
        return not isinstance(self.recipe.model, ExternalConfig) or "data_end" in self.weights


def key_of(model_id: str) -> str:
    """Where a model package lies in the store."""
    return f"models/{model_id}"


def save(store: Store, package: ModelPackage) -> Ref:
    """Publish a package; the first complete one under its id stays."""
    # in json, for people too: python writes a float so that it reads back to the last digit
    scaler = {
        "ids": package.scaler.ids,
        "centre": package.scaler.centre.tolist(),
        "scale": package.scaler.scale.tolist(),
        "data_end": package.data_end.tolist(),
    }
    config = {"model": package.recipe.model, "size": package.size, "freq": package.freq}
    parts = {
        "weights.safetensors": save_tensors(
            {name: np.ascontiguousarray(w) for name, w in package.weights.items()}
        ),
        "config.json": canonical(config).encode(),
        "scaler.json": canonical(scaler).encode(),
    }
    facts = {
        "id": package.id,
        "recipe": package.recipe,
        "record": package.record,
        "size": package.size,
        "freq": package.freq,
        "data_end": int(package.data_end.max()),
        "lineage": dict(package.lineage),
        "told": package.told,
    }
    published = store.publish(key_of(package.id), parts, plain(facts), "model")
    return Ref(uri=published.uri, id=package.id, reused=published.reused)


def find(store: Store, model_id: str) -> Ref | None:
    """The package, where there is one."""
    key = key_of(model_id)
    return Ref(uri=store.uri(key), id=model_id, reused=True) if store.manifest(key) else None


def load(store: Store, model_id: str, manifest_sha256: str | None = None) -> ModelPackage:
    """Read a package back; every part is checked against its digest, and the manifest against the one given.

    Raises:
        BrokenArtifact: it is not there, altered, or of a newer format.
    """
    key = key_of(model_id)
    facts = store.require(key, manifest_sha256)
    config = json.loads(store.read_part(key, "config.json"))
    scaler = json.loads(store.read_part(key, "scaler.json"))
    return ModelPackage(
        id=model_id,
        recipe=TypeAdapter(Recipe).validate_python(facts["recipe"]),
        size=TypeAdapter(WindowSize).validate_python(config["size"]),
        freq=config["freq"],
        weights=load_tensors(store.read_part(key, "weights.safetensors")),
        scaler=SeriesScaler(
            ids=tuple(scaler["ids"]), centre=np.array(scaler["centre"]), scale=np.array(scaler["scale"])
        ),
        data_end=np.array(scaler["data_end"], dtype=np.int64),
        record=TypeAdapter(TrainingRecord).validate_python(facts["record"]),
        lineage=facts["lineage"],
    )


def load_if_whole(store: Store, model_id: str) -> ModelPackage | None:
    """The package; None where it does not read back unaltered."""
    try:
        return load(store, model_id)
    except BrokenArtifact:
        return None


def card(store: Store, model_id: str) -> ModelCard:
    """What the manifest of a package tells.

    Raises:
        BrokenArtifact: it is not there, altered, or of a newer format.
    """
    key = key_of(model_id)
    facts = store.require(key)
    return ModelCard(
        recipe=TypeAdapter(Recipe).validate_python(facts["recipe"]),
        record=TypeAdapter(TrainingRecord).validate_python(facts["record"]),
        size=TypeAdapter(WindowSize).validate_python(facts["size"]),
        freq=facts["freq"],
        data_end=facts["data_end"],
        weights_sha256=facts["parts"]["weights.safetensors"]["sha256"],
        manifest_sha256=store.manifest_sha256(key),
        # packages of 0.1 do not say: they are networks
        told=facts.get("told", True),
        trained_by=facts["lineage"].get("trained_by", ""),
    )


def card_as_judged(store: Store, model_id: str) -> ModelCard:
    """The card of a model or, where it is a judged recipe trained to the end of its data, of the judged one.

    Raises:
        BrokenArtifact: it is not there, altered, or of a newer format.
    """
    own = card(store, model_id)
    return own if own.recipe.parent is None else card(store, own.recipe.parent)


def save_state(store: Store, model_id: str, step: int, state: bytes) -> None:
    """Keep a resume state, create-once, and drop all but the newest two."""
    # padded, so that names sort as steps do; and before the oldest goes, so that one can always be read
    store.create(f"training/{model_id}/{step:010d}.safetensors", state)
    for old in store.list(f"training/{model_id}")[:-KEPT_STATES]:
        store.delete(old)


def newest_states(store: Store, model_id: str) -> Iterator[bytes]:
    """The kept resume states, newest first: where the newest is torn, the one before serves."""
    for key in reversed(store.list(f"training/{model_id}")):
        state = store.read(key)
        # another process at the same fit may have dropped it since they were listed
        if state is not None:
            yield state
