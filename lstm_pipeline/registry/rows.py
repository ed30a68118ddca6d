"""Records to rows and back, each reading or writing in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, RowMapping, Select, Table, insert, inspect, select
from sqlalchemy.exc import IntegrityError

from lstm_pipeline.registry.database import answering
from lstm_pipeline.registry.operating import Deployed, LiveError, Slot
from lstm_pipeline.registry.records import (
    GateReportRow,
    LiveScore,
    Look,
    Petition,
    Promotion,
    Publication,
    RunRow,
    Version,
)
from lstm_pipeline.registry.tables import deployed, live_error, live_score, look, petition, slot

Row = TypeVar(
    "Row",
    Version,
    GateReportRow,
    Promotion,
    Publication,
    RunRow,
    Look,
    Petition,
    LiveScore,
    LiveError,
    Slot,
    Deployed,
)
LATER = (look, petition, live_score, live_error, slot, deployed)
"""The tables that the first schema did not have."""
Result = TypeVar("Result")


@contextmanager
def reading(engine: Engine) -> Generator[Connection]:
    """A transaction that only reads, and keeps no writer waiting."""
    with answering(engine.url), engine.connect() as connection:
        yield connection.execution_options(reads=True)


def write(engine: Engine, step: Callable[[Connection], Result], tries: int = 2) -> Result:
    """Run a step in a transaction that may write.

    Where another process takes the step's key meanwhile, the step runs again, and then sees that row.
    """
    with answering(engine.url):
        for _ in range(tries - 1):
            with suppress(IntegrityError), engine.begin() as connection:
                return step(connection)
        with engine.begin() as connection:
            return step(connection)


def first(engine: Engine, kind: type[Row], query: Select[Any]) -> Row | None:
    """The first record that a query finds."""
    with reading(engine) as connection:
        return first_of(connection, kind, query)


def first_of(connection: Connection, kind: type[Row], query: Select[Any]) -> Row | None:
    """The first record that a query finds inside a transaction."""
    row = connection.execute(query.limit(1)).mappings().one_or_none()
    return None if row is None else _record(kind, row)


def every(engine: Engine, kind: type[Row], query: Select[Any]) -> tuple[Row, ...]:
    """All records that a query finds, in its order."""
    with reading(engine) as connection:
        return every_of(connection, kind, query)


def every_of(connection: Connection, kind: type[Row], query: Select[Any]) -> tuple[Row, ...]:
    """All records that a query finds inside a transaction; none where its tables came with a later schema."""
    # who only reads may stand before a registry that nobody has migrated yet
    if not all(inspect(connection).has_table(table.name) for table in _later(query)):
        return ()
    return tuple(_record(kind, row) for row in connection.execute(query).mappings())


def add(engine: Engine, table: Table, record: Row, keys: tuple[str, ...] = ()) -> Row:
    """Insert a record unless its key (default: the primary one) is taken; returns what stands there."""
    key = [table.c[name] == getattr(record, name) for name in keys or table.primary_key.columns.keys()]

    def step(connection: Connection) -> Row:
        stored = first_of(connection, type(record), select(table).where(*key))
        if stored is not None:
            return stored
        insert_row(connection, table, record)
        return record

    return write(engine, step)


def insert_row(connection: Connection, table: Table, record: Row) -> None:
    """Insert a record inside a transaction."""
    connection.execute(
        insert(table).values({field.name: getattr(record, field.name) for field in fields(record)})
    )


def _later(query: Select[Any]) -> list[Table]:
    """The tables of a query that the first schema did not have."""
    return [table for table in LATER if table in query.get_final_froms()]


def _record(kind: type[Row], row: RowMapping) -> Row:
    given = {field.name: row[field.name] for field in fields(kind) if field.init}
    return kind(**given)
