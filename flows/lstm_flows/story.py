"""What a run leaves in the Prefect UI: its verdict, its figures, the way to its report."""

from __future__ import annotations

from uuid import UUID

from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact
from prefect.client.orchestration import get_client
from prefect.runtime import flow_run

from lstm_pipeline.steps.outcome import Outcome
from lstm_pipeline.steps.refs import ForecastRef
from lstm_pipeline.steps.summary import address, figures, forecast_address, forecast_markdown, label, markdown


def tell(outcome: Outcome) -> None:
    """Leave verdict, metrics table and link to the report, and put the verdict into the run's name."""
    # prefect takes no underscores in a key, which a pipeline's name may have
    key = label(outcome.pipeline)
    create_markdown_artifact(markdown(outcome), key=f"{key}-verdict", description=outcome.sentence)
    create_table_artifact(figures(outcome), key=f"{key}-metrics", description="errors on the test windows")
    create_link_artifact(
        address(outcome),
        key=f"{key}-report",
        link_text=outcome.report,
        description="the report of this run",
    )
    for alert in outcome.alerts:
        create_markdown_artifact(f"## {alert}", key=f"{key}-alert", description=alert)
    # only now: prefect fills in flow_run_name before the flow begins, when there is no verdict yet
    name_run(f"{outcome.pipeline} {outcome.as_of[:16]} {outcome.verdict}")


def tell_forecast(pipeline: str, made: ForecastRef) -> None:
    """Leave what was published, by whom, and what a person should know of it."""
    text = forecast_markdown(pipeline, made)
    create_markdown_artifact(text, key=f"{label(pipeline)}-forecast", description="what was published")
    create_link_artifact(
        forecast_address(made),
        key=f"{label(pipeline)}-forecast-report",
        link_text=made.report,
        description="the page of this forecast",
    )
    name_run(f"{pipeline} forecast by {made.published_by[:12]}")


def name_run(name: str) -> None:
    """Rename the flow run that calls this."""
    identity = flow_run.get_id()
    if identity is not None:
        with get_client(sync_client=True) as client:
            client.update_flow_run(UUID(identity), name=name)
