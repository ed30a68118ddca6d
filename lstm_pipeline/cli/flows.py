"""Flow runs from the command line: one server for all of them, the configured one or a temporary one."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from lstm_pipeline.errors import Unreachable
from lstm_pipeline.settings.config import read_pipeline
from lstm_pipeline.settings.orchestrator import prepare_orchestrator
from lstm_pipeline.steps.desk import job_from_file
from lstm_pipeline.steps.outcome import Outcome, outcome_of_plain

Retrain = Callable[[str, str | None, str | None], Outcome]
"""Pipeline file, store, as_of -> outcome."""


@contextmanager
def flow_runs() -> Generator[Retrain]:
    """A function that runs the retrain flow in this process and returns its outcome.

    The server is started, or found to answer, before anything runs. The heartbeat is for workers that die
    unseen: here a person looks on, so nobody waits for its thread.

    Raises:
        Unreachable: the server does not answer or cannot be started.
    """
    # first: prefect reads its settings from the environment when it is imported
    prepare_orchestrator()
    from lstm_flows.requests import RunRequest
    from lstm_flows.retrain import retrain
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    def run(file: str, store: str | None, as_of: str | None) -> Outcome:
        job, config = job_from_file(file, store=store, as_of=as_of), read_pipeline(file)
        request = RunRequest(pipeline=config.name, config=job.config, as_of=as_of, store=store)
        state: Any = retrain(request, return_state=True)
        return outcome_of_plain(state.result())

    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        _await_server()
        yield run


def _await_server() -> None:
    from prefect.client.orchestration import get_client

    try:
        # a server that does not answer is returned as an error, one that does not start is raised
        with get_client(sync_client=True) as client:
            error = client.api_healthcheck()
    except Exception as reason:
        error = reason
    if error is not None:
        raise Unreachable(
            f"Prefect's server does not answer ({type(error).__name__}: {error}): check PREFECT_API_URL, or "
            "unset it to have a temporary server started"
        ) from error
