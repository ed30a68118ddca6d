"""The compare-and-swap of a promotion: read the head, check it, append; all in one transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, select

from lstm_pipeline.errors import Conflict, UsageError
from lstm_pipeline.registry import tables
from lstm_pipeline.registry.chain import appended
from lstm_pipeline.registry.records import GateReportRow, Promotion, Proposal, Version
from lstm_pipeline.registry.rows import first_of, insert_row


def append(connection: Connection, proposal: Proposal, expected_seq: int) -> Promotion:
    """Append a promotion, or return the one that the same gate report brought about before.

    Raises:
        Conflict: the head of the log is not `expected_seq`.
        UsageError: the model may not be promoted.
    """
    newest = log_of(proposal.pipeline, proposal.alias).order_by(tables.promotion.c.seq.desc())
    head = first_of(connection, Promotion, newest)
    # After the head, never before: a row that arrives between the two readings is then found here.
    done = _done_before(connection, proposal)
    if done is not None:
        return done
    _require_head(proposal, head, expected_seq)
    _require_version(connection, proposal)
    if proposal.kind == "promote":
        _require_verdict(connection, proposal)
    row = appended(proposal, head)
    insert_row(connection, tables.promotion, row)
    return row


def log_of(pipeline: str, alias: str) -> Select[Any]:
    """The rows of one log, in no order."""
    t = tables.promotion.c
    return select(tables.promotion).where(t.pipeline == pipeline, t.alias == alias)


def concluded(pipeline: str) -> Select[Any]:
    """The gate reports by which concluded runs of a pipeline promoted their candidate, in no order."""
    t, runs = tables.gate_report.c, tables.run.c
    ended = select(runs.gate_report).where(runs.pipeline == pipeline)
    return select(tables.gate_report).where(t.verdict == "PROMOTE", t.id.in_(ended))


def unaccounted(pipeline: str) -> Select[Any]:
    """The versions of a pipeline that have published, although no row of its log ever made them champion."""
    t, said, log = tables.version.c, tables.publication.c, tables.promotion.c
    spoke = select(said.model).where(said.pipeline == pipeline, said.purpose.in_(("live", "backfill")))
    crowned = select(log.model).where(log.pipeline == pipeline)
    return select(tables.version).where(t.pipeline == pipeline, t.model.in_(spoke), t.model.not_in(crowned))


def _done_before(connection: Connection, proposal: Proposal) -> Promotion | None:
    # a person may want the same twice: only a report tells a repeated call from a new wish
    if proposal.gate_report is None:
        return None
    t = tables.promotion.c
    log = log_of(proposal.pipeline, proposal.alias)
    same = log.where(
        t.model == proposal.model, t.kind == proposal.kind, t.gate_report == proposal.gate_report
    )
    return first_of(connection, Promotion, same.order_by(t.seq))


def _require_head(proposal: Proposal, head: Promotion | None, expected_seq: int) -> None:
    found = 0 if head is None else head.seq
    if found != expected_seq:
        model = "none" if head is None else head.model
        tested = proposal.kind == "promote"
        known = "which the candidate was tested against" if tested else "which the wish went by"
        advice = "gate it again, against the newest one" if tested else "look at the log, and ask again"
        raise Conflict(
            f"{proposal.pipeline}: got promotion {found} (model {model}) as the newest one, expected "
            f"{expected_seq}, {known}: {advice}"
        )


def _require_version(connection: Connection, proposal: Proposal) -> None:
    t = tables.version.c
    versions = select(tables.version).where(t.pipeline == proposal.pipeline, t.model == proposal.model)
    if first_of(connection, Version, versions) is None:
        raise UsageError(
            f"got the model {proposal.model}, which is no version of {proposal.pipeline}: expected one that "
            "a run of this pipeline has trained and judged"
        )


def _require_verdict(connection: Connection, proposal: Proposal) -> None:
    reports = select(tables.gate_report).where(tables.gate_report.c.id == proposal.gate_report)
    report = first_of(connection, GateReportRow, reports)
    got = None if report is None else (report.pipeline, report.candidate, report.verdict)
    if got != (proposal.pipeline, proposal.model, "PROMOTE"):
        raise UsageError(
            f"got the gate report {proposal.gate_report}, which does not promote the model {proposal.model} "
            f"of {proposal.pipeline}: expected one whose verdict on this model is PROMOTE"
        )
