"""The tables of this schema; a column has the name of the field it keeps."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    Double,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

from lstm_pipeline.artifacts import canonical
from lstm_pipeline.registry.records import utc_text

SCHEMA_VERSION = 3
"""Stands in `meta`; a newer one is refused, an older one migrated when it is opened to write."""

HISTORY = "lstm_pipeline_schema"
"""Table in which alembic notes the step taken last; its usual name is Prefect's."""


class Moment(TypeDecorator[dt.datetime]):
    """A moment as UTC text, which both databases keep and sort alike."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> str | None:
        """To the database."""
        return None if value is None else utc_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> dt.datetime | None:
        """From the database."""
        return None if value is None else dt.datetime.fromisoformat(value)


class Codes(TypeDecorator[Sequence[str]]):
    """A few short texts as a JSON list."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> str | None:
        """To the database."""
        return None if value is None else canonical(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        """From the database."""
        return None if value is None else tuple(json.loads(value))


schema = MetaData()

meta = Table("meta", schema, Column("key", String, primary_key=True), Column("value", String, nullable=False))

version = Table(
    "version",
    schema,
    Column("pipeline", String, primary_key=True),
    Column("model", String, primary_key=True),
    Column("dataset", String, nullable=False),
    Column("uri", Text, nullable=False),
    Column("manifest_sha256", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("horizon", Integer, nullable=False),
    Column("freq", String, nullable=False),
    # microseconds since the epoch take more than 32 bits
    Column("data_end", BigInteger, nullable=False),
    Column("as_of", String, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("parent", String),
)

gate_report = Table(
    "gate_report",
    schema,
    Column("id", String, primary_key=True),
    Column("run", String, nullable=False),
    Column("pipeline", String, nullable=False, index=True),
    Column("candidate", String),
    Column("champion", String),
    Column("champion_seq", Integer, nullable=False),
    Column("verdict", String, nullable=False),
    Column("reasons", Codes, nullable=False),
    Column("used", String, nullable=False),
    Column("windows_id", String),
    Column("body", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
)

promotion = Table(
    "promotion",
    schema,
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
    Column("at", Moment, nullable=False),
    Column("previous_hash", String, nullable=False),
    Column("hash", String, nullable=False),
)

publication = Table(
    "publication",
    schema,
    Column("pipeline", String, primary_key=True),
    Column("purpose", String, primary_key=True),
    Column("cutoff", BigInteger, primary_key=True, autoincrement=False),
    Column("model", String, primary_key=True),
    Column("dataset", String, primary_key=True),
    # the place too: forecasts made by other rules stand beside the first
    Column("uri", String, primary_key=True),
    Column("run", String, nullable=False),
    Column("at", Moment, nullable=False),
)

run = Table(
    "run",
    schema,
    Column("seq", Integer, primary_key=True),  # given by the database: the order in which runs ended
    Column("run", String, nullable=False),
    Column("pipeline", String, nullable=False, index=True),
    Column("gate_report", String, nullable=False),
    Column("report_uri", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("run", "gate_report"),
)

look = Table(
    "look",
    schema,
    Column("pipeline", String, primary_key=True),
    Column("windows_id", String, primary_key=True),
    Column("nth", Integer, primary_key=True, autoincrement=False),
    Column("candidate", String, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("pipeline", "windows_id", "candidate"),
)

petition = Table(
    "petition",
    schema,
    Column("gate_report", String, primary_key=True),
    Column("nth", Integer, primary_key=True, autoincrement=False),
    Column("pipeline", String, nullable=False, index=True),
    Column("model", String, nullable=False),
    Column("champion_seq", Integer, nullable=False),
    Column("event", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

live_score = Table(
    "live_score",
    schema,
    Column("pipeline", String, primary_key=True),
    Column("purpose", String, primary_key=True),
    Column("model", String, primary_key=True),
    Column("cutoff", BigInteger, primary_key=True, autoincrement=False),
    # 64 bits in both databases: a loss reads back to the last digit
    Column("loss", Double, nullable=False),
    Column("series", Integer, nullable=False),
    Column("uri", Text, nullable=False),
    Column("scored_by", String, nullable=False),
    Column("at", Moment, nullable=False),
)

live_error = Table(
    "live_error",
    schema,
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
    Column("at", Moment, nullable=False),
)

slot = Table(
    "slot",
    schema,
    Column("pipeline", String, primary_key=True),
    Column("task", String, primary_key=True),
    Column("due", Moment, primary_key=True),
    Column("event", String, primary_key=True),
    Column("body", Text, nullable=False),
    Column("actor", String, nullable=False),
    Column("at", Moment, nullable=False),
)

deployed = Table(
    "deployed",
    schema,
    Column("pipeline", String, primary_key=True),
    Column("nth", Integer, primary_key=True, autoincrement=False),
    Column("config", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("at", Moment, nullable=False),
)
