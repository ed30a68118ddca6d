"""The log of promotions as a chain: each row carries the hash of the one before, so that edits show."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from lstm_pipeline.artifacts import fingerprint
from lstm_pipeline.registry.records import GateReportRow, Promotion, Proposal, Version, utc_text


def appended(proposal: Proposal, head: Promotion | None) -> Promotion:
    """The row that a proposal becomes after the head of the log."""
    row = Promotion(
        **{name: getattr(proposal, name) for name in _names(Proposal)},
        seq=1 if head is None else head.seq + 1,
        previous_model=None if head is None else head.model,
        previous_hash="" if head is None else head.hash,
        hash="",
    )
    return dataclasses.replace(row, hash=hash_of(row))


def hash_of(row: Promotion) -> str:
    """sha256 over every field but the hash itself."""
    fields = {name: getattr(row, name) for name in _names(Promotion) if name != "hash"}
    return fingerprint({**fields, "at": utc_text(row.at)})


def faults(log: Sequence[Promotion]) -> list[str]:
    """What is wrong with a log, oldest row first; empty where nothing is."""
    found: list[str] = []
    for before, row in zip([None, *log], log, strict=False):
        if row.hash != hash_of(row):
            found.append(f"seq {row.seq}: got hash {row.hash}, expected {hash_of(row)}: the row was altered")
        expected = ("", None) if before is None else (before.hash, before.model)
        if (row.previous_hash, row.previous_model) != expected:
            found.append(f"seq {row.seq}: it does not follow from the row before: one was removed or altered")
    return found


def standing(log: Sequence[Promotion]) -> tuple[Promotion, ...]:
    """The promotions that hold, oldest first: the last made the champion, each followed the one before.

    A rollback takes back all that came after the promotion that it returns to.
    """
    held: list[Promotion] = []
    for row in log:
        there = [before.model for before in held]
        if row.kind == "rollback" and row.model in there:
            # to its newest reign: a model may have been pinned again later
            held = held[: len(there) - there[::-1].index(row.model)]
        else:
            held.append(row)
    return tuple(held)


def reigns(log: Sequence[Promotion], model: str) -> bool:
    """This model is champion by a log, or its recipe trained to the end of the data is."""
    now = log[-1].model if log else None
    # looked for in the whole log: a rollback may have brought the refitted model back
    refitted = any(row.kind == "refit" and (row.model, row.previous_model) == (now, model) for row in log)
    return now == model or refitted


def undone(log: Sequence[Promotion]) -> frozenset[str]:
    """The models that a rollback took back and nobody has brought back since."""
    back = {row.model for row in standing(log)}
    # with its refitted model the tested one is back too
    tested = {row.previous_model for row in log if row.kind == "refit" and row.model in back}
    return frozenset(row.model for row in log) - back - tested


def missing(
    log: Sequence[Promotion], concluded: Sequence[GateReportRow], unaccounted: Sequence[Version]
) -> list[str]:
    """Promotions that runs or forecasts tell of and the log does not hold: its newest rows were removed."""
    # hashes do not show that the end of a chain is gone: only what was concluded on it does
    by_runs = [
        f"gate report {report.id}: its run promoted the model {report.candidate} after seq "
        f"{report.champion_seq}, and no such row is there: it was removed"
        for report in concluded
        if not any(row.model == report.candidate and row.seq > report.champion_seq for row in log)
    ]
    by_forecasts = [
        f"version {version.model}: it has published as champion, and no row made it one: it was removed"
        for version in unaccounted
    ]
    return [*by_runs, *by_forecasts]


def _names(kind: type[Proposal]) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))
