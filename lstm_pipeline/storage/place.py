"""What a store asks of the place where its bytes lie: a local folder, or a bucket on S3."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Protocol

from lstm_pipeline.errors import BrokenArtifact


@dataclass(frozen=True, slots=True, kw_only=True)
class Stat:
    """What a file weighs, and when it was written."""

    bytes: int
    modified: dt.datetime


class Place(Protocol):
    """Bytes under keys that were checked before. Each method raises Unreachable where the place refuses."""

    def uri(self, key: str) -> str:
        """Absolute address, whether something is there or not; of the place itself for an empty key."""
        ...

    def read(self, key: str) -> bytes | None:
        """The bytes of a file; None where there is none."""
        ...

    def publish(self, folder_key: str, files: Mapping[str, bytes], last: str) -> bool:
        """Make a folder of files, `last` written last; False where a folder with that file is there.

        Raises:
            BrokenArtifact: a folder without that file holds something that no publisher has left.
        """
        ...

    def create(self, key: str, data: bytes) -> bool:
        """Make a file, whole; False where it exists."""
        ...

    def replace(self, key: str, data: bytes, expected: str | None) -> bool:
        """Replace the content whose sha256 is expected (None: no file); False where it is another."""
        ...

    def list(self, prefix: str) -> tuple[str, ...]:
        """Keys of the files below a folder, sorted; none with a part that begins with a dot."""
        ...

    def stat(self, key: str) -> Stat | None:
        """Size and age of a file; None where there is none."""
        ...

    def clear(self, folder_key: str, last: str) -> None:
        """Remove a folder and its files, unless it has the file `last`."""
        ...

    def delete(self, key: str) -> None:
        """Remove a file; where there is none, nothing happens."""
        ...


def refuse_strangers(folder: str, strangers: Iterable[str], published: Set[str]) -> None:
    """Refuse to publish where more lies than a publisher cut short may have left.

    Raises:
        BrokenArtifact: it does.
    """
    found = sorted(set(strangers))
    if found:
        raise BrokenArtifact(
            f"{folder}: got a folder in which nothing is published and other things lie, expected at most "
            f"{', '.join(sorted(published))}: move them away and run again; none was touched",
            found,
        )
