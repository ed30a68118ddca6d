"""Addresses of stores and of what lies in them, as text: of S3, or paths of this machine."""

from __future__ import annotations

import re
from pathlib import Path

from lstm_pipeline.errors import UsageError

S3 = "s3://"
"""How the address of a store on S3 begins."""

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


def bucket_and_prefix(uri: str) -> tuple[str, str]:
    """The two parts of an address on S3; the prefix may be empty.

    Raises:
        UsageError: it is no such address.
    """
    bucket, _, prefix = uri.removeprefix(S3).rstrip("/").partition("/")
    parts = prefix.split("/") if prefix else []
    # not repeated: what stands before an @ or after a ? may be a secret
    if not uri.isprintable() or set("@?") & set(uri):
        raise UsageError(
            "the store: got an address with @, ? or what cannot be printed, expected s3://bucket/prefix: put "
            "keys into the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY) instead"
        )
    if not _BUCKET.fullmatch(bucket) or any(part in {"", ".", ".."} for part in parts) or "\\" in prefix:
        raise UsageError(
            f"got the store {uri!r}, expected s3://bucket/prefix: 3 to 63 lower-case letters, digits, dots "
            "and dashes, and names with '/' between them"
        )
    return bucket, prefix


def checked_address(uri: str) -> str:
    """An address on S3 itself, without a slash at its end.

    Raises:
        UsageError: it is no such address.
    """
    bucket_and_prefix(uri)
    return uri.rstrip("/")


def absolute(place: str | Path) -> str:
    """A path of this machine made absolute; an address elsewhere as it is, without a slash at its end."""
    text = str(place)
    return str(Path(text).expanduser().absolute()) if is_local(text) else text.rstrip("/")


def above(address: str) -> tuple[str, str]:
    """The folder in which something lies, and the name that it has there; nothing lies above a bucket."""
    folder, _, name = address.rpartition("/")
    return (address, "") if folder.endswith(":/") else (folder or "/", name)


def is_local(address: str) -> bool:
    """Whether it is a path of this machine."""
    return "://" not in address


def local_path(text: str) -> Path:
    """A path of this machine, where nothing is written elsewhere.

    Raises:
        UsageError: it is an address elsewhere.
    """
    if not is_local(text):
        raise UsageError(
            f"got {text.rpartition('@')[2]!r}, expected a path of this machine: write it here and copy it"
        )
    return Path(text)
