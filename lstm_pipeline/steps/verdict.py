"""Decide by the gate what becomes of a candidate, keep the decision, and promote by compare-and-swap."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from lstm_pipeline import checkpoints, evaluations, gate
from lstm_pipeline.artifacts import Ref, canonical, fingerprint
from lstm_pipeline.baselines import BASELINES
from lstm_pipeline.errors import BrokenArtifact, Conflict
from lstm_pipeline.evaluations import Evaluation, OriginTable
from lstm_pipeline.gate import Decision, Evidence, OriginLosses
from lstm_pipeline.registry import GateReportRow, Proposal, Version
from lstm_pipeline.steps.desk import Desk, Job, open_desk, this_moment
from lstm_pipeline.steps.refs import DatasetRef, GateRef, PromotionRef, Trial
from lstm_pipeline.version import VERSION


def decide(job: Job, trial: Trial) -> GateRef:
    """Decide on the scores, and record the decision with everything it rests on."""
    desk = open_desk(job)
    if trial.model is not None:
        _register(desk, trial.dataset, trial.model)
    row, sentence = _judged(desk, trial)
    known = desk.registry.gate_report(row.id) is not None
    desk.registry.record_gate(row)
    return GateRef(
        uri=f"gate_report/{row.id}",
        id=row.id,
        reused=known,
        verdict=row.verdict,
        reasons=row.reasons,
        sentence=sentence,
        run=row.run,
    )


def promote(job: Job, trial: Trial, made: GateRef) -> PromotionRef:
    """Make the candidate champion where the gate says so and nobody else became it meanwhile.

    Raises:
        Conflict: another champion, or a forecast from later data, came first; the gate must be asked again.
    """
    desk = open_desk(job)
    champion = desk.registry.champion(desk.config.name)
    standing = champion.model if champion else ""
    crowned = trial.model is not None and trial.model.id == standing
    if made.verdict != "PROMOTE" or trial.model is None or crowned:
        promoted = crowned and made.verdict == "PROMOTE"
        uri = f"promotion/{desk.config.name}/{champion.seq if champion else 0}"
        return PromotionRef(uri=uri, id=standing, promoted=promoted, reused=crowned)
    if not is_newest(desk, trial.dataset):
        raise Conflict(
            f"pipeline {desk.config.name}: a forecast from later data went live meanwhile; run again"
        )
    proposal = Proposal(
        pipeline=desk.config.name,
        model=trial.model.id,
        gate_report=made.id,
        actor=job.actor,
        reason=", ".join(made.reasons),
        as_of=trial.dataset.as_of,
        at=this_moment(),
    )
    row = desk.registry.promote(proposal, trial.evaluation.champion_seq)
    return PromotionRef(uri=f"promotion/{row.pipeline}/{row.seq}", id=row.model, promoted=True)


def run_id(desk: Desk, dataset: DatasetRef, model: Ref | None) -> str:
    """What makes two runs the same: pipeline, rows at the door, model, gate and publication rules."""
    return fingerprint(
        {
            "pipeline": desk.config.name,
            "dataset": dataset.id,
            "door": [dataset.counts, sorted(dataset.failed)],
            "stale": dataset.stale,
            "model": model.id if model else None,
            "gate": desk.config.gate,
            "publish": desk.config.publish.model_dump(),
            "version": VERSION,
        }
    )


def recorded(desk: Desk, gate_report: str) -> dict[str, Any]:
    """The body of a gate report: every number and the losses it rests on.

    Raises:
        BrokenArtifact: it is not in the registry any more, or was altered.
    """
    row = desk.registry.gate_report(gate_report)
    if row is None:
        raise BrokenArtifact(
            f"gate report {gate_report}: it is not in the registry any more; restore a copy of it"
        )
    return json.loads(row.body)


def is_newest(desk: Desk, dataset: DatasetRef) -> bool:
    """No live forecast has a later cutoff than this run's data, and so than its as_of."""
    newest = desk.registry.newest_cutoff(desk.config.name, "live")
    return newest is None or dataset.cutoff >= newest


