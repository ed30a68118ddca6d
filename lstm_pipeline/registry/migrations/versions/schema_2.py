"""The second schema: looks (counted from what has been decided so far), approvals and live scores."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Double, Integer, String, Text, UniqueConstraint, text

revision = "2"
down_revision = "1"

LOOKS_SO_FAR = """
INSERT INTO look (pipeline, windows_id, nth, candidate, at)
SELECT pipeline, windows_id,
       row_number() OVER (PARTITION BY pipeline, windows_id ORDER BY first_at, candidate),
       candidate, first_at
FROM (
    SELECT pipeline, windows_id, candidate, min(created_at) AS first_at
    FROM gate_report
    WHERE windows_id IS NOT NULL AND candidate IS NOT NULL
    GROUP BY pipeline, windows_id, candidate
) AS looked
"""


def upgrade() -> None:
    """Add the tables beside those of the first schema, none of which changes."""
    op.create_table(
        "look",
        Column("pipeline", String, primary_key=True),
        Column("windows_id", String, primary_key=True),
        Column("nth", Integer, primary_key=True, autoincrement=False),
        Column("candidate", String, nullable=False),
        Column("at", String, nullable=False),
        UniqueConstraint("pipeline", "windows_id", "candidate"),
    )
    _create_petition()
    _create_live_score()
    op.execute(text(LOOKS_SO_FAR))
    op.execute(text(f"UPDATE meta SET value = '{revision}' WHERE key = 'schema_version'"))


def _create_petition() -> None:
    op.create_table(
        "petition",
        Column("gate_report", String, primary_key=True),
        Column("nth", Integer, primary_key=True, autoincrement=False),
        Column("pipeline", String, nullable=False, index=True),
        Column("model", String, nullable=False),
        Column("champion_seq", Integer, nullable=False),
        Column("event", String, nullable=False),
        Column("actor", String, nullable=False),
        Column("reason", Text, nullable=False),
        Column("at", String, nullable=False),
        Column("expires_at", String, nullable=False),
    )


def _create_live_score() -> None:
    op.create_table(
        "live_score",
        Column("pipeline", String, primary_key=True),
        Column("purpose", String, primary_key=True),
        Column("model", String, primary_key=True),
        Column("cutoff", BigInteger, primary_key=True, autoincrement=False),
        Column("loss", Double, nullable=False),
        Column("series", Integer, nullable=False),
        Column("uri", Text, nullable=False),
        Column("scored_by", String, nullable=False),
        Column("at", String, nullable=False),
    )
