"""The first schema: versions, gate reports, promotions, publications, runs."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, String, Text, UniqueConstraint

revision = "1"
down_revision = None


def upgrade() -> None:
    """Create the tables in an empty database."""
    meta = op.create_table(
        "meta", Column("key", String, primary_key=True), Column("value", String, nullable=False)
    )
    op.bulk_insert(meta, [{"key": "schema_version", "value": revision}])
    _create_decisions()
    _create_promotion()
    _create_results()


def _create_decisions() -> None:
    op.create_table(
        "version",
        Column("pipeline", String, primary_key=True),
        Column("model", String, primary_key=True),
        Column("dataset", String, nullable=False),
        Column("uri", Text, nullable=False),
        Column("manifest_sha256", String, nullable=False),
        Column("kind", String, nullable=False),
        Column("horizon", Integer, nullable=False),
        Column("freq", String, nullable=False),
        Column("data_end", BigInteger, nullable=False),
        Column("as_of", String, nullable=False),
        Column("created_at", String, nullable=False),
        Column("parent", String),
    )
    op.create_table(
        "gate_report",
        Column("id", String, primary_key=True),
        Column("run", String, nullable=False),
        Column("pipeline", String, nullable=False, index=True),
        Column("candidate", String),
        Column("champion", String),
        Column("champion_seq", Integer, nullable=False),
        Column("verdict", String, nullable=False),
        Column("reasons", Text, nullable=False),
        Column("used", String, nullable=False),
        Column("windows_id", String),
        Column("body", Text, nullable=False),
        Column("created_at", String, nullable=False),
    )


def _create_promotion() -> None:
    op.create_table(
        "promotion",
        Column("pipeline", String, primary_key=True),
        Column("alias", String, primary_key=True),
        Column("seq", Integer, primary_key=True, autoincrement=False),
        Column("model", String, nullable=False),
        Column("previous_model", String),
        Column("gate_report", String),
        Column("kind", String, nullable=False),
        Column("actor", String, nullable=False),
        Column("reason", Text, nullable=False),
        Column("as_of", String, nullable=False),
        Column("at", String, nullable=False),
        Column("previous_hash", String, nullable=False),
        Column("hash", String, nullable=False),
    )


def _create_results() -> None:
    op.create_table(
        "publication",
        Column("pipeline", String, primary_key=True),
        Column("purpose", String, primary_key=True),
        Column("cutoff", BigInteger, primary_key=True, autoincrement=False),
        Column("model", String, primary_key=True),
        Column("dataset", String, primary_key=True),
        Column("uri", String, primary_key=True),
        Column("run", String, nullable=False),
        Column("at", String, nullable=False),
    )
    op.create_table(
        "run",
        Column("seq", Integer, primary_key=True),
        Column("run", String, nullable=False),
        Column("pipeline", String, nullable=False, index=True),
        Column("gate_report", String, nullable=False),
        Column("report_uri", Text, nullable=False),
        Column("outcome", Text, nullable=False),
        Column("at", String, nullable=False),
        UniqueConstraint("run", "gate_report"),
    )
