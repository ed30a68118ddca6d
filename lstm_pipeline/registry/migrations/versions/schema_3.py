"""The third schema: live errors, what is deployed, slots of schedules."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Double, Integer, String, Text, text

revision = "3"
down_revision = "2"


def upgrade() -> None:
    """Add the tables beside those of the second schema, none of which changes."""
    _create_live_error()
    op.create_table(
        "slot",
        Column("pipeline", String, primary_key=True),
        Column("task", String, primary_key=True),
        Column("due", String, primary_key=True),
        Column("event", String, primary_key=True),
        Column("body", Text, nullable=False),
        Column("actor", String, nullable=False),
        Column("at", String, nullable=False),
    )
    op.create_table(
        "deployed",
        Column("pipeline", String, primary_key=True),
        Column("nth", Integer, primary_key=True, autoincrement=False),
        Column("config", String, nullable=False),
        Column("actor", String, nullable=False),
        Column("at", String, nullable=False),
    )
    op.execute(text(f"UPDATE meta SET value = '{revision}' WHERE key = 'schema_version'"))


def _create_live_error() -> None:
    op.create_table(
        "live_error",
        Column("pipeline", String, primary_key=True),
        Column("uri", String, primary_key=True),
        Column("step", Integer, primary_key=True, autoincrement=False),
        Column("cutoff", BigInteger, nullable=False),
        Column("model", String, nullable=False),
        Column("age", Integer),
        Column("loss", Double, nullable=False),
        Column("naive_loss", Double, nullable=False),
        Column("series", Integer, nullable=False),
        Column("scored_by", String, nullable=False),
        Column("at", String, nullable=False),
    )
