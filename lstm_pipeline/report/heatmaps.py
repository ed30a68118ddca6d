"""LSTM gate activations as heat maps below the window that they read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.colors import to_rgb

from lstm_pipeline.report.axes import Floats, stamp_ticks, value_scale
from lstm_pipeline.report.canvas import SIDE, TEXT, WIDTH, Canvas, canvas, write_below
from lstm_pipeline.report.drawn import GatePicture, Values
from lstm_pipeline.report.numerals import number
from lstm_pipeline.report.palette import LIGHT

PANEL = 100.0
"""Height of one heat map, in pixels."""
GAP = 40.0
"""Room above each for its name."""
FOOT = 36.0
UNITS_SHOWN = 100
"""More hidden units than this are thinned out evenly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatMap:
    """One LSTM gate: its name, its activations and the range they are coloured over."""

    name: str
    values: Floats
    """Units down, steps across: (hidden, T)."""
    low: float
    high: float


def draw_gates(gates: GatePicture, head: float = 0.0) -> Canvas:
    """The window, and below it forget, input, output and cell over the same steps."""
    maps = heat_maps(gates)
    on = canvas(head + (len(maps) + 1) * (PANEL + GAP) + FOOT)
    _draw_window(on, gates, head + GAP)
    for place, heat in enumerate(maps, start=1):
        _draw_heat(on, heat, head + GAP + place * (PANEL + GAP))
    axes = on.panel(on.height - FOOT, 0.001)
    axes.set_xlim(-0.5, len(gates.ds) - 0.5)
    write_below(axes, stamp_ticks(gates.ds))
    return on


def heat_maps(gates: GatePicture) -> tuple[HeatMap, ...]:
    """The four maps, units in one order: those that keep their memory most come first."""
    forget = _by_unit(gates.forget)
    order = np.argsort(-np.nan_to_num(forget).mean(axis=1), kind="stable")
    order = order[:: -(-len(order) // UNITS_SHOWN) or 1]
    cell = _by_unit(gates.cell)[order]
    reach = float(np.abs(cell[np.isfinite(cell)]).max(initial=0.0)) or 1.0
    return (
        HeatMap(name="forget gate", values=forget[order], low=0, high=1),
        HeatMap(name="input gate", values=_by_unit(gates.input)[order], low=0, high=1),
        HeatMap(name="output gate", values=_by_unit(gates.output)[order], low=0, high=1),
        HeatMap(name="cell state", values=cell, low=-reach, high=reach),
    )


def paint(values: Floats, reach: float) -> Floats:
    """Activations as red, green, blue and opacity: the paper shows through where nothing is going on."""
    shares = np.nan_to_num(np.clip(values / reach, -1, 1))
    colours = np.where(shares[..., None] >= 0, to_rgb(LIGHT.gate), to_rgb(LIGHT.below))
    return np.concatenate([colours, np.abs(shares)[..., None]], axis=-1)


def _by_unit(activations: tuple[Values, ...]) -> Floats:
    values = np.array(activations, dtype=np.float64).T
    return np.where(np.isfinite(values), values, np.nan)


def _draw_window(on: Canvas, gates: GatePicture, top: float) -> None:
    values = np.array(gates.values, dtype=np.float64)
    on.write("the window itself", SIDE, top - 24, LIGHT.ink)
    axes = on.panel(top, PANEL)
    axes.set_xlim(-0.5, len(values) - 0.5)
    axes.set_ylim(0, 1)
    axes.plot(value_scale(values).height(values), color=LIGHT.actual, linewidth=1.75, clip_on=False)


def _draw_heat(on: Canvas, heat: HeatMap, top: float) -> None:
    on.write(heat.name, SIDE, top - 24, LIGHT.ink)
    on.figure.text(
        (WIDTH - SIDE) / WIDTH,
        1 - (top - 24) / on.height,
        "clear 0 · full 1" if heat.low == 0 else f"pink {number(heat.low)} · teal {number(heat.high)}",
        color=LIGHT.muted,
        fontsize=TEXT,
        ha="right",
        va="top",
    )
    axes = on.panel(top, PANEL)
    # not smoothed: each cell is one unit at one step
    axes.imshow(paint(heat.values, heat.high), aspect="auto", interpolation="none")
