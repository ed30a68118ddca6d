"""The registry's keys: what names a row of each kind, so that two different things never share one."""

from __future__ import annotations

import dataclasses
import datetime as dt
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_pipeline.errors import BrokenArtifact
from lstm_pipeline.registry import Publication, RunRow, open_registry, read_registry
from lstm_pipeline.registry.records import utc_text
from tests.test_registry import NOON, crown, proposal, report, version


@pytest.fixture
def registry(tmp_path):
    return open_registry(f"sqlite:///{tmp_path / 'registry.db'}")


def test_a_model_may_be_a_version_of_two_pipelines(registry):
    here, there = version("m"), version("m", pipeline="q", uri="/elsewhere")

    stored = registry.add_version(here), registry.add_version(there)

    assert stored == (here, there) == (registry.version("p", "m"), registry.version("q", "m"))
    assert registry.newest_version("q") == there
    assert registry.pipelines() == ("p", "q")


def test_of_versions_made_at_one_moment_the_first_by_name_is_the_newest(registry):
    for model in ("c", "a", "b"):
        registry.add_version(version(model))

    assert registry.newest_version("p") == version("a")


@pytest.mark.parametrize(
    "other",
    [{"pipeline": "q"}, {"purpose": "shadow"}, {"cutoff": 8}, {"model": "n"}, {"dataset": "e"}, {"uri": "v"}],
)
def test_a_publication_that_differs_in_anything_but_its_run_and_moment_is_another(registry, other):
    first = Publication(
        pipeline="p", purpose="live", cutoff=7, model="m", dataset="d", uri="u", run="r", at=NOON
    )
    different, again = dataclasses.replace(first, **other), dataclasses.replace(first, run="s")

    stored = [registry.add_publication(row) for row in (first, different, again)]

    assert stored == [first, different, first]


def test_the_logs_of_two_pipelines_do_not_touch(registry):
    first = crown(registry, "a")
    registry.add_version(version("b", pipeline="q"))
    gate = registry.record_gate(report("b", pipeline="q"))

    other = registry.promote(proposal("b", gate.id, pipeline="q"), expected_seq=0)

    assert (other.seq, other.previous_model, other.previous_hash) == (1, None, "")
    assert (registry.champion("p"), registry.champion("q")) == (first, other)
    assert (registry.promotions("p"), registry.promotions("q")) == ((first,), (other,))


def test_a_run_may_end_once_for_each_decision_and_is_found_as_it_ended_last(registry):
    runs = [
        RunRow(run=run, pipeline="p", gate_report=gate, report_uri="u", outcome="{}", at=NOON)
        for run, gate in (("r", "g"), ("s", "g"), ("r", "h"))
    ]

    stored = [registry.add_run(row) for row in (*runs, runs[0])]

    assert stored == [*runs, runs[0]]
    assert registry.run("r") == runs[2]
    assert registry.runs() == tuple(runs)


def test_a_log_whose_newest_row_was_removed_is_found_out_by_the_run_that_promoted_it(registry):
    crown(registry, "a")
    newest = crown(registry, "b")
    registry.add_run(
        RunRow(run="r", pipeline="p", gate_report=newest.gate_report, report_uri="u", outcome="{}", at=NOON)
    )
    registry.verify_chain("p")

    with registry.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM promotion WHERE seq = 2")

    with pytest.raises(BrokenArtifact) as found:
        registry.verify_chain("p")
    assert "its run promoted the model b after seq 1, and no such row is there" in found.value.faults[0]


@pytest.mark.parametrize(
    ("edit", "faults"),
    [
        ("UPDATE promotion SET actor = 'x' WHERE seq = 2", ["seq 2: got hash"]),
        ("UPDATE promotion SET hash = 'x' WHERE seq = 2", ["seq 2: got hash x", "seq 3: it does not follow"]),
        (
            "UPDATE promotion SET previous_model = 'x' WHERE seq = 1",
            ["seq 1: got hash", "seq 1: it"],
        ),
        ("DELETE FROM promotion WHERE seq = 2", ["seq 3: it does not follow from the row before"]),
        ("DELETE FROM promotion WHERE seq = 1", ["seq 2: it does not follow from the row before"]),
    ],
)
def test_every_row_of_a_log_that_an_edit_touches_is_named(registry, edit, faults):
    for model in "abc":
        crown(registry, model)

    with registry.engine.begin() as connection:
        connection.exec_driver_sql(edit)

    with pytest.raises(BrokenArtifact) as found:
        registry.verify_chain("p")
    assert len(found.value.faults) == len(faults)
    assert all(got.startswith(words) for got, words in zip(found.value.faults, faults, strict=True))


@pytest.mark.parametrize("opened", [open_registry, read_registry])
@pytest.mark.parametrize("table", ["other (a)", "meta (key, value)", "meta (x)"])
def test_another_programs_database_is_refused_and_left_as_it_is(tmp_path, table, opened):
    connection = sqlite3.connect(tmp_path / "other.db")
    connection.execute(f"CREATE TABLE {table}")

    with pytest.raises(BrokenArtifact, match="schema version None, expected a registry: name a database"):
        opened(f"sqlite:///{tmp_path / 'other.db'}")

    assert len(connection.execute("SELECT name FROM sqlite_master").fetchall()) == 1
    connection.close()


def test_a_moment_without_its_zone_is_refused():
    with pytest.raises(ValueError, match="got 2026-05-03T12:00:00, expected a moment with its time zone"):
        utc_text(NOON.replace(tzinfo=None))


ZONES = st.integers(-14, 14).map(lambda hours: dt.timezone(dt.timedelta(hours=hours)))
MOMENTS = st.datetimes(min_value=dt.datetime(1000, 1, 2), timezones=ZONES)


@given(one=MOMENTS, other=MOMENTS)
def test_the_order_of_stored_moments_is_the_order_of_time(one, other):
    texts = utc_text(one), utc_text(other)

    assert (texts[0] < texts[1]) == (one < other)
    assert [dt.datetime.fromisoformat(text) for text in texts] == [one, other]
