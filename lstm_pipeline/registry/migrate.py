"""Brings a registry to the schema of this package, inside the transaction of whoever opens it."""

from __future__ import annotations

import threading

from sqlalchemy import Connection, inspect

from lstm_pipeline.registry.tables import HISTORY

_ONE_AT_A_TIME = threading.Lock()
"""Alembic keeps what it works on in a variable of its module: two threads would mix up their databases."""


def migrate(connection: Connection, found: str | None) -> None:
    """Take the steps from the schema that was found, None: from an empty database, to the newest one."""
    # imported where something is to be done: a registry of this schema is opened without
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "lstm_pipeline.registry:migrations")
    config.attributes["connection"] = connection
    with _ONE_AT_A_TIME:
        # the first schema was written before there were steps, and keeps no record of having taken one
        if found is not None and not inspect(connection).has_table(HISTORY):
            command.stamp(config, found)
        command.upgrade(config, "head")
