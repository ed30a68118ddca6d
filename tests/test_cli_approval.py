"""A person's word on a promotion that waits, as it is typed; and what came of a new champion."""

from __future__ import annotations

import getpass
import shutil

import pytest

from lstm_pipeline.registry import open_registry
from tests.test_cli import PIPELINE, answer, call

WAITS = PIPELINE + '[approval]\npolicy = "always"\n'


@pytest.fixture(scope="module")
def waiting(tmp_path_factory):
    """A store in which a pipeline's first model waits: (folder, its run)."""
    folder = tmp_path_factory.mktemp("waits")
    (folder / "small.toml").write_text(WAITS)
    return folder, answer(call("run", folder / "small.toml", "--store", folder / "store", "--json"))


@pytest.fixture
def store(waiting, tmp_path):
    """The same store in a place of its own."""
    return shutil.copytree(waiting[0] / "store", tmp_path / "store")


def models(*words, store):
    return call("models", *words, "--store", store)


def test_a_run_that_waits_is_done_and_its_json_says_until_when(waiting):
    _, run = waiting

    assert (run["verdict"], run["promoted"], run["champion"]) == ("PROMOTE", False, None)
    assert run["awaits"] in next(note for note in run["notes"] if note.startswith("waits for approval"))


def test_what_waits_is_listed_with_the_word_of_the_gate(waiting, store):
    model = waiting[1]["model"].rpartition("/")[2]

    told = models("pending", "small", store=store).stdout
    listed = answer(models("pending", "small", "--json", store=store))["pending"]

    assert told.startswith(f"{model}  asked for at ")
    assert f"waits until {waiting[1]['awaits']}: every promotion" in told
    assert [row["request"]["model"] for row in listed] == [model]
    assert "its error is " in listed[0]["gate"]


def test_an_approval_promotes_in_the_login_s_name_and_says_when_it_publishes(waiting, store):
    model = waiting[1]["model"].rpartition("/")[2]

    said = models("approve", "small", "--model", model[:8], "--reason", "fine", store=store)

    assert said.exit_code == 0
    approved, refitted = said.stdout.splitlines()
    assert f"{model}  promote by {getpass.getuser()}: first; approved: fine" in approved
    assert f"refit by {getpass.getuser()}: {model} trained to the end of its data" in refitted
    assert "  refit 8/8" in said.stderr
    assert "its forecast goes live with the next run, or now with: lstm-pipeline forecast FILE" in said.stderr
    assert models("pending", "small", store=store).stdout == "small: no promotion waits for approval\n"
    again = models("approve", "small", store=store)
    assert (again.exit_code, "was approved by" in again.stderr) == (7, True)


def test_a_refusal_keeps_its_reason(store):
    assert models("refuse", "small", store=store).exit_code == 2

    row = answer(models("refuse", "small", "--reason", "audit first", "--json", store=store))["refused"]

    assert (row["event"], row["actor"], row["reason"]) == ("refused", getpass.getuser(), "audit first")
    assert open_registry(f"sqlite:///{store}/registry.db").champion("small") is None


def test_a_first_champion_is_on_no_probation(store):
    before = models("probation", "small", store=store).stdout
    models("approve", "small", store=store)

    told = models("probation", "small", store=store)

    assert before == "small has no champion yet\n"
    assert (told.exit_code, "no probation" in told.stdout) == (0, True)
    assert answer(models("probation", "small", "--json", store=store))["probation"] is None
