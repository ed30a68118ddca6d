"""Opens the database: SQLite made durable, or Postgres; the first to come creates or migrates the tables."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, inspect, make_url, select
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.pool import NullPool

from lstm_pipeline.errors import BadConfig, BrokenArtifact, Unreachable
from lstm_pipeline.registry.migrate import migrate
from lstm_pipeline.registry.sqlite import BUSY_SECONDS, begin, make_durable
from lstm_pipeline.registry.tables import SCHEMA_VERSION, meta
from lstm_pipeline.storage.durable import explained, locked, make_folder

FIRST_USE = 7_235_508
"""Number of the advisory lock that Postgres takes around first use."""

EXPECTED = "sqlite:///folder/registry.db or postgresql+psycopg://user:password@host/database"


def open_database(address: str) -> Engine:
    """An engine on a database that has our tables, created where they do not exist, migrated where older.

    Raises:
        BadConfig: the address is not one of SQLite or Postgres.
        Unreachable: the database does not answer.
        BrokenArtifact: it holds something else, or a newer schema.
    """
    url = _parsed(address)
    if url.get_backend_name() == "sqlite":
        return _open_sqlite(url)
    return _open_postgres(url)


def open_to_read(address: str) -> Engine:
    """An engine that only reads, also where this user may write neither the database nor its folder.

    Raises:
        BadConfig, Unreachable, BrokenArtifact: as for `open_database`; Unreachable also where there is none.
    """
    url = _parsed(address)
    engine = _sqlite_to_read(url) if url.get_backend_name() == "sqlite" else _postgres_to_read(url)
    with answering(url), engine.begin() as connection:
        found = _schema_version(connection)
        if found is None and not inspect(connection).get_table_names():
            raise Unreachable(f"{shown(url)}: there is no registry here yet; run a pipeline first")
    _check_schema(found, url)
    return engine


def _sqlite_to_read(url: URL) -> Engine:
    path = Path(url.database or "").absolute()
    if not path.is_file():
        raise Unreachable(f"{path}: there is no registry here yet; run a pipeline first")
    # A log of writes that nobody keeps open cannot be made where nothing may be written: read past it then.
    engines = [_reader(path), _reader(path, immutable="1")]
    try:
        # SQLite looks at its files with the first statement, not when it is opened
        with engines[0].begin() as connection:
            connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
    except DatabaseError:
        engines.reverse()
    return engines[0]


@contextmanager
def answering(url: URL) -> Generator[None]:
    """Turn what a database refuses into one sentence that does not show its password.

    Raises:
        Unreachable: it does not answer, or may not be written.
        BrokenArtifact: what it holds is not a registry.
    """
    try:
        yield
    # a DatabaseError too, but no damage: `write` answers it with a second try
    except IntegrityError:
        raise
    except (DatabaseError, InterfaceError) as error:
        if isinstance(error, (OperationalError, InterfaceError)) or _forbidden(error):
            raise Unreachable(
                f"the registry {shown(url)} cannot be used: {_cause(error)}. Check that it is there, that "
                "this user may write to it, and that LSTM_PIPELINE_REGISTRY names it"
            ) from error
        raise BrokenArtifact(
            f"got {shown(url)}, expected a registry: {_cause(error)}. Restore it from a copy, or name another"
        ) from error


def _forbidden(error: DatabaseError) -> bool:
    """Postgres did not let this user write: no right to, or a server that only reads."""
    return getattr(error.orig, "sqlstate", None) in ("42501", "25006")


def shown(url: URL) -> str:
    """An address fit for messages: no password, neither in its place nor among the options."""
    return url.set(query={}).render_as_string(hide_password=True)


def _parsed(address: str) -> URL:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        # The cause may quote a piece of the address that holds the password.
        raise BadConfig(f"the registry's address cannot be read: expected {EXPECTED}") from None
    if url.drivername in ("postgresql", "postgres"):
        # without a driver's name SQLAlchemy looks for psycopg2, which is not the one that we ask for
        url = url.set(drivername="postgresql+psycopg")
    # in memory every connection has a database of its own, and here each transaction opens one
    file = url.database not in (None, "", ":memory:")
    if url.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg") or not file:
        raise BadConfig(f"got the registry {shown(url)}, expected {EXPECTED}")
    return url


def _open_sqlite(url: URL) -> Engine:
    path = Path(url.database or "").absolute()
    with explained("open the registry", path):
        make_folder(path.parent)
    # Connections are opened per transaction: none is carried into a forked process or left behind.
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", make_durable)
    event.listen(engine, "begin", begin)
    if _is_settled(path):
        return engine
    # The switch to the write-ahead log fails where several processes try it at once.
    with explained("open the registry", path), locked(path.with_name(f".{path.name}.lock")):
        # asked again: whoever waits here for the right to write, among busy writers, keeps all others waiting
        if not _is_settled(path):
            _settle_schema(engine)
    return engine


def _reader(path: Path, **options: str) -> Engine:
    query = {"mode": "ro", "uri": "true", **options}
    url = URL.create("sqlite", database=f"file:{quote(str(path))}", query=query)
    return create_engine(url, poolclass=NullPool, connect_args={"timeout": BUSY_SECONDS})


def _open_postgres(url: URL) -> Engine:
    engine = _postgres(url)
    with answering(url), engine.connect() as connection:
        found = _schema_version(connection)
    if found != str(SCHEMA_VERSION):
        _settle_schema(engine)
    return engine


def _postgres_to_read(url: URL) -> Engine:
    return _postgres(url).execution_options(postgresql_readonly=True)


def _postgres(url: URL) -> Engine:
    try:
        return create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": BUSY_SECONDS})
    except ModuleNotFoundError as error:
        raise BadConfig(
            f"got the registry {shown(url)}, but Postgres' driver is not installed: "
            "pip install 'lstm-pipeline[postgres]'"
        ) from error


def _is_settled(path: Path) -> bool:
    """This package's schema is in a file; where that does not read, whoever holds the lock finds out why."""
    if not path.is_file():
        return False
    try:
        with _reader(path).connect() as connection:
            return _schema_version(connection) == str(SCHEMA_VERSION)
    except DatabaseError:
        return False


