"""The gate: candidate, champion and baseline on the same windows -> a verdict with its reasons. Pure."""

from lstm_pipeline.gate.alternatives import Alternative, alternatives
from lstm_pipeline.gate.comparison import gain, skill
from lstm_pipeline.gate.decide import decide
from lstm_pipeline.gate.decision import Decision, Finding, GateFigures, Reason, Verdict
from lstm_pipeline.gate.evidence import (
    Evidence,
    Floats,
    OriginLosses,
    Pair,
    SliceLosses,
    Source,
    WideErrors,
)
from lstm_pipeline.gate.paired import PairedTest, paired_test
from lstm_pipeline.gate.policy import FEWEST, GatePolicy, Mode, Rules, settled
from lstm_pipeline.gate.record import evidence_of, recorded_evidence

__all__ = [
    "FEWEST",
    "Alternative",
    "Decision",
    "Evidence",
    "Finding",
    "Floats",
    "GateFigures",
    "GatePolicy",
    "Mode",
    "OriginLosses",
    "Pair",
    "PairedTest",
    "Reason",
    "Rules",
    "SliceLosses",
    "Source",
    "Verdict",
    "WideErrors",
    "alternatives",
    "decide",
    "evidence_of",
    "gain",
    "paired_test",
    "recorded_evidence",
    "settled",
    "skill",
]
