"""`models pending`, `approve`, `refuse`, `probation`: a person's word on a promotion, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from lstm_pipeline.artifacts import canonical
from lstm_pipeline.cli.console import answer, errors_told, progress, say
from lstm_pipeline.cli.known import known_line, known_places, utc
from lstm_pipeline.cli.models import PIPELINE, REASON, tell
from lstm_pipeline.cli.run import JSON, STORE

if TYPE_CHECKING:
    from lstm_pipeline.steps.desk import Line
    from lstm_pipeline.steps.petitions import Request
    from lstm_pipeline.steps.probation import Standing

MODEL = typer.Option(
    None,
    "--model",
    help="Id of the model that waits, or its first 6 characters or more. Default: the newest.",
)


def pending(pipeline: str = PIPELINE, store: str | None = STORE, as_json: bool = JSON) -> None:
    """List the promotions that wait for a person."""
    with errors_told(as_json=as_json):
        from lstm_pipeline.steps import answers
        from lstm_pipeline.steps.gate_report import recorded

        line = known_line(pipeline, store, to_write=False)
        waiting = [
            (one, recorded(line, one.asked.gate_report).decision.sentence) for one in answers.pending(line)
        ]
        if as_json:
            rows = [{"request": one.asked, "gate": sentence} for one, sentence in waiting]
            answer(canonical({"pipeline": pipeline, "pending": rows}))
            return
        told = [_request(one, sentence) for one, sentence in waiting]
        answer("\n".join(told) or f"{pipeline}: no promotion waits for approval")


def approve(
    pipeline: str = PIPELINE,
    model: str | None = MODEL,
    reason: str = REASON,
    store: str | None = STORE,
    as_json: bool = JSON,
) -> None:
    """Promote a model that waits; it is gated again where the champion changed meanwhile."""
    with errors_told(as_json=as_json):
        from lstm_pipeline.settings.environment import login_name
        from lstm_pipeline.steps import answers, showing

        line, word = (
            known_line(pipeline, store, to_write=True),
            answers.Word(actor=login_name(), reason=reason, model=model),
        )
        with progress() as show:
            rows = answers.approve(line, known_places(store), word, showing(show))
        tell(*rows, as_json=as_json)


def refuse(
    pipeline: str = PIPELINE,
    model: str | None = MODEL,
    reason: str = REASON,
    store: str | None = STORE,
    as_json: bool = JSON,
) -> None:
    """Refuse a model that waits; the champion stays."""
    with errors_told(as_json=as_json):
        from lstm_pipeline.settings.environment import login_name
        from lstm_pipeline.steps import answers

        line = known_line(pipeline, store, to_write=True)
        row = answers.refuse(line, answers.Word(actor=login_name(), reason=reason, model=model))
        told = f"{row.model}  refused by {row.actor}: {row.reason}"
        answer(canonical({"pipeline": pipeline, "refused": row}) if as_json else told)


def probation(pipeline: str = PIPELINE, store: str | None = STORE, as_json: bool = JSON) -> None:
    """Tell how a new champion's forecasts have fared beside those of the one before."""
    with errors_told(as_json=as_json):
        from lstm_pipeline.steps.probation import standing_of

        line = known_line(pipeline, store, to_write=False)
        standing = standing_of(line)
        if as_json:
            answer(canonical({"pipeline": pipeline, "probation": standing}))
            return
        answer("\n".join(_standing(standing)) if standing is not None else _unwatched(line))


def _request(one: Request, sentence: str) -> str:
    return (
        f"{one.asked.model}  asked for at {utc(one.asked.at)}, waits until {one.until}: {one.asked.reason}\n"
        f"  gate       {sentence}"
    )


def _unwatched(line: Line) -> str:
    """Why nobody is on probation."""
    if line.registry.champion(line.pipeline) is None:
        return f"{line.pipeline} has no champion yet"
    return f"{line.pipeline}: its champion displaced nobody, or came back by a rollback: no probation"


def _standing(standing: Standing) -> list[str]:
    reign, found = standing.reign, standing.found
    if standing.policy.action == "off":
        say("[probation] action is off: nothing new is scored")
    state = "over" if found.ended else "on probation"
    return [
        f"{reign.model}  champion since {utc(reign.since)} (promotion {reign.seq}), {state}",
        f"  before     {reign.previous}",
        f"  figures    {found.sentence}",
        f"  action     {standing.policy.action}",
    ]
