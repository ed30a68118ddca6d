"""Registries that tests run on: SQLite, and Postgres where one is named; and processes that race at one."""

from __future__ import annotations

import multiprocessing
import os
import secrets
import sqlite3
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import create_engine, text

POSTGRES = os.environ.get("LSTM_PIPELINE_TEST_POSTGRES")
SCHEMA_1 = Path(__file__).with_name("data") / "registry_schema_1.sql"
"""What 0.1.0's registry held after a few runs: every statement that makes it anew."""

databases = pytest.mark.parametrize(
    "database",
    [
        "sqlite",
        pytest.param(
            "postgres",
            marks=[
                pytest.mark.proof,
                pytest.mark.skipif(POSTGRES is None, reason="LSTM_PIPELINE_TEST_POSTGRES names no database"),
            ],
        ),
    ],
)


@contextmanager
def registry_address(database, folder):
    """The address of a registry that nobody has used yet."""
    if database == "sqlite":
        yield f"sqlite:///{folder}/registry.db"
        return
    schema, engine = f"race_{secrets.token_hex(4)}", create_engine(POSTGRES)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    yield f"{POSTGRES}?options={quote(f'-csearch_path={schema}')}"
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


def make_schema_1(address):
    """Fill an empty database with what the first schema's package left behind."""
    statements = SCHEMA_1.read_text()
    if address.startswith("sqlite"):
        database = sqlite3.connect(address.removeprefix("sqlite:///"))
        database.executescript(statements)
        database.close()
        return
    # on Postgres that package let the database count the runs
    runs = statements.replace(
        "CREATE TABLE run (\n\tseq INTEGER NOT NULL", "CREATE TABLE run (\n\tseq SERIAL"
    )
    engine = create_engine(address)
    with engine.begin() as connection:
        for statement in runs.split(";\n")[1:-2]:
            connection.exec_driver_sql(statement.replace("%", "%%"))
        connection.exec_driver_sql("SELECT setval('run_seq_seq', (SELECT max(seq) FROM run))")
    engine.dispose()


def race(racer, jobs):
    """Do all jobs at once, each in a process of its own."""
    with multiprocessing.get_context("fork").Pool(len(jobs)) as pool:
        return pool.starmap(racer, jobs, chunksize=1)
