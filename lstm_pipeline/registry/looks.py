"""How often a set of windows has been looked at: each look makes the next promotion by luck more likely."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, func, select

from lstm_pipeline.registry.records import Look
from lstm_pipeline.registry.rows import first_of, insert_row
from lstm_pipeline.registry.tables import look as table

RIVALS = 200
"""Processes that may ask for a place at one moment, each of which takes it from all others once."""


def place_of(connection: Connection, wanted: Look) -> int:
    """The place of a candidate among those that were judged on the same windows; a new one comes last."""
    t = table.c
    here = select(table).where(t.pipeline == wanted.pipeline, t.windows_id == wanted.windows_id)
    stored = first_of(connection, Look, here.where(t.candidate == wanted.candidate))
    if stored is not None:
        return stored.nth
    count = connection.scalar(select(func.count()).select_from(here.subquery())) or 0
    insert_row(connection, table, replace(wanted, nth=count + 1))
    return count + 1
