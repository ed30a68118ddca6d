"""What the numbers say, in words: the three figures on top, who published, the worst and the best series."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from lstm_pipeline.report.content import ReportContent, RivalScore, SeriesRow
from lstm_pipeline.report.numerals import count, number, percent, words
from lstm_pipeline.report.palette import Ink


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One figure with what it is and what it means."""

    label: str
    figure: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Who made the forecast of one series."""

    ink: Ink
    label: str
    """As the legend says it."""
    note: str
    """Why it was not the champion; empty where it was."""


def three_findings(content: ReportContent) -> tuple[Finding, Finding, Finding]:
    """Against the champion, against the best naive forecast, and how far off a forecast is."""
    return _against_champion(content.outcome), _against_naive(content), _typical_miss(content)


def publishers(content: ReportContent) -> dict[str, Publisher]:
    """Who made the published forecast of each embedded series, by its id."""
    rows = {row.id: row for row in content.rows}
    promoted = bool(content.outcome.get("promoted"))
    return {picture.id: _publisher(rows.get(picture.id), promoted=promoted) for picture in content.pictures}


def naive_name(content: ReportContent) -> str:
    """The naive forecast that the candidate is held against."""
    named = content.outcome.get("baseline")
    best = _best_naive(content)
    return str(named) if named else best.name if best else "naive"


def compared_rivals(content: ReportContent) -> tuple[RivalScore, ...]:
    """Candidate, champion and the best naive forecast, those that were scored."""
    models = tuple(rival for rival in content.scores if rival.role != "baseline")
    best = _best_naive(content)
    return (*models, best) if best else models


def ranked(rows: tuple[SeriesRow, ...]) -> tuple[SeriesRow, ...]:
    """The series, those that gain least on the naive forecast first, unscored ones last."""
    return tuple(sorted(rows, key=lambda row: (row.skill if _known(row.skill) else math.inf, row.id)))


def extremes(rows: tuple[SeriesRow, ...]) -> tuple[SeriesRow, SeriesRow] | None:
    """The worst and the best series by skill; None where fewer than two were scored."""
    scored = [row for row in ranked(rows) if _known(row.skill)]
    return (scored[0], scored[-1]) if len(scored) > 1 else None


def best_in(rivals: tuple[RivalScore, ...], column: str) -> float | None:
    """The smallest error of a column; None where nobody has one."""
    found = [getattr(rival, column) for rival in rivals]
    return min((value for value in found if _known(value)), default=None)


def _publisher(row: SeriesRow | None, *, promoted: bool) -> Publisher:
    if row is None or row.source == "none":
        return Publisher(ink="baseline", label="no forecast", note=row.reason if row else "")
    if row.source != "champion":
        return Publisher(ink="baseline", label=f"forecast by {words(row.source)}", note=row.reason)
    if promoted:
        return Publisher(ink="candidate", label="forecast by the new champion", note="")
    return Publisher(ink="champion", label="forecast by the champion", note="")


def _against_champion(outcome: Mapping[str, Any]) -> Finding:
    gate = outcome.get("gate") or {}
    effect = gate.get("effect")
    if not _known(effect):
        known = outcome.get("champion") is not None and not outcome.get("promoted")
        if known or _known(gate.get("champion_mse")):
            why = "The two could not be compared: see the reason above."
            return Finding(label="error against the champion", figure="not compared", sentence=why)
        why = "There was none to beat: this pipeline had promoted no model yet."
        return Finding(label="error against the champion", figure="no champion", sentence=why)
    low, high = gate.get("low"), gate.get("high")
    interval = f" The gain lies between {percent(low)} and {percent(high)}." if _known(low) else ""
    sentence = (
        f"The scaled error is {number(gate.get('mse'))} for the candidate and "
        f"{number(gate.get('champion_mse'))} for the champion, "
        f"on the same {_origins(gate.get('origins'))}.{interval}"
    )
    return Finding(label="error against the champion", figure=_lower(effect), sentence=sentence)


def _against_naive(content: ReportContent) -> Finding:
    outcome, label = content.outcome, "error against the best naive"
    gate, name = outcome.get("gate") or {}, words(naive_name(content))
    mine, naive = gate.get("mse"), gate.get("baseline_mse")
    if not (_known(mine) and _known(naive) and naive > 0):
        nothing = "No candidate was compared with a naive forecast in this run."
        if _known(outcome.get("mse")):
            nothing = (
                "No origin could be compared. Over all test windows, which do not decide, its MSE is "
                f"{number(outcome.get('mse'))} beside {number(outcome.get('baseline_mse'))} of {name}."
            )
        return Finding(label=label, figure="not compared", sentence=nothing)
    sentence = (
        f"This decides: errors scaled series by series, on the compared {_origins(gate.get('origins'))}. "
        f"Raw, over all test windows, its MSE is {number(outcome.get('mse'))} beside "
        f"{number(outcome.get('baseline_mse'))} of {name}."
    )
    return Finding(label=label, figure=_lower(1 - mine / naive), sentence=sentence)


def _typical_miss(content: ReportContent) -> Finding:
    candidate = next((rival for rival in content.scores if rival.role == "candidate"), None)
    label = "what it means: the typical miss"
    if candidate is None or not _known(candidate.mae):
        nothing = "No candidate could be tested in this run."
        return Finding(label=label, figure="not known", sentence=nothing)
    naive = next((rival for rival in content.scores if rival.name == naive_name(content)), None)
    beside = f"; {words(naive.name)} lies {number(naive.mae)} off" if naive and _known(naive.mae) else ""
    sentence = (
        f"On average a forecast lies {number(candidate.mae)} from what came, "
        f"in the units of the series{beside}."
    )
    return Finding(label=label, figure=number(candidate.mae), sentence=sentence)


def _best_naive(content: ReportContent) -> RivalScore | None:
    naive = [rival for rival in content.scores if rival.role == "baseline"]
    named = [rival for rival in naive if rival.name == content.outcome.get("baseline")]
    scored = sorted(naive, key=lambda rival: rival.mse if _known(rival.mse) else math.inf)
    return next(iter(named or scored), None)


def _lower(gain: float) -> str:
    return f"{percent(abs(gain))} {'lower' if gain >= 0 else 'higher'}"


def _origins(found: int | None) -> str:
    return "origin" if found == 1 else f"{count(found)} origins"


def _known(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)
