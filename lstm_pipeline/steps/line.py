"""Where a run stands in the line of its pipeline: which run it is, and whether later data went live."""

from __future__ import annotations

from lstm_pipeline.artifacts import Ref, fingerprint
from lstm_pipeline.steps.desk import Desk
from lstm_pipeline.steps.refs import DatasetRef, counts_steps
from lstm_pipeline.version import VERSION


def run_id(desk: Desk, dataset: DatasetRef, model: Ref | None) -> str:
    """What makes two runs the same: pipeline, rows at the door, model, gate and publication rules."""
    return fingerprint(
        {
            "pipeline": desk.config.name,
            "dataset": dataset.id,
            # a dataset's id names its good rows alone: the same ones with other faulty rows are another run
            "door": [dataset.counts, sorted(dataset.failed)],
            # depends on as_of, which stands in no id
            "stale": dataset.stale,
            "model": model.id if model else None,
            "gate": desk.config.gate,
            # when a person is asked; how long, and where, changes nothing of what is decided
            "approval": [desk.config.approval.policy, desk.config.approval.move_cap],
            "publish": desk.config.publish.model_dump(),
            "version": VERSION,
        }
    )


def is_newest(desk: Desk, dataset: DatasetRef) -> bool:
    """No live forecast has a later cutoff than this run's data, and so than its as_of."""
    newest = desk.registry.newest_cutoff(desk.config.name, "live")
    return newest is None or dataset.cutoff >= newest


def not_later(then: str, now: str) -> bool:
    """True where one logical date is not later than another; a time and a step cannot be compared."""
    steps = [counts_steps(text) for text in (then, now)]
    if any(steps):
        return all(steps) and int(then) <= int(now)
    # dates on one clock, all written in ISO 8601, sort as the moments do
    return then <= now
