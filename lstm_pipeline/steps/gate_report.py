"""The gate report as it is recorded: a decision with every number and the losses it rests on."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter

from lstm_pipeline.errors import BrokenArtifact
from lstm_pipeline.evaluations import OriginTable
from lstm_pipeline.gate import Decision, GatePolicy
from lstm_pipeline.steps.desk import Office


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFigures:
    """The gate's own figures: over the compared origins, scaled per series; None where not finite."""

    mode: str
    used: str
    windows_id: str | None
    origins: int
    mse: float | None
    champion_mse: float | None
    baseline_mse: float | None
    effect: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginRecord:
    """The losses per origin, oldest first; all of one length."""

    target_end: tuple[int, ...]
    """Stamp of the last target."""
    clean: tuple[bool, ...]
    """Later than everything the models have learnt from."""
    losses: Mapping[str, tuple[float | None, ...]]
    """By rival: scaled per series; None where nothing was observed, or the loss is infinite."""


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
    policy: GatePolicy
    verdict: str
    reasons: tuple[str, ...]
    sentence: str
    figures: GateFigures
    baseline: str | None
    """The best naive baseline on the compared origins."""
    left_out: tuple[str, ...]
    """Series that only one of the models can forecast."""
    origins: OriginRecord | None


def figures_of(decision: Decision, windows_id: str | None) -> GateFigures:
    """The figures of a decision as they are recorded."""
    return GateFigures(
        mode=decision.mode,
        used=decision.used,
        windows_id=windows_id,
        origins=decision.origins,
        mse=_finite(decision.mse),
        champion_mse=_finite(decision.champion_mse),
        baseline_mse=_finite(decision.baseline_mse),
        effect=_finite(decision.effect),
        low=_finite(decision.low),
        high=_finite(decision.high),
    )


def origins_of(table: OriginTable) -> OriginRecord:
    """The losses per origin as they are recorded."""
    return OriginRecord(
        target_end=tuple(table.target_end.tolist()),
        clean=tuple(table.clean.tolist()),
        losses={name: tuple(map(_finite, loss.tolist())) for name, loss in table.pooled.items()},
    )


def gate_report_of(body: str) -> GateReport:
    """Read a gate report back from its JSON."""
    return TypeAdapter(GateReport).validate_python(json.loads(body))


def recorded(office: Office, gate_report: str) -> GateReport:
    """The gate report with this id.

    Raises:
        BrokenArtifact: it is not in the registry any more, or was altered.
    """
    row = office.registry.gate_report(gate_report)
    if row is None:
        raise BrokenArtifact(
            f"gate report {gate_report}: it is not in the registry any more; restore a copy of it"
        )
    return gate_report_of(row.body)


def _finite(figure: float) -> float | None:
    return figure if math.isfinite(figure) else None
