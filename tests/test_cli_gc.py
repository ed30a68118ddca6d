"""`gc` as a person types it."""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3

import pytest

from lstm_pipeline.cli.gc import age_of
from tests.test_cli import PIPELINE, answer, call


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A store with one run, and a model, a configuration and scores that nothing names."""
    folder = tmp_path_factory.mktemp("gc")
    (folder / "small.toml").write_text(
        PIPELINE.replace("max_steps = 80", "max_steps = 2") + '[gate]\nmode = "plain"\nmin_skill = -1e6\n'
    )
    made = answer(call("run", folder / "small.toml", "--store", folder / "store", "--json"))
    shutil.copytree(made["model"], folder / "store" / "models" / ("0" * 64))
    (folder / "store" / "configs" / f"{'0' * 64}.json").write_text("{}")
    return folder / "store"


@pytest.fixture
def store(trained, tmp_path):
    return shutil.copytree(trained, tmp_path / "store")


def gc(*words, store):
    return call("gc", *words, "--store", store)


def test_a_dry_run_prints_the_list_of_a_real_one_and_removes_nothing(store):
    planned = gc("--dry-run", "--older-than", "0d", store=store)
    still_there = sorted(path.name for path in (store / "models").iterdir() if path.name[0] != ".")

    done = gc("--older-than", "0d", store=store)

    lines = done.stdout.splitlines()
    assert planned.stdout == done.stdout
    assert [line.split()[0] for line in lines] == [f"configs/{'0' * 64}.json", f"models/{'0' * 64}"]
    assert lines[0].endswith("  2 bytes")
    assert (planned.stderr.split()[0], done.stderr.split()[:2]) == ("would", ["removed", "2,"])
    assert "0" * 64 in still_there
    assert not (store / "models" / ("0" * 64)).exists()
    assert gc("--older-than", "0d", store=store).stdout == ""


def test_the_json_names_what_was_removed_and_how_much(store):
    made = answer(gc("--dry-run", "--older-than", "0s", "--json", store=store))

    assert [thing["key"].partition("/")[0] for thing in made["removed"]] == ["configs", "models"]
    assert made["bytes"] == sum(thing["bytes"] for thing in made["removed"]) > 2
    assert made["dry_run"] is True


def test_by_default_a_week_is_spared(store):
    assert gc(store=store).stdout == ""
    assert (store / "models" / ("0" * 64)).exists()


@pytest.mark.parametrize("text", ["7", "d", "-1d", "7 d", "1.5h", "7y", ""])
def test_an_age_without_a_unit_is_a_usage_error(store, text):
    result = gc("--older-than", text, store=store)

    assert result.exit_code == 2
    assert f"--older-than: got {text!r}; expected a whole number with its unit" in result.stderr


def test_an_age_is_a_number_with_its_unit():
    assert age_of("90m") == dt.timedelta(minutes=90)
    assert (age_of("2w"), age_of("36h"), age_of("7d")) == tuple(
        dt.timedelta(days=days) for days in (14, 1.5, 7)
    )


@pytest.mark.parametrize("words", [[], ["--dry-run"]])
def test_a_broken_chain_stops_it(store, words):
    with sqlite3.connect(store / "registry.db") as database:
        database.execute("UPDATE promotion SET actor = 'x'")

    result = gc("--older-than", "0d", "--json", *words, store=store)

    assert (result.exit_code, answer(result)["error"]["code"]) == (6, "integrity")
    assert (store / "models" / ("0" * 64)).exists()


def test_without_a_registry_nothing_is_removed(store):
    for path in store.glob("registry.db*"):
        path.unlink()

    result = gc("--older-than", "0d", store=store)

    assert result.exit_code == 8
    assert "there is no registry here yet" in result.stderr
    assert (store / "models" / ("0" * 64)).exists()
    assert not (store / "registry.db").exists()
