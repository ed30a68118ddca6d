"""The gate report of a run, read for its page: what was asked for, what was found, who lost where."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lstm_pipeline.gate import Evidence, settled
from lstm_pipeline.report.content import OriginLoss, Ruling, SliceLoss
from lstm_pipeline.series.grid import Grid
from lstm_pipeline.steps.desk import Desk
from lstm_pipeline.steps.gate_report import GateReport, recorded
from lstm_pipeline.steps.page.material import RunFindings


def ruling_of(desk: Desk, found: RunFindings, grid: Grid) -> Ruling:
    """The verdict of the promotion gate, what it asked for, and what it went by."""
    report, outcome = recorded(desk, found.judged.gate.id), found.outcome
    evidence = report.judged
    return Ruling(
        verdict=outcome.verdict,
        sentence=outcome.sentence,
        promoted=outcome.promoted,
        crowned=outcome.champion is not None,
        reasons=report.decision.reasons,
        figures=report.decision.figures,
        rules=settled(report.policy),
        guards=report.decision.guards,
        alternatives=report.alternatives,
        origins=tuple(_origins(report, evidence, grid)),
        slices=tuple(_slices(evidence)),
    )


def _origins(report: GateReport, evidence: Evidence, grid: Grid) -> Iterator[OriginLoss]:
    """The origins that count, in order of time."""
    losses = evidence.losses
    if losses is None:
        return
    rival = losses.baseline if losses.champion is None else losses.champion
    for place in np.flatnonzero(losses.compared).tolist():
        yield OriginLoss(
            ds=grid.label(report.target_end[place]),
            candidate=float(losses.candidate[place]),
            rival=float(rival[place]),
        )


def _slices(evidence: Evidence) -> Iterator[SliceLoss]:
    """Mean losses of each slice over the origins that count."""
    if evidence.losses is None:
        return
    counted = evidence.losses.compared
    for name, part in evidence.slices.items():
        seen = counted & ~np.isnan(part.candidate) & ~np.isnan(part.champion)
        if seen.any():
            yield SliceLoss(
                name=name,
                candidate=float(part.candidate[seen].mean()),
                champion=float(part.champion[seen].mean()),
                origins=int(seen.sum()),
            )
