"""The pictures of a report as SVG: forecast, test part, error by step, loss curve, gate activations."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes

from lstm_pipeline.report.axes import Floats
from lstm_pipeline.report.chart import (
    DOTTED_BELOW,
    Chart,
    Line,
    forecast_chart,
    held_out_chart,
    loss_chart,
    step_chart,
)
from lstm_pipeline.report.content import GatePicture, ReportContent
from lstm_pipeline.report.findings import compared_rivals, naive_name, publishers
from lstm_pipeline.report.heatmaps import draw_gates
from lstm_pipeline.report.palette import DASHES, LIGHT
from lstm_pipeline.report.sheet import SIDE, TEXT, WIDTH, sheet, to_svg, write_heading

HEIGHT = 300.0
"""Of a line picture, in pixels."""
FOOT = 36.0
"""Room for the texts below it; on a phone they are enlarged."""
HEAD = 60.0
"""Room for the title of a picture that stands alone."""
LONGEST_TITLE = 110


def pictures(content: ReportContent) -> dict[str, bytes]:
    """The pictures as files with title, legend and background: file name -> SVG; those that exist."""
    files = {
        f"{name}.svg": to_svg_of_chart(chart, name, head=HEAD) for name, chart in charts(content).items()
    }
    if content.gates is not None:
        files["gates.svg"] = to_svg_of_gates(content.gates, head=HEAD)
    return {name: svg.encode() for name, svg in files.items()}


def charts(content: ReportContent) -> dict[str, Chart]:
    """The line pictures by name, those that exist; of the series the first that is embedded."""
    return {name: chart for name, chart in _possible_charts(content) if chart is not None}


def to_svg_of_chart(chart: Chart, name: str, *, head: float = 0.0) -> str:
    """Draw a line picture."""
    on = sheet(head + HEIGHT)
    axes = on.panel(head, HEIGHT - FOOT)
    last = max(1, len(chart.stamps) - 1)
    axes.set_xlim(0, last)
    axes.set_ylim(0, 1)
    if chart.cutoff is not None:
        axes.axvspan(max(0.0, chart.cutoff), last, color=LIGHT.wash, linewidth=0)
    _draw_ticks(axes, chart)
    for line in chart.lines:
        _draw_line(axes, line, chart)
    if chart.mark is not None:
        _draw_mark(axes, chart, chart.mark)
    if head:
        write_heading(
            on, chart.title[:LONGEST_TITLE], [(li.label, getattr(LIGHT, li.ink)) for li in chart.lines]
        )
    return to_svg(on, name)


def to_svg_of_gates(gates: GatePicture, *, head: float = 0.0) -> str:
    """Draw the gate activations."""
    on = draw_gates(gates, head)
    if head:
        write_heading(on, f"Gates of the LSTM on one window of {gates.series}"[:LONGEST_TITLE], [])
    return to_svg(on, "gates")


def _possible_charts(content: ReportContent) -> Iterator[tuple[str, Chart | None]]:
    if content.pictures:
        first = content.pictures[0]
        by = publishers(content)[first.id]
        yield "forecast", forecast_chart(first, by.ink, by.label)
        if first.test_ds:
            yield "test", held_out_chart(first, naive_name(content))
    yield "steps", step_chart(compared_rivals(content))
    if content.loss_curve is not None:
        yield "loss", loss_chart(content.loss_curve)


def _draw_ticks(axes: Axes, chart: Chart) -> None:
    left, right = axes.get_xlim()
    for tick in chart.up.ticks:
        height = float(chart.up.height(np.array([tick.at]))[0])
        axes.axhline(height, color=LIGHT.rule, linewidth=1, zorder=0.5)
        label = dict(xytext=(0, 3), textcoords="offset points", ha="left", va="bottom", zorder=3)
        axes.annotate(tick.label, (left, height), color=LIGHT.muted, fontsize=TEXT, **label)
    for tick in chart.across:
        share = (tick.at - left) / (right - left)
        side = "left" if share < 0.04 else "right" if share > 0.96 else "center"
        label = dict(xytext=(0, -8), textcoords="offset points", ha=side, va="top", annotation_clip=False)
        axes.annotate(tick.label, (tick.at, 0), color=LIGHT.muted, fontsize=TEXT, **label)


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
        linestyle=(0, tuple(d / 1.75 for d in dashes)) if dashes else "-",
        marker="o",
        markersize=5,
        markevery=_dotted(height),
        markeredgewidth=0,
        clip_on=False,
        solid_joinstyle="round",
    )


def _dotted(height: Floats) -> list[int]:
    """Where a line needs dots: at values without a neighbour, and everywhere on a short line."""
    known = np.isfinite(height)
    if known.sum() <= DOTTED_BELOW:
        return np.flatnonzero(known).tolist()
    beside = np.convolve(known, [1, 0, 1], mode="same") > 0
    return np.flatnonzero(known & ~beside).tolist()


def _draw_mark(axes: Axes, chart: Chart, mark: int) -> None:
    marked = chart.lines[-1].values[mark]
    height = float(chart.up.height(np.array([marked]))[0])
    if not np.isfinite(height):
        return
    share = mark / max(1, len(chart.stamps) - 1)
    side = "right" if share > (WIDTH - 20 * SIDE) / WIDTH else "left" if share < 0.1 else "center"
    ring = dict(marker="o", markersize=10, markerfacecolor="none", markeredgewidth=2, clip_on=False)
    axes.plot([mark], [height], color=LIGHT.candidate, linestyle="none", **ring)
    label = dict(xytext=(0, 12), textcoords="offset points", ha=side, va="bottom", fontsize=TEXT)
    axes.annotate(f"best at step {chart.stamps[mark]}", (mark, height), color=LIGHT.candidate, **label)
