"""The flow waits for a person: suspended with a form, taken up again by the answer."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from lstm_pipeline.settings.orchestrator import prepare_orchestrator

prepare_orchestrator()

from lstm_flows.retrain import retrain  # noqa: E402 - Prefect reads its settings when it is imported
from prefect.client.orchestration import get_client  # noqa: E402
from prefect.exceptions import Pause  # noqa: E402
from prefect.flow_engine import run_flow  # noqa: E402

from lstm_pipeline.registry import Petition, open_registry  # noqa: E402
from tests.test_cli import PIPELINE  # noqa: E402
from tests.test_flow import request, server  # noqa: E402, F401

pytestmark = [
    pytest.mark.prefect,
    pytest.mark.usefixtures("server"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:prefect"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

WAIT = '\n[approval]\npolicy = "always"\nwait = true\n'


@pytest.fixture
def pipeline(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(PIPELINE + WAIT)
    return path


def deployed(pipeline: Path) -> Any:
    """A run of a deployment of the flow, as a worker would find it."""
    parameters = {"request": request(str(pipeline), pipeline.parent / "store").model_dump()}
    with get_client(sync_client=True) as client:
        flow_id = client.create_flow_from_name("retrain")
        deployment = client.create_deployment(flow_id, name=pipeline.parent.name, parameters=parameters)
        return client.create_flow_run_from_deployment(deployment).id


def work(run: Any) -> Any:
    """Do what a worker does with a run that is due; returns its state after that."""
    with get_client(sync_client=True) as client:
        # where a run is suspended the worker's process ends with this
        with suppress(Pause):
            run_flow(retrain, flow_run=client.read_flow_run(run), return_type="state")
        return client.read_flow_run(run).state


def fill_in(run: Any, **form: str) -> None:
    with get_client(sync_client=True) as client:
        client.resume_flow_run(run, run_input=form)


def petitions(pipeline: Path) -> tuple[Petition, ...]:
    return open_registry(f"sqlite:///{pipeline.parent / 'store' / 'registry.db'}").petitions("small")


def champion(pipeline: Path) -> Any:
    return log(pipeline)[-1] if log(pipeline) else None


def log(pipeline: Path):
    return open_registry(f"sqlite:///{pipeline.parent / 'store' / 'registry.db'}").promotions("small")


def test_a_run_waits_suspended_and_the_form_s_yes_promotes(pipeline: Path):
    run = deployed(pipeline)

    waits = work(run)
    before = champion(pipeline)
    fill_in(run, decision="approve", reason="looks right")
    done = work(run)

    assert (waits.type.value, waits.name, before) == ("PAUSED", "Suspended", None)
    assert (done.type.value, done.name) == ("COMPLETED", "Promote")
    assert [(row.event, row.actor) for row in petitions(pipeline)] == [
        ("requested", "run"),
        ("approved", "prefect UI"),
    ]
    approved, refitted = log(pipeline)
    assert (approved.actor, approved.reason) == ("prefect UI", "first; approved: looks right")
    assert (refitted.kind, refitted.previous_model) == ("refit", approved.model)
    latest = pipeline.parent / "store" / "forecasts" / "small" / "latest.parquet"
    assert champion(pipeline).model in latest.read_bytes().decode("latin-1")


def test_the_form_s_no_promotes_nobody_and_the_run_is_done(pipeline: Path):
    run = deployed(pipeline)
    work(run)

    fill_in(run, decision="refuse", reason="audit first")
    done = work(run)

    assert done.type.value == "COMPLETED"
    answer = petitions(pipeline)[-1]
    assert (answer.event, answer.actor, answer.reason) == ("refused", "prefect UI", "audit first")
    assert champion(pipeline) is None


def test_a_run_without_a_deployment_leaves_the_answer_to_the_command_line(pipeline: Path):
    state = retrain(request(str(pipeline), pipeline.parent / "store"), return_state=True)

    outcome = state.result()
    assert (outcome["verdict"], outcome["promoted"]) == ("PROMOTE", False)
    assert outcome["awaits"] is not None
