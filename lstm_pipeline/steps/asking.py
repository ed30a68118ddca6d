"""Ask a person for a promotion, where the policy wants one; and keep what it takes to judge it again."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from lstm_pipeline import datasets, gate
from lstm_pipeline.artifacts import canonical
from lstm_pipeline.checkpoints import ModelPackage
from lstm_pipeline.errors import BadConfig, BadInput, BrokenArtifact, Conflict
from lstm_pipeline.registry import Petition, Promotion
from lstm_pipeline.scaling import training_stats
from lstm_pipeline.spans import span_of
from lstm_pipeline.steps.desk import Desk, Job, Office, this_moment
from lstm_pipeline.steps.forecasts import by_champion
from lstm_pipeline.steps.petitions import Request, requests
from lstm_pipeline.steps.refs import DatasetRef, GateRef, Trial
from lstm_pipeline.steps.rivals import registered
from lstm_pipeline.steps.speaking import speaking_of
from lstm_pipeline.windows.dataset import Dataset, boundaries

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What was judged, so that it can be judged again while it waits; without places: stores are moved."""

    config: str
    """Key of the stored configuration."""
    as_of: str | None
    now: str
    trial: Trial
    gate: GateRef


def ask(job: Job, desk: Desk, trial: Trial, made: GateRef) -> Request | None:
    """The request for a promotion that the gate lets through; None where its word suffices.

    A newer request takes the place of an older one that nobody has answered.
    """
    champion = desk.registry.champion(desk.pipeline)
    why = gate.reason_to_ask(
        desk.config.approval,
        first=champion is None,
        moved=lambda: _movement(job, desk, trial, champion),
    )
    if why is None or trial.model is None:
        return None
    hold(job, desk, trial, made)
    now = this_moment()
    asked = desk.registry.petition(
        Petition(
            gate_report=made.id,
            pipeline=desk.pipeline,
            model=trial.model.id,
            champion_seq=trial.evaluation.champion_seq,
            actor=job.actor,
            reason=why,
            at=now,
            expires_at=now + span_of(desk.config.approval.expires_after),
        )
    )
    settle_older(desk, asked)
    return next(one for one in requests(desk.registry, desk.pipeline) if one.asked == asked)


def settle_older(office: Office, newest: Petition) -> None:
    """Close the requests before the newest one that nobody has answered."""
    for one in requests(office.registry, office.pipeline):
        if one.answer is not None or one.asked.at >= newest.at:
            continue
        event = "superseded" if one.open_at(newest.at) else "expired"
        reason = f"a newer one asks for {newest.model}" if event == "superseded" else ""
        answer = one.asked.answered(event, actor=newest.actor, reason=reason, at=this_moment())
        # whoever answered it meanwhile was first
        with suppress(Conflict):
            office.registry.petition(answer)


def hold(job: Job, office: Office, trial: Trial, made: GateRef) -> None:
    """Keep what was judged."""
    kept = Held(config=job.config, as_of=job.as_of, now=job.now, trial=trial, gate=made)
    office.store.create(_key(made.id), canonical(kept).encode())


def held(office: Office, gate_report: str) -> Held:
    """What was judged when a request was made.

    Raises:
        BrokenArtifact: it is not in the store any more.
    """
    text = office.store.read(_key(gate_report))
    if text is None:
        raise BrokenArtifact(
            f"{office.store.uri(_key(gate_report))}: it is gone, and tells what to judge again: restore it, "
            "or run the pipeline again"
        )
    return TypeAdapter(Held).validate_python(json.loads(text))


def _key(gate_report: str) -> str:
    return f"approvals/{gate_report}.json"


def _movement(job: Job, desk: Desk, trial: Trial, champion: Promotion | None) -> float:
    """How far the candidate's forecasts lie from the champion's; NaN where nobody can tell."""
    if champion is None or trial.model is None:
        return float("nan")
    return distance(job, desk, trial.dataset, (trial.model.id, champion.model))


def distance(job: Job, desk: Desk, ref: DatasetRef, models: tuple[str, str]) -> float:
    """How far two models' forecasts after the newest step lie apart, in deviations; NaN: nobody can tell."""
    dataset = datasets.load(desk.store, ref.id)
    variance = training_stats(dataset.table, boundaries(dataset.table, dataset.spec).validation).variance
    try:
        one, other = (
            _ahead(dataset, speaking_of(job, desk, ref, registered(desk, model))) for model in models
        )
    except (BadConfig, BadInput):
        # the champion is a command, and says nothing
        return float("nan")
    return gate.movement(one, other, np.sqrt(variance))


def _ahead(dataset: Dataset, model: ModelPackage) -> Floats:
    """A model's own forecasts after the newest step; NaN where a fallback would stand: (N, H)."""
    made = by_champion(dataset, model, "last_value")
    own = np.array([source == "champion" for source in made.source])
    return np.where(own[:, None], made.values, np.nan)
