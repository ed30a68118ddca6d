"""The page of a forecast without training: who speaks, what it says, what it was worth so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from lstm_pipeline.report.axes import stamp_ticks, value_scale
from lstm_pipeline.report.canvas import for_page
from lstm_pipeline.report.chart import Chart, Line, all_values, forecast_chart, present
from lstm_pipeline.report.drawn import SeriesPicture
from lstm_pipeline.report.palette import Ink
from lstm_pipeline.report.pictures import draw_chart
from lstm_pipeline.report.style import style
from lstm_pipeline.report.templates import templates


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveGroup:
    """Live forecasts that are told together."""

    label: str
    loss: float
    """Scaled, mean over their scored steps."""
    naive_loss: float
    steps: int
    """Scored."""

    @property
    def skill(self) -> float | None:
        """1 - loss / naive loss; None where the naive makes no error."""
        return 1.0 - self.loss / self.naive_loss if self.naive_loss > 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRecord:
    """What live forecasts have turned out to be worth."""

    forecasts: int
    whole: LiveGroup
    by_step: tuple[LiveGroup, ...]
    """In the order of the horizon."""
    by_age: tuple[LiveGroup, ...]
    """By how long ago the model's knowledge ended, youngest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastContent:
    """All that the page shows."""

    pipeline: str
    cutoff: str
    horizon: int
    freq: str
    published_by: str
    champion: bool
    """A model published; else a baseline did."""
    sources: Mapping[str, int]
    """Series by who forecasts them."""
    reasons: Mapping[str, str]
    """Of the series that the champion does not forecast, why."""
    notes: tuple[str, ...]
    pictures: tuple[SeriesPicture, ...]
    record: LiveRecord | None
    """None while nothing has come true."""
    frame: str
    """Address of the forecasts."""


REASONS = 25
"""Series whose reason the page lists."""


def render_forecast(content: ForecastContent) -> str:
    """The page; equal content gives equal text."""
    charts = _charts(content)
    return (
        templates()
        .get_template("forecast.html.j2")
        .render(
            content=content,
            style=style(),
            charts=charts,
            drawn={name: Markup(for_page(draw_chart(chart), name)) for name, chart in charts.items()},
            reasons=list(content.reasons.items())[:REASONS],
            more=max(0, len(content.reasons) - REASONS),
        )
    )


def _charts(content: ForecastContent) -> dict[str, Chart]:
    ink: Ink = "champion" if content.champion else "baseline"
    found = {
        f"series{place}": forecast_chart(picture, ink, "forecast")
        for place, picture in enumerate(content.pictures)
    }
    steps = None if content.record is None else _step_chart(content.record)
    return found if steps is None else {**found, "steps": steps}


def _step_chart(record: LiveRecord) -> Chart | None:
    """Live error at each step of the horizon; None where there is but one."""
    if len(record.by_step) < 2:
        return None
    lines = present(
        Line(ink="champion", label="published", values=np.array([one.loss for one in record.by_step])),
        Line(ink="baseline", label="naive", values=np.array([one.naive_loss for one in record.by_step])),
    )
    stamps = tuple(one.label for one in record.by_step)
    return Chart(
        title="Live error at each step of the horizon",
        stamps=stamps,
        lines=lines,
        across=stamp_ticks(stamps),
        up=value_scale(all_values(lines), from_zero=True),
        unit="step ",
    )
