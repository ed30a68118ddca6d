"""What has come true: live forecasts are scored, and a new champion against the shadow of the one before."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np

from lstm_pipeline import datasets, gate
from lstm_pipeline.errors import BrokenArtifact, Conflict, UsageError
from lstm_pipeline.gate import Probation, ProbationPolicy
from lstm_pipeline.registry import standing
from lstm_pipeline.series.grid import Grid
from lstm_pipeline.steps.desk import Desk, Job, Office, open_desk, stored_config
from lstm_pipeline.steps.line import is_newest
from lstm_pipeline.steps.live_errors import settle
from lstm_pipeline.steps.live_scores import Reign, score, scored
from lstm_pipeline.steps.outcome import ALERT
from lstm_pipeline.steps.refs import DatasetRef, WatchRef
from lstm_pipeline.steps.succession import rollback

LOG = logging.getLogger(__name__)
ACTOR = "probation"
"""Who rolls back in the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the champion of a line stands in its probation."""

    reign: Reign
    """The promotion that began it."""
    policy: ProbationPolicy
    found: Probation


def watch(job: Job, dataset: DatasetRef) -> WatchRef:
    """Score what has come true, and act where a new champion turned out worse than the one before.

    A run about the past scores nothing: it would take part in what it only replays.
    """
    desk = open_desk(job)
    policy, reign = desk.config.probation, reign_of(desk)
    newest = is_newest(desk, dataset)
    if newest:
        settle(desk, dataset)
    if policy.action == "off" or reign is None or not newest:
        return WatchRef(uri="", id="")
    score(desk, dataset, reign)
    found = _found(desk, reign, policy, datasets.grid_of(desk.store, dataset.id))
    if not found.worse:
        return WatchRef(uri="", id=reign.model)
    note = (
        f"{ALERT}champion {reign.model} (promotion {reign.seq}): {found.sentence}; {_act(desk, reign, found)}"
    )
    LOG.warning("%s", note)
    return WatchRef(uri="", id=reign.model, notes=(note,))


def reign_of(office: Office) -> Reign | None:
    """The champion with the one that it displaced; None where there is nobody to compare it with.

    After a rollback there is none: who came back is known.
    """
    held = standing(office.registry.promotions(office.pipeline))
    if not held or office.registry.champion(office.pipeline) != held[-1]:
        return None
    # a refitted model follows the one that was tested for it, which never published
    decided = held[-2] if held[-1].kind == "refit" else held[-1]
    if decided.previous_model is None or decided.previous_model == held[-1].model:
        return None
    return Reign(
        model=held[-1].model,
        previous=decided.previous_model,
        seq=held[-1].seq,
        since=held[-1].at,
        pinned=decided.kind == "pin",
    )


def on_watch(office: Office, policy: ProbationPolicy, grid: Grid) -> Reign | None:
    """The promotion whose probation is not over; None where there is none."""
    reign = reign_of(office) if policy.action != "off" else None
    if reign is None or _found(office, reign, policy, grid).ended:
        return None
    return reign


def standing_of(office: Office) -> Standing | None:
    """How the champion stands, by the rules of its newest live forecast; None where there is no probation."""
    reign, newest = reign_of(office), office.registry.newest_cutoff(office.pipeline, "live")
    if reign is None or newest is None:
        return None
    published = office.registry.publications(office.pipeline, "live", newest)[-1]
    config = stored_config(office.store, office.store.require(published.uri)["lineage"]["config"])
    grid = datasets.grid_of(office.store, published.dataset)
    found = _found(office, reign, config.probation, grid)
    return Standing(reign=reign, policy=config.probation, found=found)


def _found(office: Office, reign: Reign, policy: ProbationPolicy, grid: Grid) -> Probation:
    rows = scored(office, reign)
    version = office.registry.version(office.pipeline, reign.model)
    horizon = version.horizon if version is not None else 1
    steps, _ = grid.step(np.array([row.cutoff for row in rows], dtype=np.int64))
    kept = [rows[place] for place in gate.spread_from_oldest(steps, horizon).tolist()]
    return gate.probation(
        np.array([row.loss for row in kept]), np.array([row.previous_loss for row in kept]), policy
    )


def _act(desk: Desk, reign: Reign, found: Probation) -> str:
    """Do what the policy wants; returns what was done in words."""
    # a person's word is not taken back by a rule
    if desk.config.probation.action != "rollback" or reign.pinned:
        return f"`lstm-pipeline models rollback {desk.pipeline}` brings the one before back"
    try:
        row = rollback(desk, to=reign.previous, actor=ACTOR, reason=found.sentence)
    except (Conflict, UsageError, BrokenArtifact) as error:
        return f"it was not rolled back: {error}"
    return f"rolled back to {row.model} (promotion {row.seq})"
