"""The flow on a real Prefect server: the same recipe, and a run that tells its story in the UI."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from lstm_pipeline.settings.orchestrator import prepare_orchestrator

prepare_orchestrator()

from lstm_flows.requests import RunRequest  # noqa: E402 - Prefect reads its settings when it is imported
from lstm_flows.retrain import retrain  # noqa: E402
from prefect.client.orchestration import get_client  # noqa: E402
from prefect.client.schemas.filters import (  # noqa: E402
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    FlowRunFilter,
    FlowRunFilterId,
)
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings  # noqa: E402
from prefect.states import State  # noqa: E402
from prefect.testing.utilities import prefect_test_harness  # noqa: E402

from lstm_pipeline.steps import PLAIN  # noqa: E402
from lstm_pipeline.steps import retrain as retrain_here  # noqa: E402
from lstm_pipeline.steps.desk import job_from_file  # noqa: E402
from tests.test_cli import PIPELINE  # noqa: E402

pytestmark = [
    pytest.mark.prefect,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:prefect"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[None]:
    with (
        prefect_test_harness(server_startup_timeout=180),
        temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}),
    ):
        yield


@pytest.fixture
def pipeline(tmp_path: Path) -> str:
    path = tmp_path / "small.toml"
    path.write_text(PIPELINE)
    return str(path)


def request(pipeline: str, store: Path) -> RunRequest:
    """What `deploy` asks for in the name of a pipeline file."""
    job = job_from_file(pipeline, store=str(store), as_of=None)
    return RunRequest(pipeline=Path(pipeline).stem, config=job.config, store=str(store))


def flow_run_of(state: State[Any]) -> Any:
    identity = state.state_details.flow_run_id
    assert isinstance(identity, UUID)
    with get_client(sync_client=True) as client:
        return client.read_flow_run(identity)


def test_the_flow_and_a_plain_run_end_in_the_same_weights(server, pipeline, tmp_path):
    here = retrain_here(job_from_file(pipeline, store=str(tmp_path / "here"), as_of=None), PLAIN)

    state = retrain(request(pipeline, tmp_path / "flow"), return_state=True)

    assert state.result()["weights_sha256"] == here.weights_sha256
    assert state.result()["mse"] == here.mse


def test_the_verdict_is_the_run_s_state_and_stands_in_its_name(server, pipeline, tmp_path):
    state = retrain(request(pipeline, tmp_path / "store"), return_state=True)

    run = flow_run_of(state)
    assert (run.state.type.value, run.state.name) == ("COMPLETED", "Promote")
    assert run.name.startswith("small ")
    assert run.name.endswith(" PROMOTE")


def test_a_run_leaves_metrics_verdict_report_and_progress_in_the_ui(server, pipeline, tmp_path):
    state = retrain(request(pipeline, tmp_path / "store"), return_state=True)

    wanted = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[state.state_details.flow_run_id]))
    with get_client(sync_client=True) as client:
        artifacts = {
            artifact.key or artifact.type: artifact
            for artifact in client.read_artifacts(artifact_filter=wanted)
        }
    assert {"small-metrics", "small-verdict", "small-report", "progress"} <= set(artifacts)
    assert "Promoted" in artifacts["small-verdict"].data
    assert state.result()["report"] in artifacts["small-report"].data
    assert artifacts["progress"].data == 100.0


def test_a_faulty_pipeline_fails_its_run_with_our_sentence_and_no_retry(server, tmp_path):
    path = tmp_path / "faulty.toml"
    path.write_text('name = "faulty"\n[source]\npath = "nowhere.csv"\n')

    state = retrain(request(str(path), tmp_path / "store"), return_state=True)

    assert state.is_failed()
    assert "nowhere.csv" in str(state.message)
    with get_client(sync_client=True) as client:
        wanted = FlowRunFilter(id=FlowRunFilterId(any_=[state.state_details.flow_run_id]))
        tries = [task.run_count for task in client.read_task_runs(flow_run_filter=wanted)]
    assert tries == [1]
    with pytest.raises(Exception, match=r"nowhere\.csv"):
        state.result()


QUIET = """
from lstm_pipeline.settings.orchestrator import prepare_orchestrator
prepare_orchestrator()
import os
from prefect.settings import get_current_settings
server = get_current_settings().server
print(os.environ["DO_NOT_TRACK"], server.analytics_enabled, server.ephemeral.startup_timeout_seconds)
"""


def test_prefect_counts_nobody_and_waits_for_a_slow_machine_unless_told_otherwise(tmp_path):
    kept = {
        name: value for name, value in os.environ.items() if "PREFECT" not in name and "TRACK" not in name
    }
    environment = kept | {"PREFECT_HOME": str(tmp_path)}

    done = subprocess.run(
        [sys.executable, "-c", QUIET], env=environment, capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == ["1", "False", "180"]
