"""The page of a comparison: verdict, figures, pictures and caveats as one self-contained HTML file."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from lstm_pipeline.report.axes import stamp_ticks, value_scale
from lstm_pipeline.report.canvas import for_page
from lstm_pipeline.report.chart import Chart, Line
from lstm_pipeline.report.pictures import draw_chart
from lstm_pipeline.report.style import style
from lstm_pipeline.report.templates import templates
from lstm_pipeline.versus.compared import Compared
from lstm_pipeline.versus.contest import Contest
from lstm_pipeline.versus.forecasts import Floats, stamp


def render(found: Compared) -> str:
    """The comparison as a page; an equal one gives equal text."""
    charts = {"differences": _differences(found.contest), "steps": _steps(found.contest)}
    return (
        templates()
        .get_template("compared.html.j2")
        .render(
            found=found,
            figures=found.decision.figures,
            style=style(),
            charts=charts,
            pictures={name: Markup(for_page(draw_chart(chart), name)) for name, chart in charts.items()},
        )
    )


def _differences(contest: Contest) -> Chart:
    """Champion's loss less the candidate's, by origin."""
    losses = contest.evidence.losses
    values = (
        np.array([])
        if losses is None or losses.champion is None
        else _less(losses.champion, losses.candidate)
    )
    stamps = tuple(stamp(int(at), contest.dated).replace(" ", "T") for at in contest.cutoffs)
    zero = Line(ink="baseline", label="equal", values=np.zeros(len(values)))
    return Chart(
        title="How much less the candidate loses than the champion, by origin",
        stamps=stamps,
        lines=(Line(ink="candidate", label="champion's loss less candidate's", values=values), zero),
        across=stamp_ticks(stamps),
        up=value_scale(np.append(values, 0.0)),
    )


def _steps(contest: Contest) -> Chart:
    """Scaled error of both by step of the horizon."""
    own, other = contest.steps.candidate, contest.steps.champion
    stamps = tuple(str(step + 1) for step in range(len(own)))
    lines = (
        Line(ink="candidate", label="candidate", values=own),
        Line(ink="champion", label="champion", values=other),
    )
    return Chart(
        title="Scaled error at each step of the horizon",
        stamps=stamps,
        lines=lines,
        across=stamp_ticks(stamps),
        up=value_scale(np.concatenate([own, other]), from_zero=True),
        unit="step ",
    )


def _less(champion: Floats, candidate: Floats) -> Floats:
    """Their difference, a hole where it is not finite."""
    with np.errstate(invalid="ignore"):
        found = champion - candidate
    return np.where(np.isfinite(found), found, np.nan)
