"""The page: a report's content as one HTML file that needs nothing beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from lstm_pipeline.artifacts import plain
from lstm_pipeline.report import findings, numerals
from lstm_pipeline.report.chart import Chart
from lstm_pipeline.report.content import ReportContent, RivalScore, SeriesRow
from lstm_pipeline.report.embedded import page_data
from lstm_pipeline.report.findings import Finding
from lstm_pipeline.report.palette import DARK, LIGHT
from lstm_pipeline.report.pictures import charts, inline_pictures

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
    """SVG by name: forecast, test, steps, loss, gates; those that exist."""
    charts: dict[str, Chart]
    data: dict[str, Any]
    """For the script."""
    findings: tuple[Finding, Finding, Finding]
    rows: tuple[SeriesRow, ...]
    """Worst first."""
    extremes: tuple[SeriesRow, SeriesRow] | None
    places: dict[str, int]
    """Where each embedded series stands in the data."""
    note: str
    """Why the first series is not forecast by the champion."""
    best: dict[str, float | None]
    """The smallest error by column of the table of rivals."""
    outcome: str
    """The run's JSON, indented."""


def render(content: ReportContent) -> str:
    """The report as one self-contained HTML page; equal content gives equal text."""
    return (
        _environment()
        .get_template("page.html.j2")
        .render(content=content, page=_page(content), meaning_of=REASONS)
    )


def _page(content: ReportContent) -> Page:
    drawn = charts(content)
    first = content.pictures[0].id if content.pictures else None
    return Page(
        style=_style(),
        script=Markup(_part("chart.js") + _part("picker.js")),
        pictures={name: Markup(svg) for name, svg in inline_pictures(content).items()},
        charts=drawn,
        data=page_data(content, drawn),
        findings=findings.three_findings(content),
        rows=findings.ranked(content.rows),
        extremes=findings.extremes(content.rows),
        places={picture.id: place for place, picture in enumerate(content.pictures)},
        note=findings.publishers(content)[first].note if first is not None else "",
        best=_best(content.scores),
        outcome=json.dumps(plain(content.outcome), indent=2, ensure_ascii=False, allow_nan=False),
    )


def _best(rivals: tuple[RivalScore, ...]) -> dict[str, float | None]:
    return {column: findings.best_in(rivals, column) for column in ("mse", "mae", "rmse", "smape", "mase")}


def _style() -> Markup:
    schemes = (
        f":root{{{LIGHT.variables()}}}"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{DARK.variables()}}}}}\n"
    )
    return Markup(schemes + _part("page.css"))


def _part(name: str) -> str:
    return resources.files("lstm_pipeline.report").joinpath(name).read_text(encoding="utf-8")


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("lstm_pipeline.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "sort_keys": True}
    environment.filters |= {
        "number": numerals.number,
        "percent": numerals.percent,
        "count": numerals.count,
        "words": numerals.words,
    }
    return environment
