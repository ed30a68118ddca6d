"""Evidence as JSON that loses nothing, so that a verdict can be made again from it, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from lstm_pipeline.artifacts import exact
from lstm_pipeline.gate.evidence import Evidence, Floats, OriginLosses, Pair, SliceLosses, WideErrors


def recorded_evidence(evidence: Evidence) -> dict[str, Any]:
    """Evidence in JSON's own types; what is not finite stands as text."""
    return exact(evidence)


def evidence_of(record: Mapping[str, Any]) -> Evidence:
    """The evidence that a record holds, to the last bit."""
    parts: dict[str, Any] = {
        "losses": _losses(record["losses"]),
        "slices": {
            name: SliceLosses(candidate=_floats(part["candidate"]), champion=_floats(part["champion"]))
            for name, part in record["slices"].items()
        },
        "wide": TypeAdapter(WideErrors | None).validate_python(record["wide"]),
        "tail": TypeAdapter(Pair | None).validate_python(record["tail"]),
        "bias": TypeAdapter(Pair | None).validate_python(record["bias"]),
        "test_mse": float(record["test_mse"]),
    }
    return Evidence(**{**record, **parts})


def _losses(record: Mapping[str, Any] | None) -> OriginLosses | None:
    if record is None:
        return None
    clean = record["clean"]
    return OriginLosses(
        candidate=_floats(record["candidate"]),
        baseline=_floats(record["baseline"]),
        champion=None if record["champion"] is None else _floats(record["champion"]),
        clean=None if clean is None else np.array(clean, dtype=bool),
    )


def _floats(values: list[float | str]) -> Floats:
    return np.array([float(value) for value in values])
