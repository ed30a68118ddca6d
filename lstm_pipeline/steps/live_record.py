"""Live accuracy told: over all, by step of the horizon, and by the age of the model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lstm_pipeline.registry import LiveError, Registry, live_errors
from lstm_pipeline.report.forecast_page import LiveGroup, LiveRecord

AGES = 6
"""Groups of ages at most."""
NO_AGE = "a baseline"


def live_record(registry: Registry, pipeline: str) -> LiveRecord | None:
    """What the live forecasts of a pipeline turned out to be worth; None while nothing has come true."""
    errors = live_errors(registry.engine, pipeline)
    if not errors:
        return None
    steps = sorted({error.step for error in errors})
    return LiveRecord(
        forecasts=len({error.uri for error in errors}),
        whole=_group("all", errors),
        by_step=tuple(_group(str(step), [e for e in errors if e.step == step]) for step in steps),
        by_age=tuple(_by_age(errors)),
    )


def _by_age(errors: Sequence[LiveError]) -> Iterable[LiveGroup]:
    """Groups of about as many ages each, youngest first; what baselines published comes last."""
    ages = sorted({error.age for error in errors if error.age is not None})
    width = -(-len(ages) // AGES)
    for begin in range(0, len(ages), max(1, width)):
        mine = ages[begin : begin + width]
        label = str(mine[0]) if mine[0] == mine[-1] else f"{mine[0]} to {mine[-1]}"
        yield _group(label, [error for error in errors if error.age in mine])
    nobody = [error for error in errors if error.age is None]
    if nobody:
        yield _group(NO_AGE, nobody)


def _group(label: str, errors: Sequence[LiveError]) -> LiveGroup:
    """Each scored step counts as much as any other."""
    return LiveGroup(
        label=label,
        loss=sum(error.loss for error in errors) / len(errors),
        naive_loss=sum(error.naive_loss for error in errors) / len(errors),
        steps=len(errors),
    )
