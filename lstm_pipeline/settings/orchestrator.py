"""Prefect's settings as this project wants them: quiet, patient at start-up, results in JSON."""

from __future__ import annotations

import os

from lstm_pipeline.errors import BadConfig

DEFAULTS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    # the usual 20 are over before it answers: a first start took 22 CPU-seconds
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    "PREFECT_RESULTS_DEFAULT_SERIALIZER": "json",
    "PREFECT_LOGGING_EXTRA_LOGGERS": "lstm_pipeline",
    "PREFECT_LOGGING_LEVEL": "INFO",
    # our loggers speak outside a flow run too, and prefect would warn of it each time
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    # the command itself tells what happens, on the same terminal; the server keeps every line
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
}
"""No telemetry and no look-ups; minutes for a temporary server to start; results are never pickled."""


def prepare_orchestrator() -> None:
    """Set the defaults in the environment, where nothing else is set.

    Call before the first import of prefect: it reads project settings from the current folder alone, so they
    are handed over here.

    Raises:
        BadConfig: PREFECT_API_URL is not the address of a server.
    """
    address = os.environ.get("PREFECT_API_URL", "")
    if address and not address.startswith(("http://", "https://")):
        raise BadConfig(
            f"PREFECT_API_URL: got {address!r}, expected http:// or https:// in front, such as "
            "http://localhost:4200/api: correct it, or unset it to have a temporary server started"
        )
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