def _settle_schema(engine: Engine) -> None:
    """Create our tables where there is nothing, or bring those of an older package up to date."""
    with answering(engine.url), engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            # two that both find no tables would both create them, and one of them fail
            connection.execute(select(func.pg_advisory_xact_lock(FIRST_USE)))
        found = _schema_version(connection)
        # another program's database is left as it is, and a newer one of ours
        if found is not None or inspect(connection).get_table_names():
            _check_schema(found, engine.url)
        if found != str(SCHEMA_VERSION):
            migrate(connection, found)


def _schema_version(connection: Connection) -> str | None:
    """What stands in the database; None where it has no such table, or another program's of that name."""
    inspected = inspect(connection)
    if not inspected.has_table(meta.name):
        return None
    columns = {column["name"] for column in inspected.get_columns(meta.name)}
    if not columns.issuperset(meta.c.keys()):
        return None
    return connection.scalar(select(meta.c.value).where(meta.c.key == "schema_version"))


def _check_schema(found: str | None, url: URL) -> None:
    if found is None or not found.isdecimal():
        raise BrokenArtifact(
            f"got {shown(url)} with schema version {found!r}, expected a registry: name a database of its own"
        )
    if int(found) > SCHEMA_VERSION:
        raise BrokenArtifact(
            f"got {shown(url)} with schema version {found}, expected at most {SCHEMA_VERSION}: "
            "upgrade lstm-pipeline"
        )


def _cause(error: DatabaseError | InterfaceError) -> str:
    return str(error.orig).strip().partition("\n")[0]
