"""The status of an installation as one page, drawn anew each time somebody looks."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from lstm_pipeline.report.style import style
from lstm_pipeline.report.templates import templates
from lstm_pipeline.steps.status import Standing

SPANS = ((86_400, "d"), (3_600, "h"), (60, "min"))
"""Seconds of a unit, and its name."""


def render_status(standings: Sequence[Standing], now: dt.datetime, server: str | None) -> str:
    """The page; `server`: address of the Prefect UI, where there is one."""
    pages = templates("lstm_pipeline.service", moment=moment, span=span, ago=ago, name=name)
    return pages.get_template("status.html.j2").render(
        standings=standings, now=now, server=server, headline=headline(standings), style=style()
    )


def headline(standings: Sequence[Standing]) -> str:
    """How they stand, in a sentence."""
    reigning = sum(one.champion is not None for one in standings)
    alarmed = [one.pipeline for one in standings if one.alerts]
    waiting = [one.pipeline for one in standings if one.waits is not None]
    told = [f"{reigning} of {len(standings)} pipelines have a champion"]
    told += [f"{', '.join(waiting)} waits for a person"] if waiting else []
    told += [f"look at {', '.join(alarmed)}"] if alarmed else []
    return "; ".join(told)


def name(model: str) -> str:
    """Of a model the beginning of its id; the name of a baseline as it is."""
    return model[:12] if re.fullmatch("[0-9a-f]{64}", model) else model


def moment(when: dt.datetime) -> str:
    """A moment in UTC, to the minute."""
    return f"{when.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"


def ago(then: dt.datetime, now: dt.datetime) -> str:
    """How long a moment is past."""
    return f"{span((now - then).total_seconds())} ago"


def span(time: float) -> str:
    """A span of seconds by its largest unit, and the next one where that tells something."""
    seconds = max(0, int(time))
    for place, (unit, name) in enumerate(SPANS):
        if seconds >= unit:
            more = SPANS[place + 1 : place + 2]
            rest = f" {seconds % unit // more[0][0]} {more[0][1]}" if more and seconds < 10 * unit else ""
            return f"{seconds // unit} {name}{rest}"
    return f"{seconds} s"
