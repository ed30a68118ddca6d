"""The page: a report's content as one HTML file that needs nothing beside it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import Any

from markupsafe import Markup

from lstm_pipeline.report import findings, gate_tables, judgement, numerals, rivals, table
from lstm_pipeline.report.chart import Chart
from lstm_pipeline.report.content import ReportContent, SeriesRow
from lstm_pipeline.report.embedded import page_data
from lstm_pipeline.report.findings import Finding
from lstm_pipeline.report.gate_tables import GuardRow, Knob
from lstm_pipeline.report.interval import Interval, interval_of
from lstm_pipeline.report.pictures import charts, inline_pictures
from lstm_pipeline.report.style import style
from lstm_pipeline.report.table import Extremes, Group
from lstm_pipeline.report.templates import templates

REASONS = {
    "duplicate": "the same row again",
    "conflict": "another value for the same series and time",
    "off_grid": "a time between two steps of the grid",
    "missing": "an empty cell inside a series",
    "not_number": "a value that is no number",
    "infinite": "an infinite value",
    "bad_time": "a time that cannot be read",
    "bad_id": "an empty series id",
}
"""What each reason for setting a row aside means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the template places, beside the content itself."""

    style: Markup
    script: Markup
    pictures: dict[str, Markup]
    """SVG by name: differences, origin_losses, forecast, test, steps, loss, gates; those that exist."""
    charts: dict[str, Chart]
    data: dict[str, Any]
    """For the script."""
    judgement: Judgement
    interval: Interval | None
    """The effect with its interval."""
    guards: tuple[GuardRow, ...]
    knobs: tuple[Knob, ...]
    """What other thresholds would have said."""
    agreed: bool
    """All of them the same."""
    findings: tuple[Finding, ...]
    pooling: str
    """What errors over all series are measured in."""
    rows: tuple[SeriesRow, ...]
    """Worst first."""
    groups: tuple[Group, ...]
    """The columns of the table of series."""
    drawn: str
    """Which of its series are drawn."""
    extremes: Extremes | None
    places: dict[str, int]
    """Where each embedded series stands in the data."""
    note: str
    """Why the first series is not forecast by the champion."""
    best: dict[str, float | None]
    """The smallest error by column of the table of rivals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The promotion gate in sentences; each empty where there is nothing to say."""

    origins: str
    caution: str
    rules: str
    weighing: str
    test: str
    source: str
    unguarded: str
    delta: str


def render(content: ReportContent) -> str:
    """The report as one self-contained HTML page; equal content gives equal text."""
    return (
        templates(reach=_reach, short=numerals.short_hashes)
        .get_template("page.html.j2")
        .render(content=content, page=_page(content), meaning_of=REASONS)
    )


def _page(content: ReportContent) -> Page:
    drawn, rows = charts(content), table.ranked(content.rows)
    first = content.pictures[0].id if content.pictures else None
    return Page(
        style=style(),
        script=Markup(_part("chart.js") + _part("picker.js")),
        pictures={name: Markup(svg) for name, svg in inline_pictures(content).items()},
        charts=drawn,
        data=page_data(content, drawn),
        judgement=_judgement(content),
        interval=interval_of(content.ruling),
        guards=gate_tables.guard_rows(content.ruling),
        knobs=gate_tables.knobs(content.ruling),
        agreed=gate_tables.others_agree(content.ruling),
        findings=findings.three_findings(content),
        pooling=findings.pooling(content),
        rows=rows,
        groups=table.column_groups(content, rows),
        drawn=table.drawn_note(content),
        extremes=table.extremes(content.rows),
        places={picture.id: place for place, picture in enumerate(content.pictures)},
        note=rivals.publishers(content)[first].note if first is not None else "",
        best=rivals.best_errors(content.scores),
    )


def _judgement(content: ReportContent) -> Judgement:
    return Judgement(
        origins=judgement.origins_explained(content),
        caution=judgement.caution(content),
        rules=judgement.rules(content.ruling),
        weighing=judgement.weighing(content),
        test=judgement.test_in_words(content.ruling),
        source=judgement.source_in_words(content.ruling),
        unguarded=gate_tables.why_unguarded(content.ruling),
        delta=judgement.delta_in_words(content.delta),
    )


def _reach(ends: tuple[str, str]) -> str:
    """From when to when."""
    return " \u2013 ".join(numerals.short_stamps(ends))


def _part(name: str) -> str:
    return resources.files("lstm_pipeline.report").joinpath(name).read_text(encoding="utf-8")
