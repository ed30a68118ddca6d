"""`models` as a person types it: who is champion and why, the log, and a person's word on them."""

from __future__ import annotations

import getpass
import shutil
import sqlite3
from pathlib import Path

import pytest

from lstm_pipeline.settings.environment import login_name
from tests.registries import make_schema_1
from tests.test_cli import PIPELINE, answer, call

BETTER = PIPELINE.replace("max_steps = 80", "max_steps = 300\nseed = 3")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A store in which a second model has displaced the first: (folder, first run, second run)."""
    folder = tmp_path_factory.mktemp("models")
    (folder / "small.toml").write_text(PIPELINE)
    (folder / "better.toml").write_text(BETTER)
    runs = [
        answer(call("run", folder / f"{name}.toml", "--store", folder / "store", "--json"))
        for name in ("small", "better")
    ]
    return folder, *runs


@pytest.fixture
def store(trained, tmp_path):
    """The same store in a place of its own."""
    return shutil.copytree(trained[0] / "store", tmp_path / "store")


def models(*words, store):
    return call("models", *words, "--store", store)


def test_the_champion_is_told_with_its_reasons(trained, store):
    _, first, second = trained

    told = models("champion", "small", store=store).stdout

    lines = {line.split()[0]: line for line in told.splitlines()[1:]}
    assert told.startswith(f"4  {told.split()[1]}  {second['champion']}  refit by run: ")
    assert second["model"].rpartition("/")[2] in lines["tested"]
    assert second["sentence"] in lines["why"]
    assert f"{second['gate']['origins']} origins" in lines["compared"]
    assert "%" in lines["effect"]
    assert first["champion"] in lines["after"]
    assert lines["report"].endswith(second["report"].partition("/store/")[2])
    assert Path(lines["report"].split()[1]).is_file()


def test_the_reasons_stand_in_the_json_beside_the_row(trained, store):
    _, first, second = trained

    made = answer(models("champion", "small", "--json", store=store))

    assert [row["model"] for row in made["promotions"]] == [second["champion"]]
    assert made["why"]["sentence"] == second["sentence"]
    assert made["why"]["effect"] == second["gate"]["effect"]
    assert (made["why"]["displaced"], made["why"]["low"]) == (first["champion"], second["gate"]["low"])
    assert made["why"]["tested"] == second["model"].rpartition("/")[2] != second["champion"]
    assert made["why"]["gate_report"] == made["promotions"][0]["gate_report"]


def test_the_log_lists_every_row_newest_last_with_the_verified_head(trained, store):
    _, first, second = trained

    lines = models("log", "small", store=store).stdout.splitlines()
    made = answer(models("log", "small", "--json", store=store))

    tested = [made["model"].rpartition("/")[2] for made in (first, second)]
    assert [line.split()[2] for line in lines[:-1:2]] == tested
    assert [line.split()[2] for line in lines[1::2]] == [first["champion"], second["champion"]]
    assert lines[-1] == f"chain verified: 4 promotions, head {made['promotions'][-1]['hash']}"
    assert (made["head"], made["verified"]) == (made["promotions"][-1]["hash"], True)


def test_a_rollback_is_one_command_and_the_champion_tells_of_it(trained, store):
    _, first, second = trained

    done = models("rollback", "small", "--reason", "it drifts", "--json", store=store)
    told = models("champion", "small", store=store).stdout

    (row,) = answer(done)["promotions"]
    assert done.exit_code == 0
    assert (row["model"], row["previous_model"]) == (first["champion"], second["champion"])
    assert (row["kind"], row["actor"], row["reason"]) == ("rollback", login_name(), "it drifts")
    assert "now with: lstm-pipeline forecast FILE" in done.stderr
    assert f"Rolled back to promotion 2, of which the gate said: {first['sentence']}" in told


def test_a_second_identical_rollback_is_a_usage_error_that_says_so(trained, store):
    _, first, _ = trained
    words = ("rollback", "small", "--to", first["champion"][:8], "--reason", "it drifts")
    models(*words, store=store)

    again = models(*words, "--json", store=store)

    assert (again.exit_code, answer(again)["error"]["code"]) == (2, "usage")
    assert f"{first['champion']} is champion already (promotion 5, rollback by" in again.stderr


def test_a_version_is_promoted_past_the_gate_by_a_word_that_the_log_keeps(trained, store):
    _, first, _ = trained

    row = models("promote", "small", first["champion"][:6], "--force", "--reason", "I know", store=store)
    told = models("champion", "small", store=store).stdout

    assert row.exit_code == 0
    assert f"{first['champion']}  pin by {login_name()}: I know" in row.stdout
    assert f"why        By the word of {login_name()}, past the gate: I know" in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["promote", "small", "abcdef", "--reason", "x"],
            "got no --force: models become champion by the gate",
        ),
        (["promote", "small", "abcdef", "--force"], "--reason: got nothing, expected why"),
        (["rollback", "small"], "--reason: got nothing, expected why"),
        (["rollback", "small", "--to", "zzzzzz", "--reason", "x"], "expected one that was champion before"),
        (["champion", "small", "--at", "noon"], "--at: got 'noon', expected an ISO time"),
    ],
)
def test_a_word_that_cannot_be_followed_is_a_usage_error_and_changes_nothing(store, words, said):
    result = models(*words, "--json", store=store)

    assert (result.exit_code, answer(result)["error"]["code"]) == (2, "usage")
    assert said in result.stderr
    assert len(answer(models("log", "small", "--json", store=store))["promotions"]) == 4


@pytest.mark.parametrize("words", [["rollback", "typo"], ["promote", "typo", "abcdef", "--force"]])
def test_a_pipeline_that_is_not_there_is_bad_input(store, words):
    result = models(*words, "--reason", "x", store=store)

    assert result.exit_code == 4
    assert "typo: no pipeline of this name is in this store; there is small" in result.stderr


def test_a_store_that_is_not_there_is_not_made(tmp_path):
    result = models("rollback", "small", "--reason", "x", store=tmp_path / "typo")

    assert result.exit_code == 4
    assert not (tmp_path / "typo").exists()


def test_a_damaged_package_is_not_rolled_back_to(trained, store):
    _, first, _ = trained
    (store / "models" / first["champion"] / "weights.safetensors").write_bytes(b"")

    result = models("rollback", "small", "--reason", "x", "--json", store=store)

    assert (result.exit_code, answer(result)["error"]["code"]) == (6, "integrity")
    assert len(answer(models("log", "small", "--json", store=store))["promotions"]) == 4


def test_the_registry_of_an_older_package_can_be_looked_at_unchanged(tmp_path):
    make_schema_1(f"sqlite:///{tmp_path}/registry.db")

    log = models("log", "p", store=tmp_path)
    database = sqlite3.connect(tmp_path / "registry.db")

    assert [line.split()[2] for line in log.stdout.splitlines()[:2]] == ["a", "b"]
    assert database.execute("SELECT value FROM meta").fetchall() == [("1",)]
    database.close()


def test_whoever_has_no_name_is_told_by_the_number(monkeypatch):
    def nobody():
        raise OSError

    named = login_name()
    monkeypatch.setattr(getpass, "getuser", nobody)

    assert named
    assert login_name().startswith("uid ")
