"""The registry: rows are added, once, and never change; promotions form a chain."""

from __future__ import annotations

import dataclasses
import datetime as dt
import sqlite3
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

import pytest

from lstm_pipeline.errors import BadConfig, BrokenArtifact, Conflict, Unreachable, UsageError
from lstm_pipeline.registry import (
    GateReportRow,
    Proposal,
    Publication,
    RunRow,
    Version,
    open_registry,
    read_registry,
)

NOON = dt.datetime(2026, 5, 3, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def registry(tmp_path):
    return open_registry(f"sqlite:///{tmp_path / 'new' / 'registry.db'}")


def version(model, **changes):
    usual = Version(
        pipeline="p",
        model=model,
        dataset="d",
        uri=f"/store/models/{model}",
        manifest_sha256="0" * 64,
        kind="lstm",
        horizon=24,
        freq="h",
        data_end=1_777_777_777_000_000,
        as_of="2026-05-03",
        created_at=NOON,
    )
    return dataclasses.replace(usual, **changes)


def report(candidate, champion=None, champion_seq=0, verdict="PROMOTE", pipeline="p"):
    return GateReportRow(
        run="r",
        pipeline=pipeline,
        candidate=candidate,
        champion=champion,
        champion_seq=champion_seq,
        verdict=verdict,
        reasons=("superior", "fresh"),
        used="plain",
        windows_id=None,
        body=f"{pipeline} {candidate} {champion} {champion_seq} {verdict}",
        created_at=NOON,
    )


def proposal(model, gate_report, **changes):
    usual = Proposal(
        pipeline="p",
        model=model,
        gate_report=gate_report,
        actor="run",
        reason="superior",
        as_of="2026-05-03",
        at=NOON,
    )
    return dataclasses.replace(usual, **changes)


def crown(registry, model, at=NOON):
    """Register, gate and promote a model against the champion of now."""
    champion = registry.champion("p")
    seq = champion.seq if champion else 0
    registry.add_version(version(model))
    gate = registry.record_gate(report(model, champion.model if champion else None, seq))
    return registry.promote(proposal(model, gate.id, at=at), seq)


def edit(registry, statement):
    connection = sqlite3.connect(registry.engine.url.database)
    with connection:
        connection.execute(statement)
    connection.close()


def test_what_is_recorded_comes_back_as_it_was(registry):
    made, gate = version("m", parent="m0"), report(None, verdict="HOLD")
    published = Publication(
        pipeline="p", purpose="live", cutoff=7, model="m", dataset="d", uri="u", run="r", at=NOON
    )
    run = RunRow(run="r", pipeline="p", gate_report=gate.id, report_uri="u", outcome="{}", at=NOON)

    stored = (
        registry.add_version(made),
        registry.record_gate(gate),
        registry.add_publication(published),
        registry.add_run(run),
    )

    assert stored == (made, gate, published, run)
    assert (registry.version("p", "m"), registry.gate_report(gate.id), registry.run("r")) == (made, gate, run)


def test_what_is_not_there_is_none(registry):
    nothing = (registry.version("p", "m"), registry.newest_version("p"), registry.gate_report("x"))

    none_either = (registry.champion("p"), registry.newest_cutoff("p", "live"), registry.run("r"))

    assert {*nothing, *none_either} == {None}
    assert (registry.promotions("p"), registry.runs(), registry.pipelines()) == ((), (), ())


def test_what_is_added_twice_stays_as_it_was_first(registry):
    first, again = version("m"), version("m", uri="/elsewhere", created_at=NOON + HOUR)

    registry.add_version(first)
    stored = registry.add_version(again)

    assert stored == first == registry.version("p", "m")


def test_a_moment_in_another_zone_is_the_same_moment(registry):
    berlin = dt.timezone(2 * HOUR)
    made = version("m", created_at=NOON.astimezone(berlin))

    registry.add_version(made)

    assert registry.version("p", "m") == version("m", created_at=NOON)


def test_the_newest_version_is_the_one_made_last(registry):
    for hours, model in enumerate(["a", "c", "b"]):
        registry.add_version(version(model, created_at=NOON + hours * HOUR))

    newest = registry.newest_version("p")

    assert newest is not None
    assert newest.model == "b"


def test_the_newest_cutoff_is_counted_per_purpose(registry):
    for purpose, cutoff in (("live", 5), ("live", 9), ("live", 7), ("backfill", 99)):
        registry.add_publication(
            Publication(
                pipeline="p",
                purpose=purpose,
                cutoff=cutoff,
                model="m",
                dataset="d",
                uri="u",
                run="r",
                at=NOON,
            )
        )

    newest = registry.newest_cutoff("p", "live")

    assert newest == 9


def test_an_identical_rerun_finds_the_stored_outcome(registry):
    run = RunRow(run="r", pipeline="p", gate_report="g", report_uri="u", outcome='{"a": 1}', at=NOON)
    registry.add_run(run)

    stored = registry.add_run(dataclasses.replace(run, outcome='{"a": 2}', at=NOON + HOUR))

    assert stored == run
    assert registry.runs("p") == registry.runs() == (run,)
    assert (registry.runs("q"), registry.pipelines()) == ((), ("p",))


def test_a_run_judged_again_ends_anew_and_runs_stand_in_the_order_in_which_they_ended(registry):
    run = RunRow(run="z", pipeline="p", gate_report="g", report_uri="u", outcome="{}", at=NOON)
    rows = [run, dataclasses.replace(run, run="a"), dataclasses.replace(run, gate_report="h", outcome="[]")]

    for row in rows:
        registry.add_run(row)

    assert registry.runs("p") == tuple(rows)
    assert registry.run("z") == rows[-1]


def test_the_first_promotion_begins_a_chain_that_the_next_one_carries_on(registry):
    first = crown(registry, "a")
    second = crown(registry, "b")

    assert (first.seq, first.previous_model, first.previous_hash) == (1, None, "")
    assert (second.seq, second.previous_model, second.previous_hash) == (2, "a", first.hash)
    assert (registry.champion("p"), registry.promotions("p")) == (second, (first, second))
    registry.verify_chain("p")


def test_who_was_champion_at_a_moment_can_be_asked(registry):
    first = crown(registry, "a", at=NOON)
    second = crown(registry, "b", at=NOON + 2 * HOUR)

    held = [registry.champion("p", at=NOON + hours * HOUR) for hours in (-1, 0, 1, 2)]

    assert held == [None, first, first, second]


def test_the_same_promotion_again_changes_nothing_even_after_another_one(registry):
    first = crown(registry, "a")
    second = crown(registry, "b")

    again = registry.promote(proposal("a", first.gate_report, at=NOON + HOUR), expected_seq=0)

    assert again == first
    assert registry.promotions("p") == (first, second)


def test_a_promotion_against_a_champion_that_is_gone_is_a_conflict(registry):
    crown(registry, "a")
    registry.add_version(version("b"))
    gate = registry.record_gate(report("b"))

    with pytest.raises(Conflict, match=r"got promotion 1 \(model a\).*expected 0.*gate it again"):
        registry.promote(proposal("b", gate.id), expected_seq=0)

    assert len(registry.promotions("p")) == 1


@pytest.mark.parametrize("flaw", [{"verdict": "REJECT"}, {"candidate": "other"}, {"pipeline": "q"}])
def test_only_a_report_that_promotes_this_model_lets_it_through(registry, flaw):
    registry.add_version(version("m"))
    gate = registry.record_gate(report(**{"candidate": "m", **flaw}))

    for passport in (gate.id, "unknown", None):
        with pytest.raises(UsageError, match="which does not promote the model m of p"):
            registry.promote(proposal("m", passport), expected_seq=0)

    assert registry.champion("p") is None


def test_a_model_that_is_no_version_of_the_pipeline_cannot_be_promoted(registry):
    registry.add_version(version("m", pipeline="q"))

    with pytest.raises(UsageError, match="which is no version of p"):
        registry.promote(proposal("m", None, kind="pin"), expected_seq=0)

    assert registry.champion("p") is None


def test_a_person_may_pin_and_roll_back_without_a_report(registry):
    first, second = crown(registry, "a"), crown(registry, "b")

    back = registry.promote(proposal("a", None, kind="rollback", actor="ana", reason="drift"), second.seq)

    assert (back.seq, back.model, back.previous_model, back.kind, back.actor) == (
        3,
        "a",
        "b",
        "rollback",
        "ana",
    )
    assert back.hash != first.hash
    registry.verify_chain("p")


@pytest.mark.parametrize(
    "edit_of_history",
    [
        "UPDATE promotion SET model = 'x' WHERE seq = 2",
        "UPDATE promotion SET actor = 'x' WHERE seq = 1",
        "UPDATE promotion SET at = '2020-01-01T00:00:00.000000+00:00' WHERE seq = 3",
        "UPDATE promotion SET hash = 'x' WHERE seq = 3",
        "DELETE FROM promotion WHERE seq = 1",
        "DELETE FROM promotion WHERE seq = 2",
    ],
)
def test_an_edited_log_is_found_out(registry, edit_of_history):
    for model in "abc":
        crown(registry, model)
    registry.verify_chain("p")

    edit(registry, edit_of_history)

    with pytest.raises(BrokenArtifact, match="the promotion log of p was altered") as found:
        registry.verify_chain("p")
    assert len(found.value.faults) >= 1


def test_an_edited_gate_report_is_found_out(registry):
    gate = registry.record_gate(report("m"))

    edit(registry, "UPDATE gate_report SET body = 'rosy'")

    with pytest.raises(BrokenArtifact, match=f"gate report {gate.id}: got a body"):
        registry.gate_report(gate.id)


def test_a_commit_survives_a_power_cut(registry):
    with registry.engine.connect() as connection:
        journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
        synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar()

    full = 2

    assert (journal, synchronous) == ("wal", full)


def test_a_reader_does_not_wait_for_a_writer(registry):
    first = crown(registry, "a")

    with registry.engine.begin():
        seen = registry.champion("p")

    assert seen == first


def test_a_registry_of_a_newer_version_is_refused(registry):
    address = str(registry.engine.url)

    edit(registry, "UPDATE meta SET value = '4'")

    with pytest.raises(BrokenArtifact, match="schema version 4, expected at most 3: upgrade lstm-pipeline"):
        open_registry(address)


def test_a_file_that_is_no_registry_is_refused(tmp_path):
    (tmp_path / "registry.db").write_bytes(b"something else, long enough to be read as a header")

    with pytest.raises(BrokenArtifact, match=r"registry\.db, expected a registry: file is not a database"):
        open_registry(f"sqlite:///{tmp_path / 'registry.db'}")


@pytest.mark.parametrize(
    "address", ["", "nonsense", "sqlite://", "mysql://u:secret@h/d", "postgresql://u:x@h:secret/d"]
)
def test_an_address_of_another_kind_is_refused_without_its_password(address):
    with pytest.raises(BadConfig, match=r"expected sqlite:///folder/registry\.db or postgresql") as refusal:
        open_registry(address)

    assert "secret" not in "".join(traceback.format_exception(refusal.value))


@pytest.mark.parametrize("opened", [open_registry, read_registry])
def test_a_server_that_does_not_answer_is_named_without_its_password(opened):
    address = "postgresql://ana:secret@127.0.0.1:1/registry?password=secret"

    with pytest.raises(
        Unreachable, match=r"postgresql\+psycopg://ana:\*\*\*@127\.0\.0\.1:1/registry"
    ) as refusal:
        opened(address)

    assert "secret" not in "".join(traceback.format_exception(refusal.value))


def test_a_registry_opened_to_look_at_gives_its_rows_and_takes_none(registry, tmp_path):
    registry.add_version(version("m"))

    reader = read_registry(f"sqlite:///{tmp_path / 'new' / 'registry.db'}")

    assert reader.version("p", "m") == registry.version("p", "m")
    with pytest.raises(Unreachable, match="readonly"):
        reader.add_version(version("other"))
    assert registry.version("p", "other") is None


def test_where_there_is_no_registry_reading_makes_none(tmp_path):
    with pytest.raises(Unreachable, match="no registry here yet; run a pipeline first"):
        read_registry(f"sqlite:///{tmp_path / 'registry.db'}")

    assert not list(tmp_path.iterdir())


def test_a_reader_sees_what_a_writer_that_is_still_open_has_committed(registry, tmp_path):
    with registry.engine.connect() as other:
        other.execution_options(reads=True).exec_driver_sql("SELECT * FROM meta")
        registry.add_version(version("m"))

        reader = read_registry(f"sqlite:///{tmp_path / 'new' / 'registry.db'}")

        assert reader.version("p", "m") is not None


READ_AS_NOBODY = """
import os, sys
from lstm_pipeline.registry import read_registry
import sqlalchemy.dialects.sqlite.pysqlite
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
print([row.model for row in (read_registry(sys.argv[1]).version("p", "m"),)])
"""


def test_a_user_without_the_right_to_write_reads_a_registry():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        open_registry(f"sqlite:///{folder / 'registry.db'}").add_version(version("m"))
        folder.chmod(0o555)

        command = [sys.executable, "-c", READ_AS_NOBODY, f"sqlite:///{folder / 'registry.db'}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)

        folder.chmod(0o755)
        assert (done.stdout.strip(), done.returncode) == ("['m']", 0), done.stderr
