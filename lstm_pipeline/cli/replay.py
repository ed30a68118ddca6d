"""`gate replay`: make a recorded decision again from the losses it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from lstm_pipeline.artifacts import canonical
from lstm_pipeline.cli.console import answer, errors_told
from lstm_pipeline.cli.known import known_places, registry_to_read
from lstm_pipeline.cli.run import JSON, STORE

if TYPE_CHECKING:
    from lstm_pipeline.steps.filed import Filed
    from lstm_pipeline.steps.replay import Replayed
    from lstm_pipeline.steps.rescoring import Rescored


def replay(
    report: str = typer.Argument(
        help="A report's folder or report.html; the id of a gate report; or a pipeline: its newest run."
    ),
    mode: str | None = typer.Option(None, "--mode", help="What if: another mode, with its own thresholds."),
    alpha: float | None = typer.Option(None, "--alpha", help="What if: another level of the test."),
    min_effect: float | None = typer.Option(None, "--min-effect", help="What if: another least effect."),
    deep: bool = typer.Option(False, "--deep", help="Score the stored packages again, too."),
    store: str | None = STORE,
    as_json: bool = JSON,
) -> None:
    """Make a recorded verdict again from its stored losses; exit 6 where it comes out differently."""
    with errors_told(as_json=as_json):
        from lstm_pipeline.steps.filed import report_folder
        from lstm_pipeline.steps.replay import WhatIf, judge_otherwise
        from lstm_pipeline.steps.replay import replay as make_again

        folder = report_folder(report)
        filed = _filed(report, folder, store)
        # first as it was: what does not come out the same is no ground for a what-if
        made, asked = make_again(filed), WhatIf(mode=mode, alpha=alpha, min_effect=min_effect)
        if str(asked):
            made = judge_otherwise(filed, asked)
        rescored = _rescored(filed, _store_of(folder, store)) if deep else None
        answer(canonical(_record(made, rescored)) if as_json else "\n".join(_lines(made, rescored)))


def _filed(report: str, folder: str | None, store: str | None) -> Filed:
    from lstm_pipeline.steps.filed import filed_in_folder, filed_in_registry

    return filed_in_registry(registry_to_read(store), report) if folder is None else filed_in_folder(folder)


def _store_of(folder: str | None, store: str | None) -> str | None:
    """The store that is named, else the one that a report's folder lies in."""
    from lstm_pipeline.storage.address import above

    place, kind = above(above(folder or "")[0])
    return place if store is None and kind == "reports" else store


def _rescored(filed: Filed, store: str | None) -> Rescored:
    from lstm_pipeline.settings.environment import places
    from lstm_pipeline.steps.rescoring import rescore

    known_places(store)  # a store that is not there is told, not made
    return rescore(filed, places(store))


def _record(made: Replayed, rescored: Rescored | None) -> dict[str, object]:
    report, decision = made.filed.report, made.decision
    return {
        "gate_report": made.filed.id,
        "pipeline": report.pipeline,
        "run": report.run,
        "candidate": report.candidate,
        "champion": report.champion,
        "recorded": {"verdict": report.decision.verdict, "reasons": report.decision.reasons},
        "agrees": True,
        "what_if": made.what_if or None,
        "verdict": decision.verdict,
        "reasons": decision.reasons,
        "sentence": decision.sentence,
        "figures": decision.figures,
        "guards": decision.guards,
        "alternatives": made.alternatives,
        "deep": rescored,
    }


def _lines(made: Replayed, rescored: Rescored | None) -> Iterator[str]:
    from lstm_pipeline.artifacts import plain
    from lstm_pipeline.report.numerals import number, percent

    report, decision = made.filed.report, made.decision
    yield f"{report.pipeline}: {decision.verdict} ({', '.join(decision.reasons)})"
    yield f"  {decision.sentence}"
    yield _standing(made)
    yield f"  gate report {made.filed.id}"
    for name, value in plain(decision.figures).items():
        if value is not None:
            yield f"  {name:<17} {number(value) if isinstance(value, float) else value}"
    for found in decision.guards:
        chance = "" if found.chance is None else f", chance {percent(found.chance)}"
        standing = "passed" if found.passed else "FAILED"
        yield (
            f"  guard {found.guard}: {number(found.candidate)} beside the champion's "
            f"{number(found.champion)}{chance}: {standing}"
        )
    for other in made.alternatives:
        mark = "  *" if other.verdict != decision.verdict else ""
        yield f"  {other.rule:<34} {other.verdict}{f' ({other.reason})' if other.reason else ''}{mark}"
    if rescored is not None:
        yield _deep(rescored)


def _standing(made: Replayed) -> str:
    """Whether this is the recorded decision, or another one."""
    recorded = made.filed.report.decision
    if not made.what_if:
        return "  made again from the stored losses: agrees with what is recorded, in every figure"
    return (
        f"  WHAT IF {made.what_if}: nothing is changed by this; recorded is {recorded.verdict} "
        f"({', '.join(recorded.reasons)})"
    )


def _deep(rescored: Rescored) -> str:
    how = "equal to the last bit"
    if rescored.furthest > 0:
        how = f"within a share of {rescored.furthest:.1g} of those recorded (another processor may do that)"
    who = ", ".join(rescored.rivals)
    return f"  scored again from the stored packages ({who}): losses of {rescored.origins} origins {how}"
