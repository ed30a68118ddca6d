"""`deploy`, `server`, `worker`, `pages`: the parts of a service one by one, for several machines."""

from __future__ import annotations

import datetime as dt
import os
import sys

import typer

from lstm_pipeline.artifacts import canonical
from lstm_pipeline.cli.console import answer, errors_told
from lstm_pipeline.cli.run import JSON, STORE
from lstm_pipeline.errors import UsageError

FILES = typer.Argument(help="Pipeline files.")


def deploy(files: list[str] = FILES, store: str | None = STORE, as_json: bool = JSON) -> None:
    """Deploy pipelines on the server that PREFECT_API_URL names."""
    with errors_told(as_json=as_json):
        from lstm_pipeline.cli.prefect_server import require_server, say_deployed, tell_server
        from lstm_pipeline.settings.environment import places
        from lstm_pipeline.steps.deploying import laid_down, read_all

        # all that can be wrong with files is told before anything is changed
        configs = read_all(files)
        require_server()
        where = places(store)
        made = tell_server(where, laid_down(configs, where, dt.datetime.now(dt.UTC)))
        say_deployed(made)
        if as_json:
            answer(canonical({"deployments": made}))


def worker(
    pool: str = typer.Argument(help="cpu: flows; gpu: trainings, one at a time."),
    name: str | None = typer.Option(
        None, "--name", help="Its name. Default: the pool and the machine's name."
    ),
    device: str | None = typer.Option(
        None, "--device", help="The GPU that it alone sees: its number, for one worker per GPU."
    ),
    limit: int | None = typer.Option(None, "--limit", min=1, help="Runs at once. Default: cpu 4, gpu 1."),
    store: str | None = STORE,
) -> None:
    """Run a worker in this process, until it is stopped."""
    with errors_told(as_json=False):
        from lstm_pipeline.cli.prefect_server import require_server
        from lstm_pipeline.settings.environment import places
        from lstm_pipeline.settings.service import worker_command, worker_environment

        if pool not in ("cpu", "gpu"):
            raise UsageError(f"got the pool {pool!r}, expected cpu or gpu")
        require_server()
        environment = worker_environment(places(store), device)
        command = worker_command(pool, name, limit)
        # in its place: a signal for this process reaches the worker itself
        os.execve(sys.executable, list(command), dict(environment))


def server(
    host: str = typer.Option("127.0.0.1", "--host", help="Address to listen on."),
    port: int = typer.Option(4200, "--port", help="Port to listen on."),
) -> None:
    """Run the Prefect server in this process, until it is stopped."""
    with errors_told(as_json=False):
        from lstm_pipeline.settings.service import server_command, server_environment

        os.execve(sys.executable, list(server_command(host, port)), dict(server_environment(host, port)))


def pages(
    host: str = typer.Option("127.0.0.1", "--host", help="Address to listen on."),
    port: int = typer.Option(4201, "--port", help="Port to listen on."),
    store: str | None = STORE,
) -> None:
    """Serve the status page and the reports, to be read alone."""
    with errors_told(as_json=False):
        from lstm_pipeline.service.pages import serve
        from lstm_pipeline.settings.environment import places
        from lstm_pipeline.settings.service import configured_server

        serve(places(store), host=host, port=port, server=configured_server())
