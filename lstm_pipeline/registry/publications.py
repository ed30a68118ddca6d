"""What was published, found by cutoff or by who made it."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Engine, select

from lstm_pipeline.registry.records import Publication
from lstm_pipeline.registry.rows import every
from lstm_pipeline.registry.tables import publication as table


def published(
    engine: Engine, pipeline: str, purpose: str, wanted: ColumnElement[bool]
) -> tuple[Publication, ...]:
    """The forecasts of a pipeline that were published for a purpose and fit a condition, oldest first."""
    same = select(table).where(table.c.pipeline == pipeline, table.c.purpose == purpose, wanted)
    return every(engine, Publication, same.order_by(table.c.at))
