"""What a collection of garbage needs of a disk: the age and size of a file, and a folder gone for good."""

from __future__ import annotations

import datetime as dt
import errno
import os
from pathlib import Path

from lstm_pipeline.storage.durable import locked, sync_folder
from lstm_pipeline.storage.place import Stat


def stat_of(path: Path) -> Stat | None:
    """Size and age of a file; None where there is none."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return Stat(bytes=found.st_size, modified=dt.datetime.fromtimestamp(found.st_mtime, dt.UTC))


def clear_folder(target: Path, *, lock: Path, last: str) -> None:
    """Remove a folder and its files, down to the disk, unless it has the file `last`.

    It stays where something is left in it: a folder, or what somebody is writing there.
    """
    if not target.is_dir():
        return
    try:
        # whoever replaces a torn folder holds it too
        with locked(lock):
            if _emptied(target, last):
                target.rmdir()
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT):
            raise
    sync_folder(target.parent)


def _emptied(target: Path, last: str) -> bool:
    """Remove the files of a folder; False where it has its last file, and then it is left as it is."""
    # through the descriptor: a publisher may put a new folder in its place at any moment
    folder = os.open(target, os.O_RDONLY | os.O_DIRECTORY)
    try:
        entries = list(os.scandir(folder))
        if any(entry.name == last for entry in entries):
            return False
        for entry in entries:
            if not (entry.name.startswith(".") or entry.is_dir(follow_symlinks=False)):
                os.unlink(entry.name, dir_fd=folder)
    finally:
        os.close(folder)
    return True
