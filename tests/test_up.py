"""A service as its user has it: `up` starts it, schedules fire, runs go through both pools."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from lstm_pipeline.settings.orchestrator import prepare_orchestrator

prepare_orchestrator()

from lstm_pipeline.registry import open_registry  # noqa: E402 - Prefect reads its settings when it is imported
from lstm_pipeline.steps import PLAIN, retrain  # noqa: E402
from lstm_pipeline.steps.desk import job_from_file  # noqa: E402
from tests.services import Service, service, until, write_pipeline  # noqa: E402

pytestmark = [
    pytest.mark.proof,
    pytest.mark.prefect,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:prefect"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

RECOVERY = 120.0
"""Seconds in which a run that died is at work again."""
LONG = 8_000
"""Training steps that take a quarter of a minute and more."""


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    write_pipeline(folder, "often", more='[schedule]\nretrain = "* * * * *"\n')
    write_pipeline(folder, "slow", steps=LONG, where="here")
    write_pipeline(folder, "handed", steps=LONG, where="pool")
    with service(folder, "often.toml", "slow.toml", "handed.toml", "--trainers", "1", "--no-run") as made:
        yield made


def hours_ago(hours: int) -> str:
    return (dt.datetime.now(dt.UTC) - dt.timedelta(hours=hours)).replace(minute=0).strftime("%Y-%m-%dT%H:%M")


def pid_of(up: Service, run: object) -> int:
    """Of the process in which a run is, once it has one and is at work."""
    found = until(
        lambda: (r := up.run(run)).state.is_running() and r.infrastructure_pid, what="a run's process"
    )
    return int(found.rpartition(":")[2])


def worker_pid(pool: str) -> int:
    """Of the worker of a pool; 0 while there is none."""
    command = ["pgrep", "-f", f"worker start --pool {pool}"]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
    return int(told[0]) if told else 0


def back_at_work(up: Service, run: object, count: int) -> float:
    """Seconds until a run has begun once more."""
    began = time.monotonic()
    until(lambda: up.run(run).run_count > count, RECOVERY, "the restart")
    return time.monotonic() - began


def told(capsys: pytest.CaptureFixture[str], seconds: float) -> None:
    """Let whoever reads the log of the proofs see it."""
    with capsys.disabled():
        sys.stdout.write(f" at work again after {seconds:.0f} s ")


def in_training(up: Service, kept: set[str]) -> None:
    """Wait until a training has kept a resume state that was not there before."""
    until(lambda: set(states(up)) - kept, what="a resume state")


def states(up: Service) -> list[str]:
    return [str(path) for path in up.store.glob("training/*/*.safetensors")]


def alone(up: Service, name: str, as_of: str, folder: Path) -> str | None:
    """The weights that a run in one process ends with, which nobody disturbs."""
    text = (up.folder / f"{name}.toml").read_text().replace('where = "pool"', 'where = "here"')
    (folder / f"{name}.toml").write_text(text.replace(f'"{name}.csv"', f'"{up.folder / name}.csv"'))
    job = job_from_file(str(folder / f"{name}.toml"), store=str(folder / "alone"), as_of=as_of)
    return retrain(job, PLAIN).weights_sha256


def test_a_schedule_fires_and_the_run_goes_through_both_pools_to_its_report(up: Service):
    first = until(
        lambda: [run for run in up.runs("often") if run.state.is_completed() and run.auto_scheduled]
    )[0]

    registry = open_registry(f"sqlite:///{up.store / 'registry.db'}")
    assert first.state.name == "Promote"
    assert [
        run.name.split()[:2] for run in up.runs("lstm-pipeline-worker") if run.name.startswith("train")
    ] == [["train", "often"]]
    assert registry.champion("often").actor == "schedule"
    (report,) = up.store.glob("reports/*/report.html")
    page = urllib.request.urlopen(f"{up.pages}/reports/{report.parent.name}/report.html").read()
    assert page == report.read_bytes()
    assert b"trained by gpu-0" in page


def test_the_next_slot_finds_the_same_rows_and_reuses_all(up: Service):
    done = until(
        lambda: [r for r in up.runs("often") if r.state.is_completed() and r.auto_scheduled][1:],
        what="a second slot",
    )

    slots = open_registry(f"sqlite:///{up.store / 'registry.db'}").slots("often", "retrain").ended()
    assert len(slots) >= 2
    assert all(run.state.name == "Promote" for run in done)
    assert len(list(up.store.glob("models/*/manifest.json"))) == 1


def test_a_second_up_says_that_it_is_up_already(up: Service):
    command = [sys.executable, "-m", "lstm_pipeline", "up", "--port", "0"]
    again = subprocess.run(command, cwd=up.folder, capture_output=True, text=True, timeout=60, check=False)

    assert again.returncode == 7
    assert f"is already up: UI {up.ui}, status {up.pages}" in again.stderr


def test_the_status_page_and_the_command_tell_the_same(up: Service):
    page = urllib.request.urlopen(up.pages).read().decode()
    command = [sys.executable, "-m", "lstm_pipeline", "status"]
    told = subprocess.run(
        command, cwd=up.folder, capture_output=True, text=True, timeout=60, check=True
    ).stdout

    champion = open_registry(f"sqlite:///{up.store / 'registry.db'}").champion("often").model[:12]
    assert champion in page
    assert champion in told


def test_a_killed_flow_is_started_again_and_ends_as_if_nothing_had_been(up: Service, tmp_path: Path, capsys):
    kept, as_of = set(states(up)), hours_ago(20)
    run = up.start("retrain/slow", as_of=as_of)
    pid = pid_of(up, run)
    in_training(up, kept)

    os.kill(pid, signal.SIGKILL)
    seconds = back_at_work(up, run, 1)

    assert up.ended(run).state.name == "Promote"
    told(capsys, seconds)
    assert f'"{alone(up, "slow", as_of, tmp_path)}"' in _outcome(up, "slow")


def test_a_killed_worker_and_its_flow_are_started_again(up: Service, tmp_path: Path, capsys):
    kept, as_of = set(states(up)), hours_ago(30)
    run = up.start("retrain/slow", as_of=as_of)
    pid = pid_of(up, run)
    in_training(up, kept)

    os.kill(worker_pid("cpu"), signal.SIGKILL)
    os.kill(pid, signal.SIGKILL)
    seconds = back_at_work(up, run, 1)

    assert up.ended(run).state.is_completed()
    told(capsys, seconds)
    assert f'"{alone(up, "slow", as_of, tmp_path)}"' in _outcome(up, "slow")


def test_a_killed_worker_is_started_again_and_its_run_comes_to_its_end(up: Service):
    kept = set(states(up))
    run = up.start("retrain/slow", as_of=hours_ago(40))
    pid_of(up, run)
    in_training(up, kept)
    before = worker_pid("cpu")

    os.kill(before, signal.SIGKILL)

    until(lambda: worker_pid("cpu") not in (0, before), 30, "a new worker")
    # its flow ends with it, or goes on without it
    assert up.ended(run).state.is_completed()


def test_a_killed_trainer_is_ordered_again_and_goes_on_where_it_stood(up: Service, tmp_path: Path):
    kept, as_of = set(states(up)), hours_ago(25)
    run = up.start("retrain/handed", as_of=as_of)
    trainer = until(
        lambda: [r for r in up.runs("handed") if r.name.startswith("train ") and r.state.is_running()]
    )[0]
    pid = pid_of(up, trainer.id)
    in_training(up, kept)

    os.kill(pid, signal.SIGKILL)

    assert up.ended(run).state.name == "Promote"
    assert up.run(run).run_count == 1
    orders = [r for r in up.runs("handed") if r.name.startswith("train ")]
    assert [r.state.is_completed() for r in orders] == [False, True]
    assert f'"{alone(up, "handed", as_of, tmp_path)}"' in _outcome(up, "handed")


def test_ctrl_c_ends_everything_and_leaves_no_run_behind(up: Service):
    run = up.start("retrain/slow", as_of=hours_ago(50))
    pid = pid_of(up, run)

    status = up.stop()

    assert status == 0
    assert not Path(f"/proc/{pid}").exists()
    left = subprocess.run(["pgrep", "-f", str(up.folder)], capture_output=True, text=True, check=False)
    assert left.stdout == ""
    import sqlite3

    with sqlite3.connect(up.folder / "service" / "prefect" / "prefect.db") as database:
        found = database.execute("SELECT count(*) FROM flow_run WHERE state_type IN ('RUNNING', 'PENDING')")
        assert found.fetchone() == (0,)


def _outcome(up: Service, name: str) -> str:
    """The outcome of a pipeline's newest run, as the registry keeps it."""
    return open_registry(f"sqlite:///{up.store / 'registry.db'}").runs(name)[-1].outcome
