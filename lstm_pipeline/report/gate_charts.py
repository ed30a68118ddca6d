"""The losses that the promotion gate went by, over time: their differences as bars, and themselves."""

from __future__ import annotations

import math

import numpy as np

from lstm_pipeline.report.axes import Floats, stamp_ticks, value_scale
from lstm_pipeline.report.chart import Band, Bars, Chart, Line, all_values, present
from lstm_pipeline.report.content import Ruling
from lstm_pipeline.report.drawn import Stamps
from lstm_pipeline.report.numerals import known, number, plural, words
from lstm_pipeline.report.palette import Ink

FEWEST_DRAWN = 2
"""Of a single origin a picture over time shows nothing."""
MOST_BARS = 300
"""More origins than this are drawn as means of neighbours."""
HEIGHT = 210.0
BESIDE = 0.5
"""Free room beside the first and the last origin: half a bar would not be drawn."""


def difference_chart(ruling: Ruling) -> Chart | None:
    """By how much the candidate lost less than its rival, origin by origin."""
    stamps, candidate, rival = _losses(ruling)
    with np.errstate(invalid="ignore"):
        differences = rival - candidate
    if len(stamps) < FEWEST_DRAWN or not np.isfinite(differences).any():
        return None
    ink, name = _rival(ruling)
    band = _band(ruling)
    spanned = [differences, np.zeros(1), *([] if band is None else [band.values])]
    return Chart(
        title=f"Scaled error of {name} less the candidate's, by origin{_thinned(ruling)}",
        stamps=stamps,
        lines=(Line(ink="candidate", label=f"{name} less candidate", values=differences),),
        across=stamp_ticks(stamps),
        up=value_scale(np.concatenate(spanned)),
        bars=Bars(below=ink, label=f"where {name} was better"),
        band=band,
        room=BESIDE,
        height=HEIGHT,
    )


def origin_loss_chart(ruling: Ruling) -> Chart | None:
    """The losses themselves, origin by origin."""
    stamps, candidate, rival = _losses(ruling)
    ink, name = _rival(ruling)
    lines = present(
        Line(ink="candidate", label="candidate", values=candidate),
        Line(ink=ink, label=name, values=rival),
    )
    if len(stamps) < FEWEST_DRAWN or not lines:
        return None
    return Chart(
        title=f"Scaled errors of candidate and {name}, by origin{_thinned(ruling)}",
        stamps=stamps,
        lines=lines,
        across=stamp_ticks(stamps),
        up=value_scale(all_values(lines), from_zero=True),
        room=BESIDE,
        height=HEIGHT,
    )


def thinning(ruling: Ruling) -> int:
    """How many neighbouring origins make one bar."""
    return max(1, math.ceil(len(ruling.origins) / MOST_BARS))


def _thinned(ruling: Ruling) -> str:
    every = thinning(ruling)
    return f", each the mean of {plural(every, 'neighbour')}" if every > 1 else ""


def _rival(ruling: Ruling) -> tuple[Ink, str]:
    """Whom the candidate was held against."""
    if ruling.figures.source is not None:
        return "champion", "champion"
    return "baseline", words(ruling.figures.baseline) or "naive forecast"


def _losses(ruling: Ruling) -> tuple[Stamps, Floats, Floats]:
    """Stamps, and the losses of candidate and rival there; NaN where they cannot be drawn."""
    every = thinning(ruling)
    heads = np.arange(0, len(ruling.origins), every)
    both = np.array([(o.candidate, o.rival) for o in ruling.origins], dtype=np.float64).reshape(-1, 2)
    if not len(heads):
        return (), np.empty(0), np.empty(0)
    sums = np.add.reduceat(both, heads) / np.diff(heads, append=len(both))[:, None]
    sums[~np.isfinite(sums)] = np.nan
    stamps = tuple(ruling.origins[min(head + every, len(both)) - 1].ds for head in heads.tolist())
    return stamps, sums[:, 0], sums[:, 1]


def _band(ruling: Ruling) -> Band | None:
    """The mean of the differences, and its interval in the same unit."""
    figures = ruling.figures
    beside = figures.source is not None
    reference = figures.champion_mse if beside else figures.baseline_mse
    if not known(figures.mse) or not known(reference):
        return None
    shares = (figures.low, figures.high) if beside else (figures.skill_low, figures.skill_high)
    low, high = (share * reference if known(share) else math.nan for share in shares)
    mean = reference - figures.mse
    label = f"mean {number(mean)}"
    if known(low) and known(high):
        label += f", 90\u202f% interval {number(low)} to {number(high)}"
    return Band(mean=mean, low=low, high=high, label=label)
