"""Decide by the gate what becomes of a candidate, keep the decision, and promote by compare-and-swap."""

from __future__ import annotations

from lstm_pipeline import checkpoints, evaluations, gate
from lstm_pipeline.artifacts import Ref, canonical
from lstm_pipeline.errors import Conflict
from lstm_pipeline.registry import GateReportRow, Promotion, Proposal, Version, reigns
from lstm_pipeline.steps.asking import ask
from lstm_pipeline.steps.desk import Desk, Job, open_desk, this_moment
from lstm_pipeline.steps.gate_report import GateReport
from lstm_pipeline.steps.line import is_newest, run_id
from lstm_pipeline.steps.petitions import Request, requests
from lstm_pipeline.steps.refs import DatasetRef, GateRef, PromotionRef, Trial
from lstm_pipeline.steps.testimony import evidence_of_trial
from lstm_pipeline.version import VERSION


def decide(job: Job, trial: Trial) -> GateRef:
    """Decide on the scores, and record the decision with everything it rests on."""
    desk = open_desk(job)
    if trial.model is not None:
        # before it is judged: only a version of the pipeline may be promoted
        register(desk, trial.dataset, trial.model)
    report = _judged(desk, trial)
    row = _row(report)
    known = desk.registry.gate_report(row.id) is not None
    desk.registry.record_gate(row)
    return GateRef(
        uri=f"gate_report/{row.id}",
        id=row.id,
        reused=known,
        verdict=row.verdict,
        reasons=row.reasons,
        sentence=report.decision.sentence,
        run=row.run,
    )


def promote(job: Job, trial: Trial, made: GateRef) -> PromotionRef:
    """Make the candidate champion where the gate says so and nobody else became it meanwhile.

    Where the policy wants a person's word the promotion is asked for, and waits.

    Raises:
        Conflict: another champion, or a forecast from later data, came first; the gate must be asked again.
    """
    desk = open_desk(job)
    log = desk.registry.promotions(desk.config.name)
    standing = log[-1].model if log else ""
    # a run that was cut off after its promotion finds its own candidate as champion
    crowned = trial.model is not None and reigns(log, trial.model.id)
    if made.verdict != "PROMOTE" or trial.model is None or crowned:
        promoted = crowned and made.verdict == "PROMOTE"
        uri = f"promotion/{desk.config.name}/{log[-1].seq if log else 0}"
        return PromotionRef(uri=uri, id=standing, promoted=promoted, reused=crowned)
    # asked once more: while the gate decided, forecasts from later data may have gone live
    if not is_newest(desk, trial.dataset):
        raise Conflict(
            f"pipeline {desk.config.name}: a forecast from later data went live meanwhile; run again"
        )
    request = ask(job, desk, trial, made)
    if request is not None:
        return _waiting(request, standing)
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
    if row.at != proposal.at:
        _require_reign(desk, row)
    return PromotionRef(uri=f"promotion/{row.pipeline}/{row.seq}", id=row.model, promoted=True)


def _waiting(request: Request, standing: str) -> PromotionRef:
    """Where the line stands while a promotion waits, or after it was refused."""
    return PromotionRef(
        uri=f"petition/{request.asked.gate_report}",
        id=standing,
        promoted=False,
        awaits=request.until if request.answer is None else None,
    )


def _require_reign(desk: Desk, row: Promotion) -> None:
    """Refuse a promotion that an earlier, identical run brought about, where another one has followed it.

    Raises:
        Conflict: another champion came after it, by the gate or by a person's word.
    """
    champion = desk.registry.champion(desk.pipeline)
    if champion is None or champion.seq != row.seq:
        now = "none" if champion is None else f"{champion.model} ({champion.kind} {champion.seq})"
        raise Conflict(
            f"pipeline {desk.pipeline}: the model {row.model} was promoted before ({row.seq}), and champion "
            f"now is {now}: run again, and it is judged against that one"
        )


def _judged(desk: Desk, trial: Trial) -> GateReport:
    """The gate's decision on a trial's scores, with every number it rests on."""
    scores = evaluations.load(desk.store, trial.evaluation.id)
    origins, policy = scores.origins, desk.config.gate
    evidence = evidence_of_trial(desk, trial, scores)
    return GateReport(
        pipeline=desk.config.name,
        run=run_id(desk, trial.dataset, trial.model),
        candidate=trial.model.id if trial.model else None,
        champion=trial.evaluation.champion,
        champion_seq=trial.evaluation.champion_seq,
        evaluation=trial.evaluation.id,
        expired=_expired(desk, trial),
        policy=policy,
        decision=gate.decide(evidence, policy),
        alternatives=gate.alternatives(evidence, policy),
        left_out=origins.left_out if origins else (),
        target_end=tuple(origins.target_end.tolist()) if origins else (),
        evidence=gate.recorded_evidence(evidence),
        version=VERSION,
    )


def _expired(desk: Desk, trial: Trial) -> int:
    """How many requests to promote this candidate nobody has answered in time."""
    now = this_moment()
    asked = requests(desk.registry, desk.pipeline) if trial.model is not None else ()
    return sum(one.expired_at(now) and one.asked.model == (trial.model and trial.model.id) for one in asked)


def _row(report: GateReport) -> GateReportRow:
    return GateReportRow(
        run=report.run,
        pipeline=report.pipeline,
        candidate=report.candidate,
        champion=report.champion,
        champion_seq=report.champion_seq,
        verdict=report.decision.verdict,
        reasons=report.decision.reasons,
        used=report.decision.figures.used,
        windows_id=report.decision.figures.windows_id,
        body=canonical(report),
        # beside the body, not in it: the same decision made again has the same id
        created_at=this_moment(),
    )


def register(desk: Desk, dataset: DatasetRef, model: Ref) -> None:
    """Keep a model as a version of the pipeline."""
    card = checkpoints.card(desk.store, model.id)
    desk.registry.add_version(
        Version(
            pipeline=desk.config.name,
            model=model.id,
            dataset=dataset.id,
            uri=model.uri,
            manifest_sha256=card.manifest_sha256,
            kind=card.recipe.model.kind,
            horizon=card.size.horizon,
            freq=str(card.freq),
            data_end=card.data_end,
            as_of=dataset.as_of,
            created_at=this_moment(),
            parent=card.recipe.parent,
        )
    )
