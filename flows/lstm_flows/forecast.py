"""The forecast flow: what the champion says of the newest rows, without training."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from lstm_flows.origin import due, hear_library, job_of
from lstm_flows.requests import RunRequest
from lstm_flows.story import tell_forecast
from lstm_flows.tasks import TASKS
from lstm_pipeline import steps
from lstm_pipeline.artifacts import plain
from lstm_pipeline.steps.desk import Job
from lstm_pipeline.steps.refs import ForecastRef


@flow(name="forecast", flow_run_name="forecast {request.pipeline}", persist_result=False)
def forecast(request: RunRequest) -> State[Any]:
    """Publish the champion's newest forecasts, without training.

    Args:
        request: Which pipeline, and as of when.
    """
    hear_library()
    job, slot = job_of(request), due()

    def walk(job: Job) -> ForecastRef:
        made = steps.forecast_only(job, TASKS)
        tell_forecast(request.pipeline, made)
        return made

    made = walk(job) if slot is None else steps.fill(job, "forecast", slot, walk)
    if made is None:
        return Completed(name="Already done", message=steps.SPENT)
    return Completed(message=f"published by {made.published_by}: {made.uri}", data=plain(made))
