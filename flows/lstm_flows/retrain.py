"""The retrain flow: from a source to a verdict and published forecasts."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from lstm_flows.approval import answered
from lstm_flows.origin import due, hear_library, job_of
from lstm_flows.requests import RunRequest
from lstm_flows.story import tell
from lstm_flows.tasks import TASKS
from lstm_pipeline import steps
from lstm_pipeline.artifacts import plain
from lstm_pipeline.steps.desk import Job
from lstm_pipeline.steps.outcome import Outcome


@flow(name="retrain", flow_run_name="retrain {request.pipeline}", persist_result=False)
def retrain(request: RunRequest) -> State[Any]:
    """Retrain a pipeline and promote the candidate only if it is honestly better.

    Args:
        request: Which pipeline, and as of when.
    """
    hear_library()
    job, slot = job_of(request), due()
    outcome = walk(job) if slot is None else steps.fill(job, "retrain", slot, walk)
    if outcome is None:
        return Completed(name="Already done", message=steps.SPENT)
    # also for REJECT and HOLD: a gate that says no has done its work, and the run did not fail
    return Completed(name=outcome.verdict.title(), message=outcome.sentence, data=plain(outcome))


def walk(job: Job) -> Outcome:
    """The recipe, a person's word where one is waited for, and what the UI shows of it."""
    outcome = answered(job, steps.retrain(job, TASKS))
    tell(outcome)
    return outcome
