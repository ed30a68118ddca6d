"""A person in the Prefect UI: a run that waits shows its form there, and goes on by what is typed into it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lstm_pipeline.settings.orchestrator import prepare_orchestrator

prepare_orchestrator()

from prefect.settings import (  # noqa: E402 - Prefect reads its settings when it is imported
    PREFECT_API_URL,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    temporary_settings,
)

from tests.test_cli import PIPELINE  # noqa: E402
from tests.test_flow_approval import WAIT, champion, deployed, petitions, work  # noqa: E402

pytestmark = [
    pytest.mark.proof,
    pytest.mark.prefect,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:prefect"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

PATIENCE = 180
"""Seconds in which a server must answer."""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A Prefect server with its UI, as `prefect server start` gives it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    # the page asks the address that the server names
    settings = {"PREFECT_HOME": str(tmp_path / "prefect"), "PREFECT_UI_API_URL": f"{url}/api"}
    server = subprocess.Popen(
        [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)],
        env={**os.environ, **settings},
        stdout=(tmp_path / "server.log").open("wb"),
        stderr=subprocess.STDOUT,
    )
    try:
        _wait_for(f"{url}/api/health")
        with temporary_settings({PREFECT_API_URL: f"{url}/api", PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
            yield url
    finally:
        server.terminate()
        server.wait(30)


def _wait_for(url: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    pytest.fail(f"{url} did not answer within {PATIENCE} s")


def test_a_person_approves_in_the_form_that_the_ui_shows(address: str, browser: Any, tmp_path: Path) -> None:
    pipeline = tmp_path / "small.toml"
    pipeline.write_text(PIPELINE + WAIT)
    run = deployed(pipeline)
    assert work(run).name == "Suspended"
    page = browser.new_page(viewport={"width": 1300, "height": 1000})

    page.goto(f"{address}/runs/flow-run/{run}")
    page.get_by_role("button", name="Resume").click()
    # the verdict and its figures stand above what is to be decided
    page.get_by_text("small: PROMOTE").wait_for()
    page.get_by_text("best naive's MSE").wait_for()
    decision = page.locator(".p-modal__body .p-select-button__control")
    # by the keyboard: in a window without a screen this list closes again under the pointer
    decision.press("ArrowDown")
    page.get_by_text("refuse", exact=True).wait_for()
    decision.press("Enter")
    page.wait_for_function("e => e.innerText === 'approve'", arg=decision.element_handle())
    page.locator(".p-modal__body textarea").fill("seen in the UI")
    page.get_by_role("button", name="Submit").click()
    page.get_by_text("Resume Flow Run").wait_for(state="hidden")

    done = work(run)

    assert (done.type.value, done.name) == ("COMPLETED", "Promote")
    assert [(row.event, row.actor, row.reason) for row in petitions(pipeline)][1:] == [
        ("approved", "prefect UI", "seen in the UI")
    ]
    assert champion(pipeline).actor == "prefect UI"
