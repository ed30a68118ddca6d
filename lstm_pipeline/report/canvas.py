"""A canvas for pictures: a matplotlib figure measured in pixels, and the SVG that becomes of it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lstm_pipeline.report.axes import Tick
from lstm_pipeline.report.palette import LIGHT

WIDTH = 840.0
"""Pixels."""
SIDE = 4.0
"""Pixels left free on either side."""
TEXT = 12.0
"""Height of ordinary text in pixels."""
MARGIN = 20.0
"""Pixels around a picture that stands alone."""
LETTER = 7.2
"""Width of a letter in pixels, roughly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Canvas:
    """A figure of one pixel per point, its origin at the top left."""

    figure: Figure
    height: float

    def panel(self, top: float, height: float, left: float = SIDE) -> Axes:
        """An empty panel from `left` to the right side, this many pixels below the top."""
        across = (WIDTH - left - SIDE) / WIDTH
        axes = self.figure.add_axes(
            (left / WIDTH, 1 - (top + height) / self.height, across, height / self.height)
        )
        axes.set_axis_off()
        return axes

    def write(self, text: str, left: float, top: float, colour: str) -> None:
        """Text whose top left corner stands at these pixels."""
        self.figure.text(
            left / WIDTH, 1 - top / self.height, text, color=colour, fontsize=TEXT, ha="left", va="top"
        )


def canvas(height: float) -> Canvas:
    """An empty canvas of the given height in pixels."""
    # no pyplot: it keeps every figure, and a state that is the whole process's
    figure = Figure(figsize=(WIDTH / 72, height / 72), dpi=72, facecolor=LIGHT.paper)
    return Canvas(figure=figure, height=height)


def write_beside(
    axes: Axes, text: str, at: tuple[float, float], shift: tuple[float, float], align: tuple[str, str]
) -> None:
    """Quiet text some pixels away from a point of a panel, aligned across and up."""
    axes.annotate(
        text.replace("$", r"\$"),
        at,
        xytext=shift,
        textcoords="offset points",
        color=LIGHT.muted,
        fontsize=TEXT,
        ha=align[0],
        va=align[1],
        annotation_clip=False,
    )


def write_below(axes: Axes, ticks: Iterable[Tick]) -> None:
    """The texts of ticks below a panel, those at its ends kept within."""
    for tick in ticks:
        write_beside(axes, tick.label, (tick.at, 0), (0, -8), (side_of(axes, tick.at), "top"))


def side_of(axes: Axes, at: float) -> str:
    """How a text at this place is aligned so that it stays within the panel."""
    left, right = axes.get_xlim()
    share = (at - left) / (right - left)
    return "left" if share < 0.04 else "right" if share > 0.96 else "center"


def write_heading(on: Canvas, title: str, legend: Iterable[tuple[str, str]]) -> None:
    """A title with the legend below it, (label, colour) each, for a picture that stands alone."""
    # matplotlib reads what stands between dollar signs as a formula
    on.write(title.replace("$", r"\$"), 0, 0, LIGHT.ink)
    left = 0.0
    for label, colour in legend:
        text = f"— {label}"
        on.write(text.replace("$", r"\$"), left, 22, colour)
        left += LETTER * len(text) + 18


def for_file(on: Canvas, name: str) -> str:
    """The canvas as an SVG file, in pixels, on paper that reaches a little beyond it."""
    width, height = WIDTH + 2 * MARGIN, on.height + 2 * MARGIN
    place = f'width="{width}" height="{height}"'
    corner = f"{-MARGIN} {-MARGIN}"
    paper = f'<rect x="{-MARGIN}" y="{-MARGIN}" {place} style="fill: {LIGHT.paper}"/>'
    svg = re.sub(r' ((width|height)="[\d.]+pt"|viewBox="[^"]*")', "", _to_svg(on, name), count=3)
    svg = re.sub(r"font-family: [^;\"]*", "font-family: system-ui, sans-serif", svg)
    svg = svg.replace("<svg", f'<svg {place} viewBox="{corner} {width} {height}"', 1)
    return svg.replace(">", f">{paper}", 1)


def for_page(on: Canvas, name: str) -> str:
    """The canvas as SVG inside a page: it takes its size, letters and colours from there."""
    svg = re.sub(r' (width|height)="[\d.]+pt"', "", _to_svg(on, name), count=2)
    svg = re.sub(r"<style.*?</style>|font-(family|size): [^;\"]*;?", "", svg, flags=re.DOTALL)
    # ids that nothing points to would stand twice in a page of several pictures
    named = set(re.findall(r"(?:url\(|href=\")#(\w+)", svg))
    svg = re.sub(r' id="([\w.]+)"', lambda found: found[0] if found[1] in named else "", svg)
    for field in fields(LIGHT):
        svg = svg.replace(getattr(LIGHT, field.name), f"var(--{field.name})")
    return re.sub(r"\n\s*", "\n", svg)


def _to_svg(on: Canvas, name: str) -> str:
    """Equal sheets give equal text; the name keeps what one picture defines from another's."""
    # text stays text, so that it is drawn in the page's own letters
    ours = {"svg.hashsalt": name, "svg.fonttype": "none", "svg.image_inline": True}
    buffer = io.StringIO()
    # a user's own matplotlibrc must not change a report
    with style.context(ours, after_reset=True):
        # without a date and a version, so that equal pictures are equal bytes
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        on.figure.savefig(buffer, format="svg", metadata=nothing)
    text = buffer.getvalue()
    # an XML declaration may not stand within a page
    return text[text.index("<svg") :]
