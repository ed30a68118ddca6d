"""Garbage is what nothing names: it goes, and everything that anyone may ask for again stays."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import random
import shutil
import signal
import time
from pathlib import Path

import pandas as pd
import pytest

from lstm_pipeline import checkpoints, datasets
from lstm_pipeline.api import Pipeline
from lstm_pipeline.artifacts import digests_in
from lstm_pipeline.errors import BrokenArtifact
from lstm_pipeline.registry import mentions, open_registry, still
from lstm_pipeline.steps import PLAIN
from lstm_pipeline.steps.collection import collect, find_garbage
from lstm_pipeline.steps.desk import open_desk
from lstm_pipeline.steps.outcome import STEPS
from lstm_pipeline.steps.succession import pin, rollback
from lstm_pipeline.storage.clearing import clear_folder
from tests.conftest import Line, hourly, waves
from tests.registries import databases
from tests.test_registry import crown, version

ROWS = hourly("a", waves(seed=1)) + hourly("b", waves(level=-300.0, seed=2))
EAGER = {"min_skill": -1e7, "min_effect": 0.0}
LATER = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
"""From here on everything is old."""


class Died(Exception):
    """What a run dies of here."""


def registry_of(line):
    return open_registry(f"sqlite:///{line.folder}/store/registry.db")


def swept(line, before=LATER):
    """The keys that a collection removes."""
    return [thing.key for thing in collect(line.store, registry_of(line), before)]


def files(line):
    """Every file of the store with its bytes, the registry aside."""
    return {key: line.store.read(key) for key in line.store.list() if not key.startswith("registry.db")}


def die_before(step, line, rows=ROWS, **settings):
    """A run that is killed before one of its steps."""

    def die(*_):
        raise Died

    with pytest.raises(Died):
        line.run(rows, steps=dataclasses.replace(PLAIN, **{step: die}), **settings)


@pytest.fixture(scope="module")
def settled(tmp_path_factory):
    """A line with two concluded runs, the second promoted over the first, and the calls that made them."""
    line = Line(tmp_path_factory.mktemp("settled"))
    calls = [
        {"training": {"seed": 0, "max_steps": 2}},
        {"training": {"seed": 1, "max_steps": 40}, "gate": EAGER},
        {"training": {"seed": 2, "max_steps": 3}, "gate": {"min_skill": 0.999}},
    ]
    outcomes = [line.run(ROWS, **settings) for settings in calls]
    assert [made.promoted for made in outcomes] == [True, True, False]
    return line.folder, calls, outcomes


@pytest.fixture
def lived_in(settled, tmp_path):
    """The same line in a folder of its own."""
    shutil.copytree(settled[0], tmp_path / "line")
    return Line(tmp_path / "line")


def test_what_concluded_runs_need_is_no_garbage(lived_in):
    before = files(lived_in)

    assert swept(lived_in) == []
    assert files(lived_in) == before


def stored(line):
    """Keys of everything in the store but the database, which keeps a log beside itself while it likes."""
    return {key for key in line.store.list() if not key.startswith("registry.db")}


def test_what_a_killed_run_left_behind_is_garbage(lived_in):
    before = stored(lived_in)
    die_before("recall", lived_in, hourly("a", waves(150, seed=9)), training={"seed": 7})
    left = {key.rpartition("/")[0] for key in stored(lived_in) - before}

    removed = swept(lived_in)

    assert {key.partition("/")[0] for key in removed} == {"datasets", "models", "training", "configs"}
    assert left - {"configs"} <= set(removed)
    assert stored(lived_in) == before


def test_scores_that_no_decision_rests_on_are_garbage(lived_in):
    die_before("decide", lived_in, training={"seed": 7})

    kinds = {key.partition("/")[0] for key in swept(lived_in)}

    assert kinds == {"evaluations", "models", "training", "configs"}


def test_a_model_that_was_judged_stays_also_where_its_run_was_killed(lived_in):
    die_before("promote", lived_in, training={"seed": 7})
    newest = registry_of(lived_in).newest_version("line")

    swept(lived_in)

    assert checkpoints.load(lived_in.store, newest.model, newest.manifest_sha256)
    assert datasets.load(lived_in.store, newest.dataset)


def test_what_is_young_stays_whoever_names_it(lived_in):
    die_before("recall", lived_in, training={"seed": 7})
    now = dt.datetime.now(dt.UTC)

    assert swept(lived_in, now - dt.timedelta(hours=1)) == []
    assert len(swept(lived_in, now + dt.timedelta(hours=1))) == 3


def test_one_young_file_makes_a_folder_young(lived_in):
    die_before("recall", lived_in, training={"seed": 7})
    hour_ago = time.time() - 3600
    for key in lived_in.store.list():
        os.utime(lived_in.store.uri(key), (hour_ago, hour_ago))
    (model,) = {key for key in swept_dry(lived_in) if key.startswith("models/")}
    os.utime(lived_in.store.part_uri(model, "scaler.json"))

    removed = swept(lived_in, dt.datetime.now(dt.UTC) - dt.timedelta(minutes=30))

    assert model not in removed
    assert {key.partition("/")[0] for key in removed} == {"training", "configs"}


def swept_dry(line):
    return [thing.key for thing in find_garbage(line.store, registry_of(line), LATER)]


def test_a_dry_run_finds_what_a_collection_removes_and_removes_nothing(lived_in):
    die_before("recall", lived_in, training={"seed": 7})
    before = files(lived_in)

    found = find_garbage(lived_in.store, registry_of(lived_in), LATER)
    kept = files(lived_in)
    removed = collect(lived_in.store, registry_of(lived_in), LATER)

    assert (found, kept) == (removed, before)
    gone = before.keys() - files(lived_in).keys()
    assert sum(thing.bytes for thing in removed) == sum(len(before[key]) for key in gone)
    assert not [thing.key for thing in removed if Path(lived_in.store.uri(thing.key)).exists()]


def test_a_frame_given_from_python_stays_as_long_as_a_configuration_names_it(tmp_path):
    def pipeline(values):
        frame = pd.DataFrame({"ds": range(len(values)), "y": values})
        return Pipeline(frame, name="line", horizon=2, season_length=4, training={"max_steps": 2})

    line = Line(tmp_path)
    pipeline(waves()).retrain(store=tmp_path / "store")
    kept = {key for key in line.store.list() if key.startswith("sources/")}
    (tmp_path / "store/sources" / ("0" * 64)).mkdir()
    (tmp_path / "store/sources" / ("0" * 64) / "frame.parquet").write_bytes(b"nobody's")

    removed = swept(line)

    assert removed == [f"sources/{'0' * 64}"]
    assert kept == {key for key in line.store.list() if key.startswith("sources/")} != set()
    assert pipeline(waves()).retrain(store=tmp_path / "store").outcome.reused == STEPS


def test_rows_that_were_set_aside_stay_beside_their_dataset_and_go_with_it(lived_in):
    faulty = [*ROWS, ("a", "no time", 1.0)]
    lived_in.run(faulty, training={"seed": 0, "max_steps": 2})
    kept = [key for key in lived_in.store.list() if key.startswith("set_aside/")]
    other = hourly("a", waves(150, seed=9))
    die_before("train", lived_in, other)
    die_before("train", lived_in, [*other, ("a", "no time", 2.0)])

    removed = swept(lived_in)

    assert kept
    assert kept == [key for key in lived_in.store.list() if key.startswith("set_aside/")]
    assert sorted(key.partition("/")[0] for key in removed if "configs" not in key) == [
        "datasets",
        "set_aside",
    ]


def test_strangers_in_the_store_are_left_alone(lived_in):
    strangers = ["notes.txt", "models/mine/weights.bin", f"models/{'0' * 64}/deep/er.txt", "configs/old.json"]
    for name in strangers:
        path = Path(lived_in.store.uri(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")

    assert swept(lived_in) == []
    assert set(strangers) <= stored(lived_in)


def test_what_reports_and_forecasts_were_made_of_stays_though_the_registry_is_gone(lived_in):
    before = files(lived_in)
    (lived_in.folder / "store" / "registry.db").unlink()

    removed = swept(lived_in)

    assert {key.partition("/")[0] for key in removed} <= {"training"}
    assert before.keys() - files(lived_in).keys() <= {key for key in before if key.startswith("training/")}


@pytest.mark.parametrize("ask", [collect, find_garbage])
def test_an_edited_promotion_log_stops_a_collection(lived_in, ask):
    die_before("recall", lived_in, training={"seed": 7})
    before, registry = files(lived_in), registry_of(lived_in)
    with registry.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE promotion SET model = 'x' WHERE seq = 1")

    with pytest.raises(BrokenArtifact, match="the promotion log of line was altered"):
        ask(lived_in.store, registry, LATER)

    assert files(lived_in) == before


def test_a_damaged_manifest_stops_a_collection_as_nobody_knows_what_it_named(lived_in):
    die_before("recall", lived_in, training={"seed": 7})
    champion = registry_of(lived_in).champion("line").model
    Path(lived_in.store.part_uri(f"models/{champion}", "manifest.json")).write_text("{}")

    with pytest.raises(BrokenArtifact, match="expected a manifest: it is damaged"):
        swept(lived_in)


def test_a_collection_killed_after_any_removal_leaves_nothing_that_half_exists(lived_in):
    die_before("recall", lived_in, hourly("a", waves(150, seed=9)), training={"seed": 7})
    before = files(lived_in)
    doomed = swept_dry(lived_in)
    registry, store = registry_of(lived_in), lived_in.store
    kills = 0

    while killed_after_one_removal(lived_in):
        kills += 1
        assert kills < 100
        for key in doomed:
            if not key.startswith("configs/") and store.manifest(key) is not None:
                store.verify(key)

    assert kills > 8
    assert files(lived_in) == {key: data for key, data in before.items() if not key.startswith(tuple(doomed))}
    registry.verify_chain("line")


def killed_after_one_removal(line):
    """Collect in a process that dies once it has removed a file; False where it comes to its end."""
    child = os.fork()
    if not child:
        unlink = os.unlink

        def deadly(path, **options):
            unlink(path, **options)
            os.kill(os.getpid(), signal.SIGKILL)

        os.unlink = deadly
        collect(line.store, registry_of(line), LATER)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def test_a_thing_that_was_published_again_meanwhile_is_not_cleared(tmp_path):
    folder = tmp_path / "models" / "m"
    folder.mkdir(parents=True)
    (folder / "weights").write_bytes(b"new")
    (folder / "manifest.json").write_bytes(b"whole")

    clear_folder(folder, lock=tmp_path / "models" / ".lock", last="manifest.json")

    assert sorted(path.name for path in folder.iterdir()) == ["manifest.json", "weights"]


def test_what_is_being_written_into_a_folder_keeps_it(tmp_path):
    folder = tmp_path / "training" / "m"
    folder.mkdir(parents=True)
    (folder / "1.safetensors").write_bytes(b"old")
    (folder / ".stage-1").write_bytes(b"half")

    clear_folder(folder, lock=tmp_path / "training" / ".lock", last="manifest.json")

    assert [path.name for path in folder.iterdir()] == [".stage-1"]


@databases
def test_all_that_any_row_names_is_mentioned(address):
    registry = open_registry(address)
    model, windows = "a" * 64, "b" * 64
    row = crown(registry, model)
    registry.add_version(version("m", dataset="c" * 64))
    registry.look("p", windows, model, row.at)

    assert {model, windows, "c" * 64, row.hash, row.gate_report} <= mentions(registry.engine)
    with still(registry.engine) as named:
        assert named == mentions(registry.engine)


def test_a_digest_is_sixty_four_characters_and_no_more():
    digest = "0a" * 32

    assert digests_in(f"x/{digest}/y {digest}0 {digest[1:]} configs/{digest}.json") == {digest}


@pytest.mark.parametrize("seed", range(3))
def test_after_a_collection_reruns_return_what_is_stored_and_every_champion_can_return(
    lived_in, settled, seed
):
    _, calls, outcomes = settled
    chance = random.Random(seed)
    for n in range(4):
        step = chance.choice(["train", "recall", "evaluate", "decide", "promote"])
        rows = chance.choice([ROWS, hourly("a", waves(150, seed=seed))])
        die_before(step, lived_in, rows, training={"seed": 10 + n, "max_steps": 2})

    removed = swept(lived_in)

    assert removed
    assert swept(lived_in) == []
    again = [lived_in.run(ROWS, **settings) for settings in calls]
    told = [(made.run, made.verdict, made.mse, made.reused) for made in again]
    assert told == [(made.run, made.verdict, made.mse, STEPS) for made in outcomes]
    desk = open_desk(lived_in.job(ROWS))
    ever = list(dict.fromkeys(row.model for row in desk.registry.promotions("line")))
    for model in [*ever, ever[0]]:
        if desk.registry.champion("line").model != model:
            rollback(desk, to=model, actor="ana", reason="as it was")
    rejected = Path(outcomes[2].model).name
    assert pin(desk, rejected, "ana", "word").model == rejected
