"""What the registry keeps: frozen records, one per row, none ever changed."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from dataclasses import dataclass, field, replace
from typing import Literal

CHAMPION = "champion"
"""The alias whose newest promotion names the model that publishes."""

PromotionKind = Literal["promote", "refit", "rollback", "pin"]
"""A promotion by the gate, of its recipe trained on all data, back to an earlier champion, or by a person."""

Event = Literal["requested", "approved", "refused", "expired", "superseded"]
"""What happens to a petition: it is requested, and then one of the others, which is its answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A model package that one pipeline may promote."""

    pipeline: str
    model: str
    """Id of the package."""
    dataset: str
    """Id of the data set that it learnt from."""
    uri: str
    manifest_sha256: str
    kind: str
    """Of the net, as in [model]."""
    horizon: int
    """Steps."""
    freq: str
    """Step of the series: an offset alias, or an integer as text."""
    data_end: int
    """Last stamp it has learnt from in any way: microseconds since the epoch, or a step."""
    as_of: str
    """Logical date of its run, as ISO text, or a step."""
    created_at: dt.datetime
    parent: str | None = None
    """The model whose weights it started from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateReportRow:
    """One decision with everything it rests on."""

    id: str = field(init=False)
    """sha256 of the body, in hex."""
    run: str
    pipeline: str
    candidate: str | None
    """Id of the model; None where none could be trained."""
    champion: str | None
    """Id of the model it was tested against."""
    champion_seq: int
    """The promotion that made that one champion; 0 without a champion."""
    verdict: str
    reasons: tuple[str, ...]
    used: str
    """The rule that decided."""
    windows_id: str | None
    """Names the compared windows."""
    body: str
    """Canonical JSON with every number and the losses per origin."""
    created_at: dt.datetime

    def __post_init__(self) -> None:
        """Name the report by its content."""
        object.__setattr__(self, "id", hashlib.sha256(self.body.encode()).hexdigest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A model that is to become the one an alias names."""

    pipeline: str
    alias: str = CHAMPION
    model: str
    """Id of a version of the pipeline."""
    kind: PromotionKind = "promote"
    gate_report: str | None
    """Id of the report that lets it through; a rollback or pin may have none."""
    actor: str
    """Who or what asks for it."""
    reason: str
    as_of: str
    at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion(Proposal):
    """A proposal with its place in the log."""

    seq: int
    """1, 2, 3 ... per pipeline and alias; the highest one holds."""
    previous_model: str | None
    previous_hash: str
    """Hash of the row before; empty in the first one."""
    hash: str
    """sha256 over all other fields, in hex."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A published forecast."""

    pipeline: str
    purpose: str
    """live, backfill or shadow."""
    cutoff: int
    """Last stamp that the forecast may know: microseconds since the epoch, or a step."""
    model: str
    """Id of the model, or the name of the baseline, that made it."""
    dataset: str
    uri: str
    run: str
    at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """A concluded run and its outcome, for the identical rerun that follows."""

    run: str
    pipeline: str
    gate_report: str
    """The decision it ended with: a run judged again, against another champion, ends anew."""
    report_uri: str
    outcome: str
    """The JSON object that the command printed."""
    at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A candidate that was judged on a set of windows."""

    pipeline: str
    windows_id: str
    """Names the windows."""
    nth: int
    """Which distinct candidate it was there: 1 for the first."""
    candidate: str
    """Id of the model."""
    at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Petition:
    """An event in the approval of a promotion: the request (the first), or its answer (the second)."""

    gate_report: str
    """The decision that a person is asked to approve."""
    nth: int = 1
    """Its place among the events of this petition."""
    pipeline: str
    model: str
    champion_seq: int
    """The promotion that the model was tested against; 0 without a champion."""
    event: Event = "requested"
    actor: str
    reason: str
    at: dt.datetime
    expires_at: dt.datetime
    """From this moment on nobody may approve it."""

    def answered(self, event: Event, *, actor: str, reason: str, at: dt.datetime) -> Petition:
        """The answer that follows this request."""
        return replace(self, nth=self.nth + 1, event=event, actor=actor, reason=reason, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveScore:
    """What a published forecast turned out to be worth, once all that it foretold had come."""

    pipeline: str
    purpose: str
    """live or shadow."""
    model: str
    """Id of the model, or the name of the baseline, that made the forecast."""
    cutoff: int
    """Last stamp that the forecast knew: microseconds since the epoch, or a step."""
    loss: float
    """Mean squared error, scaled per series and pooled over them."""
    series: int
    """How many were scored."""
    uri: str
    """Where the forecast is."""
    scored_by: str
    """Id of the dataset that holds what came."""
    at: dt.datetime

    def __post_init__(self) -> None:
        """Refuse a loss that is no number: it would be taken for the final score."""
        if not math.isfinite(self.loss):
            raise ValueError(
                f"got the loss {self.loss} of the forecast {self.uri}, expected a finite number: leave it "
                "unscored until what it foretold is observed"
            )


def utc_text(moment: dt.datetime) -> str:
    """A moment as text of one length, so that the order of texts is the order of time.

    Raises:
        ValueError: it has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"got {moment.isoformat()}, expected a moment with its time zone")
    return moment.astimezone(dt.UTC).isoformat(timespec="microseconds")
