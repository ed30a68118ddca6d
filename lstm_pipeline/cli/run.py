"""`run` and `forecast`: the recipe in this process, or as a flow run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from lstm_pipeline.artifacts import canonical
from lstm_pipeline.cli.console import answer, errors_told, progress, say

if TYPE_CHECKING:
    from lstm_pipeline.steps.outcome import Outcome

STORE = typer.Option(
    None, "--store", help="Folder or s3:// address of the store. Default: LSTM_PIPELINE_STORE, else ./store."
)
AS_OF = typer.Option(None, "--as-of", help="Logical date: ISO time, or an integer step. Default: now.")
JSON = typer.Option(False, "--json", help="End with one JSON object on standard output.")


def run(
    file: str = typer.Argument(help="The pipeline file."),
    store: str | None = STORE,
    as_of: str | None = AS_OF,
    prefect: bool = typer.Option(
        False, "--prefect", help="As a flow run, on the configured or a temporary server."
    ),
    as_json: bool = JSON,
) -> None:
    """Retrain a pipeline, judge the candidate, publish, report."""
    with errors_told(as_json=as_json):
        # not at the top: `--help` and `doctor` import neither torch nor prefect
        from lstm_pipeline.steps.summary import terminal

        outcome = _as_flow(file, store, as_of) if prefect else _here(file, store, as_of)
        say(terminal(outcome))
        if as_json:
            answer(outcome.to_json())
        if outcome.partial:
            raise typer.Exit(3)


def _here(file: str, store: str | None, as_of: str | None) -> Outcome:
    from lstm_pipeline.steps import retrain, showing
    from lstm_pipeline.steps.desk import job_from_file

    with progress() as show:
        return retrain(job_from_file(file, store=store, as_of=as_of), showing(show))


def _as_flow(file: str, store: str | None, as_of: str | None) -> Outcome:
    from lstm_pipeline.cli.flows import flow_runs
    from lstm_pipeline.settings.config import read_pipeline

    read_pipeline(file)  # a faulty file is told before a server is started for it
    with progress(), flow_runs() as retrain:
        return retrain(file, store, as_of)


def forecast(
    file: str = typer.Argument(help="The pipeline file."),
    store: str | None = STORE,
    as_of: str | None = AS_OF,
    as_json: bool = JSON,
) -> None:
    """Publish the champion's newest forecasts, without training."""
    with errors_told(as_json=as_json):
        from lstm_pipeline.steps import PLAIN
        from lstm_pipeline.steps.desk import job_from_file
        from lstm_pipeline.steps.outcome import ALERT
        from lstm_pipeline.steps.recipe import forecast_only

        made = forecast_only(job_from_file(file, store=store, as_of=as_of), PLAIN)
        sources = ", ".join(f"{count} by {name}" for name, count in sorted(made.sources.items()))
        say(f"published by {made.published_by}: {sources}")
        say(f"  forecasts  {made.uri}\n  report     {made.report}")
        for note in made.notes:
            say(f"  {'WARNING' if note.startswith(ALERT) else 'noted':<9}  {note}")
        for name, why in list(made.failed.items())[:1]:
            say(f"  {len(made.failed)} series failed, the first {name}: {why}")
        if as_json:
            answer(
                canonical(
                    {
                        "forecasts": made.uri,
                        "published_by": made.published_by,
                        "sources": made.sources,
                        "failed": made.failed,
                        "notes": made.notes,
                        "revision": made.revision,
                        "report": made.report,
                    }
                )
            )
        if made.failed:
            raise typer.Exit(3)
