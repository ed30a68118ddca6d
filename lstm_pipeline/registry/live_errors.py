"""Live errors: what each step of each published forecast turned out to be worth; the first score stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Engine, func, select

from lstm_pipeline.registry.operating import LiveError
from lstm_pipeline.registry.rows import every, insert_row, reading, write
from lstm_pipeline.registry.tables import live_error as table


def add_live_errors(engine: Engine, errors: Sequence[LiveError]) -> None:
    """Keep the errors of some steps; a step that has one already keeps it."""

    def step(connection: Connection) -> None:
        for error in errors:
            key = (table.c.pipeline == error.pipeline, table.c.uri == error.uri, table.c.step == error.step)
            if connection.scalar(select(func.count()).select_from(table).where(*key)) == 0:
                insert_row(connection, table, error)

    if errors:
        write(engine, step)


def steps_scored(engine: Engine, pipeline: str) -> Mapping[str, int]:
    """The last step of each forecast that has been scored, by where it is."""
    last = select(table.c.uri, func.max(table.c.step)).where(table.c.pipeline == pipeline)
    with reading(engine) as connection:
        return {row[0]: row[1] for row in connection.execute(last.group_by(table.c.uri))}


def live_errors(engine: Engine, pipeline: str) -> tuple[LiveError, ...]:
    """All live errors of a pipeline, by cutoff and step."""
    rows = (
        select(table).where(table.c.pipeline == pipeline).order_by(table.c.cutoff, table.c.uri, table.c.step)
    )
    return every(engine, LiveError, rows)
