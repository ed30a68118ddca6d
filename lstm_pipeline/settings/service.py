"""The environment of a service: its folder, its ports, and what its processes are started with."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lstm_pipeline.settings.environment import Places
from lstm_pipeline.settings.orchestrator import DEFAULTS

LIMITS = {"cpu": 4, "gpu": 1}
"""Runs at once of a worker, by its pool."""
HEARTBEAT_SECONDS = 30
"""Between two signs of life of a run: the least that Prefect takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePlan:
    """Where a service is to be up."""

    home: Path
    places: Places
    host: str
    port: int
    """Of the Prefect server; the status page takes the next one."""

    @property
    def server(self) -> str:
        """Address of the Prefect UI."""
        return f"http://{self.host}:{self.port}"

    @property
    def pages(self) -> str:
        """Address of the status page."""
        return f"http://{self.host}:{self.port + 1}"


def service_home(home: str | None) -> Path:
    """`home`, else LSTM_PIPELINE_HOME, else ./service."""
    return Path(home or os.environ.get("LSTM_PIPELINE_HOME") or "service").expanduser().absolute()


def configured_server() -> str | None:
    """The address of the server that PREFECT_API_URL names, without /api; None where it names none."""
    address = os.environ.get("PREFECT_API_URL", "").rstrip("/")
    return address.removesuffix("/api") or None


def use_server(plan: ServicePlan, prefect_home: Path) -> None:
    """Talk to the server of a service from now on; call before the first import of prefect."""
    os.environ |= _server(plan, prefect_home)


def service_environment(plan: ServicePlan, prefect_home: Path) -> Mapping[str, str]:
    """What every process of a service is started with: this environment, and where things are."""
    return {
        **worker_environment(plan.places, device=None),
        **_server(plan, prefect_home),
        **_listening(plan.host, plan.port),
        "LSTM_PIPELINE_PAGES": plan.pages,
    }


def server_environment(host: str, port: int) -> Mapping[str, str]:
    """What a server is started with that stands alone."""
    return {**DEFAULTS, **os.environ, **_listening(host, port), "PYTHONUNBUFFERED": "1"}


def worker_environment(where: Places, device: str | None) -> Mapping[str, str]:
    """What a worker hands to each run that it starts."""
    pinned = {"CUDA_VISIBLE_DEVICES": device} if device is not None else {}
    usual = {
        **DEFAULTS,
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT_SECONDS),
        "PREFECT_WORKER_HEARTBEAT_SECONDS": "10",
        "PREFECT_WORKER_QUERY_SECONDS": "5",
        # two threads of a small net stand still beside another busy process
        "OMP_NUM_THREADS": "1",
        "PYTHONUNBUFFERED": "1",
    }
    here = {"LSTM_PIPELINE_STORE": where.store, "LSTM_PIPELINE_REGISTRY": where.registry}
    # a worker's console is its log
    return {**usual, **os.environ, **here, **pinned, "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "INFO"}


def worker_command(pool: str, name: str | None, limit: int | None) -> Sequence[str]:
    """The worker of a pool."""
    called = name or f"{pool} {socket.gethostname()}"
    most = str(limit or LIMITS[pool])
    options = ["--pool", pool, "--name", called, "--limit", most, "--type", "process"]
    return [sys.executable, "-m", "prefect", "worker", "start", *options]


def server_command(host: str, port: int) -> Sequence[str]:
    """The Prefect server."""
    options = ["--host", host, "--port", str(port)]
    return [sys.executable, "-m", "prefect", "server", "start", *options]


def pages_command(plan: ServicePlan) -> Sequence[str]:
    """The page server."""
    options = ["--host", plan.host, "--port", str(plan.port + 1)]
    return [sys.executable, "-m", "lstm_pipeline", "pages", *options]


def _listening(host: str, port: int) -> dict[str, str]:
    # the UI calls the port that the server is told here, whatever it was started on
    return {"PREFECT_SERVER_API_HOST": host, "PREFECT_SERVER_API_PORT": str(port)}


def _server(plan: ServicePlan, prefect_home: Path) -> dict[str, str]:
    return {"PREFECT_API_URL": f"{plan.server}/api", "PREFECT_HOME": str(prefect_home)}
