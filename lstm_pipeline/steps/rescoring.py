"""Score both packages of a decision again, from their stored bytes: do they lose what is recorded?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lstm_pipeline import checkpoints, evaluations
from lstm_pipeline.artifacts import Ref
from lstm_pipeline.errors import BadInput, BrokenArtifact
from lstm_pipeline.evaluations import OriginTable
from lstm_pipeline.gate import Floats, OriginLosses
from lstm_pipeline.settings.environment import Places
from lstm_pipeline.steps.desk import Desk, Job, open_desk, this_moment
from lstm_pipeline.steps.evaluation import scores_of
from lstm_pipeline.steps.filed import Filed
from lstm_pipeline.steps.gate_report import GateReport
from lstm_pipeline.steps.refs import Entrants
from lstm_pipeline.steps.rivals import registered
from lstm_pipeline.storage import open_store

Pair = tuple[Floats, Floats]

CLOSE = 1e-6
"""Largest relative difference of a loss that another processor may make."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescored:
    """Losses by origin, scored again and compared with those recorded."""

    origins: int
    rivals: tuple[str, ...]
    furthest: float
    """Largest relative difference of any of them; 0 where all are equal to the last bit."""


def rescore(filed: Filed, places: Places) -> Rescored:
    """Score candidate, champion and baseline again on the stored dataset; nothing is published.

    Raises:
        BadInput: nothing was scored for this decision.
        BrokenArtifact: a package or the dataset is missing or altered, or the losses are others.
    """
    report, losses = filed.report, filed.report.judged.losses
    if losses is None or report.candidate is None:
        raise BadInput(f"gate report {filed.id}: nothing was scored for it, so that --deep has nothing to do")
    table = _scored(report, places)
    if table is None or not _same_windows(report, table):
        raise BrokenArtifact(
            f"gate report {filed.id}: its dataset gives other test windows than those it was judged on: "
            "restore the store from a copy"
        )
    return compared(losses, report.judged.baseline, table)


def compared(losses: OriginLosses, baseline: str | None, table: OriginTable) -> Rescored:
    """Hold losses scored again against the recorded ones.

    Raises:
        BrokenArtifact: they are further apart than another processor explains.
    """
    pairs = _pairs(losses, baseline, table)
    apart = {name: _apart(*pair) for name, pair in pairs.items()}
    faults = [
        f"{name}, origin {at + 1}: recorded {pairs[name][0][at]:.17g}, scored again {pairs[name][1][at]:.17g}"
        for name, shares in apart.items()
        for at in np.flatnonzero(~(shares <= CLOSE)).tolist()
    ]
    if faults:
        raise BrokenArtifact(
            "the stored packages do not lose what is recorded: one of them, or the record, was altered; "
            "restore registry and store from copies",
            faults,
        )
    return Rescored(
        origins=len(losses.candidate),
        rivals=tuple(pairs),
        furthest=float(max(shares.max(initial=0.0) for shares in apart.values())),
    )


def _scored(report: GateReport, places: Places) -> OriginTable | None:
    """The losses of all rivals, made anew."""
    lineage = open_store(places.store).require(evaluations.key_of(report.evaluation))["lineage"]
    now = this_moment().isoformat()
    job = Job(config=lineage["config"], store=places.store, registry=places.registry, as_of=None, now=now)
    desk = open_desk(job)
    entrants = Entrants(
        model=_package(desk, report.candidate), stand_in=_package(desk, lineage.get("stand_in"))
    )
    return scores_of(desk, lineage["dataset"], entrants, report.champion).origins


def _package(desk: Desk, model: str | None) -> Ref | None:
    """A model that must be there, and the one that was judged."""
    if model is None:
        return None
    return Ref(uri=desk.store.uri(checkpoints.key_of(model)), id=registered(desk, model).id)


def _same_windows(report: GateReport, table: OriginTable) -> bool:
    ends = report.target_end == tuple(table.target_end.tolist())
    return ends and report.decision.figures.windows_id == table.windows_id


def _pairs(losses: OriginLosses, baseline: str | None, table: OriginTable) -> dict[str, Pair]:
    """Losses by rival, as recorded and scored again; NaN where a rival is not there any more."""
    recorded = {"candidate": losses.candidate, "champion": losses.champion}
    recorded |= {} if baseline is None else {baseline: losses.baseline}
    nothing = np.full(len(losses.candidate), np.nan)
    return {
        name: (loss, table.pooled.get(name, nothing)) for name, loss in recorded.items() if loss is not None
    }


def _apart(recorded: Floats, again: Floats) -> Floats:
    """Relative difference; 0 where both are equal, both not scored included: (O,)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = np.abs(recorded - again) / np.maximum(np.abs(recorded), np.abs(again))
    same = (recorded == again) | (np.isnan(recorded) & np.isnan(again))
    # NaN where only one of them is a number: that is no small difference
    return np.where(same, 0.0, apart)
