"""Line pictures as values: the same record is drawn here as SVG and in the browser by the picker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from lstm_pipeline.report.axes import Floats, Scale, Tick, stamp_ticks, value_scale
from lstm_pipeline.report.content import RivalScore
from lstm_pipeline.report.drawn import LossCurve, SeriesPicture, Stamps, Values
from lstm_pipeline.report.numerals import short_stamps, words
from lstm_pipeline.report.palette import Ink

DOTTED_BELOW = 12
"""A line of fewer values is drawn with a dot on each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a picture."""

    ink: Ink
    label: str
    values: Floats
    """NaN is a hole: (n,)."""
    start: int = 0
    """Where on the horizontal axis the first value stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A mean with its interval, across the whole picture."""

    mean: float
    low: float
    """NaN, as `high`, where there is no interval."""
    high: float
    label: str

    @property
    def values(self) -> Floats:
        """Mean and interval: (3,)."""
        return np.array([self.low, self.mean, self.high])


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """That the first line of a chart stands as bars on zero."""

    below: Ink
    """The ink of bars that hang below zero."""
    label: str
    """What these mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Lines over stamps that stand at equal distances, the most important line first."""

    title: str
    """What is shown, for readers who do not see it."""
    stamps: Stamps
    lines: tuple[Line, ...]
    across: tuple[Tick, ...]
    up: Scale
    cutoff: float | None = None
    """Where the known ends, between two stamps; None where everything is known."""
    mark: int | None = None
    """A stamp to point out on the first line."""
    unit: str = ""
    """What a stamp counts, where it is no time."""
    room: float = 0.0
    """Left free on either side, in distances of two stamps."""
    bars: Bars | None = None
    band: Band | None = None
    height: float = 300.0
    """In pixels."""

    @property
    def keys(self) -> tuple[tuple[str, str], ...]:
        """What the legend names beside the lines: class and label."""
        below = () if self.bars is None else ((self.bars.below, self.bars.label),)
        return below if self.band is None else (*below, ("band", self.band.label))

    @property
    def reach(self) -> str:
        """From when to when."""
        if not self.stamps:
            return "no values of this series"
        first, last = short_stamps((self.stamps[0], self.stamps[-1]))
        if first == last:
            return f"{self.unit}{first}"
        return f"{self.unit}{first} \u2013 {last}"


def forecast_chart(picture: SeriesPicture, ink: Ink, label: str) -> Chart:
    """The recent past of a series with the published forecast."""
    past = Line(ink="actual", label="actual", values=_floats(picture.past))
    ahead = Line(ink=ink, label=label, values=_floats(picture.forecast), start=len(picture.past))
    stamps = picture.past_ds + picture.forecast_ds
    return Chart(
        title=f"{picture.id}: recent past and forecast",
        stamps=stamps,
        lines=(past, ahead),
        across=stamp_ticks(stamps),
        up=value_scale(np.concatenate([past.values, ahead.values])),
        cutoff=len(picture.past) - 0.5,
    )


def held_out_chart(picture: SeriesPicture, naive: str | None) -> Chart:
    """What came in the test part, and what each rival had said."""
    lines = present(
        Line(ink="candidate", label="candidate", values=_floats(picture.test_candidate)),
        Line(ink="champion", label="champion", values=_floats(picture.test_champion)),
        Line(ink="actual", label="actual", values=_floats(picture.test_actual)),
        Line(ink="baseline", label=words(naive), values=_floats(picture.test_baseline)),
    )
    return Chart(
        title=f"{picture.id}: actual and predicted values on the test part",
        stamps=picture.test_ds,
        lines=lines,
        across=stamp_ticks(picture.test_ds),
        up=value_scale(all_values(lines)),
    )


def step_chart(rivals: Sequence[RivalScore]) -> Chart | None:
    """Error at each step of the horizon; None where nobody was scored."""
    lines = present(*(Line(ink=r.role, label=words(r.name), values=_floats(r.mse_by_step)) for r in rivals))
    if not lines:
        return None
    stamps = tuple(str(step + 1) for step in range(max(len(line.values) for line in lines)))
    return Chart(
        title="Error at each step of the horizon",
        stamps=stamps,
        lines=lines,
        across=stamp_ticks(stamps),
        up=value_scale(all_values(lines), from_zero=True),
        unit="step ",
    )


def loss_chart(curve: LossCurve) -> Chart | None:
    """Training and validation loss over the steps of training; None where no loss was finite."""
    lines = present(
        Line(ink="candidate", label="validation", values=_floats(curve.validation)),
        Line(ink="training", label="training", values=_floats(curve.training)),
    )
    if not lines:
        return None
    stamps = tuple(str(step) for step in curve.steps)
    return Chart(
        title=f"Loss over {len(stamps)} rounds of training",
        stamps=stamps,
        lines=lines,
        across=stamp_ticks(stamps),
        up=value_scale(all_values(lines), log_allowed=True),
        unit="step ",
        mark=curve.steps.index(curve.best_step) if curve.best_step in curve.steps else None,
    )


def present(*lines: Line) -> tuple[Line, ...]:
    """The lines that have a value anywhere."""
    return tuple(line for line in lines if np.isfinite(line.values).any())


def _floats(values: Values) -> Floats:
    return np.array(values, dtype=np.float64)


def all_values(lines: Sequence[Line]) -> Floats:
    """What a scale must hold."""
    return np.fromiter(chain.from_iterable(line.values for line in lines), dtype=np.float64)
