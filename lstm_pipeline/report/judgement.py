"""The promotion gate in words: what an origin is, on how many a verdict rests, by which rules it fell."""

from __future__ import annotations

from lstm_pipeline.gate import GateFigures, Rules, Source
from lstm_pipeline.report.content import ForecastDelta, ReportContent, Ruling
from lstm_pipeline.report.numerals import number, percent, plural

FEW_ORIGINS = 10
"""Under this many a verdict comes with a caution."""
SOURCES: dict[Source, str] = {
    "clean": "The champion's losses are those of its own forecasts of windows that lie later than everything "
    "either model has learnt from.",
    "tested": "The champion is a recipe trained to the end of its data, and has learnt from most of this "
    "test part. The losses are those of the model that was tested before, on windows later than all that "
    "it or the candidate has learnt from: both are met as they were tested.",
    "published": "The champion has learnt from most of this test part. Its losses are those of the forecasts "
    "it had published before what they speak of was known.",
    "refit": "The champion has learnt from too much of this test part. Its losses are those of its recipe, "
    "trained anew on the candidate's training part: two recipes are compared on the same data, not the "
    "candidate with the very weights that are in use.",
}
"""What it means where the champion's losses come from."""


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
        f"{_exactly(asked.min_effect)} below the champion's (min_effect){_level(figures)}{_refresh(asked)}"
        f", {cap}"
    )


def _refresh(rules: Rules) -> str:
    """What newer data of the same recipe need show, where that is less."""
    if rules.refresh == "superior" or rules.mode == "plain":
        return ""
    return (
        f" or, its own recipe on newer data, shown at {_exactly(rules.alpha)} not to lie "
        f"{_exactly(rules.margin)} above it (refresh, margin)"
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
    against = "the champion" if figures.source is not None else "what the floor asks of the candidate"
    passed = "passes" if figures.statistic > figures.critical else "does not pass"
    if ruling.reasons[:1] == ("fresh",):
        against = "the champion, which it need not beat,"
    return (
        f"Paired test against {against} over {plural(figures.origins, 'origin')}: t = "
        f"{number(figures.statistic)} {passed} {number(figures.critical)}, the critical value at a level of "
        f"{_exactly(figures.alpha or 0)}{_few(ruling)}{_looks(figures)}. Of equal models "
        f"{percent(figures.size)} would pass in a simulation, and {percent(figures.size_persistent)} where "
        "neighbouring origins correlate by a half."
    )


def _few(ruling: Ruling) -> str:
    """That the level is lower than was set because there are few origins; empty where it is not."""
    held = (ruling.figures.alpha or 0.0) * ruling.figures.looks
    return ", lower than was set as there are few origins" if held < ruling.rules.alpha - 1e-9 else ""


def _looks(figures: GateFigures) -> str:
    """Why the level is lower than was asked for; empty where it is not."""
    if figures.looks == 1:
        return ""
    return (
        f" (this is candidate {figures.looks} that is held against these windows, and who tries often enough "
        f"wins by luck, so that the level is divided by {figures.looks})"
    )


def source_in_words(ruling: Ruling) -> str:
    """Where the champion's losses come from, and what that means; empty without a champion."""
    source = ruling.figures.source
    return "" if source is None else SOURCES[source]


def delta_in_words(delta: ForecastDelta | None) -> str:
    """How far the candidate's forecast lies from the champion's; empty where there is none to compare."""
    if delta is None:
        return ""
    how = (
        "The newly published forecast lies {} from what the champion before would have said"
        if delta.published
        else "The candidate would have published a forecast {} from the champion's"
    )
    away = f"{number(delta.mean)} deviations of the training part away"
    many = f", on average over {plural(delta.series, 'series')}" if delta.series > 1 else ""
    most = f"; {delta.worst} differs most, by {number(delta.worst_mean)}" if delta.series > 1 else ""
    return f"{how.format(away)}, both from the same cutoff{many}{most}."


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
