"""Model packages: readable without torch, named by what decides their weights, checked when read."""

import dataclasses
import json

import numpy as np
import pytest
from safetensors.numpy import load as load_tensors

from lstm_pipeline import checkpoints
from lstm_pipeline.artifacts import FORMAT
from lstm_pipeline.checkpoints import ModelPackage, Recipe, RoundRecord, TrainingRecord
from lstm_pipeline.errors import BrokenArtifact
from lstm_pipeline.model.config import ModelConfig
from lstm_pipeline.scaling import SeriesScaler
from lstm_pipeline.training.config import TrainingConfig
from lstm_pipeline.windows.config import WindowSize

RECIPE = Recipe(
    dataset="d" * 64,
    model=ModelConfig(hidden_size=4),
    training=TrainingConfig(max_steps=20, learning_rate=0.1 + 0.2),
    version="0.1.0",
)


def package_of(recipe=RECIPE, **changes):
    """A package whose numbers are hard to keep."""
    rng = np.random.default_rng(0)
    made = ModelPackage(
        id=recipe.id,
        recipe=recipe,
        size=WindowSize(input_size=8, horizon=2),
        freq="h",
        weights={
            "decoder.weight": rng.normal(size=(2, 4)).astype(np.float32),
            "decoder.bias": np.zeros(2, np.float32),
        },
        scaler=SeriesScaler(
            ids=("a", "東京"), centre=np.array([1 / 3, 1e12 + 1e-3]), scale=np.array([1e-300, np.pi])
        ),
        data_end=np.array([1_704_067_200_000_000, -5]),
        record=TrainingRecord(
            rounds=(RoundRecord(step=10, training_loss=0.1, validation_loss=None),),
            best_step=10,
            ended="budget",
            sentence="All 20 steps done.",
            device="cpu",
            parameters=10,
        ),
        lineage={"python": "3.11"},
    )
    return dataclasses.replace(made, **changes)


def folder_of(store, ref):
    return store.place.root / "models" / ref.id


def trained(**changes):
    return dataclasses.replace(RECIPE, training=dataclasses.replace(RECIPE.training, **changes))


def test_a_package_is_read_back_equal(store):
    package = package_of()

    read = checkpoints.load(store, checkpoints.save(store, package).id)

    for name in ("id", "recipe", "size", "freq", "record", "lineage"):
        assert getattr(read, name) == getattr(package, name)
    assert read.scaler.ids == package.scaler.ids
    for one, other in (
        (read.scaler.centre, package.scaler.centre),
        (read.scaler.scale, package.scaler.scale),
        (read.data_end, package.data_end),
        *((read.weights[name], package.weights[name]) for name in package.weights),
    ):
        assert (one.dtype, one.tobytes()) == (other.dtype, other.tobytes())


def test_a_package_reads_without_torch_as_safetensors_and_json(store):
    folder = folder_of(store, checkpoints.save(store, package_of()))

    weights = load_tensors((folder / "weights.safetensors").read_bytes())

    assert weights["decoder.weight"].shape == (2, 4)
    assert json.loads((folder / "scaler.json").read_text())["ids"] == ["a", "東京"]
    assert json.loads((folder / "config.json").read_text())["model"]["kind"] == "lstm"


def test_the_manifest_tells_the_digest_of_the_weights_and_the_end_of_what_was_learnt(store):
    ref = checkpoints.save(store, package_of())

    manifest = store.require(f"models/{ref.id}")

    assert manifest["data_end"] == 1_704_067_200_000_000
    assert (
        checkpoints.card(store, ref.id).weights_sha256 == manifest["parts"]["weights.safetensors"]["sha256"]
    )


def test_the_first_complete_package_under_an_id_stays(store):
    first = checkpoints.save(store, package_of())
    second = checkpoints.save(store, package_of(lineage={"python": "3.12"}))

    assert (first.reused, second.reused) == (False, True)
    assert checkpoints.load(store, second.id).lineage == {"python": "3.11"}


def test_find_tells_what_is_there(store):
    assert checkpoints.find(store, RECIPE.id) is None

    checkpoints.save(store, package_of())

    found = checkpoints.find(store, RECIPE.id)
    assert found is not None
    assert found.reused


@pytest.mark.parametrize(
    "other",
    [
        trained(seed=1),
        trained(threads=2),
        trained(max_steps=21),
        dataclasses.replace(RECIPE, dataset="e" * 64),
        dataclasses.replace(RECIPE, model=ModelConfig(hidden_size=5)),
        dataclasses.replace(RECIPE, version="0.2.0"),
        dataclasses.replace(RECIPE, parent="p" * 64),
    ],
)
def test_whatever_decides_the_weights_makes_another_id(other):
    assert other.id != RECIPE.id


@pytest.mark.parametrize("changes", [{"device": "cuda:1"}, {"checkpoint_seconds": 5.0}])
def test_where_and_how_safely_it_is_trained_is_no_part_of_the_id(changes):
    assert trained(**changes).id == RECIPE.id


@pytest.mark.parametrize(
    ("newer", "so"),
    [
        (RECIPE, True),
        (dataclasses.replace(RECIPE, dataset="e" * 64), True),
        (trained(max_steps=21, device="cpu"), True),
        (trained(max_steps=19), False),
        (trained(max_steps=None, epochs=9), False),
        (trained(seed=1), False),
        (trained(learning_rate=0.1), False),
        (dataclasses.replace(RECIPE, model=ModelConfig(hidden_size=5)), False),
        (dataclasses.replace(RECIPE, version="0.1.1"), False),
    ],
)
def test_a_recipe_refreshes_another_where_only_data_place_and_a_grown_budget_differ(newer, so):
    assert newer.refreshes(RECIPE) is so


@pytest.mark.parametrize("part", ["weights.safetensors", "config.json", "scaler.json"])
def test_one_altered_byte_is_found(store, part):
    path = folder_of(store, ref := checkpoints.save(store, package_of())) / part
    data = bytearray(path.read_bytes())
    data[-2] ^= 1

    path.write_bytes(data)

    with pytest.raises(BrokenArtifact, match=part):
        checkpoints.load(store, ref.id)


def test_a_newer_format_is_refused_in_one_line(store):
    ref = checkpoints.save(store, package_of())
    (folder_of(store, ref) / "manifest.json").write_text(json.dumps({"format": FORMAT + 1}))

    with pytest.raises(BrokenArtifact, match="upgrade lstm-pipeline") as caught:
        checkpoints.load(store, ref.id)

    assert len(str(caught.value).splitlines()) == 1


def test_the_newest_two_resume_states_are_kept_newest_first(store):
    for step in (9, 10, 100):
        checkpoints.save_state(store, "m", step, f"state {step}".encode())

    assert tuple(checkpoints.newest_states(store, "m")) == (b"state 100", b"state 10")


def test_a_resume_state_is_never_overwritten(store):
    checkpoints.save_state(store, "m", 10, b"first")
    checkpoints.save_state(store, "m", 10, b"second")

    assert tuple(checkpoints.newest_states(store, "m")) == (b"first",)


def test_the_states_of_one_fit_do_not_push_out_those_of_another(store):
    for step in range(4):
        checkpoints.save_state(store, "one", step, b"one")
        checkpoints.save_state(store, "two", step, b"two")

    kept = [len(tuple(checkpoints.newest_states(store, model))) for model in ("one", "two")]
    assert kept == [2, 2]
