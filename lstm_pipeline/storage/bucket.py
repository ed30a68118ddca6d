"""A store's bytes in a bucket on S3: whole or not there, and there before anyone is told so."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from lstm_pipeline.storage.objects import Objects, open_objects
from lstm_pipeline.storage.place import Stat
from lstm_pipeline.storage.uploads import Upload, is_fence, new_fence


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A bucket, below a prefix. Keys are checked before they come here."""

    objects: Objects

    def uri(self, key: str) -> str:
        """Absolute address."""
        return self.objects.uri(key)

    def read(self, key: str) -> bytes | None:
        """The bytes of a file; None where there is none."""
        found = self.objects.get(key)
        return None if found is None or is_fence(found.data) else found.data

    def publish(self, folder_key: str, files: Mapping[str, bytes], last: str) -> bool:
        """Make a folder of files, `last` written last; False where a folder with that file is there.

        What a publisher cut short has left there is replaced.

        Raises:
            BrokenArtifact: a folder without that file holds something that no publisher has left.
        """
        parts = {name: data for name, data in files.items() if name != last}
        upload = Upload(objects=self.objects, folder=folder_key, parts=parts, manifest=files[last], last=last)
        return upload.publish()

    def create(self, key: str, data: bytes) -> bool:
        """Make a file; False where it exists."""
        return self.objects.create(key, data) is not None

    def replace(self, key: str, data: bytes, expected: str | None) -> bool:
        """Replace the content whose sha256 is expected (None: no file); False where it is another."""
        found = self.objects.get(key)
        if found is None:
            return expected is None and self.create(key, data)
        if hashlib.sha256(found.data).hexdigest() != expected:
            return False
        return self.objects.swap(key, data, found.e_tag) is not None

    def list(self, prefix: str) -> tuple[str, ...]:
        """Keys of the files below a folder, sorted."""
        keys = self.objects.list(prefix)
        return tuple(sorted(key for key in keys if not _hidden(key)))

    def stat(self, key: str) -> Stat | None:
        """Size and age of a file; None where there is none."""
        return self.objects.stat(key)

    def clear(self, folder_key: str, last: str) -> None:
        """Remove a folder and its files, unless it has the file `last`."""
        keys = [key for key in self.list(folder_key) if "/" not in key.removeprefix(f"{folder_key}/")]
        manifest = f"{folder_key}/{last}"
        # while the fence stands nobody can publish what is being removed
        if not keys or not self.create(manifest, new_fence()):
            return
        for key in keys:
            self.delete(key)
        self.delete(manifest)

    def delete(self, key: str) -> None:
        """Remove a file; where there is none, nothing happens."""
        self.objects.delete(key)

    def ignored(self) -> tuple[str, ...]:
        """The conditions that this server takes no notice of; each must hold, or two writers both win."""
        # what begins with a dot is no key of the store
        key = f".probe-{new_fence()[-32:].decode()}"
        try:
            self.objects.create(key, b"1")
            checks = {
                "If-None-Match": self.objects.create(key, b"2"),
                "If-Match": self.objects.swap(key, b"3", '"0"'),
            }
        finally:
            self.objects.delete(key)
        return tuple(name for name, tag in checks.items() if tag is not None)


def open_bucket(address: str) -> Bucket:
    """The bucket at an address, which must be there; the prefix need not.

    Raises:
        UsageError: the address is none of S3.
        Unreachable: it does not answer, or there is none.
    """
    return Bucket(objects=open_objects(address))


def _hidden(key: str) -> bool:
    return any(part.startswith(".") for part in key.split("/"))
