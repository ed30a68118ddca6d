"""What keeps a service up on one machine: its processes, its folder, and the pages that it shows."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import signal
import socket
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from lstm_pipeline.errors import Conflict
from lstm_pipeline.registry import Deployed, deploy, open_registry
from lstm_pipeline.service.home import Addresses, occupied
from lstm_pipeline.service.machine import is_alone, require_free
from lstm_pipeline.service.pages import application
from lstm_pipeline.service.processes import Crew, Program
from lstm_pipeline.service.status_page import span
from lstm_pipeline.settings.environment import Places
from lstm_pipeline.steps import PLAIN, retrain
from lstm_pipeline.steps.status import standings
from tests.conftest import START, hourly, waves

UTC = {"source": {"timezone": "UTC"}}
SLEEPER = "import time; print('begun', flush=True); time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); {SLEEPER}"
PARENT = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEPER!r}]).wait()"

NOTE = """
import time
try:
    print('begun', flush=True)
    time.sleep(600)
except KeyboardInterrupt:
    open({path!r}, 'a')"""


def program(folder: Path, script: str, name: str = "one") -> Program:
    return Program(
        name=name, command=[sys.executable, "-c", script], environment=os.environ, log=folder / f"{name}.log"
    )


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]


def wait_for(condition, seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.05)


def children(pid: int) -> list[int]:
    told = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in told.stdout.split()]


@pytest.fixture(autouse=True)
def interruptible():
    """As `up` has it: what a shell started in the background ignores Ctrl-C, as all that it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def crew():
    made = Crew()
    yield made
    made.stop()


def test_a_process_that_ends_is_started_again_and_that_is_told(crew, tmp_path):
    process = crew.start(program(tmp_path, SLEEPER))
    first = process.pid
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: process.pid is None)

    told = crew.keep_up()

    assert told == ("one ended (signal 9) and was started again",)
    assert process.pid not in (None, first)


def test_a_process_that_keeps_ending_is_started_more_and_more_seldom(tmp_path):
    now = [0.0]
    crew = Crew()
    process = crew.start(program(tmp_path, "raise SystemExit(3)"))
    process.clock = lambda: now[0]
    process._started = 0.0
    starts = []
    for second in range(64):
        now[0] = float(second)
        process._running.wait()
        if crew.keep_up():
            starts.append(second)

    pauses = [later - earlier for earlier, later in pairwise(starts)]
    assert pauses == sorted(pauses)
    assert len(starts) < 8


def test_what_ends_is_told_with_its_status_and_kept_in_its_log(crew, tmp_path):
    process = crew.start(program(tmp_path, "print('out of memory'); raise SystemExit(3)"))
    process._running.wait()

    assert crew.keep_up()[0].startswith("one ended (status 3)")
    assert "out of memory" in (tmp_path / "one.log").read_text()


def test_a_process_is_stopped_with_all_that_it_started(crew, tmp_path):
    process = crew.start(program(tmp_path, PARENT))
    wait_for(lambda: children(process.pid))
    mine = [process.pid, *children(process.pid)]

    crew.stop()

    wait_for(lambda: not any(alive(pid) for pid in mine))


def test_one_that_will_not_end_is_made_to(crew, tmp_path, monkeypatch):
    monkeypatch.setattr("lstm_pipeline.service.processes.STOP_SECONDS", 0.5)
    process = crew.start(program(tmp_path, STUBBORN))
    wait_for(lambda: "begun" in (tmp_path / "one.log").read_text())
    pid = process.pid

    crew.stop()

    assert not alive(pid)


def test_processes_are_stopped_in_the_reverse_order(tmp_path):
    crew, ended = Crew(), tmp_path / "ended"
    note = NOTE.format(path=str(ended))
    for name in ("server", "worker"):
        crew.start(program(tmp_path, f"{note}.write({name!r} + ' ')", name))
        wait_for(lambda name=name: "begun" in (tmp_path / f"{name}.log").read_text())

    crew.stop()

    assert ended.read_text().split() == ["worker", "server"]


def test_a_folder_that_is_in_use_says_by_whom_and_where_it_is_up(tmp_path):
    with occupied(tmp_path / "home") as home:
        home.tell(Addresses(pid=77, server="http://here:1", pages="http://here:2"))

        with (
            pytest.raises(
                Conflict, match=r"already up: UI http://here:1, status http://here:2 \(process 77\)"
            ),
            occupied(tmp_path / "home"),
        ):
            pass


