"""The gate report as it is recorded: a decision with every number and all losses it rests on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from lstm_pipeline import gate
from lstm_pipeline.errors import SHOWN, BrokenArtifact
from lstm_pipeline.gate import Alternative, Decision, Evidence, GatePolicy
from lstm_pipeline.registry import GateReportRow
from lstm_pipeline.steps.desk import Office

GATE_PART = "gate.json"
"""The gate report as a part of a report's folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateReport:
    """What was asked for, what was found, and what was decided."""

    pipeline: str
    run: str
    candidate: str | None
    """Id of the model; None where none could be trained."""
    champion: str | None
    """Id of the model it was tested against."""
    champion_seq: int
    """The promotion that made that one champion; 0 without a champion."""
    evaluation: str
    """Id of the scores."""
    expired: int = 0
    """Requests to promote this candidate that expired: each decision is asked for once."""
    policy: GatePolicy
    decision: Decision
    alternatives: tuple[Alternative, ...]
    """What other thresholds would have said."""
    left_out: tuple[str, ...]
    """Series that only one of the models can forecast."""
    target_end: tuple[int, ...]
    """Stamp of the last target of each origin of the evidence."""
    evidence: Mapping[str, Any]
    """As `gate.recorded_evidence` writes it."""
    version: str = ""
    """Of the package that decided; empty before 0.3.0."""

    @property
    def judged(self) -> Evidence:
        """The evidence, as the gate takes it."""
        return gate.evidence_of(self.evidence)


def gate_report_of(row: GateReportRow) -> GateReport:
    """Read a gate report back from its row.

    Raises:
        BrokenArtifact: an older version recorded it, with less than this one reads.
    """
    return gate_report_of_body(row.body, f"{row.id} ({row.verdict}: {', '.join(row.reasons)})")


def gate_report_of_body(body: str, named: str) -> GateReport:
    """Read a gate report from its canonical JSON; `named` names it in errors.

    Raises:
        BrokenArtifact: another version recorded it, with other parts than this one reads.
    """
    try:
        return TypeAdapter(GateReport).validate_python(json.loads(body))
    except ValidationError as error:
        odd = [*dict.fromkeys(str(one["loc"][0]) if one["loc"] else "its body" for one in error.errors())]
        raise BrokenArtifact(
            f"gate report {named}: another version of this package recorded it, and this one cannot read "
            f"{', '.join(odd[:SHOWN])} of it: run the pipeline again"
        ) from error


def recorded(office: Office, gate_report: str) -> GateReport:
    """The gate report with this id.

    Raises:
        BrokenArtifact: it is not in the registry any more, or was altered.
    """
    return gate_report_of(recorded_row(office, gate_report))


def told(office: Office, gate_report: str) -> Mapping[str, Any]:
    """What a gate report says, `sentence` and `figures` among it, also where an older version recorded it.

    Raises:
        BrokenArtifact: it is not in the registry any more, or was altered.
    """
    body = json.loads(recorded_row(office, gate_report).body)
    return body.get("decision", body)


def recorded_row(office: Office, gate_report: str) -> GateReportRow:
    """The row of the gate report with this id.

    Raises:
        BrokenArtifact: it is not in the registry any more, or was altered.
    """
    row = office.registry.gate_report(gate_report)
    if row is None:
        raise BrokenArtifact(
            f"gate report {gate_report}: it is not in the registry any more; restore a copy of it"
        )
    return row