def _judged(desk: Desk, trial: Trial) -> tuple[GateReportRow, str]:
    """The gate's decision on a trial's scores with every number it rests on, and its sentence."""
    scores = evaluations.load(desk.store, trial.evaluation.id)
    decision = gate.decide(_evidence(desk, trial, scores), desk.config.gate)
    body = _body(desk, trial, scores.origins, decision)
    row = GateReportRow(
        run=body["run"],
        pipeline=desk.config.name,
        candidate=body["candidate"],
        champion=trial.evaluation.champion,
        champion_seq=trial.evaluation.champion_seq,
        verdict=decision.verdict,
        reasons=decision.reasons,
        used=decision.used,
        windows_id=body["windows_id"],
        body=canonical(body),
        created_at=this_moment(),
    )
    return row, decision.sentence


def _register(desk: Desk, dataset: DatasetRef, model: Ref) -> None:
    key = checkpoints.key_of(model.id)
    facts = desk.store.require(key)
    desk.registry.add_version(
        Version(
            pipeline=desk.config.name,
            model=model.id,
            dataset=dataset.id,
            uri=model.uri,
            manifest_sha256=desk.store.manifest_sha256(key),
            kind=facts["recipe"]["model"]["kind"],
            horizon=facts["size"]["horizon"],
            freq=str(facts["freq"]),
            data_end=facts["data_end"],
            as_of=dataset.as_of,
            created_at=this_moment(),
            parent=facts["recipe"]["parent"],
        )
    )


def _evidence(desk: Desk, trial: Trial, scores: Evaluation) -> Evidence:
    candidate = scores.overall.get("candidate")
    mse = candidate.mse if candidate is not None and candidate.mse is not None else float("nan")
    sound = True
    if trial.model is not None:
        record = desk.store.require(checkpoints.key_of(trial.model.id))["record"]
        sound = record["ended"] != "diverged" or record["best_step"] > 0
    return Evidence(
        sound=sound,
        losses=_losses(scores.origins) if scores.origins is not None else None,
        intact=trial.model is None or checkpoints.load_if_whole(desk.store, trial.model.id) is not None,
        finite=scores.finite,
        test_mse=mse,
        leaky=trial.dataset.leaky,
        stale=trial.dataset.stale,
        newest=is_newest(desk, trial.dataset),
        stranger=_is_stranger(trial, scores),
    )


def _is_stranger(trial: Trial, scores: Evaluation) -> bool:
    """There is a champion, and it was not scored: it knows none of the candidate's series."""
    return bool(scores.overall) and trial.evaluation.champion is not None and "champion" not in scores.overall


def _losses(origins: OriginTable) -> OriginLosses:
    champion = origins.pooled.get("champion")
    return OriginLosses(
        candidate=origins.pooled["candidate"],
        baseline=origins.pooled[_floor(origins)],
        champion=champion,
        clean=origins.clean if champion is not None else None,
    )


def _floor(origins: OriginTable) -> str:
    """The baseline that a candidate must beat: the one with the least loss on the origins that count."""
    counts = origins.counted if origins.counted.any() else slice(None)
    baselines = {name: loss for name, loss in origins.pooled.items() if name in BASELINES}
    return min(baselines, key=lambda name: float(np.nansum(baselines[name][counts])))


def _body(desk: Desk, trial: Trial, origins: OriginTable | None, decision: Decision) -> dict[str, Any]:
    """The gate report: every number and the losses it rests on."""
    return {
        "pipeline": desk.config.name,
        "run": run_id(desk, trial.dataset, trial.model),
        "candidate": trial.model.id if trial.model else None,
        "champion": trial.evaluation.champion,
        "champion_seq": trial.evaluation.champion_seq,
        "evaluation": trial.evaluation.id,
        "policy": desk.config.gate,
        "decision": decision,
        "windows_id": origins.windows_id if origins else None,
        "baseline": _floor(origins) if origins else None,
        "left_out": origins.left_out if origins else (),
        "origins": _origin_losses(origins) if origins else None,
    }


def _origin_losses(origins: OriginTable) -> dict[str, list[float] | list[bool] | list[int]]:
    columns: dict[str, list[float] | list[bool] | list[int]] = {
        "target_end": origins.target_end.tolist(),
        "clean": origins.clean.tolist(),
    }
    return columns | {name: loss.tolist() for name, loss in origins.pooled.items()}
