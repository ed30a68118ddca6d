"""Single steps on a local disk: what survives a power cut, a lock, and errors that say what to do."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from lstm_pipeline.errors import Unreachable

LOCK_SECONDS = 30.0
"""How long to wait for a lock; its holder needs milliseconds."""

_ADVICE = {
    errno.EACCES: "this user may not: change its permissions, or choose another place",
    errno.EPERM: "this user may not: change its permissions, or choose another place",
    errno.EROFS: "the disk is mounted read-only: make it writable, or choose another place",
    errno.ENOSPC: "the disk is full: free some space and run again",
    errno.EDQUOT: "the quota is used up: free some space and run again",
    errno.ENOTDIR: "a file is in the way where a folder is expected: move it away",
    errno.EEXIST: "a file is in the way where a folder is expected: move it away",
    errno.EISDIR: "a folder is in the way where a file is expected: move it away",
    errno.ENAMETOOLONG: "the name is too long: choose a shorter one",
}


def write_new(path: Path, data: bytes) -> None:
    """Write a file that does not exist yet, down to the disk; its name is safe once its folder is synced."""
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Bring the names in a folder down to the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(path: Path) -> None:
    """Create a folder and those above it, down to the disk, where they do not exist."""
    if path.is_dir():
        return
    # one by one: the name of each must reach the disk in the folder above it
    make_folder(path.parent)
    path.mkdir(exist_ok=True)
    sync_folder(path.parent)


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Hold a lock file against all other processes of this machine; the system frees it when its holder dies.

    Raises:
        Unreachable: someone else holds it for longer than LOCK_SECONDS.
    """
    # Open for reading only, so that users who share a store need no rights on each other's lock files.
    descriptor = os.open(path, os.O_RDONLY | os.O_CREAT, 0o666)
    try:
        _acquire(descriptor, path)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def explained(doing: str, path: Path) -> Generator[None]:
    """Turn what the file system refuses into one sentence.

    Raises:
        Unreachable: the file system refused.
    """
    try:
        yield
    except OSError as error:
        advice = _ADVICE.get(error.errno or 0, f"{error.strerror or error}: check the disk and run again")
        raise Unreachable(f"{path}: cannot {doing}: {advice}") from error


def _acquire(descriptor: int, path: Path) -> None:
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            # asked again and again: a wait that blocks cannot be given up after a time
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                raise Unreachable(
                    f"{path}: another process has held this lock for {LOCK_SECONDS:.0f} s: find out which "
                    "(fuser shows it), stop it if it hangs, and run again"
                ) from error
            time.sleep(0.005)
        else:
            return
