"""The gate: candidate, champion and baseline on the same windows -> a verdict with its reasons. Pure."""

from lstm_pipeline.gate.alternatives import Alternative, alternatives
from lstm_pipeline.gate.approval import ApprovalPolicy, movement, reason_to_ask
from lstm_pipeline.gate.comparison import gain, skill
from lstm_pipeline.gate.decide import decide
from lstm_pipeline.gate.decision import Decision, Finding, GateFigures, Grade, Reason, Verdict
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
from lstm_pipeline.gate.probation import Probation, ProbationPolicy, probation, spread_from_oldest
from lstm_pipeline.gate.record import evidence_of, recorded_evidence

__all__ = [
    "FEWEST",
    "Alternative",
    "ApprovalPolicy",
    "Decision",
    "Evidence",
    "Finding",
    "Floats",
    "GateFigures",
    "GatePolicy",
    "Grade",
    "Mode",
    "OriginLosses",
    "Pair",
    "PairedTest",
    "Probation",
    "ProbationPolicy",
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
    "movement",
    "paired_test",
    "probation",
    "reason_to_ask",
    "recorded_evidence",
    "settled",
    "skill",
    "spread_from_oldest",
]
