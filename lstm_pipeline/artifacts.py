"""What steps hand to each other: references to stored things, and the fingerprint that names them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

FORMAT = 1
"""The format that every manifest of this version carries; readers refuse a newer one."""

_DIGEST = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


def canonical(value: object) -> str:
    """One JSON text for equal values: sorted keys, no blanks, what is not finite as null."""
    return json.dumps(
        plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def fingerprint(value: object) -> str:
    """sha256 of the canonical JSON text, in hex."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def digests_in(text: str) -> frozenset[str]:
    """Every sha256 that a text names."""
    return frozenset(_DIGEST.findall(text))


def plain(value: object) -> Any:
    """The value in JSON's own types: records as objects, times as ISO text, what is not finite as null."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, (dt.datetime, dt.date)):
        return value.isoformat()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def exact(value: object) -> Any:
    """The value in JSON's own types, nothing lost: what is not finite as text, which `float` reads back."""
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, np.ndarray):
        return [exact(item) for item in value.tolist()]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: exact(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): exact(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, (list, tuple)):
        return [exact(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    return plain(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """Something stored: where it is, and the id that its content gives it."""

    uri: str
    """A folder or file of the store."""
    id: str
    """sha256 that names it, in hex."""
    reused: bool = False
    """True where it was already there."""
