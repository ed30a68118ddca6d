"""What a service asks of its server while it is up: first runs, and that no run is lost."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence
from pathlib import Path

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.states import Crashed, Scheduled

from lstm_flows.automations import RESTARTED, RESTARTS
from lstm_flows.names import MARK, WORKED

OVERLOOKED = dt.timedelta(seconds=25)
"""After which a crashed run that is still crashed was overlooked: an automation takes 10 to 20 s."""
FORGOTTEN = dt.timedelta(days=1)
"""After which it stays as it is."""


def start_first_runs(pipelines: Sequence[str]) -> tuple[str, ...]:
    """Start a retrain run of each pipeline now; returns the names of the runs."""
    with get_client(sync_client=True) as client:
        return tuple(_started(client, pipeline) for pipeline in pipelines)


def crash_the_dead() -> tuple[str, ...]:
    """End runs whose process is gone, so that they are started again at once; returns their names.

    Only where every worker of the server runs on this machine: a process is known by its number alone.
    """
    live = _that_are([StateType.RUNNING, StateType.PENDING, StateType.CANCELLING], WORKED)
    with get_client(sync_client=True) as client:
        dead = [run for run in client.read_flow_runs(flow_run_filter=live) if _is_dead(run)]
        for run in dead:
            client.set_flow_run_state(run.id, Crashed(message="its process is gone"))
    return tuple(run.name for run in dead)


def restart_the_crashed(now: dt.datetime) -> tuple[str, ...]:
    """Start crashed runs again that the server itself has overlooked; returns their names.

    On SQLite it loses events while its tables are locked, and its automations with them.
    """
    crashed = _that_are([StateType.CRASHED], MARK)
    since, until = now - FORGOTTEN, now - OVERLOOKED
    with get_client(sync_client=True) as client:
        lost = [
            run
            for run in client.read_flow_runs(flow_run_filter=crashed)
            if run.state and since < run.state.timestamp < until and run.run_count <= RESTARTS
        ]
        for run in lost:
            again = Scheduled(name=RESTARTED, message="its process died")
            client.set_flow_run_state(run.id, again)
    return tuple(run.name for run in lost)


def _that_are(states: list[StateType], tag: str) -> FlowRunFilter:
    kinds = FlowRunFilterStateType(any_=states)
    return FlowRunFilter(tags=FlowRunFilterTags(all_=[tag]), state=FlowRunFilterState(type=kinds))


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
    return _is_zombie(int(number))


def _is_zombie(number: int) -> bool:
    """It has ended, and nobody has asked how: in a container without an init process nobody does."""
    try:
        told = Path(f"/proc/{number}/stat").read_text()
    except OSError:
        return False
    return told.rpartition(")")[2].split()[0] == "Z"
