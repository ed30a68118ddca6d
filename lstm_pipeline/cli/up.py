"""`up`: everything that a service needs on this machine, kept up until it is stopped."""

from __future__ import annotations

import datetime as dt
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from lstm_pipeline.cli.console import errors_told, say
from lstm_pipeline.cli.run import STORE
from lstm_pipeline.errors import Conflict, Unreachable

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
WATCH_SECONDS = 1.0
"""Between two looks at the processes."""
DEAD_SECONDS = 10.0
"""Between two looks for runs whose process has died."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a person asked for beside places."""

    trainers: int
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
        from lstm_pipeline.settings.environment import places
        from lstm_pipeline.settings.service import ServicePlan, service_home
        from lstm_pipeline.steps.deploying import read_all

        configs = read_all(files or [])
        plan = ServicePlan(home=service_home(home), places=places(store), host=host, port=port)
        wishes = Wishes(trainers=_gpus() if trainers is None else trainers, run_now=run_now)
        with occupied(plan.home) as place:
            _require_free(plan)
            _live(plan, place, configs, wishes)


def _live(plan: ServicePlan, home: Home, configs: Sequence[PipelineConfig], wishes: Wishes) -> None:
    """Bring everything up, keep it up until a signal comes, and stop it."""
    from lstm_pipeline.service.processes import Crew

    stop = threading.Event()

    def ask(_number: int, _frame: object) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
    server, crew = Crew(), Crew()
    try:
        _start_server(plan, home, server, stop)
        pipelines = _deployed(plan, home, configs)
        _start_crew(plan, home, crew, wishes.trainers)
        _tell(plan, home, pipelines, wishes)
        while not stop.wait(WATCH_SECONDS):
            _watch((server, crew))
        say("stopping")
    finally:
        crew.stop()
        # while the server still takes it: what was cut off goes on with the next `up`
        _mend_runs()
        server.stop()


def _start_server(plan: ServicePlan, home: Home, crew: Crew, stop: threading.Event) -> None:
    from lstm_pipeline.service.processes import Program
    from lstm_pipeline.settings.service import server_command, service_environment, use_server

    say(f"starting the Prefect server ({home.log('server')})")
    environment = service_environment(plan, home.prefect)
    command = server_command(plan.host, plan.port)
    crew.start(Program(name="server", command=command, environment=environment, log=home.log("server")))
    use_server(plan, home.prefect)
    deadline = time.monotonic() + START_SECONDS
    while not _answers(f"{plan.server}/api/health"):
        if crew.processes[0].pid is None or time.monotonic() > deadline:
            raise Unreachable(f"the Prefect server did not start: {home.log('server')} says why")
        if stop.wait(0.5):
            raise KeyboardInterrupt


def _deployed(plan: ServicePlan, home: Home, configs: Sequence[PipelineConfig]) -> tuple[Deployable, ...]:
    """Deploy the files that were named, or what was deployed before, or those that lie here."""
    from lstm_pipeline.cli.prefect_server import require_server, say_deployed, tell_server
    from lstm_pipeline.steps.deploying import known_already, laid_down

    require_server()
    pipelines = known_already(plan.places) if not configs else ()
    if not pipelines:
        chosen = configs or _lying_here()
        pipelines = laid_down(chosen, plan.places, dt.datetime.now(dt.UTC))
    made = tell_server(plan.places, pipelines)
    say_deployed(made)
    if not pipelines:
        say("  no pipeline is deployed: `lstm-pipeline deploy FILE.toml` adds one, `init` writes its file")
    return pipelines


def _lying_here() -> tuple[PipelineConfig, ...]:
    """The pipeline files of this folder; other TOML files are none of ours."""
    from lstm_pipeline.steps.deploying import read_all

    found = sorted(Path().glob("*.toml"))
    return read_all([str(path) for path in found if "[source]" in path.read_text(errors="replace")])


def _start_crew(plan: ServicePlan, home: Home, crew: Crew, trainers: int) -> None:
    from lstm_pipeline.service.processes import Program
    from lstm_pipeline.settings.service import pages_command, service_environment, worker_command

    usual = dict(service_environment(plan, home.prefect))
    programs = [
        Program(
            name="worker cpu",
            command=worker_command("cpu", None, None),
            environment=usual,
            log=home.log("cpu"),
        )
    ]
    for number in range(trainers):
        pinned = usual | ({"CUDA_VISIBLE_DEVICES": str(number)} if _gpus() else {})
        name = f"gpu-{number} {socket.gethostname()}"
        programs.append(
            Program(
                name=f"worker gpu-{number}",
                command=worker_command("gpu", name, None),
                environment=pinned,
                log=home.log(f"gpu-{number}"),
            )
        )
    programs.append(
        Program(name="pages", command=pages_command(plan), environment=usual, log=home.log("pages"))
    )
    for program in programs:
        crew.start(program)


def _tell(plan: ServicePlan, home: Home, pipelines: Sequence[Deployable], wishes: Wishes) -> None:
    """Say where everything is, and start what is to be seen first."""
    import os

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


_last_look = [0.0]


def _watch(crews: Sequence[Crew]) -> None:
    for crew in crews:
        for told in crew.keep_up():
            say(f"  {told}")
    if time.monotonic() - _last_look[0] > DEAD_SECONDS:
        _last_look[0] = time.monotonic()
        _mend_runs()


def _mend_runs() -> None:
    """See to runs that died; a server that does not answer just now is asked again later."""
    from lstm_flows.service import crash_the_dead, restart_the_crashed

    try:
        for name in crash_the_dead():
            say(f"  {name}: its process is gone")
        for name in restart_the_crashed(dt.datetime.now(dt.UTC)):
            say(f"  {name}: started again")
    except Exception as error:
        say(f"  runs could not be looked at ({type(error).__name__})")


def _require_free(plan: ServicePlan) -> None:
    """Refuse ports that somebody else listens on.

    Raises:
        Conflict: one is taken.
    """
    for port in (plan.port, plan.port + 1):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((plan.host, port))
            except OSError as error:
                raise Conflict(
                    f"{plan.host}:{port} is taken ({error.strerror}): stop what listens there, or choose "
                    "other ports with --port"
                ) from error


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False


def _gpus() -> int:
    """How many GPUs the driver knows; torch would take seconds to say so."""
    try:
        told = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, check=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return 0
    return told.stdout.count("GPU ")
