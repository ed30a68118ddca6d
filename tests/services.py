"""A real service for tests: `up` as a process, its server asked as people's tools ask it."""

from __future__ import annotations

import csv
import datetime as dt
import math
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterTags
from prefect.client.schemas.sorting import FlowRunSort
from prefect.settings import PREFECT_API_URL, temporary_settings

PATIENCE = 180.0
"""Seconds in which a service must be up, and a run at its end."""
PIPELINE = """name = "{name}"
[source]
path = "{name}.csv"
timezone = "UTC"
[series]
freq = "h"
season_length = 4
[windows]
input_size = 8
horizon = 2
[split]
validation = 16
test = 40
[model]
hidden_size = 4
num_layers = 1
[training]
max_steps = {steps}
patience = 0
batch_size = 16
learning_rate = 0.02
checkpoint_seconds = 1
where = "{where}"
[gate]
mode = "plain"
min_skill = -1e6
refit = "none"
"""


def write_pipeline(folder: Path, name: str, *, steps: int = 40, where: str = "auto", more: str = "") -> Path:
    """A pipeline file with 400 hours of data that end with the present one."""
    begin = dt.datetime.now(dt.UTC).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    begin -= dt.timedelta(hours=399)
    with (folder / f"{name}.csv").open("w", newline="") as file:
        rows = [
            (begin + dt.timedelta(hours=at), 10 + 3 * math.sin(at * math.pi / 2 + at / 50))
            for at in range(400)
        ]
        csv.writer(file).writerows([("ds", "y"), *((when.isoformat(), round(y, 4)) for when, y in rows)])
    path = folder / f"{name}.toml"
    path.write_text(PIPELINE.format(name=name, steps=steps, where=where) + more)
    return path


def free_ports() -> int:
    """The first of two ports in a row that nobody listens on."""
    while True:
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            try:
                other.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def until(condition: Callable[[], Any], seconds: float = PATIENCE, what: str = "it") -> Any:
    """What a condition comes to once it is true."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            pytest.fail(f"{what} did not come true within {seconds:.0f} s")
        time.sleep(0.2)


@dataclass
class Service:
    """A service that is up."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def ui(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pages(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}"

    @property
    def store(self) -> Path:
        return self.folder / "store"

    @property
    def said(self) -> str:
        """What `up` has printed."""
        return (self.folder / "up.log").read_text()

    def runs(self, *tags: str) -> list[Any]:
        """Flow runs that carry tags, oldest first."""
        wanted = FlowRunFilter(tags=FlowRunFilterTags(all_=list(tags)))
        with get_client(sync_client=True) as client:
            return client.read_flow_runs(flow_run_filter=wanted, sort=FlowRunSort.EXPECTED_START_TIME_ASC)

    def run(self, identity: Any) -> Any:
        with get_client(sync_client=True) as client:
            return client.read_flow_run(identity)

    def start(self, title: str, **request: Any) -> Any:
        """Start a run of a deployment as its form does; returns its id."""
        with get_client(sync_client=True) as client:
            deployment = client.read_deployment_by_name(title)
            wanted = {**deployment.parameters["request"], **request}
            made = client.create_flow_run_from_deployment(deployment.id, parameters={"request": wanted})
        return made.id

    def ended(self, identity: Any, seconds: float = PATIENCE) -> Any:
        """A run once it is at its end, restarts included."""
        return until(lambda: _final(self.run(identity)), seconds, f"the end of run {identity}")

    def stop(self) -> int:
        """Ctrl-C; returns the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


def _final(run: Any) -> Any:
    return run if run.state.is_final() and not run.state.is_crashed() else None


@contextmanager
def service(folder: Path, *words: str) -> Iterator[Service]:
    """`lstm-pipeline up` in a folder."""
    port = free_ports()
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PREFECT_", "LSTM_PIPELINE_"))
    }
    environment |= {"PREFECT_WORKER_QUERY_SECONDS": "2"}
    command = [sys.executable, "-m", "lstm_pipeline", "up", "--port", str(port), *words]
    with (folder / "up.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    made = Service(folder=folder, port=port, process=process)
    try:
        until(lambda: "up. Runs:" in made.said or process.poll() is not None, what="the service")
        assert process.poll() is None, made.said
        with temporary_settings({PREFECT_API_URL: f"{made.ui}/api"}):
            yield made
    finally:
        if process.poll() is None:
            made.stop()
