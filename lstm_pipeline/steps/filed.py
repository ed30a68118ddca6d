"""Find a gate report that was filed: in a report's folder, or in the registry by its id or its pipeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lstm_pipeline.artifacts import plain
from lstm_pipeline.errors import BadInput, BrokenArtifact
from lstm_pipeline.registry import GateReportRow, Registry
from lstm_pipeline.steps.gate_report import GATE_PART, GateReport, gate_report_of, gate_report_of_body
from lstm_pipeline.steps.outcome import Outcome, outcome_of
from lstm_pipeline.storage import MANIFEST, Store, open_store, sha256
from lstm_pipeline.storage.address import above, absolute, is_local

SHORTEST = 6
"""Digits of an id that name a gate report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """A gate report as it was recorded, and what else is said of its decision."""

    id: str
    report: GateReport
    claims: Mapping[str, Mapping[str, Any]]
    """By place: fields of the decision as they stand there, in JSON's own types."""


def report_folder(named: str) -> str | None:
    """The report's folder that an address means: itself, or the one of its report.html or report.json."""
    address = absolute(named)
    if not is_local(address):
        # no id or pipeline has a name like that
        return above(address)[0] if address.endswith((".html", ".json")) else address
    path = Path(address)
    if path.is_file():
        return str(path.parent.resolve())
    return str(path.resolve()) if (path / MANIFEST).is_file() else None


def filed_in_folder(folder: str) -> Filed:
    """The gate report of a report's folder, which may be a copy that lies anywhere.

    Raises:
        BrokenArtifact: a part is missing or altered, or the folder is older than what can be replayed.
    """
    place, key = above(folder)
    store = open_store(place)
    manifest = store.require(key)
    if GATE_PART not in manifest["parts"]:
        raise BrokenArtifact(
            f"{folder}: got no {GATE_PART}, expected a report's folder as version 0.2 writes it: run the "
            "pipeline again, and replay what it reports then"
        )
    body = store.read_part(key, GATE_PART)
    if sha256(body) != manifest.get("gate_report"):
        raise BrokenArtifact(
            f"{folder}/{GATE_PART}: got sha256 {sha256(body)}, expected {manifest.get('gate_report')}, "
            "the gate report's id: it was altered; restore the folder from a copy"
        )
    return Filed(
        id=sha256(body),
        report=gate_report_of_body(body.decode(), sha256(body)),
        claims={"report.json": _told(_outcome(store, key))},
    )


def filed_in_registry(registry: Registry, named: str) -> Filed:
    """The gate report with this id, or the only one whose id begins so; of a pipeline that of its newest run.

    Raises:
        BadInput: there is none of this name, or several.
        BrokenArtifact: it was altered, or is older than what can be replayed.
    """
    row = _row(registry, named)
    report = gate_report_of(row)
    claims: dict[str, Mapping[str, Any]] = {
        "the registry": {"verdict": row.verdict, "reasons": list(row.reasons)}
    }
    runs = [run for run in registry.runs(row.pipeline) if run.gate_report == row.id]
    claims |= {f"run {run.run[:16]}": _told(outcome_of(run.outcome)) for run in runs}
    return Filed(id=row.id, report=report, claims=claims)


def _row(registry: Registry, named: str) -> GateReportRow:
    runs = registry.runs(named) if named in registry.pipelines() else ()
    # a run that is judged again keeps its first line: this one decided
    wanted = runs[-1].gate_report if runs else named
    found = registry.gate_report(wanted)
    if found is not None:
        return found
    fits = sorted({run.gate_report for run in registry.runs() if _begins(run.gate_report, named)})
    row = registry.gate_report(fits[0]) if len(fits) == 1 else None
    if row is None:
        raise BadInput(_unknown(named, fits, registry.pipelines()))
    return row


def _begins(gate_report: str, named: str) -> bool:
    return len(named) >= SHORTEST and gate_report.startswith(named.lower())


def _unknown(named: str, fits: Sequence[str], pipelines: Sequence[str]) -> str:
    if fits:
        return (
            f"{named}: {len(fits)} gate reports begin so, such as {fits[0]} and {fits[1]}: give more digits"
        )
    return (
        f"{named}: got no report's folder, gate report (at least {SHORTEST} digits of its id) or pipeline of "
        f"this name; pipelines here: {', '.join(pipelines) or 'none'}"
    )


def _outcome(store: Store, key: str) -> Outcome:
    return outcome_of(store.read_part(key, "report.json").decode())


def _told(outcome: Outcome) -> dict[str, Any]:
    """What an outcome says of the decision."""
    return {
        "verdict": outcome.verdict,
        "reasons": list(outcome.reasons),
        "sentence": outcome.sentence,
        "figures": plain(outcome.gate),
    }
