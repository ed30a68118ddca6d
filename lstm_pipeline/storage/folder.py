"""A store's bytes on a local disk: whole or not there, and on the disk before anyone is told so."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from lstm_pipeline.storage.clearing import clear_folder, stat_of
from lstm_pipeline.storage.durable import explained, locked, make_folder, sync_folder, write_new
from lstm_pipeline.storage.place import Stat, refuse_strangers

LOCK = ".lock"
"""Beside what it guards; names that begin with a dot are no keys."""
STAGE = ".stage-"
"""How the name begins of what is being written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A local folder. Keys are checked before they come here."""

    root: Path
    """Absolute."""

    def uri(self, key: str) -> str:
        """Absolute path."""
        return str(self.root / key)

    def read(self, key: str) -> bytes | None:
        """The bytes of a file; None where there is none."""
        path = self.root / key
        with explained("read", path):
            try:
                return path.read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return None

    def publish(self, folder_key: str, files: Mapping[str, bytes], last: str) -> bool:
        """Make a folder of files, `last` written last; False where a folder with that file is there.

        What a publisher cut short has left there is replaced.

        Raises:
            BrokenArtifact: a folder without that file holds something that no publisher has left.
        """
        target = self.root / folder_key
        with explained("publish", target):
            won = False
            if not (target / last).is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                won = _publish_through(_beside(target), target, files, last)
            # Also where another process won: it may not have come to this point yet.
            self._settle(target.parent)
            return won

    def create(self, key: str, data: bytes) -> bool:
        """Make a file; False where it exists."""
        path = self.root / key
        with explained("create", path):
            # what is there already is not written to the disk once more for nothing
            created = not path.exists() and _created(path, data)
            # also where another process won: it may not have come to this point yet
            self._settle(path.parent)
            return created

    def replace(self, key: str, data: bytes, expected: str | None) -> bool:
        """Replace the content whose sha256 is expected (None: no file); False where it is another."""
        path = self.root / key
        with explained("replace", path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with locked(path.parent / LOCK):
                current = self.read(key)
                if (None if current is None else hashlib.sha256(current).hexdigest()) != expected:
                    return False
                temporary = _beside(path)
                try:
                    write_new(temporary, data)
                    temporary.replace(path)
                finally:
                    temporary.unlink(missing_ok=True)
            self._settle(path.parent)
            return True

    def list(self, prefix: str) -> tuple[str, ...]:
        """Keys of the files below a folder, sorted."""
        start = self.root / prefix
        keys: list[str] = []
        with explained("list", start):
            for place, folders, files in os.walk(start, onerror=_raise_unless_gone):
                folders[:] = [name for name in folders if not name.startswith(".")]
                inside = Path(place).relative_to(self.root)
                keys += [(inside / name).as_posix() for name in files if not name.startswith(".")]
        return tuple(sorted(keys))

    def stat(self, key: str) -> Stat | None:
        """Size and age of a file; None where there is none."""
        path = self.root / key
        with explained("look at", path):
            return stat_of(path)

    def clear(self, folder_key: str, last: str) -> None:
        """Remove a folder and its files, unless it has the file `last`."""
        target = self.root / folder_key
        with explained("remove", target):
            clear_folder(target, lock=target.parent / LOCK, last=last)

    def delete(self, key: str) -> None:
        """Remove a file; where there is none, nothing happens."""
        path = self.root / key
        with explained("delete", path):
            try:
                path.unlink()
            except (FileNotFoundError, NotADirectoryError):
                return
            sync_folder(path.parent)

    def _settle(self, folder: Path) -> None:
        """Bring a folder's names down to the disk, and its own name in each folder above it in the store."""
        for place in (folder, *folder.parents):
            sync_folder(place)
            if place == self.root:
                return


def open_folder(root: Path) -> Folder:
    """The folder at an absolute path, created where it does not exist.

    Raises:
        Unreachable: it cannot be created.
    """
    with explained("open the store", root):
        make_folder(root)
    return Folder(root=root)


def _publish_through(stage: Path, target: Path, files: Mapping[str, bytes], last: str) -> bool:
    try:
        stage.mkdir()
        for name in sorted(files, key=lambda name: (name == last, name)):
            write_new(stage / name, files[name])
        sync_folder(stage)
        return _moved(stage, target) or _moved_over_torn(stage, target, last)
    finally:
        # after the rename it is not there any more, hence no complaint
        shutil.rmtree(stage, ignore_errors=True)


def _moved(stage: Path, target: Path) -> bool:
    """Rename a folder into a place that is free; False where a folder with files is there."""
    try:
        stage.rename(target)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        return False
    return True


def _moved_over_torn(stage: Path, target: Path, last: str) -> bool:
    """Rename a folder over one that lacks its last file; False where it does not lack it.

    Raises:
        BrokenArtifact: something lies there that is not ours to remove.
    """
    # Without the lock two writers could both find it torn, and the slower remove what the faster published.
    with locked(target.parent / LOCK):
        # What is listed and removed through the descriptor is the torn folder's, whatever takes its place.
        torn = os.open(target, os.O_RDONLY | os.O_DIRECTORY)
        try:
            entries = list(os.scandir(torn))
            if any(entry.name == last for entry in entries):
                return False
            _refuse_strangers(target, entries, published={path.name for path in stage.iterdir()})
            for entry in entries:
                os.unlink(entry.name, dir_fd=torn)
        finally:
            os.close(torn)
        return _moved(stage, target)


def _refuse_strangers(target: Path, entries: Sequence[os.DirEntry[str]], published: Set[str]) -> None:
    """Refuse a torn folder that holds more than files which a publisher cut short may have left.

    Raises:
        BrokenArtifact: it does.
    """
    strangers = [
        entry.name
        for entry in entries
        if entry.is_dir(follow_symlinks=False)
        or not (entry.name in published or entry.name.startswith(STAGE))
    ]
    refuse_strangers(str(target), strangers, published)


def _created(path: Path, data: bytes) -> bool:
    """Write a file beside its place and link it there; False where one is there by now."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = _beside(path)
    try:
        write_new(temporary, data)
        return _linked(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _linked(temporary: Path, path: Path) -> bool:
    """Give a file its name; False where the name is taken."""
    try:
        # a link, as a rename would replace what is there: of 40 writers at once all would think they had won
        path.hardlink_to(temporary)
    except FileExistsError:
        return False
    return True


def _beside(path: Path) -> Path:
    """A new name in the same folder, hence on the same disk; the process id tells whose litter it is."""
    return path.with_name(f"{STAGE}{os.getpid()}-{secrets.token_hex(8)}")


def _raise_unless_gone(error: OSError) -> None:
    if not isinstance(error, (FileNotFoundError, NotADirectoryError)):
        raise error
