"""The promotion gate in words: what an origin is, on how many a verdict rests, by which rules it fell."""

from __future__ import annotations

from lstm_pipeline.gate import GateFigures
from lstm_pipeline.report.content import ReportContent, Ruling
from lstm_pipeline.report.numerals import number, percent, plural

FEW_ORIGINS = 10
"""Under this many a verdict comes with a caution."""


def origins_explained(content: ReportContent) -> str:
    """What an origin is; empty where none was compared."""
    if not content.ruling.figures.origins:
        return ""
    steps = plural(content.steps.horizon, "step")
    return f"An origin is a moment from which one horizon, here {steps}, is forecast."


def caution(content: ReportContent) -> str:
    """That a verdict rests on few origins; empty where it does not."""
    many = content.ruling.figures.origins
    if not 0 < many < FEW_ORIGINS:
        return ""
    return f"The verdict rests on {plural(many, 'origin')} only: a longer test part would make it surer."


def rules(ruling: Ruling) -> str:
    """Mode and thresholds of the gate, as one line."""
    figures, asked = ruling.figures, ruling.rules
    how = "" if figures.used == figures.mode else f", decided by the {figures.used} rule"
    side = "more than {} below" if asked.min_skill >= 0 else "less than {} above"
    floor = side.format(_exactly(abs(asked.min_skill)))
    cap = "no cap on the test MSE" if asked.cap is None else f"test MSE at most {number(asked.cap)} (cap)"
    return (
        f"{figures.mode} mode{how}: scaled error {floor} the best naive's (min_skill), at least "
        f"{_exactly(asked.min_effect)} below the champion's (min_effect){_level(figures)}, {cap}"
    )


def _level(figures: GateFigures) -> str:
    """The level of the test, where one was made."""
    if figures.alpha is None:
        return ""
    among = f", as candidate {figures.looks} on these windows" if figures.looks > 1 else ""
    return f" at a level of {_exactly(figures.alpha)} (alpha{among})"


def test_in_words(ruling: Ruling) -> str:
    """What the test found and how far it can be trusted; empty where nothing was tested."""
    figures = ruling.figures
    if figures.statistic is None or figures.critical is None:
        return ""
    passed = "passes" if figures.statistic > figures.critical else "does not pass"
    return (
        f"Paired test over the {plural(figures.origins, 'origin')}: t = {number(figures.statistic)}, which "
        f"{passed} {number(figures.critical)}. Of equal models {percent(figures.size)} would pass in a "
        f"simulation, and {percent(figures.size_persistent)} where neighbouring origins correlate by a half."
    )


def weighing(content: ReportContent) -> str:
    """What a scaled error is, as a sentence; empty where none was compared."""
    if not content.ruling.figures.origins:
        return ""
    what = "A scaled error is a squared error divided by the variance of the series' training part"
    if len(content.rows) < 2:
        return f"{what}; the promotion gate decides by it."
    return (
        f"{what}: the promotion gate divides each series' by that series' own variance, so that every series "
        "weighs the same, and decides by their mean."
    )


def _exactly(share: float) -> str:
    """A threshold as it was set."""
    return f"{100 * share:,.0f}\u202f%" if share >= 10 else f"{100 * share:.6g}\u202f%"
