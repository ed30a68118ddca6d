"""`gate replay` as its users type it: a verdict made again, what if, and what differs."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.conftest import Line, hourly, waves
from tests.test_cli import answer, call
from tests.test_recall import flip_a_byte

ROWS = hourly("a", waves(240))
EARLIER = ROWS[:200]


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A store with a run that met a champion, and its report."""
    line = Line(tmp_path_factory.mktemp("cli"))
    line.run(EARLIER, training={"max_steps": 3})
    return line.folder / "store", Path(line.run(ROWS, training={"max_steps": 40}).report)


def test_a_pipelines_newest_verdict_is_made_again_and_all_of_it_is_told(stored):
    store, _ = stored

    result = call("gate", "replay", "line", "--store", store)

    assert result.exit_code == 0
    assert result.stdout.startswith("line: ")
    assert "agrees with what is recorded, in every figure" in result.stdout
    assert "  lower MSE wins" in result.stdout
    assert "  champion_mse" in result.stdout


def test_the_page_itself_can_be_named_and_no_store_is_needed(stored, tmp_path, monkeypatch):
    _, page = stored
    monkeypatch.chdir(tmp_path)

    made = answer(call("gate", "replay", page, "--json"))

    assert made["agrees"] is True
    assert made["verdict"] == made["recorded"]["verdict"]
    assert made["what_if"] is made["deep"] is None
    assert {"figures", "guards", "alternatives", "sentence", "gate_report"} <= set(made)
    assert list(tmp_path.iterdir()) == []


def test_the_stored_packages_are_scored_again_when_asked(stored):
    _, page = stored

    result = call("gate", "replay", page.parent, "--deep")

    assert result.exit_code == 0
    assert "scored again from the stored packages (candidate, champion" in result.stdout
    assert "equal to the last bit" in result.stdout


def test_other_thresholds_are_told_as_a_what_if_beside_what_is_recorded(stored):
    store, _ = stored

    text = call("gate", "replay", "line", "--store", store, "--mode", "strict", "--alpha", "0.01").stdout
    made = answer(
        call("gate", "replay", "line", "--store", store, "--mode", "plain", "--min-effect", "0.99", "--json")
    )

    assert "WHAT IF --mode strict --alpha 0.01: nothing is changed by this; recorded is " in text
    assert made["what_if"] == "--mode plain --min-effect 0.99"
    assert made["verdict"] != "PROMOTE"


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (["nobody"], 4, "pipelines here: line"),
        (["line", "--alpha", "0.7"], 2, "no such thresholds"),
        (["line", "--mode", "lenient"], 2, "no such thresholds"),
    ],
)
def test_what_cannot_be_replayed_ends_with_its_exit_status_and_what_to_do(stored, words, status, told):
    store, _ = stored

    result = call("gate", "replay", *words, "--store", store, "--json")

    assert result.exit_code == status
    assert told in answer(result)["error"]["message"]


def test_a_store_that_is_not_there_is_not_made(tmp_path):
    result = call("gate", "replay", "line", "--store", tmp_path / "nowhere")

    assert result.exit_code == 4
    assert not (tmp_path / "nowhere").exists()


def test_a_record_that_was_altered_ends_with_exit_six_and_what_differs(line):
    page = Path(line.run(EARLIER).report)
    with sqlite3.connect(line.folder / "store" / "registry.db") as database:
        database.execute("UPDATE gate_report SET verdict = 'HOLD'")
    database.close()

    by_name = call("gate", "replay", "line", "--store", line.folder / "store", "--json")
    flip_a_byte(page.parent / "gate.json")
    by_folder = call("gate", "replay", page, "--json")

    assert [by_name.exit_code, by_folder.exit_code] == [6, 6]
    assert answer(by_name)["error"]["code"] == "integrity"
    assert answer(by_name)["error"]["faults"][0].startswith("the registry: verdict: recorded")
