"""Versions, gate reports and the append-only promotion log, in SQL."""

from lstm_pipeline.registry.ledger import Registry, open_registry, read_registry
from lstm_pipeline.registry.records import (
    CHAMPION,
    GateReportRow,
    Promotion,
    Proposal,
    Publication,
    RunRow,
    Version,
)

__all__ = [
    "CHAMPION",
    "GateReportRow",
    "Promotion",
    "Proposal",
    "Publication",
    "Registry",
    "RunRow",
    "Version",
    "open_registry",
    "read_registry",
]
