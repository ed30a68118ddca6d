"""What the registry names: a collection of garbage removes nothing of it."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, inspect, select

from lstm_pipeline.artifacts import digests_in
from lstm_pipeline.registry.database import answering
from lstm_pipeline.registry.rows import reading
from lstm_pipeline.registry.tables import schema


def mentions(engine: Engine) -> frozenset[str]:
    """Every sha256 that stands in any column of any row: rather too many than one too few.

    Raises:
        Unreachable: the database does not answer.
    """
    with reading(engine) as connection:
        return _mentions(connection)


@contextmanager
def still(engine: Engine) -> Generator[frozenset[str]]:
    """Let no model be registered meanwhile; yields what is mentioned.

    Raises:
        Unreachable: the database does not answer.
    """
    with answering(engine.url), engine.begin() as connection:
        # SQLite's transaction keeps every writer out by itself
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("LOCK TABLE version IN SHARE MODE")
        yield _mentions(connection)


def _mentions(connection: Connection) -> frozenset[str]:
    there = inspect(connection).get_table_names()
    found: set[str] = set()
    for table in schema.sorted_tables:
        if table.name in there:
            for row in connection.execute(select(table)):
                found |= digests_in(" ".join(map(str, row)))
    return frozenset(found)
