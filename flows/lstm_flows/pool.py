"""A training step handed to the pool gpu: ordered, waited for, ordered again where its worker is lost."""

from __future__ import annotations

import logging
import time
from dataclasses import asdict
from typing import cast
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import WorkerFilter, WorkerFilterStatus
from prefect.client.schemas.objects import FlowRun, State
from prefect.deployments import run_deployment
from prefect.exceptions import PrefectHTTPStatusError
from prefect.runtime import flow_run
from prefect.states import Cancelled

from lstm_flows.names import GPU, TRAIN
from lstm_pipeline.errors import NAMES, PipelineError, Unreachable
from lstm_pipeline.steps.orders import TrainingOrder

LOG = logging.getLogger("lstm_pipeline.pool")

NOT_FOUND = 404
ATTEMPTS = 5
"""How often a training is ordered whose worker was lost; each goes on where the one before stood."""
POLL_SECONDS = 2.0
DESERTED_SECONDS = 120.0
"""How long an order waits in a pool where no worker shows itself."""


def in_pool(order: TrainingOrder) -> str:
    """Have a training done in the pool gpu; returns where, or nothing where it is to be done here.

    Raises:
        Unreachable: it has to be done there, and no worker lives there, or each of five was lost.
        PipelineError: what the worker refused it for.
    """
    if not _alive():
        if order.where == "pool":
            raise Unreachable(_deserted(order))
        return ""
    for attempt in range(1, ATTEMPTS + 1):
        run = _ordered(order, attempt)
        state = _awaited(order, run)
        if state is None:
            return ""
        if state.is_completed():
            return f"the pool {GPU}"
        _refuse_what_stays(state)
        LOG.warning("training %s, attempt %d: %s (%s)", order.model[:12], attempt, state.name, state.message)
    raise Unreachable(
        f"pipeline {order.pipeline}: {ATTEMPTS} trainings in the pool {GPU} were lost: see their runs, "
        "and the log of its workers"
    )


def _ordered(order: TrainingOrder, attempt: int) -> FlowRun:
    """The run of an attempt: a new one, or the one that was ordered before by the same run."""
    # a key that is taken returns its run, even one that failed: so the attempt is part of it
    key = f"train-{order.model}-{flow_run.get_id()}-{attempt}"
    run = run_deployment(
        TRAIN,
        parameters={"request": asdict(order)},
        idempotency_key=key,
        timeout=0,
        tags=[order.pipeline],
    )
    # prefect types it as an awaitable too, which it is only where it is called from a coroutine
    return cast(FlowRun, run)


def _awaited(order: TrainingOrder, run: FlowRun) -> State | None:
    """The state in which a run ends; None where nobody takes it and it is better done here."""
    deserted = time.monotonic() + DESERTED_SECONDS
    with get_client(sync_client=True) as client:
        while True:
            state = client.read_flow_run(run.id).state
            if state is not None and state.is_final():
                return state
            if state is None or not state.is_scheduled() or _alive():
                deserted = time.monotonic() + DESERTED_SECONDS
            if time.monotonic() > deserted:
                _withdraw(client, run.id)
                if order.where == "pool":
                    raise Unreachable(_deserted(order))
                return None
            time.sleep(POLL_SECONDS)


def _alive() -> bool:
    """A worker of the pool has shown itself lately."""
    online = WorkerFilter(status=WorkerFilterStatus(any_=["ONLINE"]))
    with get_client(sync_client=True) as client:
        try:
            return bool(client.read_workers_for_work_pool(GPU, worker_filter=online))
        except PrefectHTTPStatusError as error:
            # a server on which nothing is deployed has no such pool
            if error.response.status_code != NOT_FOUND:
                raise
            return False


def _withdraw(client: SyncPrefectClient, run: UUID) -> None:
    # at once: to cancel it step by step would take a worker
    client.set_flow_run_state(run, Cancelled(message=f"no worker of the pool {GPU} took it"))


def _deserted(order: TrainingOrder) -> str:
    return (
        f'pipeline {order.pipeline}: training.where is "pool", and no worker lives in the pool {GPU}: '
        f'start one (`lstm-pipeline worker {GPU}`), or set where = "auto"'
    )


def _refuse_what_stays(state: State) -> None:
    """Raise what a worker refused the training for: another would too.

    Raises:
        PipelineError: it is such a thing.
    """
    kind = NAMES.get(state.name or "")
    if kind is not None and kind is not Unreachable and kind is not PipelineError:
        raise kind(state.message or state.name or "")
