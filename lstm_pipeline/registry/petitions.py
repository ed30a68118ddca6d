"""Approvals: a request and its one answer per gate report, each appended by compare-and-swap on its place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, select

from lstm_pipeline.errors import Conflict, UsageError
from lstm_pipeline.registry.promote import append
from lstm_pipeline.registry.records import Petition, Promotion, Proposal
from lstm_pipeline.registry.rows import every_of, insert_row
from lstm_pipeline.registry.tables import petition as table

TIMED = ("approved", "refused")
"""Answers that only a petition takes which has not expired."""


def record(connection: Connection, petition: Petition) -> Petition:
    """Append an event, or return the same one that was appended before.

    Raises:
        Conflict: the petition was answered otherwise meanwhile.
        UsageError: there is nothing to answer, or it has expired.
    """
    events = every_of(connection, Petition, _events(petition.gate_report))
    if petition.event == "requested":
        return events[0] if events else _added(connection, petition)
    _require_request(petition, events)
    if len(events) > 1:
        return _same_answer(petition, events[1])
    if petition.event in TIMED and petition.at >= petition.expires_at:
        raise UsageError(
            f"{petition.pipeline}: the request to promote the model {petition.model} expired at "
            f"{petition.expires_at.isoformat()}: run the pipeline again, and it is judged and asked for anew"
        )
    return _added(connection, petition)


def approve(connection: Connection, petition: Petition, proposal: Proposal) -> Promotion:
    """Append an approval and the promotion that it allows: both or neither.

    Raises:
        Conflict: it was answered otherwise, or another champion came since the request.
        UsageError: there is nothing to approve, or the model may not be promoted.
    """
    record(connection, petition)
    return append(connection, proposal, petition.champion_seq)


def pending(events: Sequence[Petition], at: dt.datetime) -> Petition | None:
    """Of events that stand oldest first, the newest request without an answer that has not expired."""
    past = [event for event in events if event.at <= at]
    answered = {event.gate_report for event in past if event.event != "requested"}
    waiting = [event for event in past if event.gate_report not in answered and at < event.expires_at]
    return waiting[-1] if waiting else None


def _events(gate_report: str) -> Select[Any]:
    return select(table).where(table.c.gate_report == gate_report).order_by(table.c.nth)


def _added(connection: Connection, petition: Petition) -> Petition:
    insert_row(connection, table, petition)
    return petition


def _require_request(answer: Petition, events: tuple[Petition, ...]) -> None:
    """Refuse an answer to what nobody asked.

    Raises:
        UsageError: nothing was requested, or something else.
    """
    asked = events[0] if events else None
    if (
        asked is None
        or asked.answered(answer.event, actor=answer.actor, reason=answer.reason, at=answer.at) != answer
    ):
        got = "no request" if asked is None else f"the request for the model {asked.model}"
        raise UsageError(
            f"{answer.pipeline}: got {got} by the gate report {answer.gate_report}, expected one for the "
            f"model {answer.model}: nothing of that kind is pending; `requested` comes first"
        )


def _same_answer(wanted: Petition, given: Petition) -> Petition:
    """The answer that stands, if it is the one that is wanted.

    Raises:
        Conflict: it is another one.
    """
    if (given.event, given.actor, given.reason) != (wanted.event, wanted.actor, wanted.reason):
        raise Conflict(
            f"{wanted.pipeline}: got the petition for the model {wanted.model} as {given.event} by "
            f"{given.actor} at {given.at.isoformat()}, expected it unanswered: that answer stands"
        )
    return given
