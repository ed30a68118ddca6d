"""Versions, gate reports, approvals, live scores and the append-only promotion log, in SQL."""

from lstm_pipeline.registry.chain import reigns, standing, undone
from lstm_pipeline.registry.deployed import deploy, deployed
from lstm_pipeline.registry.ledger import Registry, open_registry, read_registry
from lstm_pipeline.registry.live_errors import add_live_errors, live_errors, steps_scored
from lstm_pipeline.registry.mentions import mentions, still
from lstm_pipeline.registry.operating import Deployed, LiveError, Slot, SlotEvent, Task
from lstm_pipeline.registry.records import (
    CHAMPION,
    Event,
    GateReportRow,
    LiveScore,
    Look,
    Petition,
    Promotion,
    Proposal,
    Publication,
    RunRow,
    Version,
)
from lstm_pipeline.registry.slots import Slots

__all__ = [
    "CHAMPION",
    "Deployed",
    "Event",
    "GateReportRow",
    "LiveError",
    "LiveScore",
    "Look",
    "Petition",
    "Promotion",
    "Proposal",
    "Publication",
    "Registry",
    "RunRow",
    "Slot",
    "SlotEvent",
    "Slots",
    "Task",
    "Version",
    "add_live_errors",
    "deploy",
    "deployed",
    "live_errors",
    "mentions",
    "open_registry",
    "read_registry",
    "reigns",
    "standing",
    "steps_scored",
    "still",
    "undone",
]
