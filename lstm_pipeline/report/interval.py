"""The effect with its interval as a small picture: where things stand on one line."""

from __future__ import annotations

from dataclasses import dataclass

from lstm_pipeline.report.content import Ruling
from lstm_pipeline.report.numerals import known, percent, words

AIR = 0.08
"""Share of the line that is left free on either side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A gain, its interval and what was asked for, as places on a line: per cent of its width."""

    figure: str
    """The gain in words: 12.3 % lower."""
    whose: str
    reach: str
    """The interval in words; empty where nothing was tested."""
    zero: float
    mid: float
    low: float
    """Equal to `mid`, as `high`, where nothing was tested."""
    high: float
    asked: float | None
    """None where it would lie far away."""
    asks: str
    """What is asked for, in words; empty with `asked`."""


def interval_of(ruling: Ruling) -> Interval | None:
    """Effect over the champion, without one the skill; None where neither is known."""
    figures = ruling.figures
    beside = figures.source is not None
    mid = figures.effect if beside else figures.skill
    if not known(mid):
        return None
    low, high = (figures.low, figures.high) if beside else (figures.skill_low, figures.skill_high)
    asked, asks = _asked(ruling, beside=beside)
    ends = (low, high) if known(low) and known(high) else (mid, mid)
    span = max(abs(mid), *map(abs, ends)) or 1.0
    marked = asked != 0 and abs(asked) <= 2 * span
    shown = (0.0, mid, *ends, *((asked,) if marked else ()))
    first, width = min(shown), max(shown) - min(shown) or 1.0

    def place(share: float) -> float:
        return round(100 * (AIR + (1 - 2 * AIR) * (share - first) / width), 2)

    return Interval(
        figure=f"{percent(abs(mid))} {'lower' if mid >= 0 else 'higher'}",
        whose="than the champion's" if beside else f"than that of {words(figures.baseline)}",
        reach=_reach(low, high) if known(low) and known(high) else "",
        zero=place(0.0),
        mid=place(mid),
        low=place(ends[0]),
        high=place(ends[1]),
        asked=place(asked) if marked else None,
        asks=asks if marked else "",
    )


def _asked(ruling: Ruling, *, beside: bool) -> tuple[float, str]:
    """The gain that was asked for, and how that is called."""
    rules = ruling.rules
    if not beside:
        return rules.min_skill, f"{percent(rules.min_skill)} (min_skill)"
    if ruling.reasons[:1] == ("fresh",):
        return -rules.margin, f"less than {percent(rules.margin)} higher (margin)"
    return rules.min_effect, f"{percent(rules.min_effect)} (min_effect)"


def _reach(low: float, high: float) -> str:
    """From the worse to the better end."""
    if low < 0 <= high:
        return f"{percent(-low)} higher to {percent(high)} lower"
    ends = (low, high) if low >= 0 else (-high, -low)
    return f"{percent(ends[0])} to {percent(ends[1])} {'lower' if low >= 0 else 'higher'}"
