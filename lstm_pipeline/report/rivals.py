"""Who is compared with whom, and who made the published forecasts."""

from __future__ import annotations

from dataclasses import dataclass

from lstm_pipeline.report.content import ReportContent, RivalScore, SeriesRow
from lstm_pipeline.report.numerals import known, words
from lstm_pipeline.report.palette import Ink


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Who made the forecast of one series."""

    ink: Ink
    label: str
    """As the legend says it."""
    note: str
    """Why it was not the champion; empty where it was."""


def publishers(content: ReportContent) -> dict[str, Publisher]:
    """Who made the published forecast of each embedded series, by its id."""
    rows = {row.id: row for row in content.rows}
    return {
        picture.id: _publisher(rows.get(picture.id), promoted=content.ruling.promoted)
        for picture in content.pictures
    }


def candidate_of(content: ReportContent) -> RivalScore | None:
    """The candidate, where it was scored."""
    return next((rival for rival in content.scores if rival.role == "candidate"), None)


def naive_of(content: ReportContent) -> RivalScore | None:
    """The naive forecast that the candidate is held against, where it was scored."""
    return next((rival for rival in content.scores if rival.name == content.naive), None)


def compared_rivals(content: ReportContent) -> tuple[RivalScore, ...]:
    """Candidate, champion and the naive forecast, those that were scored."""
    models = tuple(rival for rival in content.scores if rival.role != "baseline")
    naive = naive_of(content)
    return (*models, naive) if naive else models


def best_errors(rivals: tuple[RivalScore, ...]) -> dict[str, float | None]:
    """The smallest error by column of the table of rivals; None where nobody has one."""
    columns = ("mse", "mae", "rmse", "smape", "mase")
    found = {column: [getattr(rival, column) for rival in rivals] for column in columns}
    return {column: min(filter(known, errors), default=None) for column, errors in found.items()}


def _publisher(row: SeriesRow | None, *, promoted: bool) -> Publisher:
    if row is None or row.source == "none":
        return Publisher(ink="baseline", label="no forecast", note=row.reason if row else "")
    if row.source != "champion":
        return Publisher(ink="baseline", label=f"forecast by {words(row.source)}", note=row.reason)
    if promoted:
        return Publisher(ink="candidate", label="forecast by the new champion", note="")
    return Publisher(ink="champion", label="forecast by the champion", note="")
