"""The folder of a service on one machine: the server's database, logs, and who is up."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from lstm_pipeline.errors import Conflict
from lstm_pipeline.storage.durable import explained, make_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where a service that is up can be reached."""

    pid: int
    server: str
    """Of the Prefect UI; its API lies below it at /api."""
    pages: str
    """Of the status page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The folder."""

    root: Path

    @property
    def prefect(self) -> Path:
        """What Prefect keeps: settings, and its SQLite database where it has no other."""
        return self.root / "prefect"

    def log(self, name: str) -> Path:
        """Of one process."""
        return self.root / "logs" / f"{name}.log"

    def up(self) -> Addresses | None:
        """The service that was last up here; whether it still is, the lock tells."""
        try:
            given: Mapping[str, object] = json.loads((self.root / "up.json").read_text())
        except (OSError, ValueError):
            return None
        return Addresses(pid=int(str(given["pid"])), server=str(given["server"]), pages=str(given["pages"]))

    def tell(self, addresses: Addresses) -> None:
        """Note who is up, for a second `up` and for `status`."""
        (self.root / "up.json").write_text(json.dumps(asdict(addresses)))


@contextmanager
def occupied(root: Path) -> Generator[Home]:
    """Hold a service's folder for as long as it is up; the system lets it go when its holder dies.

    Raises:
        Conflict: another process holds it: the service is up already.
        Unreachable: the folder cannot be made.
    """
    home = Home(root=root)
    with explained("open the service's folder", root):
        make_folder(root / "logs")
        make_folder(home.prefect)
        descriptor = os.open(root / ".lock", os.O_RDONLY | os.O_CREAT, 0o666)
    try:
        _hold(descriptor, home)
        yield home
    finally:
        os.close(descriptor)


def _hold(descriptor: int, home: Home) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EAGAIN, errno.EACCES):
            raise
        there = home.up()
        where = f": UI {there.server}, status {there.pages} (process {there.pid})" if there else ""
        raise Conflict(
            f"the service of {home.root} is already up{where}; stop it there with Ctrl-C, or give this one "
            "another --home"
        ) from error