def test_a_folder_whose_holder_is_gone_is_free_again(tmp_path):
    with occupied(tmp_path / "home"):
        pass

    with occupied(tmp_path / "home") as home:
        assert home.prefect.is_dir()


class Client:
    """Asks an application for pages, as a browser would ask its server."""

    def __init__(self, where: Places, server: str | None = None):
        self.application = application(where, server)

    def request(self, method: str, path: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.application)
            async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
                return await client.request(method, path)

        return asyncio.run(ask())

    def get(self, path: str) -> httpx.Response:
        return self.request("GET", path)


@pytest.fixture
def stored(line):
    """A pipeline that has run once and is deployed, and a client of its pages."""
    job = line.job(hourly("a", waves()), schedule={"retrain": "0 3 * * *"}, **UTC)
    outcome = retrain(job, PLAIN)
    where = Places(store=job.store, registry=job.registry)
    now = dt.datetime.now(dt.UTC)
    deploy(
        open_registry(job.registry).engine, Deployed(pipeline="line", config=job.config, actor="me", at=now)
    )
    return outcome, where, Client(where, "http://127.0.0.1:4200")


def test_the_status_tells_champion_verdicts_rows_slots_and_forecasts(stored, line):
    outcome, where, _ = stored
    (one,) = standings(
        line.store, open_registry(where.registry), START.replace(tzinfo=dt.UTC) + dt.timedelta(days=30)
    )

    assert one.pipeline == "line"
    assert one.champion.model == outcome.champion
    assert [(run.verdict, run.reasons) for run in one.verdicts] == [("PROMOTE", ("first",))]
    assert one.forecast.cutoff == "2024-01-07T15:00:00"
    assert one.forecast.age_seconds == (30 * 24 - 159) * 3600
    assert one.next_slots["retrain"] == dt.datetime(2024, 1, 31, 3, tzinfo=dt.UTC)
    assert one.live is None


def test_the_status_page_shows_them_and_leads_to_the_report(stored):
    outcome, _, client = stored

    page = client.get("/")

    assert page.status_code == 200
    assert outcome.champion[:12] in page.text
    assert "http://127.0.0.1:4200" in page.text
    link = page.text.split('href="/reports/')[1].split('"')[0]
    report = client.get(f"/reports/{link}")
    assert report.text == Path(outcome.report).read_text()
    assert report.headers["content-type"].startswith("text/html")


def test_the_figures_of_the_status_page_are_there_as_json(stored):
    outcome, _, client = stored

    assert client.get("/status.json").json()[0]["champion"]["model"] == outcome.champion


@pytest.mark.parametrize(
    "path",
    [
        "/reports/../registry.db",
        "/reports/%2e%2e/registry.db",
        "/reports/x/report.html",
        "/reports/",
        "/registry.db",
        "/models/x/weights.safetensors",
        "/reports//etc/passwd",
    ],
)
def test_nothing_but_published_reports_is_served(stored, path):
    assert stored[2].get(path).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_the_pages_are_read_and_nothing_else(stored, method):
    assert stored[2].request(method, "/").status_code == 405


def test_an_altered_report_is_refused_in_a_sentence(stored):
    outcome, _, client = stored
    Path(outcome.report).write_text("altered")

    answer = client.get("/" + "/".join(outcome.report.split("/")[-3:]))

    assert answer.status_code == 503
    assert "it is not what was published" in answer.text


def test_a_page_may_load_and_send_nothing(stored):
    policy = stored[2].get("/").headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "form-action 'none'" in policy


def test_an_installation_without_pipelines_says_what_to_do(tmp_path):
    where = Places(store=str(tmp_path / "store"), registry=f"sqlite:///{tmp_path / 'store' / 'registry.db'}")

    page = Client(where).get("/")

    assert "lstm-pipeline up FILE.toml" in page.text


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(5, "5 s"), (90, "1 min"), (3700, "1 h 1 min"), (90000, "1 d 1 h"), (86400 * 12, "12 d"), (-3, "0 s")],
)
def test_a_span_is_told_by_its_largest_unit(seconds, told):
    assert span(seconds) == told


@pytest.mark.parametrize(
    ("host", "alone"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("10.1.2.3", False)],
)
def test_only_a_server_that_listens_on_this_machine_alone_has_all_its_workers_here(host, alone):
    assert is_alone(host) is alone


def test_a_port_that_is_taken_is_named(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(Conflict, match=rf"127\.0\.0\.1:{port} is taken .*choose other ports with --port"):
            require_free("127.0.0.1", (port,))
