"""A store: things with a manifest, published once and whole; single files made once; one that is replaced."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstm_pipeline.errors import BrokenArtifact, UsageError
from lstm_pipeline.storage.address import S3, checked_address
from lstm_pipeline.storage.folder import open_folder
from lstm_pipeline.storage.manifest import MANIFEST, check_part, seal, unseal
from lstm_pipeline.storage.place import Place, Stat

if TYPE_CHECKING:
    from lstm_pipeline.storage.bucket import Bucket


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What became of a publication."""

    uri: str
    """The folder that holds it."""
    reused: bool
    """True where a complete publication was already there; its bytes were left untouched."""
    manifest_sha256: str
    """sha256 of the manifest that stands there, in hex."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Bytes under keys: names relative to the store, with "/" between their parts.

    Every method raises UsageError for a key that could lead out of the store, and Unreachable where its
    place refuses.
    """

    place: Place
    """Where the bytes lie."""

    def uri(self, key: str) -> str:
        """Absolute address of a file or folder, whether it exists or not."""
        return self.place.uri(checked_key(key))

    def key(self, uri: str) -> str:
        """The key of an address that `uri` gave.

        Raises:
            UsageError: the address lies outside this store.
        """
        root = self.place.uri("")
        # with the slash: store2 does not lie in store
        if not uri.startswith(f"{root}/"):
            raise UsageError(
                f"got {uri!r}, expected something inside the store {root}: open the store it is in"
            )
        return checked_key(uri.removeprefix(f"{root}/"))

    def publish(
        self, folder_key: str, parts: Mapping[str, bytes], manifest: Mapping[str, object], kind: str
    ) -> Published:
        """Publish parts with their manifest under one folder: all of it at once, and only once.

        The first complete publication under a folder wins; a torn one is replaced, and a folder that holds
        anything else is refused. On return the publication survives a power cut here. The store adds to the
        manifest: `format`, `kind`, `parts` with the sha256 and the bytes of each, and its own sha256.

        Raises:
            BrokenArtifact: the manifest that stands there already cannot be read.
        """
        key = checked_key(folder_key)
        files = {
            **{checked_name(name): data for name, data in parts.items()},
            MANIFEST: seal(parts, manifest, kind),
        }
        won = self.place.publish(key, files, last=MANIFEST)
        text = files[MANIFEST] if won else self._manifest_text(key)
        unseal(text, self.part_uri(key, MANIFEST))
        return Published(uri=self.uri(key), reused=not won, manifest_sha256=sha256(text))

    def manifest(self, folder_key: str, sha256_expected: str | None = None) -> dict[str, Any] | None:
        """The manifest of what is published under a folder; None where nothing is.

        Raises:
            BrokenArtifact: it is damaged, of a newer format, or not the one whose sha256 was expected.
        """
        uri = self.part_uri(folder_key, MANIFEST)
        text = self.read(f"{folder_key}/{MANIFEST}")
        if text is None:
            return None
        if sha256_expected is not None and sha256(text) != sha256_expected:
            raise BrokenArtifact(
                f"{uri}: got sha256 {sha256(text)}, expected {sha256_expected}: it has changed since it was "
                "registered; restore the folder from a copy"
            )
        return unseal(text, uri)

    def manifest_sha256(self, folder_key: str) -> str:
        """sha256, in hex, of the manifest of what must be published under a folder.

        Raises:
            BrokenArtifact: nothing is published there, or its manifest is damaged or of a newer format.
        """
        self.require(folder_key)
        return sha256(self._manifest_text(folder_key))

    def require(self, folder_key: str, sha256_expected: str | None = None) -> dict[str, Any]:
        """The manifest of what must be published under a folder.

        Raises:
            BrokenArtifact: nothing is published there, or as for `manifest`.
        """
        manifest = self.manifest(folder_key, sha256_expected)
        if manifest is None:
            raise BrokenArtifact(
                f"{self.uri(folder_key)}: got no {MANIFEST}, expected a published folder: "
                "run the step that makes it again"
            )
        return manifest

    def read_part(self, folder_key: str, name: str) -> bytes:
        """The bytes of one part, checked against the manifest.

        Raises:
            BrokenArtifact: nothing is published there, or the part is missing or altered.
        """
        manifest = self.require(folder_key)
        data = self.read(f"{folder_key}/{checked_name(name)}")
        return check_part(manifest, name, data, self.part_uri(folder_key, name))

    def verify(self, folder_key: str) -> None:
        """Check every part of what is published under a folder against its manifest.

        Raises:
            BrokenArtifact: nothing is published there, or a part is missing or altered.
        """
        for name in self.require(folder_key)["parts"]:
            self.read_part(folder_key, name)

    def part_uri(self, folder_key: str, name: str) -> str:
        """Absolute address of one part."""
        return self.uri(f"{folder_key}/{name}")

    def create(self, key: str, data: bytes) -> bool:
        """Make a single file, whole; False where it exists, and then it is left untouched."""
        return self.place.create(checked_key(key), data)

    def read(self, key: str) -> bytes | None:
        """The bytes of a file; None where there is none."""
        return self.place.read(checked_key(key))

    def replace(self, key: str, data: bytes, expected: str | None) -> bool:
        """Put a new content in the place of the one whose sha256 is expected; None: of no file at all.

        False where something else stands there, and then it is left untouched. Readers see the old
        content or the new one, never a mixture.
        """
        return self.place.replace(checked_key(key), data, expected)

    def list(self, prefix: str = "") -> tuple[str, ...]:
        """The keys of all files below a folder, sorted; what is being written is not among them."""
        return self.place.list(checked_key(prefix) if prefix else "")

    def delete(self, key: str) -> None:
        """Remove a file; where there is none, nothing happens."""
        self.place.delete(checked_key(key))

    def stat(self, key: str) -> Stat | None:
        """Size and age of a file; None where there is none."""
        return self.place.stat(checked_key(key))

    def clear(self, folder_key: str) -> None:
        """Remove the files of a folder without a manifest, and the folder: what does not exist any more.

        A folder that has a manifest by now is left as it is.
        """
        self.place.clear(checked_key(folder_key), MANIFEST)

    def _manifest_text(self, key: str) -> bytes:
        text = self.read(f"{key}/{MANIFEST}")
        if text is None:
            raise BrokenArtifact(f"{self.uri(key)}: its {MANIFEST} vanished while it was read: run again")
        return text


