"""The manifest of a published folder: it names each part with its sha256, and is written last."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, StrictInt, StrictStr, ValidationError

from lstm_pipeline.artifacts import FORMAT, fingerprint, plain
from lstm_pipeline.errors import BrokenArtifact

MANIFEST = "manifest.json"
"""A folder without it does not exist."""


class _Part(BaseModel):
    """One file beside the manifest."""

    sha256: StrictStr
    bytes: StrictInt


class _Seal(BaseModel):
    """What the store itself adds to every manifest."""

    model_config = ConfigDict(extra="allow")

    format: StrictInt
    kind: StrictStr
    parts: dict[str, _Part]
    sha256: StrictStr
    """Of all the rest, as canonical JSON: an edited manifest shows."""


def seal(parts: Mapping[str, bytes], manifest: Mapping[str, object], kind: str) -> bytes:
    """The text of a manifest: what its owner records, and the format, kind and parts.

    Raises:
        ValueError: the owner's record uses one of the store's own names.
    """
    taken = sorted({"format", "kind", "parts", "sha256"} & set(manifest))
    if taken:
        raise ValueError(f"{taken} in a manifest are the store's own")
    sums = {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)} for name, data in parts.items()
    }
    record = plain({**manifest, "format": FORMAT, "kind": kind, "parts": sums})
    record["sha256"] = fingerprint(record)
    # indented for people: the digest goes by the canonical text
    text = json.dumps(record, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode()


def unseal(text: bytes, uri: str) -> dict[str, Any]:
    """The manifest that a text holds; `uri` names it in errors.

    Raises:
        BrokenArtifact: it is of a newer format, or no manifest.
    """
    try:
        record = json.loads(text)
    except ValueError as error:
        raise _damaged(uri, "text that is not JSON") from error
    if not isinstance(record, dict):
        raise _damaged(uri, "JSON that is not an object")
    found: Any = record.get("format")
    # Before anything else: a newer format may differ in every other respect.
    if isinstance(found, int) and found > FORMAT:
        raise BrokenArtifact(
            f"{uri}: got format {found}, expected at most {FORMAT}: upgrade lstm-pipeline to read it"
        )
    try:
        _Seal.model_validate(record)
    except ValidationError as error:
        fault = error.errors()[0]
        raise _damaged(uri, f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}") from error
    if fingerprint({name: value for name, value in record.items() if name != "sha256"}) != record["sha256"]:
        raise _damaged(uri, "other facts than were written")
    return record


def check_part(manifest: Mapping[str, Any], name: str, data: bytes | None, uri: str) -> bytes:
    """The bytes of a part themselves, if they are those that the manifest names.

    Raises:
        BrokenArtifact: the manifest does not know the part, or the bytes are missing or others.
    """
    if name not in manifest["parts"]:
        known = ", ".join(sorted(manifest["parts"]))
        raise BrokenArtifact(f"{uri}: got no such part in the manifest, expected one of {known}")
    expected = manifest["parts"][name]["sha256"]
    got = None if data is None else hashlib.sha256(data).hexdigest()
    # of single flipped bits parquet's readers let 91 in 100 pass without a word, safetensors' 96
    if data is None or got != expected:
        raise BrokenArtifact(
            f"{uri}: got {'no file' if got is None else got}, expected sha256 {expected}: "
            "it is not what was published. Restore it from a copy, or delete its folder and run again"
        )
    return data


def _damaged(uri: str, got: str) -> BrokenArtifact:
    return BrokenArtifact(
        f"{uri}: got {got}, expected a manifest: it is damaged. Restore it from a copy, or delete its folder "
        "and run again"
    )
