"""Score what was published live and in its shadow, once all that it foretold has come; each pair once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from lstm_pipeline import datasets
from lstm_pipeline.backtest import realised_losses
from lstm_pipeline.registry import LiveScore, Publication
from lstm_pipeline.steps.arena import say_of
from lstm_pipeline.steps.desk import Desk, Office, this_moment
from lstm_pipeline.steps.published import all_that_came, laid_out
from lstm_pipeline.steps.refs import DatasetRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Reign:
    """A champion and the one that it displaced."""

    model: str
    previous: str
    seq: int
    """Promotion that made it champion."""
    since: dt.datetime
    pinned: bool
    """By a person's word, past the gate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duel:
    """Forecasts of the same steps from the same data: the champion's, and those of the one before."""

    live: Publication
    shadow: Publication


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A duel with what each turned out to be worth."""

    cutoff: int
    """Last stamp that the forecasts knew."""
    loss: float
    previous_loss: float


def duels(office: Office, reign: Reign) -> tuple[Duel, ...]:
    """The duels since a promotion, one for each cutoff, oldest cutoff first."""
    registry = office.registry
    shadows: dict[tuple[int, str], Publication] = {}
    for row in registry.publications_by(office.pipeline, "shadow", reign.previous):
        shadows.setdefault((row.cutoff, row.dataset), row)
    found: dict[int, Duel] = {}
    for row in registry.publications_by(office.pipeline, "live", reign.model):
        shadow = shadows.get((row.cutoff, row.dataset))
        # what an earlier reign had published is no part of this one
        if row.at >= reign.since and shadow is not None:
            found.setdefault(row.cutoff, Duel(live=row, shadow=shadow))
    return tuple(found[cutoff] for cutoff in sorted(found))


def scored(office: Office, reign: Reign) -> tuple[Scored, ...]:
    """The duels since a promotion that have been scored, oldest first."""
    rows = {
        purpose: {row.uri: row.loss for row in office.registry.live_scores(office.pipeline, purpose)}
        for purpose in ("live", "shadow")
    }
    return tuple(
        Scored(
            cutoff=duel.live.cutoff,
            loss=rows["live"][duel.live.uri],
            previous_loss=rows["shadow"][duel.shadow.uri],
        )
        for duel in duels(office, reign)
        if duel.live.uri in rows["live"] and duel.shadow.uri in rows["shadow"]
    )


def score(desk: Desk, ref: DatasetRef, reign: Reign) -> None:
    """Record the losses of every duel since a promotion whose steps have all come, and that has none yet."""
    done = {row.cutoff for row in scored(desk, reign)}
    waiting = [duel for duel in duels(desk, reign) if duel.live.cutoff not in done | {ref.cutoff}]
    if not waiting:
        return
    dataset = datasets.load(desk.store, ref.id)
    say = say_of(dataset, desk.config.gate.weights)
    for duel in waiting:
        live, shadow = (laid_out(desk, dataset, row, own=True) for row in (duel.live, duel.shadow))
        came = all_that_came(dataset, live.cutoff)
        if came is None:
            continue
        losses, series = realised_losses([live.made, shadow.made], came, say)
        # nothing of it was observed, or more than a number holds: it never counts for either
        if not np.isfinite(losses).all():
            continue
        for row, loss in zip((duel.live, duel.shadow), losses, strict=True):
            desk.registry.add_live_score(_row(row, loss, series, ref.id))


def _row(row: Publication, loss: float, series: int, dataset: str) -> LiveScore:
    return LiveScore(
        pipeline=row.pipeline,
        purpose=row.purpose,
        model=row.model,
        cutoff=row.cutoff,
        loss=loss,
        series=series,
        uri=row.uri,
        scored_by=dataset,
        at=this_moment(),
    )
