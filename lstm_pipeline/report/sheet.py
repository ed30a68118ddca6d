"""A sheet of paper for pictures: a matplotlib figure measured in pixels, and the SVG that becomes of it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lstm_pipeline.report.palette import LIGHT

WIDTH = 840.0
"""Pixels."""
SIDE = 4.0
"""Pixels left free on either side."""
TEXT = 12.0
"""Height of ordinary text in pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A figure of one pixel per point, its origin at the top left."""

    figure: Figure
    height: float

    def panel(self, top: float, height: float) -> Axes:
        """An empty panel over the whole width, this many pixels below the top."""
        across = (WIDTH - 2 * SIDE) / WIDTH
        axes = self.figure.add_axes(
            (SIDE / WIDTH, 1 - (top + height) / self.height, across, height / self.height)
        )
        axes.set_axis_off()
        return axes

    def write(self, text: str, left: float, top: float, colour: str) -> None:
        """Text whose top left corner stands at these pixels."""
        self.figure.text(
            left / WIDTH, 1 - top / self.height, text, color=colour, fontsize=TEXT, ha="left", va="top"
        )


def sheet(height: float) -> Sheet:
    """An empty sheet of the given height in pixels."""
    figure = Figure(figsize=(WIDTH / 72, height / 72), dpi=72, facecolor=LIGHT.paper)
    return Sheet(figure=figure, height=height)


def write_heading(on: Sheet, title: str, legend: Iterable[tuple[str, str]]) -> None:
    """A title with the legend below it, (label, colour) each, for a picture that stands alone."""
    # matplotlib reads what stands between dollar signs as a formula
    on.write(title.replace("$", r"\$"), 8, 10, LIGHT.ink)
    left = 8.0
    for label, colour in legend:
        text = f"— {label}"
        on.write(text.replace("$", r"\$"), left, 32, colour)
        left += 7.2 * len(text) + 18


def to_svg(on: Sheet, name: str) -> str:
    """The sheet as SVG: equal sheets give equal text."""
    ours = {"svg.hashsalt": name, "svg.fonttype": "none", "svg.image_inline": True}
    buffer = io.StringIO()
    with style.context(ours, after_reset=True):
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        on.figure.savefig(buffer, format="svg", metadata=nothing)
    text = buffer.getvalue()
    return re.sub(r"font-family: [^;\"]*", "font-family: system-ui, sans-serif", text[text.index("<svg") :])


def for_page(svg: str) -> str:
    """The SVG as part of a page: it takes its size, letters and colours from there."""
    svg = re.sub(r' (width|height)="[\d.]+pt"', "", svg, count=2)
    svg = re.sub(r"<style.*?</style>|font-(family|size): [^;\"]*;?", "", svg, flags=re.DOTALL)
    named = set(re.findall(r"(?:url\(|href=\")#(\w+)", svg))
    svg = re.sub(r' id="([\w.]+)"', lambda found: found[0] if found[1] in named else "", svg)
    for field in fields(LIGHT):
        svg = svg.replace(getattr(LIGHT, field.name), f"var(--{field.name})")
    return re.sub(r"\n\s*", "\n", svg)
