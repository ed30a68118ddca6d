"""The train flow: what another run ordered, on a worker of the pool gpu."""

from __future__ import annotations

import os
import socket
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from lstm_flows.origin import hear_library
from lstm_flows.progress import training_progress
from lstm_flows.requests import TrainRequest
from lstm_pipeline.errors import PipelineError
from lstm_pipeline.steps.desk import job_of_config
from lstm_pipeline.steps.fitting import Shop, carry_out
from lstm_pipeline.steps.orders import TrainingOrder


@flow(name="train", flow_run_name="train {request.pipeline} {request.short}", persist_result=False)
def train(request: TrainRequest) -> State[Any]:
    """Train the model that another run ordered; a training that was cut off goes on where it stood.

    Args:
        request: What is to be made of what.
    """
    hear_library()
    order = TrainingOrder(**request.model_dump())
    job = job_of_config(order.config, store=None, as_of=None)
    try:
        with training_progress() as show:
            made = carry_out(job, order, Shop(show=show, by=worker()))
    except PipelineError as error:
        # by its code who ordered tells what another try can mend from what it cannot
        return Failed(name=error.code, message=str(error))
    return Completed(message=made.uri)


def worker() -> str:
    """Who trains: the worker by its name, or this machine's process where none started it."""
    name = os.environ.get("PREFECT__WORKER_NAME") or f"process {os.getpid()}"
    return f"{name} on {socket.gethostname()}"
