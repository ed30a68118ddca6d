"""The gate: candidate, champion and baseline on the same windows -> a verdict with its reasons. Pure."""

from lstm_pipeline.gate.comparison import gain, skill
from lstm_pipeline.gate.decide import decide
from lstm_pipeline.gate.evidence import (
    Decision,
    Evidence,
    Floats,
    GatePolicy,
    Mode,
    OriginLosses,
    Reason,
    Verdict,
)

__all__ = [
    "Decision",
    "Evidence",
    "Floats",
    "GatePolicy",
    "Mode",
    "OriginLosses",
    "Reason",
    "Verdict",
    "decide",
    "gain",
    "skill",
]