def open_store(uri: str) -> Store:
    """Open the store in a local folder, which is made where there is none, or in a bucket that is there.

    Raises:
        UsageError: the address is neither, or what S3 needs is not installed.
        Unreachable: the folder cannot be created, or the bucket does not answer.
    """
    if uri.startswith(S3):
        return Store(place=bucket_at(uri))
    if not uri or "://" in uri:
        raise UsageError(
            # before an @ there may be a password
            f"got the store {uri.rpartition('@')[2]!r}, expected a local folder, such as ./store, or "
            "s3://bucket/prefix"
        )
    return Store(place=open_folder(Path(uri).expanduser().absolute()))


def bucket_at(uri: str) -> Bucket:
    """The bucket at an address on S3.

    Raises:
        UsageError, Unreachable: as for `open_store`.
    """
    address = checked_address(uri)
    # an extra: a store on this machine needs nothing of it
    if find_spec("obstore") is None:
        raise UsageError(
            f"the store {uri}: S3 needs obstore, which is not installed: pip install 'obstore>=0.12,<0.13'"
        )
    from lstm_pipeline.storage.bucket import open_bucket

    return open_bucket(address)


def checked_key(key: str) -> str:
    """The key itself, if it names something inside the store.

    Raises:
        UsageError: it is absolute, or has an empty part, one that begins with a dot, or a control character.
    """
    if (
        any(not part or part.startswith(".") for part in key.split("/"))
        or not key.isprintable()
        or "\\" in key
    ):
        raise UsageError(
            f"got the key {key!r}, expected names with '/' between them, none empty or beginning with a dot"
        )
    return key


def checked_name(name: str) -> str:
    """The name of a part itself, if it is a single name and not the manifest's.

    Raises:
        UsageError: it is not.
    """
    if "/" in name or name == MANIFEST:
        raise UsageError(f"got the part {name!r}, expected one name without '/', other than {MANIFEST}")
    return checked_key(name)


def sha256(data: bytes) -> str:
    """sha256 in hex."""
    return hashlib.sha256(data).hexdigest()
