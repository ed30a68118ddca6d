"""What a Prefect server is told of a pipeline: deployments, one schedule each, forms that refuse nonsense."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lstm_pipeline.settings.orchestrator import prepare_orchestrator

prepare_orchestrator()

from lstm_flows import deployments  # noqa: E402 - Prefect reads its settings when it is imported
from lstm_flows.automations import automations  # noqa: E402
from prefect.client.orchestration import get_client  # noqa: E402
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError  # noqa: E402

from lstm_pipeline.settings.config import parse_pipeline  # noqa: E402
from tests.test_flow import server  # noqa: E402, F401

pytestmark = [
    pytest.mark.prefect,
    pytest.mark.usefixtures("server"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:prefect"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

KEY = f"configs/{'a' * 64}.json"
OTHER = f"configs/{'b' * 64}.json"


def deploy(name: str, key: str = KEY, **schedule: str):
    table = {"name": name, "source": {"path": "a.csv"}, "schedule": schedule}
    config = parse_pipeline(table, folder=Path(), named="test")
    return {one.title: one.change for one in deployments.deploy([(config, key)])}


def there(title: str) -> Any:
    with get_client(sync_client=True) as client:
        return client.read_deployment_by_name(title)


def schedules(title: str):
    return [one.schedule for one in there(title).schedules]


def ask(title: str, **request: Any):
    """Start a run as the form does."""
    with get_client(sync_client=True) as client:
        deployment = client.read_deployment_by_name(title)
        wanted = {**deployment.parameters["request"], **request}
        return client.create_flow_run_from_deployment(deployment.id, parameters={"request": wanted})


def test_a_pipeline_gets_a_deployment_for_each_task_with_its_schedule_and_its_pool():
    changes = deploy("first", retrain="0 2 * * *", forecast="6h", timezone="Europe/Berlin")

    assert changes["retrain/first"] == changes["forecast/first"] == "created"
    (cron,), (interval,) = schedules("retrain/first"), schedules("forecast/first")
    assert (cron.cron, cron.timezone) == ("0 2 * * *", "Europe/Berlin")
    assert interval.interval.total_seconds() == 6 * 3600
    assert there("retrain/first").work_pool_name == "cpu"
    assert there("train/gpu").work_pool_name == "gpu"


def test_what_is_deployed_again_stays_as_it_was():
    deploy("same", retrain="0 2 * * *")

    assert deploy("same", retrain="0 2 * * *") == {
        "train/gpu": "as it was",
        "retrain/same": "as it was",
        "forecast/same": "as it was",
    }


def test_a_changed_schedule_takes_the_place_of_the_one_before():
    deploy("moved", retrain="0 2 * * *")

    changes = deploy("moved", retrain="0 5 * * *")

    assert changes["retrain/moved"] == "changed"
    assert [one.cron for one in schedules("retrain/moved")] == ["0 5 * * *"]


def test_a_schedule_that_left_the_file_goes():
    deploy("quiet", retrain="0 2 * * *")

    deploy("quiet")

    assert schedules("retrain/quiet") == []


def test_a_changed_configuration_is_what_the_next_run_gets():
    deploy("edited")

    changes = deploy("edited", OTHER)

    assert changes["retrain/edited"] == "changed"
    assert there("retrain/edited").parameters["request"]["config"] == OTHER


@pytest.mark.parametrize(
    "request_",
    [{"as_of": "yesterday"}, {"config": "elsewhere"}, {"pipeline": "No Name"}, {"as_off": "2024-01-01"}],
)
def test_the_form_refuses_nonsense_before_a_run_starts(request_):
    deploy("checked")

    with pytest.raises(PrefectHTTPStatusError, match="409"):
        ask("retrain/checked", **request_)


@pytest.mark.parametrize(
    "as_of", ["2024-01-01", "2024-01-01T06:00", "2024-01-01T06:00:00+02:00", "120", None]
)
def test_the_form_takes_a_time_or_a_step(as_of):
    deploy("checked")

    assert ask("retrain/checked", as_of=as_of).parameters["request"]["as_of"] == as_of


def test_a_parameter_that_no_flow_has_is_refused():
    deploy("checked")
    deployment = there("retrain/checked")

    with get_client(sync_client=True) as client, pytest.raises(PrefectHTTPStatusError, match="409"):
        client.create_flow_run_from_deployment(
            deployment.id, parameters={**deployment.parameters, "verbose": True}
        )


def test_the_form_shows_what_each_field_means():
    deploy("checked")

    fields = there("retrain/checked").parameter_openapi_schema["definitions"]["RunRequest"]["properties"]

    assert all(field["description"] for field in fields.values())


def test_the_server_watches_over_runs_and_is_told_so_once():
    deploy("watched")

    deploy("watched")

    with get_client(sync_client=True) as client:
        names = [one.name for one in client.read_automations()]
    assert sorted(names) == sorted(one.name for one in automations())


def test_backfills_wait_behind_what_a_schedule_starts():
    deploy("queued")

    with get_client(sync_client=True) as client:
        late = client.read_work_queue_by_name("backfill", work_pool_name="cpu")
        usual = client.read_work_queue_by_name("default", work_pool_name="cpu")
    assert late.priority > usual.priority
    assert late.concurrency_limit == 1


def test_where_the_server_refuses_one_nothing_is_left_half_deployed(monkeypatch):
    fine = deployments._of_pipeline

    def with_a_fault(config: Any, key: str):
        good, bad = fine(config, key)
        # the first is taken, the second is not
        object.__setattr__(bad, "pool", "no such pool")
        return good, bad

    monkeypatch.setattr(deployments, "_of_pipeline", with_a_fault)

    with pytest.raises(Exception, match="no such pool"):
        deploy("half")

    with pytest.raises(ObjectNotFound):
        there("retrain/half")
