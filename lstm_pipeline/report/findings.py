"""The three figures of a report: against the champion, against the best naive forecast, and what it means."""

from __future__ import annotations

from dataclasses import dataclass

from lstm_pipeline.gate import gain
from lstm_pipeline.report.content import ReportContent, RivalScore
from lstm_pipeline.report.numerals import known, number, percent, plural, words
from lstm_pipeline.report.rivals import candidate_of, naive_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One figure with what it is and what it means."""

    label: str
    figure: str
    sentence: str


def three_findings(content: ReportContent) -> tuple[Finding, ...]:
    """Against the champion, against the best naive forecast, and how far off a forecast is.

    Nothing where no candidate was scored.
    """
    candidate = candidate_of(content)
    if candidate is None:
        return ()
    return _against_champion(content), _against_naive(content, candidate), _typical_miss(content, candidate)


def scored_series(content: ReportContent) -> int:
    """How many series the errors over all test windows are pooled over."""
    return sum(row.windows > 0 for row in content.rows)


def pooling(content: ReportContent) -> str:
    """What an error over all series is measured in, as a sentence; empty for a single series."""
    many = scored_series(content)
    if many < 2:
        return ""
    return (
        f"Unscaled errors pool {plural(many, 'series')}, each in its own unit: series of large values weigh "
        "most, and where the units differ the figure has none."
    )


def _against_champion(content: ReportContent) -> Finding:
    ruling, label = content.ruling, "error against the champion"
    figures = ruling.figures
    if not known(figures.effect):
        standing = ruling.crowned and not ruling.promoted
        if standing or known(figures.champion_mse):
            why = "The two could not be compared: see the reason above."
            return Finding(label=label, figure="not compared", sentence=why)
        why = "There was none to beat: this pipeline had promoted no model yet."
        return Finding(label=label, figure="no champion", sentence=why)
    interval = (
        f" The gain lies between {percent(figures.low)} and {percent(figures.high)}."
        if known(figures.low)
        else ""
    )
    sentence = (
        f"The scaled error is {number(figures.mse)} for the candidate and {number(figures.champion_mse)} "
        f"for the champion, on the same {plural(figures.origins, 'origin')}.{interval}"
    )
    return Finding(label=label, figure=_lower(figures.effect), sentence=sentence)


def _against_naive(content: ReportContent, candidate: RivalScore) -> Finding:
    figures, label = content.ruling.figures, "error against the best naive"
    naive = naive_of(content)
    name = words(content.naive)
    raw = f"its MSE is {number(candidate.mse)} beside {number(naive.mse if naive else None)} of {name}"
    if figures.baseline_mse == 0 and figures.origins:
        where = plural(figures.origins, "origin")
        perfect = f"{name} is without any error on {where}: no share of that can be told"
        return Finding(
            label=label, figure="not compared", sentence=f"{perfect}. Over all test windows {raw}."
        )
    if not (known(figures.mse) and known(figures.baseline_mse)):
        nothing = f"No origin could be compared. Over all test windows, which do not decide, {raw}."
        return Finding(label=label, figure="not compared", sentence=nothing)
    sentence = (
        f"The scaled error, by which the gate decides, is {number(figures.mse)} beside "
        f"{number(figures.baseline_mse)} of {name}, on {plural(figures.origins, 'origin')}. In squared "
        f"units, over all test windows, {raw}."
    )
    return Finding(label=label, figure=_lower(gain(figures.mse, figures.baseline_mse)), sentence=sentence)


def _typical_miss(content: ReportContent, candidate: RivalScore) -> Finding:
    label, naive = "what it means: the typical miss", naive_of(content)
    if not known(candidate.mae):
        return Finding(label=label, figure="not known", sentence="Not every forecast is a finite number.")
    if scored_series(content) > 1 and known(candidate.mase):
        return Finding(label=label, figure=f"{number(candidate.mase)} MASE", sentence=_pooled_miss(content))
    beside = f"; {words(naive.name)} lies {number(naive.mae)} off" if naive and known(naive.mae) else ""
    sentence = (
        f"On average a forecast lies {number(candidate.mae)} from what came, in the units of the series"
        f"{beside}."
    )
    return Finding(label=label, figure=number(candidate.mae), sentence=sentence)


def _pooled_miss(content: ReportContent) -> str:
    """The miss of many series without a unit, as a sentence."""
    naive = naive_of(content)
    beside = f"; {words(naive.name)} has {number(naive.mase)}" if naive and known(naive.mase) else ""
    return (
        "The average miss, each series measured by how far the value one season earlier was off in its "
        f"training part{beside}. It has no unit, so that series of any scale can be averaged."
    )


def _lower(gain: float) -> str:
    return f"{percent(abs(gain))} {'lower' if gain >= 0 else 'higher'}"
