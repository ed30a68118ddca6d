"""A person's answer to a promotion that waits: yes or no; gated again where the champion changed."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from lstm_pipeline.errors import Conflict, UsageError
from lstm_pipeline.registry import Petition, Promotion, Proposal
from lstm_pipeline.settings.environment import Places
from lstm_pipeline.steps.asking import Held, held, hold
from lstm_pipeline.steps.desk import Job, Line, Office, open_desk, this_moment
from lstm_pipeline.steps.gate_report import recorded
from lstm_pipeline.steps.outcome import Outcome
from lstm_pipeline.steps.petitions import Request, requests
from lstm_pipeline.steps.recipe import Steps, judged_again
from lstm_pipeline.steps.refs import PromotionRef
from lstm_pipeline.steps.rivals import registered
from lstm_pipeline.steps.succession import holds_from, named, refuse_champion
from lstm_pipeline.steps.summary import markdown

LOG = logging.getLogger(__name__)
SHORT = 16
"""Digits of an id that a form has room for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What a person says."""

    actor: str
    reason: str = ""
    model: str | None = None
    """Id of the model or the beginning of it; None: the one whose request is the newest."""


def pending(office: Office) -> tuple[Request, ...]:
    """The requests that a person may answer now, oldest first."""
    now = this_moment()
    return tuple(one for one in requests(office.registry, office.pipeline) if one.open_at(now))


def approve(line: Line, places: Places, word: Word, steps: Steps) -> tuple[Promotion, ...]:
    """Promote the model that waits; its forecast goes live with the next run or `forecast`.

    Returns what the log got: its promotion, and that of its recipe trained to the end of the data.

    Where another champion came since it was judged, it is judged again, and the word counts only if the gate
    still lets it through.

    Raises:
        UsageError: nothing waits, or it has expired, or is champion already.
        BrokenArtifact: its package is not the one that was judged, or the log was altered.
        Conflict: it was answered before, or the gate no longer lets it through.
    """
    line.registry.verify_chain(line.pipeline)
    asked = _waiting(line, word).asked
    registered(line, asked.model)
    log = line.registry.promotions(line.pipeline)
    refuse_champion(log, asked.model)
    kept = held(line, asked.gate_report)
    job = _job(places, kept, word)
    if (log[-1].seq if log else 0) != asked.champion_seq:
        asked, kept = _gated_again(line, job, (asked, kept), steps)
    row = _promoted(line, asked, word)
    # the recipe goes on where it had stopped
    promotion = PromotionRef(uri=f"promotion/{row.pipeline}/{row.seq}", id=row.model, promoted=True)
    steps.refit(job, kept.trial, kept.gate, promotion)
    return line.registry.promotions(line.pipeline)[row.seq - 1 :]


def refuse(office: Office, word: Word) -> Petition:
    """Refuse the model that waits.

    Raises:
        UsageError: nothing waits, it has expired, or no reason is given.
        Conflict: it was answered before.
    """
    if not word.reason.strip():
        raise UsageError("--reason: got nothing, expected why: a refusal is read by others later")
    asked = _waiting(office, word).asked
    answer = asked.answered("refused", actor=word.actor, reason=word.reason, at=this_moment())
    return office.registry.petition(answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a person is asked where the flow run waits."""

    key: str
    """Names the question: another decision is another one."""
    model: str
    seconds: int
    """How long it may be answered."""
    text: str
    """Markdown."""


def form_of(job: Job, outcome: Outcome) -> Form | None:
    """The form for a run's promotion; None where it does not wait, or is to be answered elsewhere."""
    desk = open_desk(job)
    if outcome.awaits is None or outcome.model is None or not desk.config.approval.wait:
        return None
    model = desk.store.key(outcome.model).rpartition("/")[2]
    one = next(one for one in reversed(pending(desk)) if one.asked.model == model)
    left = (one.asked.expires_at - this_moment()).total_seconds()
    # as much of the id as the form has room for; the whole of it stands in the run
    why = one.asked.reason[:1].upper() + one.asked.reason[1:]
    text = f"Promote `{model[:SHORT]}`? {why}.\n\n{markdown(outcome)}"
    return Form(key=one.asked.gate_report[:16], model=model, seconds=max(1, int(left)), text=text)


