"""Where a flow run comes from: a schedule's slot, or a person; and its job."""

from __future__ import annotations

import datetime as dt
import logging
import time
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
    """Now, which is not before the slot for which a schedule started this run; None where it did not."""
    run = this_run()
    if run is None or not run.auto_scheduled or run.expected_start_time is None:
        return None
    # of a type of its own, whose arithmetic is not that of the library's
    slot = dt.datetime.fromtimestamp(run.expected_start_time.timestamp(), dt.UTC)
    # workers begin some seconds early, when the slot's last rows may not have come yet
    time.sleep(max(0.0, (slot - dt.datetime.now(dt.UTC)).total_seconds()))
    return max(slot, dt.datetime.now(dt.UTC))


def this_run() -> FlowRun | None:
    """The flow run that calls this; None outside of one."""
    identity = flow_run.get_id()
    if identity is None:
        return None
    with get_client(sync_client=True) as client:
        return client.read_flow_run(UUID(identity))
