"""`models`: who is champion and why, the log of promotions, and a person's word on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from lstm_pipeline.artifacts import canonical
from lstm_pipeline.cli.console import answer, errors_told, say
from lstm_pipeline.cli.known import known_line, moment_of, utc
from lstm_pipeline.cli.run import JSON, STORE
from lstm_pipeline.errors import UsageError

if TYPE_CHECKING:
    from lstm_pipeline.registry import Promotion
    from lstm_pipeline.steps.grounds import Grounds

app = typer.Typer(
    help="Tell who is champion and why; roll back; promote by your word.",
    epilog="Example: lstm-pipeline models champion mydata --at 2026-05-03",
    no_args_is_help=True,
    rich_markup_mode=None,
)
PIPELINE = typer.Argument(help="Name of the pipeline.")
AT = typer.Option(None, "--at", help="As it was at this ISO time, UTC without an offset. Default: now.")
REASON = typer.Option("", "--reason", help="Why: kept in the log with your login name.")


@app.command("champion", epilog="Example: lstm-pipeline models champion mydata --at 2026-05-03")
def champion(
    pipeline: str = PIPELINE, at: str | None = AT, store: str | None = STORE, as_json: bool = JSON
) -> None:
    """Tell who is champion, or was, and why."""
    with errors_told(as_json=as_json):
        from lstm_pipeline.steps.grounds import grounds

        line = known_line(pipeline, store, to_write=False)
        log = _log(pipeline, store, at)
        found = grounds(line, log) if log else None
        if as_json:
            answer(canonical({"pipeline": pipeline, "promotions": log[-1:], "why": found}))
            return
        answer("\n".join([*map(_row, log[-1:]), *_why(found)]) if found else _nobody(pipeline, at))


@app.command("log", epilog="Example: lstm-pipeline models log mydata")
def log(
    pipeline: str = PIPELINE, at: str | None = AT, store: str | None = STORE, as_json: bool = JSON
) -> None:
    """List every promotion, newest last, and check their chain."""
    with errors_told(as_json=as_json):
        rows = _log(pipeline, store, at)
        head = rows[-1].hash if rows else None
        if as_json:
            answer(canonical({"pipeline": pipeline, "promotions": rows, "head": head, "verified": True}))
            return
        verified = [f"chain verified: {len(rows)} promotions, head {head}"] if rows else []
        answer("\n".join([*map(_row, rows), *verified]) if rows else _nobody(pipeline, at))


@app.command(
    "rollback", epilog='Example: lstm-pipeline models rollback mydata --reason "it drifts since the move"'
)
def rollback(
    pipeline: str = PIPELINE,
    to: str | None = typer.Option(
        None,
        "--to",
        help="Id of an earlier champion, or its first 6 characters or more. Default: the one before.",
    ),
    reason: str = REASON,
    store: str | None = STORE,
    as_json: bool = JSON,
) -> None:
    """Make an earlier champion champion again."""
    with errors_told(as_json=as_json):
        from lstm_pipeline.settings.environment import login_name
        from lstm_pipeline.steps import succession

        line = known_line(pipeline, store, to_write=True)
        tell(succession.rollback(line, to=to, actor=login_name(), reason=reason), as_json=as_json)


@app.command(
    "promote", epilog='Example: lstm-pipeline models promote mydata 3f9c2a --force --reason "floor is wrong"'
)
def promote(
    pipeline: str = PIPELINE,
    model: str = typer.Argument(help="Id of a version, or its first 6 characters or more."),
    force: bool = typer.Option(False, "--force", help="Past the gate: only a person may ask for that."),
    reason: str = REASON,
    store: str | None = STORE,
    as_json: bool = JSON,
) -> None:
    """Make a version champion past the gate, never past integrity."""
    with errors_told(as_json=as_json):
        from lstm_pipeline.settings.environment import login_name
        from lstm_pipeline.steps import succession

        if not force:
            raise UsageError(
                f"models promote: got no --force: models become champion by the gate of a run. To promote "
                f"{model} past it, which the log will tell, give --force and --reason"
            )
        line = known_line(pipeline, store, to_write=True)
        tell(succession.pin(line, model, login_name(), reason), as_json=as_json)


def _log(pipeline: str, store: str | None, at: str | None) -> tuple[Promotion, ...]:
    """The promotions up to a moment, once the whole log has been checked."""
    registry, end = known_line(pipeline, store, to_write=False).registry, moment_of(at)
    registry.verify_chain(pipeline)
    return tuple(row for row in registry.promotions(pipeline) if end is None or row.at <= end)


def tell(*rows: Promotion, as_json: bool) -> None:
    """What was appended, and what is to be done so that its forecast goes live."""
    if as_json:
        answer(canonical({"pipeline": rows[0].pipeline, "promotions": rows}))
    else:
        answer("\n".join(map(_row, rows)))
    say("  its forecast goes live with the next run, or now with: lstm-pipeline forecast FILE")


def _row(row: Promotion) -> str:
    return f"{row.seq}  {utc(row.at)}  {row.model}  {row.kind} by {row.actor}: {row.reason}"


def _why(found: Grounds) -> Sequence[str]:
    """The grounds of a promotion, a line each; what there is none of is left out."""
    told = {
        "why": found.sentence,
        "compared": None if found.origins is None else f"{found.origins} origins",
        "effect": found.effect_text,
        "tested": None if found.tested is None else f"{found.tested}, the same recipe before its refit",
        "after": found.displaced,
        "report": found.report,
    }
    return [f"  {name:<9}  {text}" for name, text in told.items() if text is not None]


def _nobody(pipeline: str, at: str | None) -> str:
    return f"{pipeline} has no champion" + (f" at {at}" if at else " yet")
