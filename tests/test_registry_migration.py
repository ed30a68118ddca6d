"""A registry of an older package: migrated with all its rows when it is opened to write, else left alone."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, select

from lstm_pipeline.registry import (
    GateReportRow,
    Promotion,
    Publication,
    RunRow,
    Version,
    open_registry,
    read_registry,
    tables,
)
from lstm_pipeline.registry import migrate as migration
from lstm_pipeline.registry.rows import every
from tests.registries import databases, make_schema_1, race
from tests.test_registry import HOUR, NOON, crown, version

KINDS = {
    "version": Version,
    "gate_report": GateReportRow,
    "promotion": Promotion,
    "publication": Publication,
    "run": RunRow,
}
NEW = {
    "look",
    "petition",
    "live_score",
    "live_error",
    "slot",
    "deployed",
    tables.HISTORY,
}


def rows_of(registry):
    """All rows that the first schema has, by table."""
    return {
        name: set(every(registry.engine, kind, select(tables.schema.tables[name])))
        for name, kind in KINDS.items()
    }


def schema_of(address):
    """The number in `meta`, and the names of all tables."""
    engine = create_engine(address)
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT value FROM meta").scalar_one()
        names = set(inspect(connection).get_table_names())
    engine.dispose()
    return found, names


@databases
def test_a_registry_of_the_first_schema_is_migrated_with_all_its_rows_when_it_is_opened_to_write(address):
    make_schema_1(address)
    before = rows_of(read_registry(address))

    registry = open_registry(address)

    assert rows_of(registry) == before
    assert {name: len(rows) for name, rows in before.items()} == {
        "version": 4, "gate_report": 7, "promotion": 2, "publication": 1, "run": 3,
    }  # fmt: skip
    assert schema_of(address) == ("3", {*KINDS, *NEW, "meta"})


@databases
def test_the_log_of_a_migrated_registry_is_valid_and_goes_on(address):
    make_schema_1(address)

    registry = open_registry(address)
    registry.verify_chain("p")
    newest = crown(registry, "e", at=NOON + 9 * HOUR)
    registry.add_run(
        RunRow(run="r", pipeline="p", gate_report=newest.gate_report, report_uri="u", outcome="{}", at=NOON)
    )

    registry.verify_chain("p")
    assert (newest.seq, newest.previous_model) == (3, "b")
    assert registry.runs()[-1].run == "r"


@databases
def test_looks_are_counted_from_what_was_decided_before(address):
    make_schema_1(address)

    registry = open_registry(address)
    seen = {name: registry.look("p", "w1", name, NOON + 20 * HOUR) for name in ("d", "c", "b", "a", "new")}

    assert seen == {"a": 1, "b": 2, "c": 3, "d": 4, "new": 5}
    assert registry.look("p", "w2", "c", NOON + 20 * HOUR) == 1
    assert registry.look("p", "w2", "a", NOON + 20 * HOUR) == 2


@databases
def test_who_only_reads_an_old_registry_finds_what_it_has_and_changes_nothing(address):
    make_schema_1(address)

    reader = read_registry(address)
    reader.verify_chain("p")

    assert reader.champion("p").model == "b"
    assert ([row.run for row in reader.runs()], reader.pipelines()) == (
        ["run-a-0", "run-c-1", "run-b-1"],
        ("p",),
    )
    assert (reader.petitions("p"), reader.pending("p", NOON), reader.live_scores("p", "live")) == (
        (),
        None,
        (),
    )
    assert schema_of(address) == ("1", {*KINDS, "meta"})


@databases
def test_many_may_open_an_old_registry_at_once(address):
    make_schema_1(address)

    found = race(open_and_count, [(address, n) for n in range(8)])

    assert sorted(found) == [(2, n + 5) for n in range(8)]
    assert schema_of(address)[0] == "3"


def open_and_count(address, n):
    """The promotions that a process finds, and the place that the look of its own candidate gets."""
    registry = open_registry(address)
    return len(registry.promotions("p")), registry.look("p", "w1", f"new-{n}", NOON)


def test_a_migration_killed_on_its_way_leaves_the_old_registry_as_it_was(tmp_path):
    address = f"sqlite:///{tmp_path}/registry.db"
    make_schema_1(address)

    child = os.fork()
    if not child:
        engine = create_engine(address, isolation_level=None)
        connection = engine.connect()
        connection.connection.driver_connection.isolation_level = None
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        migration.migrate(connection, "1")
        os.kill(os.getpid(), signal.SIGKILL)
    _, status = os.waitpid(child, 0)

    assert os.WTERMSIG(status) == signal.SIGKILL
    assert schema_of(address) == ("1", {*KINDS, "meta"})
    assert open_registry(address).champion("p").model == "b"


@databases
@pytest.mark.parametrize("old", [False, True], ids=["new", "migrated"])
def test_what_the_steps_lead_to_is_what_the_package_reads(address, old):
    if old:
        make_schema_1(address)

    registry = open_registry(address)
    with registry.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": tables.HISTORY})
        differences = compare_metadata(context, tables.schema)

    assert differences == []


def test_a_registry_of_this_schema_is_opened_without_a_step(tmp_path, monkeypatch):
    address = f"sqlite:///{tmp_path}/registry.db"
    open_registry(address).add_version(version("m"))

    monkeypatch.setattr("lstm_pipeline.registry.database.migrate", None)

    assert open_registry(address).version("p", "m") == version("m")


def test_threads_that_make_registries_at_once_do_not_mix_them_up(tmp_path):
    addresses = [f"sqlite:///{tmp_path}/{n}/registry.db" for n in range(8)]

    threads = [threading.Thread(target=open_registry, args=[address]) for address in addresses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [schema_of(address) for address in addresses] == [("3", {*KINDS, *NEW, "meta"})] * 8


def test_an_old_package_refuses_what_this_one_writes(tmp_path):
    open_registry(f"sqlite:///{tmp_path}/registry.db")

    database = sqlite3.connect(tmp_path / "registry.db")
    ((said,),) = database.execute("SELECT value FROM meta WHERE key = 'schema_version'")
    database.close()

    # the first package refuses every number above its own
    assert int(said) > 1
