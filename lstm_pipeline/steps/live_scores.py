"""Score what was published live and in its shadow, once all that it foretold has come; each pair once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from lstm_pipeline import datasets
from lstm_pipeline.backtest import Came, realised_losses
from lstm_pipeline.registry import LiveScore, Publication
from lstm_pipeline.steps.arena import say_of
from lstm_pipeline.steps.desk import Desk, Office, this_moment
from lstm_pipeline.steps.edition import FRAME
from lstm_pipeline.steps.refs import DatasetRef
from lstm_pipeline.storage import read_parquet
from lstm_pipeline.windows.dataset import Dataset

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


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
        live, shadow = (_laid_out(desk, dataset, row) for row in (duel.live, duel.shadow))
        came = _came(dataset, live.cutoff)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    """A published forecast by the series of a dataset."""

    made: Floats
    """In the units of the series; NaN where the model itself made none: (N, H)."""
    cutoff: Ints
    """Last step that each forecast knew; the least integer where a series is not in it: (N,)."""


NEVER = np.iinfo(np.int64).min


def _laid_out(desk: Desk, dataset: Dataset, row: Publication) -> _Sheet:
    column, horizon = str(desk.store.require(row.uri)["rules"]["column"]), dataset.spec.size.horizon
    frame = read_parquet(desk.store.read_part(row.uri, FRAME))
    own = frame.filter(pc.field("source") == "champion")
    ids = dataset.table.ids
    where = {name: place for place, name in enumerate(ids)}
    names = own["unique_id"].to_pylist()[::horizon]
    stamps = own["cutoff"].cast("int64").to_numpy()[::horizon]
    steps, _ = dataset.table.grid.step(stamps)
    made, cutoff = np.full((len(ids), horizon), np.nan), np.full(len(ids), NEVER)
    for at, (name, forecast) in enumerate(
        zip(names, own[column].to_numpy().reshape(-1, horizon), strict=True)
    ):
        if name in where:
            made[where[name]], cutoff[where[name]] = forecast, steps[at]
    return _Sheet(made=made, cutoff=cutoff)


def _came(dataset: Dataset, cutoff: Ints) -> Came | None:
    """What came after each series' cutoff; None while some of it is still to come."""
    table, horizon = dataset.table, dataset.spec.size.horizon
    asked = cutoff != NEVER
    # where steps are counted each series has a clock of its own, and one that stands still has ended
    ahead = (table.ends - cutoff)[asked & (table.ends > cutoff)]
    if not len(ahead) or (ahead < horizon).any():
        return None
    place = cutoff[:, None] + np.arange(1, horizon + 1) - table.first[:, None]
    there = asked[:, None] & (place >= 0) & (place < table.lengths[:, None])
    row = np.where(there, table.offsets[:-1, None] + place, 0)
    return Came(truth=np.where(there, table.y[row], 0.0), observed=there & table.observed[row])
