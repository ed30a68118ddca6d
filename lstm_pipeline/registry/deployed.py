"""Which configuration of each pipeline is deployed: of every pipeline the newest row holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import Connection, Engine, select

from lstm_pipeline.registry.operating import Deployed
from lstm_pipeline.registry.rows import every, every_of, insert_row, write
from lstm_pipeline.registry.tables import deployed as table


def deploy(engine: Engine, wanted: Deployed) -> Deployed:
    """Note that a configuration is deployed; one that is deployed already is no new row."""

    def step(connection: Connection) -> Deployed:
        rows = every_of(
            connection,
            Deployed,
            select(table).where(table.c.pipeline == wanted.pipeline).order_by(table.c.nth),
        )
        if rows and rows[-1].config == wanted.config:
            return rows[-1]
        row = replace(wanted, nth=len(rows) + 1)
        insert_row(connection, table, row)
        return row

    return write(engine, step)


def deployed(engine: Engine) -> Mapping[str, Deployed]:
    """What is deployed, by pipeline."""
    rows = every(engine, Deployed, select(table).order_by(table.c.pipeline, table.c.nth))
    return {row.pipeline: row for row in rows}
