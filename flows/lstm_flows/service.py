"""What a service asks of its server while it is up: first runs, and an end to runs whose process has died."""

from __future__ import annotations

import os
from collections.abc import Sequence

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.states import Crashed

from lstm_flows.names import WORKED


def start_first_runs(pipelines: Sequence[str]) -> tuple[str, ...]:
    """Start a retrain run of each pipeline now; returns the names of the runs."""
    with get_client(sync_client=True) as client:
        return tuple(_started(client, pipeline) for pipeline in pipelines)


def crash_the_dead() -> tuple[str, ...]:
    """End runs whose process is gone, so that they are started again at once; returns their names.

    Only where every worker of the server runs on this machine: a process is known by its number alone.
    """
    live = FlowRunFilter(
        tags=FlowRunFilterTags(all_=[WORKED]),
        state=FlowRunFilterState(
            type=FlowRunFilterStateType(any_=[StateType.RUNNING, StateType.PENDING, StateType.CANCELLING])
        ),
    )
    with get_client(sync_client=True) as client:
        dead = [run for run in client.read_flow_runs(flow_run_filter=live) if _is_dead(run)]
        for run in dead:
            client.set_flow_run_state(run.id, Crashed(message="its process is gone"))
    return tuple(run.name for run in dead)


def _started(client: SyncPrefectClient, pipeline: str) -> str:
    deployment = client.read_deployment_by_name(f"retrain/{pipeline}")
    return client.create_flow_run_from_deployment(deployment.id).name


def _is_dead(run: FlowRun) -> bool:
    number = (run.infrastructure_pid or "").rpartition(":")[2]
    if not number.isdecimal():
        return False
    try:
        # nothing is sent: it is only asked whether there is such a process
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
