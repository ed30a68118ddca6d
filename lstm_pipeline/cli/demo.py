"""`demo`: three pipelines through Prefect, one server start for all; or deceptions that the gate must see."""

from __future__ import annotations

import time

import typer

from lstm_pipeline.artifacts import canonical
from lstm_pipeline.cli.console import answer, errors_told, progress, say
from lstm_pipeline.cli.fool import fool_me
from lstm_pipeline.cli.run import JSON, STORE


def demo(
    fool: bool = typer.Option(
        False, "--fool-me", help="Instead: plant deceptions, and tell what the gate said of each."
    ),
    store: str | None = STORE,
    as_json: bool = JSON,
) -> None:
    """Run three demo pipelines, or try to fool the gate."""
    with errors_told(as_json=as_json):
        if fool:
            fool_me(store, as_json=as_json)
            return
        from lstm_pipeline.cli.flows import flow_runs
        from lstm_pipeline.settings.demos import DEMOS, demo_folder
        from lstm_pipeline.steps.summary import headline

        say("starting Prefect (a temporary server, unless PREFECT_API_URL names one) ...")
        begun, outcomes = time.monotonic(), []
        with progress(), flow_runs() as retrain:
            say(f"Prefect answers after {time.monotonic() - begun:.1f} s")
            for name in DEMOS:
                begun = time.monotonic()
                outcome = retrain(str(demo_folder() / name), store, None)
                outcomes.append(outcome)
                reused = f"reused {', '.join(outcome.reused)}" if outcome.reused else "nothing reused"
                say(f"{outcome.pipeline}: {time.monotonic() - begun:.1f} s, {reused}")
        answer(canonical({"runs": outcomes}) if as_json else "\n".join(headline(o) for o in outcomes))
