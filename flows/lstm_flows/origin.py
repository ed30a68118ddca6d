"""Where a flow run comes from: a schedule's slot, or a person; and its job."""

from __future__ import annotations

import datetime as dt
import logging
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.runtime import flow_run

from lstm_flows.requests import RunRequest
from lstm_pipeline.steps.desk import Job, job_of_config


def hear_library() -> None:
    """Let what the steps tell reach the run's log."""
    # where a worker did not name this logger to prefect, python's own level would drop it
    logging.getLogger("lstm_pipeline").setLevel(logging.INFO)


def job_of(request: RunRequest) -> Job:
    """The job that a run is asked for; one that goes on sees the same data as when it began."""
    run = this_run()
    now = run.start_time if run is not None else None
    return job_of_config(request.config, store=request.store, as_of=request.as_of, now=now)


def due() -> dt.datetime | None:
    """The moment for which a schedule started this run; None where a person did, or another run."""
    run = this_run()
    if run is None or not run.auto_scheduled or run.expected_start_time is None:
        return None
    # a worker's clock may be behind the server's: then the slot is due all the same
    return max(run.expected_start_time, dt.datetime.now(dt.UTC))


def this_run() -> FlowRun | None:
    """The flow run that calls this; None outside of one."""
    identity = flow_run.get_id()
    if identity is None:
        return None
    with get_client(sync_client=True) as client:
        return client.read_flow_run(UUID(identity))
