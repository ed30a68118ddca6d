"""What SQLite needs: commits that survive a power cut, and a turn for each of many writers."""

from __future__ import annotations

import sqlite3
import time

from sqlalchemy import Connection

BUSY_SECONDS = 30
"""How long a writer waits for another one, and a connection for its server."""

PATIENCE_MS = 20
"""How long SQLite waits by itself for another writer before it is asked anew."""


def make_durable(connection: sqlite3.Connection, _record: object) -> None:
    """What SQLite needs so that a commit survives a power cut."""
    # The driver would begin transactions by itself, and too late: begin does it.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")
    # NORMAL, as is often advised beside this log, may lose the newest commits in a power cut
    connection.execute("PRAGMA synchronous = FULL")


def begin(connection: Connection) -> None:
    """Begin with the right to write, unless the connection says that it only reads."""
    if connection.get_execution_options().get("reads", False):
        connection.exec_driver_sql("BEGIN")
        return
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        raise TypeError(f"got the driver {type(driver).__name__}, expected sqlite3")
    # SQLite asks ever more rarely as it waits: of 32 busy writers one came too late for half a minute
    driver.execute(f"PRAGMA busy_timeout = {PATIENCE_MS}")
    _begin_to_write(connection, driver, time.monotonic() + BUSY_SECONDS)
    driver.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")


def _begin_to_write(connection: Connection, driver: sqlite3.Connection, deadline: float) -> None:
    while time.monotonic() < deadline:
        try:
            # begun to read, it could not write once another has written: SQLite then fails without waiting
            driver.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                break
        else:
            return
    # the last try is told in the words that `answering` knows
    connection.exec_driver_sql("BEGIN IMMEDIATE")
