"""The pictures of a report as SVG: differences, forecast, test part, errors, loss curve, LSTM gates."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes

from lstm_pipeline.report.axes import Floats
from lstm_pipeline.report.canvas import (
    LETTER,
    SIDE,
    Canvas,
    canvas,
    for_file,
    for_page,
    side_of,
    write_below,
    write_beside,
    write_heading,
)
from lstm_pipeline.report.chart import (
    DOTTED_BELOW,
    Band,
    Bars,
    Chart,
    Line,
    forecast_chart,
    held_out_chart,
    loss_chart,
    step_chart,
)
from lstm_pipeline.report.content import ReportContent
from lstm_pipeline.report.gate_charts import difference_chart, origin_loss_chart
from lstm_pipeline.report.heatmaps import draw_gates
from lstm_pipeline.report.palette import DASHES, LIGHT
from lstm_pipeline.report.rivals import compared_rivals, publishers

FOOT = 36.0
"""Room for the texts below it; on a phone they are enlarged."""
HEAD = 60.0
"""Room for the title of a picture that stands alone."""
LONGEST_TITLE = 110
BAR = 0.7
"""Width of a bar as a share of its place."""
BAND_OPACITY = 0.13


def pictures(content: ReportContent) -> dict[str, bytes]:
    """The pictures as files with title, legend and background: file name -> SVG; those that exist."""
    drawn: dict[str, Canvas] = {}
    for name, chart in charts(content).items():
        drawn[name] = draw_chart(chart, HEAD)
        legend = [(line.label, getattr(LIGHT, line.ink)) for line in chart.lines]
        legend += [(label, getattr(LIGHT, ink, LIGHT.muted)) for ink, label in chart.keys]
        write_heading(drawn[name], chart.title[:LONGEST_TITLE], legend)
    if content.gates is not None:
        drawn["gates"] = draw_gates(content.gates, HEAD / 2)
        title = f"LSTM gate activations on one window of {content.gates.series}"
        write_heading(drawn["gates"], title[:LONGEST_TITLE], [])
    return {f"{name}.svg": for_file(on, name).encode() for name, on in drawn.items()}


def inline_pictures(content: ReportContent) -> dict[str, str]:
    """The pictures as parts of the page: name -> SVG; those that exist."""
    drawn = {name: draw_chart(chart) for name, chart in charts(content).items()}
    if content.gates is not None:
        drawn["gates"] = draw_gates(content.gates)
    return {name: for_page(on, name) for name, on in drawn.items()}


def charts(content: ReportContent) -> dict[str, Chart]:
    """The line pictures by name, those that exist; of the series the first that is embedded."""
    return {name: chart for name, chart in _possible_charts(content) if chart is not None}


def draw_chart(chart: Chart, head: float = 0.0) -> Canvas:
    """Draw a line picture below `head` free pixels."""
    on = canvas(head + chart.height)
    gutter = 2 * SIDE + LETTER * max((len(tick.label) for tick in chart.up.ticks), default=0)
    axes = on.panel(head, chart.height - FOOT, gutter)
    last = max(1, len(chart.stamps) - 1)
    axes.set_xlim(*((-1, 1) if len(chart.stamps) == 1 else (-chart.room, last + chart.room)))
    axes.set_ylim(0, 1)
    if chart.cutoff is not None:
        axes.axvspan(max(0.0, chart.cutoff), last, color=LIGHT.wash, linewidth=0)
    _draw_ticks(axes, chart, gutter)
    # the most important line comes first, and is drawn last, above the others
    for line in reversed(chart.lines) if chart.bars is None else ():
        _draw_line(axes, line, chart)
    if chart.bars is not None:
        _draw_bars(axes, chart, chart.bars)
    if chart.band is not None:
        _draw_band(axes, chart, chart.band)
    if chart.mark is not None:
        _draw_mark(axes, chart, chart.mark)
    return on


def _possible_charts(content: ReportContent) -> Iterator[tuple[str, Chart | None]]:
    yield "differences", difference_chart(content.ruling)
    yield "origin_losses", origin_loss_chart(content.ruling)
    if content.pictures:
        first = content.pictures[0]
        by = publishers(content)[first.id]
        yield "forecast", forecast_chart(first, by.ink, by.label)
        if any(picture.test_ds for picture in content.pictures):
            yield "test", held_out_chart(first, content.naive)
    yield "steps", step_chart(compared_rivals(content))
    if content.loss_curve is not None:
        yield "loss", loss_chart(content.loss_curve)


def _draw_ticks(axes: Axes, chart: Chart, gutter: float) -> None:
    for tick in chart.up.ticks:
        height = _height(chart, tick.at)
        axes.axhline(height, color=LIGHT.rule, linewidth=1, zorder=0.5)
        left = axes.get_xlim()[0]
        write_beside(axes, tick.label, (left, height), (-gutter, 0), ("left", "center_baseline"))
    write_below(axes, chart.across)


def _draw_line(axes: Axes, line: Line, chart: Chart) -> None:
    height = chart.up.height(line.values)
    places = line.start + np.arange(len(height))
    colour = getattr(LIGHT, line.ink)
    dashes = DASHES.get(line.ink)
    axes.plot(
        places,
        height,
        color=colour,
        linewidth=1.75,
        # matplotlib measures dashes in widths of the line
        linestyle=(0, tuple(d / 1.75 for d in dashes)) if dashes else "-",
        marker="o",
        markersize=9 if np.isfinite(height).sum() == 1 else 5,
        markevery=_dotted(height),
        markeredgewidth=0,
        clip_on=False,
        solid_joinstyle="round",
    )


def _draw_bars(axes: Axes, chart: Chart, bars: Bars) -> None:
    line = chart.lines[0]
    zero, height = _height(chart, 0.0), chart.up.height(line.values)
    for ink, own in ((line.ink, line.values >= 0), (bars.below, line.values < 0)):
        places = np.flatnonzero(own)
        axes.bar(places, height[places] - zero, BAR, bottom=zero, color=getattr(LIGHT, ink), linewidth=0)
    axes.axhline(zero, color=LIGHT.muted, linewidth=1)


def _draw_band(axes: Axes, chart: Chart, band: Band) -> None:
    low, mean, high = chart.up.height(band.values).tolist()
    if np.isfinite(low) and np.isfinite(high):
        axes.axhspan(low, high, color=LIGHT.ink, alpha=BAND_OPACITY, linewidth=0)
    axes.axhline(mean, color=LIGHT.ink, linewidth=1.5)


def _dotted(height: Floats) -> list[int]:
    """Where a line needs dots: at values without a neighbour, and everywhere on a short line."""
    known = np.isfinite(height)
    if known.sum() <= DOTTED_BELOW:
        return np.flatnonzero(known).tolist()
    beside = np.convolve(known, [1, 0, 1], mode="same") > 0
    return np.flatnonzero(known & ~beside).tolist()


def _draw_mark(axes: Axes, chart: Chart, mark: int) -> None:
    height = _height(chart, chart.lines[0].values[mark])
    if not np.isfinite(height):
        return
    axes.plot(
        [mark],
        [height],
        color=LIGHT.candidate,
        marker="o",
        markersize=10,
        markerfacecolor="none",
        markeredgewidth=2,
        clip_on=False,
    )
    text = f"best at step {chart.stamps[mark]}"
    write_beside(axes, text, (mark, height), (0, 12), (side_of(axes, mark), "bottom"))


def _height(chart: Chart, value: float) -> float:
    return float(chart.up.height(np.array([value]))[0])
