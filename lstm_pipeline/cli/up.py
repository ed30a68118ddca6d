"""`up`: everything that a service needs on this machine, kept up until it is stopped."""

from __future__ import annotations

import datetime as dt
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from lstm_pipeline.cli.console import errors_told, say
from lstm_pipeline.cli.run import STORE
from lstm_pipeline.errors import Unreachable
from lstm_pipeline.service.processes import Program

if TYPE_CHECKING:
    from lstm_pipeline.service.home import Home
    from lstm_pipeline.service.processes import Crew
    from lstm_pipeline.settings.config import PipelineConfig
    from lstm_pipeline.settings.service import ServicePlan
    from lstm_pipeline.steps.deploying import Deployable

FILES = typer.Argument(
    None, help="Pipeline files. Default: what was deployed before, else every *.toml here."
)

START_SECONDS = 180.0
"""In which a server must answer: its first start makes a database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a person asked for beside places."""

    trainers: int
    gpus: int
    """That trainers may be given, one each."""
    run_now: bool


def up(
    files: list[str] | None = FILES,
    store: str | None = STORE,
    home: str | None = typer.Option(
        None,
        "--home",
        help="Folder for logs and Prefect's database. Default: LSTM_PIPELINE_HOME, else ./service.",
    ),
    host: str = typer.Option(
        "127.0.0.1", "--host", help="Address to listen on. Default: this machine alone."
    ),
    port: int = typer.Option(
        4200, "--port", help="Port of the Prefect UI; the status page takes the next one."
    ),
    trainers: int | None = typer.Option(
        None, "--trainers", min=0, help="Workers that train, each on a GPU of its own. Default: one per GPU."
    ),
    run_now: bool = typer.Option(
        True, "--run/--no-run", help="Start a first run of each pipeline that has none."
    ),
) -> None:
    """Start a whole service on this machine; Ctrl-C stops it.

    Prefect server, pools, workers, deployments of the pipeline files, status page.
    """
    with errors_told(as_json=False):
        from lstm_pipeline.service.home import occupied
        from lstm_pipeline.service.machine import gpus, require_free
        from lstm_pipeline.settings.environment import places
        from lstm_pipeline.settings.service import ServicePlan, service_home
        from lstm_pipeline.steps.deploying import read_all

        configs = read_all(files or [])
        plan = ServicePlan(home=service_home(home), places=places(store), host=host, port=port)
        there = gpus()
        wishes = Wishes(trainers=there if trainers is None else trainers, gpus=there, run_now=run_now)
        with occupied(plan.home) as place:
            require_free(plan.host, (plan.port, plan.port + 1))
            # before a server is started: a store or a registry that cannot be used is told at once
            pipelines = _wanted(plan, configs)
            _live(plan, place, pipelines, wishes)


def _live(plan: ServicePlan, home: Home, pipelines: Sequence[Deployable], wishes: Wishes) -> None:
    """Bring everything up, keep it up until a signal comes, and stop it."""
    from lstm_pipeline.cli.upkeep import Upkeep
    from lstm_pipeline.service.machine import is_alone
    from lstm_pipeline.service.processes import Crew

    stop = threading.Event()

    def ask(_number: int, _frame: object) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
    upkeep = Upkeep(server=Crew(), crew=Crew(), alone=is_alone(plan.host))
    try:
        _start_server(plan, home, upkeep.server, stop)
        _deploy(plan, pipelines)
        for program in _programs(plan, home, wishes):
            upkeep.crew.start(program)
        _tell(plan, home, pipelines, wishes)
        upkeep.until(stop)
        say("stopping")
    finally:
        upkeep.stop()


def _start_server(plan: ServicePlan, home: Home, crew: Crew, stop: threading.Event) -> None:
    from lstm_pipeline.service.machine import answers
    from lstm_pipeline.settings.service import server_command, service_environment, use_server

    say(f"starting the Prefect server ({home.log('server')})")
    environment = service_environment(plan, home.prefect)
    command = server_command(plan.host, plan.port)
    crew.start(Program(name="server", command=command, environment=environment, log=home.log("server")))
    use_server(plan, home.prefect)
    deadline = time.monotonic() + START_SECONDS
    while not answers(f"{plan.server}/api/health"):
        if crew.processes[0].pid is None or time.monotonic() > deadline:
            raise Unreachable(f"the Prefect server did not start: {home.log('server')} says why")
        if stop.wait(0.5):
            raise KeyboardInterrupt


def _deploy(plan: ServicePlan, pipelines: Sequence[Deployable]) -> None:
    from lstm_pipeline.cli.prefect_server import require_server, say_deployed, tell_server

    require_server()
    say_deployed(tell_server(plan.places, pipelines))
    if not pipelines:
        say("  no pipeline is deployed: `lstm-pipeline deploy FILE.toml` adds one, `init` writes its file")


def _wanted(plan: ServicePlan, configs: Sequence[PipelineConfig]) -> tuple[Deployable, ...]:
    """The files that were named, or what was deployed before, or those that lie here."""
    from lstm_pipeline.steps.deploying import known_already, laid_down

    known = known_already(plan.places) if not configs else ()
    return known or laid_down(configs or _lying_here(), plan.places, dt.datetime.now(dt.UTC))


def _lying_here() -> tuple[PipelineConfig, ...]:
    """The pipeline files of this folder; other TOML files are none of ours."""
    from lstm_pipeline.steps.deploying import read_all

    found = sorted(Path().glob("*.toml"))
    return read_all([str(path) for path in found if "[source]" in path.read_text(errors="replace")])


def _programs(plan: ServicePlan, home: Home, wishes: Wishes) -> Iterator[Program]:
    """What runs beside the server: a worker for flows, those that train, the page server."""
    from lstm_pipeline.settings.service import pages_command, service_environment, worker_command

    usual = dict(service_environment(plan, home.prefect))
    cpu = worker_command("cpu", None, None)
    yield Program(name="worker cpu", command=cpu, environment=usual, log=home.log("cpu"))
    for number in range(wishes.trainers):
        name = f"gpu-{number}"
        # where there are fewer GPUs than trainers the last ones share none: they train on the processor
        pinned = usual | ({"CUDA_VISIBLE_DEVICES": str(number)} if wishes.gpus else {})
        command = worker_command("gpu", f"{name} {socket.gethostname()}", None)
        yield Program(name=f"worker {name}", command=command, environment=pinned, log=home.log(name))
    yield Program(name="pages", command=pages_command(plan), environment=usual, log=home.log("pages"))


def _tell(plan: ServicePlan, home: Home, pipelines: Sequence[Deployable], wishes: Wishes) -> None:
    """Say where everything is, and start what is to be seen first."""
    from lstm_flows.service import start_first_runs

    from lstm_pipeline.registry import open_registry
    from lstm_pipeline.service.home import Addresses

    home.tell(Addresses(pid=os.getpid(), server=plan.server, pages=plan.pages))
    registry = open_registry(plan.places.registry)
    new = [one.config.name for one in pipelines if not registry.runs(one.config.name)]
    if wishes.run_now and new:
        start_first_runs(new)
        say(f"  first runs: {', '.join(new)}")
    say(f"up. Runs: {plan.server}   status: {plan.pages}   logs: {home.root / 'logs'}   Ctrl-C stops it")