def answer(job: Job, word: Word, *, approved: bool, steps: Steps) -> None:
    """Answer the request of a run that waits; what stands in the way of an approval is told, not raised."""
    desk = open_desk(job)
    line = Line(pipeline=desk.pipeline, store=desk.store, registry=desk.registry)
    try:
        if approved:
            approve(line, Places(store=job.store, registry=job.registry), word, steps)
        else:
            refuse(line, replace(word, reason=word.reason.strip() or "no reason given"))
    except (Conflict, UsageError) as error:
        LOG.warning("%s", error)


def _waiting(office: Office, word: Word) -> Request:
    """The request that a person means.

    Raises:
        UsageError: there is none, or it has expired.
        Conflict: it was answered before.
    """
    known, now = requests(office.registry, office.pipeline), this_moment()
    if not known:
        raise UsageError(
            f"{office.pipeline}: no promotion waits for approval; where [approval] wants a person's word, a "
            "run asks for it"
        )
    if word.model is not None:
        model = named(word.model, [one.asked.model for one in known], "was asked for")
        known = tuple(one for one in known if one.asked.model == model)
    waiting = [one for one in known if one.open_at(now)]
    if waiting:
        return waiting[-1]
    last = known[-1]
    if last.expired_at(now):
        raise UsageError(
            f"{office.pipeline}: the request to promote {last.asked.model} expired at {last.until}: run the "
            "pipeline again, and it is judged and asked for anew"
        )
    raise Conflict(
        f"{office.pipeline}: the promotion of {last.asked.model} was {last.told}: that answer stands"
    )


def _promoted(line: Line, asked: Petition, word: Word) -> Promotion:
    """The approval together with the promotion: both or neither."""
    now = this_moment()
    given = asked.answered("approved", actor=word.actor, reason=word.reason, at=now)
    found = ", ".join(recorded(line, asked.gate_report).decision.reasons)
    proposal = Proposal(
        pipeline=line.pipeline,
        model=asked.model,
        gate_report=asked.gate_report,
        actor=word.actor,
        reason=f"{found}; approved" + (f": {word.reason}" if word.reason else ""),
        as_of=holds_from(line, line.registry.promotions(line.pipeline), asked.model),
        at=now,
    )
    return line.registry.approve(given, proposal)


def _job(places: Places, kept: Held, word: Word) -> Job:
    return Job(
        config=kept.config,
        store=places.store,
        registry=places.registry,
        as_of=kept.as_of,
        now=kept.now,
        actor=word.actor,
    )


def _gated_again(line: Line, job: Job, before: tuple[Petition, Held], steps: Steps) -> tuple[Petition, Held]:
    """A request, and what it rests on, in the place of one that was made before another champion came.

    Raises:
        Conflict: the gate no longer lets the model through; the old request is refused for that.
    """
    asked, kept = before
    trial, made = judged_again(job, steps, kept.trial.dataset, kept.trial.model)
    now, actor = this_moment(), job.actor
    if made.verdict != "PROMOTE":
        why = f"gated again, as the champion changed: {made.sentence}"
        line.registry.petition(asked.answered("refused", actor=actor, reason=why, at=now))
        raise Conflict(f"{line.pipeline}: {asked.model} was not promoted; it was {why}")
    hold(job, line, trial, made)
    fresh = Petition(
        gate_report=made.id,
        pipeline=line.pipeline,
        model=asked.model,
        champion_seq=trial.evaluation.champion_seq,
        actor=actor,
        reason="gated again, as the champion changed",
        at=now,
        expires_at=asked.expires_at,
    )
    given = line.registry.petition(fresh)
    why = f"gated again against {trial.evaluation.champion}"
    line.registry.petition(asked.answered("superseded", actor=actor, reason=why, at=this_moment()))
    return given, replace(kept, trial=trial, gate=made)
