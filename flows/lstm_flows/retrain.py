"""The retrain flow: from a source to a verdict and published forecasts."""

from __future__ import annotations

import logging
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from lstm_flows.approval import answered, begun
from lstm_flows.story import tell
from lstm_flows.tasks import TASKS
from lstm_pipeline import steps
from lstm_pipeline.artifacts import plain
from lstm_pipeline.steps.desk import job_from_file


@flow(
    name="retrain", flow_run_name="retrain {pipeline_file}", persist_result=False, validate_parameters=False
)
def retrain(pipeline_file: str, as_of: str | None = None, store: str | None = None) -> State[Any]:
    """Retrain a pipeline and promote the candidate only if it is honestly better.

    Args:
        pipeline_file: Path of the pipeline file.
        as_of: Logical date: ISO time or integer step. Default: now.
        store: Folder or s3:// address of the store. Default: LSTM_PIPELINE_STORE, else ./store.
    """
    # where a worker did not name this logger to prefect, python's own level would drop what the steps tell
    logging.getLogger("lstm_pipeline").setLevel(logging.INFO)
    job = job_from_file(pipeline_file, store=store, as_of=as_of, now=begun())
    outcome = answered(job, steps.retrain(job, TASKS))
    tell(outcome)
    # also for REJECT and HOLD: a gate that says no has done its work, and the run did not fail
    return Completed(name=outcome.verdict.title(), message=outcome.sentence, data=plain(outcome))
