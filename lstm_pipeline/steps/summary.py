"""A run's outcome in a few lines: for a terminal, a table, or Markdown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lstm_pipeline.artifacts import fingerprint
from lstm_pipeline.errors import SHOWN
from lstm_pipeline.gate import GateFigures, Source
from lstm_pipeline.report.numerals import ABSENT, known, number, percent
from lstm_pipeline.settings.environment import page_server
from lstm_pipeline.steps.outcome import Outcome
from lstm_pipeline.steps.refs import ForecastRef

SOURCES: dict[Source, str] = {
    "clean": "its forecasts of windows that neither has learnt from",
    "tested": "the model that was tested before it was trained to the end of its data",
    "published": "forecasts that it had published",
    "refit": "its recipe, trained on the candidate's data",
}
"""Where they come from."""


def headline(outcome: Outcome) -> str:
    """One line: pipeline, verdict, test MSE beside the best naive's, report."""
    return (
        f"{outcome.pipeline}: {outcome.verdict} ({', '.join(outcome.reasons)})  "
        f"test MSE {number(outcome.mse)} beside {number(outcome.baseline_mse)} of the best naive "
        f"({outcome.baseline or 'none'})  {outcome.report}"
    )


def address(outcome: Outcome) -> str:
    """The report as a browser takes it: from a page server where there is one, else from disk."""
    return _address(outcome.report)


def label(pipeline: str) -> str:
    """A pipeline in lower-case letters, digits and dashes alone; different names give different labels."""
    plain = pipeline.replace("_", "-").strip("-")
    return plain if plain == pipeline else f"{plain}-{fingerprint(pipeline)[:6]}"


def figures(outcome: Outcome) -> list[dict[str, Any]]:
    """The figures of a run as rows of name and value."""
    aside = sum(outcome.rows_set_aside.values())
    rows = {
        "test MSE": number(outcome.mse),
        "champion's MSE on the same windows": number(outcome.champion_mse),
        f"best naive's MSE ({outcome.baseline})": number(outcome.baseline_mse),
        "skill against the best naive": percent(outcome.skill),
        "compared origins": str(outcome.gate.origins),
        **_decided_by(outcome.gate),
        "rows in = kept + set aside": f"{outcome.rows_in} = {outcome.rows_kept} + {aside}",
        "series trained / failed": f"{outcome.series.ok} / {len(outcome.series.failed)}",
        "published by": outcome.published_by,
    }
    return [{"figure": name, "value": value} for name, value in rows.items()]


def markdown(outcome: Outcome) -> str:
    """The verdict and the figures, for people who look at the UI."""
    lines = [
        f"## {outcome.pipeline}: {outcome.verdict}",
        "",
        outcome.sentence,
        "",
        "| figure | value |",
        "| --- | --- |",
    ]
    lines += [f"| {row['figure']} | {row['value']} |" for row in figures(outcome)]
    return "\n".join([*lines, "", f"Report: `{outcome.report}`", "", f"Forecasts: `{outcome.forecasts}`"])


def forecast_address(made: ForecastRef) -> str:
    """The page of a forecast as a browser takes it."""
    return _address(made.report)


def forecast_markdown(pipeline: str, made: ForecastRef) -> str:
    """What was published without training, for people who look at the UI."""
    sources = ", ".join(f"{count} by {name}" for name, count in sorted(made.sources.items()))
    lines = [f"## {pipeline}: forecasts by {made.published_by}", "", f"Series: {sources}", ""]
    lines += [f"- {note}" for note in made.notes]
    lines += [f"- {name}: {why}" for name, why in list(made.failed.items())[:SHOWN]]
    return "\n".join([*lines, "", f"Forecasts: `{made.uri}`"])


def terminal(outcome: Outcome) -> str:
    """Verdict, figures and where to look, for a person at a terminal."""
    aside = sum(outcome.rows_set_aside.values())
    reasons = ", ".join(f"{name} {count}" for name, count in outcome.rows_set_aside.items() if count)
    lines = [
        f"{outcome.pipeline}: {outcome.verdict}",
        f"  {outcome.sentence}",
        *_gate(outcome.gate),
        *_scores(outcome),
        f"  rows {outcome.rows_in:,} in = {outcome.rows_kept:,} kept + {aside:,} set aside"
        + (f" ({reasons})" if reasons else ""),
        (f"  series {outcome.series.ok:,} trained" if outcome.model else "  nothing trained")
        + _failures(outcome),
        f"  forecasts  {outcome.forecasts}",
        f"  report     {outcome.report}",
    ]
    lines += [f"  {'WARNING' if note in outcome.alerts else 'noted':<9}  {note}" for note in outcome.notes]
    if outcome.reused:
        lines.append(f"  reused     {', '.join(outcome.reused)}")
    return "\n".join(lines)


def _address(report: str) -> str:
    pages = page_server()
    if pages is not None:
        # its place in the store: reports/<run>/report.html
        return f"{pages}/{'/'.join(report.rsplit('/', 3)[-3:])}"
    return report if "://" in report else Path(report).as_uri()


def _decided_by(gate: GateFigures) -> dict[str, str]:
    """What the verdict went by: the effect, or without a champion the skill; the test where one was made."""
    beside = gate.source is not None
    name = "effect against the champion" if beside else "skill of a first model (scaled)"
    shares = (gate.effect, gate.low, gate.high) if beside else (gate.skill, gate.skill_low, gate.skill_high)
    gain, low, high = shares
    rows = {name: percent(gain)}
    if known(low) and known(high):
        rows["90 % interval"] = f"{percent(low)} to {percent(high)}"
    if gate.alpha is not None:
        rows["level of the test"] = percent(gate.alpha)
        rows["candidates on these windows"] = str(gate.looks)
    if gate.source is not None:
        rows["champion's losses"] = SOURCES[gate.source]
    return rows


def _gate(gate: GateFigures) -> list[str]:
    """The same as one line, where anything was compared."""
    rows = _decided_by(gate)
    (name, gain), *others = rows.items()
    if gain == ABSENT:
        return []
    told = [f"{name} {gain}", *(f"{other} {value}" for other, value in others)]
    return [f"  gate: {', '.join(told)}"]


def _scores(outcome: Outcome) -> list[str]:
    """The raw errors, which do not decide, where anything was scored."""
    if outcome.mse is None:
        return []
    return [
        f"  all test windows, unscaled: MSE {number(outcome.mse)}, best naive ({outcome.baseline}) "
        f"{number(outcome.baseline_mse)}, skill {percent(outcome.skill)}"
    ]


def _failures(outcome: Outcome) -> str:
    failed = outcome.series.failed
    if not failed:
        return ""
    name, reason = next(iter(failed.items()))
    return f", {len(failed):,} failed, the first {name}: {reason}"
