"""Recall the outcome of an identical run, where all it left behind is still there and unaltered."""

from __future__ import annotations

import logging
from dataclasses import replace

from lstm_pipeline import checkpoints, evaluations
from lstm_pipeline.artifacts import Ref
from lstm_pipeline.errors import BrokenArtifact
from lstm_pipeline.registry import GateReportRow, reigns
from lstm_pipeline.steps.desk import Desk, Job, open_desk, this_moment
from lstm_pipeline.steps.edition import FRAME
from lstm_pipeline.steps.gate_report import gate_report_of
from lstm_pipeline.steps.line import is_newest, run_id
from lstm_pipeline.steps.outcome import Outcome, outcome_of
from lstm_pipeline.steps.petitions import Request, request_of
from lstm_pipeline.steps.publication import latest_key
from lstm_pipeline.steps.refs import DatasetRef
from lstm_pipeline.storage import sha256

LOG = logging.getLogger(__name__)


def recall(job: Job, dataset: DatasetRef, model: Ref | None) -> Outcome | None:
    """The outcome of the same run, if it was concluded before; None where some of it is gone, and made again.

    Raises:
        BrokenArtifact: a part of it, or a row that tells of it, was altered.
    """
    desk = open_desk(job)
    row = desk.registry.run(run_id(desk, dataset, model))
    decision = desk.registry.gate_report(row.gate_report) if row is not None else None
    if row is None or decision is None:
        return None
    desk.registry.verify_chain(desk.config.name)
    kept, request = outcome_of(row.outcome), request_of(desk.registry, desk.pipeline, row.gate_report)
    if request is not None and (request.expired_at(this_moment()) or _owed(desk, dataset, kept, request)):
        return None
    folders = _folders(kept, decision)
    if not all(desk.store.manifest(folder) for folder in folders) or not _latest_stands(desk, dataset, kept):
        return None
    for folder in folders:
        desk.store.verify(folder)
    _require_agreement(desk, kept, asked=request is not None)
    return _answered(desk, _told_now(desk, kept), request).placed(desk.store.uri)


def _folders(kept: Outcome, decision: GateReportRow) -> list[str]:
    """Keys of what the run published, and of the scores that its verdict rests on."""
    scores = evaluations.key_of(gate_report_of(decision).evaluation)
    files = [_folder(kept.forecasts), _folder(kept.report)]
    # where the recipe was trained to the end of its data that model is no less its own
    whole = [checkpoints.key_of(kept.champion)] if kept.promoted and kept.champion is not None else []
    return [kept.dataset, scores, *files, *([kept.model] if kept.model is not None else []), *whole]


def _folder(key: str) -> str:
    return key.rpartition("/")[0]


def _latest_stands(desk: Desk, dataset: DatasetRef, kept: Outcome) -> bool:
    """latest.parquet is there and, where this run's data are the newest, holds what was published from them.

    Another forecast with the same cutoff may have come between, from rows that were corrected again.
    """
    latest = desk.store.read(latest_key(desk))
    if latest is None or not is_newest(desk, dataset):
        return latest is not None
    published = [desk.store.manifest(folder) for folder in _rightful(desk, dataset, kept)]
    stands = sha256(latest) in [facts["parts"][FRAME]["sha256"] for facts in published if facts]
    if not stands:
        LOG.warning(
            "%s: it is not what this run published, and is written anew", desk.store.uri(latest_key(desk))
        )
    return stands


def _rightful(desk: Desk, dataset: DatasetRef, kept: Outcome) -> list[str]:
    """Keys of the forecasts from this run's data: its own, and those of who became champion after it."""
    champion = desk.registry.champion(desk.pipeline)
    now = kept.champion if champion is None else champion.model
    live = desk.registry.publications(desk.pipeline, "live", dataset.cutoff) if now != kept.champion else ()
    later = [row.uri for row in live if (row.model, row.dataset) == (now, dataset.id)]
    return [_folder(kept.forecasts), *later]


def _told_now(desk: Desk, kept: Outcome) -> Outcome:
    """The outcome with the champion of now: after a rollback the stored one names the wrong model."""
    champion = desk.registry.champion(desk.pipeline)
    if champion is None or champion.model == kept.champion:
        return kept
    since = f"{champion.kind} {champion.seq} at {champion.at:%Y-%m-%dT%H:%M:%SZ} by {champion.actor}"
    note = f"champion is {champion.model} by now: {since} ({champion.reason})"
    return replace(kept, champion=champion.model, notes=(*kept.notes, note))


def _owed(desk: Desk, dataset: DatasetRef, kept: Outcome, request: Request) -> bool:
    """The run's candidate was approved after it, and nothing is published by it yet: that is made up for."""
    approved = request.answer is not None and request.answer.event == "approved"
    log = desk.registry.promotions(desk.pipeline)
    crowned, told = reigns(log, request.asked.model), not log or log[-1].model == kept.champion
    if not approved or not crowned or told:
        return False
    return is_newest(desk, dataset) and len(_rightful(desk, dataset, kept)) == 1


def _answered(desk: Desk, told: Outcome, request: Request | None) -> Outcome:
    """The outcome with what became of its request, where there was one."""
    if request is None:
        return told
    crowned = reigns(desk.registry.promotions(desk.pipeline), request.asked.model)
    approved = request.answer is not None and request.answer.event == "approved"
    if request.answer is None and not crowned:
        return told
    return told.answered(f"its promotion was {request.told}" if request.told else "", promoted=approved)


def _require_agreement(desk: Desk, kept: Outcome, *, asked: bool) -> None:
    """Refuse an outcome that registry and report tell differently.

    `asked`: a person was asked, so that a page drawn again may know more than the run did.

    Raises:
        BrokenArtifact: they do.
    """
    page = outcome_of(desk.store.read_part(_folder(kept.report), "report.json").decode())
    said = _judged if asked else _said
    if said(page) != said(kept):
        raise BrokenArtifact(
            f"run {kept.run}: got {kept.verdict} ({', '.join(kept.reasons)}) from the registry, its report "
            f"{desk.store.uri(kept.report)} was written with {page.verdict} ({', '.join(page.reasons)}) or "
            "other figures: one of them was altered; restore a copy of the registry"
        )


def _said(outcome: Outcome) -> tuple[object, ...]:
    """What a run said of its candidate: neither when, nor where it is kept, nor what it took."""
    return *_judged(outcome), outcome.promoted, outcome.champion, outcome.published_by


def _judged(outcome: Outcome) -> tuple[object, ...]:
    """What the gate found, whatever became of it."""
    errors = outcome.mse, outcome.champion_mse, outcome.baseline_mse, outcome.skill
    return outcome.verdict, outcome.reasons, *errors, outcome.gate, outcome.weights_sha256
