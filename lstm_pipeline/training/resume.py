"""The state from which a killed fit goes on to the same bytes: one file with nothing executable in it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from lstm_pipeline.artifacts import FORMAT
from lstm_pipeline.errors import BrokenArtifact
from lstm_pipeline.model.weights import Weights
from lstm_pipeline.training.adam import RunningMeans
from lstm_pipeline.training.rounds import Position, Round

SEAL = 32
"""Bytes of the sha256 at the end."""
TENSORS = ("weights", "best", "averages", "squares")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeState:
    """A fit between two optimiser steps.

    No random state is in it: batch order and dropout are drawn anew from the seed and the step.
    """

    weights: Weights
    """As they are now."""
    best: Weights
    """Of the best round so far."""
    averages: RunningMeans
    """Adam's running means of the gradients."""
    squares: RunningMeans
    """Adam's running means of their squares."""
    position: Position

    def to_bytes(self) -> bytes:
        """One safetensors file with its own sha256 behind it: equal states give equal bytes."""
        arrays: dict[str, NDArray[Any]] = {
            f"{part}/{name}": array for part in TENSORS for name, array in getattr(self, part).items()
        }
        text = json.dumps({"format": FORMAT, "position": dataclasses.asdict(self.position)}, sort_keys=True)
        data = save({**arrays, "position": np.frombuffer(text.encode(), np.uint8)})
        return data + hashlib.sha256(data).digest()

    @classmethod
    def from_bytes(cls, data: bytes) -> ResumeState:
        """Read what `to_bytes` wrote.

        Raises:
            BrokenArtifact: the bytes are something else, or of a newer format.
        """
        stored, data, digest = len(data), data[:-SEAL], data[-SEAL:]
        if hashlib.sha256(data).digest() != digest:
            raise BrokenArtifact(
                f"got {stored} bytes that are no resume state, or an altered one; "
                "delete the file and training begins at the state before it, or from the start"
            )
        try:
            arrays = load(data)
            record = json.loads(arrays.pop("position").tobytes())
            if record["format"] != FORMAT:
                raise BrokenArtifact(
                    f"this resume state has format {record['format']}, this version reads {FORMAT}; "
                    "delete it to train from the start, or use the version that wrote it"
                )
            return cls(position=_position(record["position"]), **_parts(arrays))
        except (SafetensorError, ValueError, KeyError, TypeError) as error:
            raise BrokenArtifact(
                f"got {stored} bytes that are no resume state ({error}); "
                "delete the file and training begins at the state before it, or from the start"
            ) from error


def _position(record: dict[str, Any]) -> Position:
    rounds = tuple(Round(**round_) for round_ in record.pop("rounds"))
    return Position(rounds=rounds, **record)


def _parts(arrays: dict[str, NDArray[Any]]) -> dict[str, dict[str, NDArray[Any]]]:
    parts: dict[str, dict[str, NDArray[Any]]] = {part: {} for part in TENSORS}
    for path, array in arrays.items():
        part, _, name = path.partition("/")
        parts[part][name] = array
    return parts
