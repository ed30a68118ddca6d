"""The page server: the status page and the reports of a store, to be read and nothing else."""

from __future__ import annotations

import datetime as dt
import mimetypes

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from lstm_pipeline.artifacts import plain
from lstm_pipeline.errors import PipelineError, UsageError
from lstm_pipeline.registry import open_registry
from lstm_pipeline.service.status_page import render_status
from lstm_pipeline.settings.environment import Places
from lstm_pipeline.steps.status import Standing, standings
from lstm_pipeline.storage import open_store

HEADERS = {
    # pages are self-contained: a report that holds a stranger's text can load and send nothing
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "img-src data:; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def application(where: Places, server: str | None) -> Starlette:
    """The pages of an installation; `server`: address of the Prefect UI."""

    def status(_request: Request) -> Response:
        now = dt.datetime.now(dt.UTC)
        return HTMLResponse(render_status(_standings(where, now), now, server), headers=HEADERS)

    def figures(_request: Request) -> Response:
        return JSONResponse(plain(_standings(where, dt.datetime.now(dt.UTC))), headers=HEADERS)

    def health(_request: Request) -> Response:
        return PlainTextResponse("ok")

    def report(request: Request) -> Response:
        return _part(where, f"reports/{request.path_params['key']}")

    return Starlette(
        routes=[
            Route("/", status),
            Route("/status.json", figures),
            Route("/health", health),
            Route("/reports/{key:path}", report),
        ],
        exception_handlers={PipelineError: _told},
    )


def serve(where: Places, *, host: str, port: int, server: str | None) -> None:
    """Serve until the process is asked to end."""
    uvicorn.run(application(where, server), host=host, port=port, log_level="warning")


def _standings(where: Places, now: dt.datetime) -> tuple[Standing, ...]:
    return standings(open_store(where.store), open_registry(where.registry), now)


def _part(where: Places, key: str) -> Response:
    """One file below reports/; what is not published there does not exist."""
    folder, _, name = key.rpartition("/")
    store = open_store(where.store)
    try:
        known = store.manifest(folder) if folder != "reports" else None
        if known is None or name not in known["parts"]:
            return PlainTextResponse("there is no such report", status_code=404)
        data = store.read_part(folder, name)
    except UsageError:
        return PlainTextResponse("there is no such report", status_code=404)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response(data, media_type=kind, headers=HEADERS)


def _told(_request: Request, error: Exception) -> Response:
    return PlainTextResponse(f"error: {error}", status_code=503, headers=HEADERS)
