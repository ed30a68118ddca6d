"""Series tables, stores and tiny pipelines that many tests begin with."""

from __future__ import annotations

import csv
import datetime as dt
import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lstm_pipeline.series.grid import Grid
from lstm_pipeline.series.table import SeriesTable
from lstm_pipeline.settings.config import parse_pipeline
from lstm_pipeline.settings.environment import Places
from lstm_pipeline.steps import PLAIN, retrain
from lstm_pipeline.steps.desk import new_job
from lstm_pipeline.steps.refs import ForecastRef, Judged
from lstm_pipeline.storage import Store, open_store
from tests.buckets import lead_to, new_bucket, s3_server
from tests.registries import registry_address

NOW = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
START = dt.datetime(2024, 1, 1)
TINY = {
    "series": {"freq": "h", "season_length": 4},
    "windows": {"input_size": 8, "horizon": 2},
    "split": {"validation": 16, "test": 20},
    "model": {"hidden_size": 4, "num_layers": 1},
    "training": {"max_steps": 20, "batch_size": 32, "learning_rate": 0.02, "device": "cpu"},
    "gate": {"mode": "plain", "min_skill": -1e6, "refit": "none"},
}
"""A pipeline of hourly series that trains in a fraction of a second, and whose first model is promoted.

What is tested publishes, so that a promotion is one row; tests/test_refit.py has the rest.
"""


def table_of(*series, freq=1, first=None, observed=None):
    """Series a, b, c ... on one grid; NaN where nobody observed: there the last value is carried."""
    rows = [np.asarray(values, dtype=float) for values in series]
    flat = np.concatenate(rows)
    seen = ~np.isnan(flat)
    carried = np.maximum.accumulate(np.where(seen, np.arange(len(flat)), 0))
    return SeriesTable(
        grid=Grid(freq=freq),
        ids=tuple("abcdefgh"[: len(rows)]),
        offsets=np.cumsum([0, *(len(values) for values in rows)]),
        first=np.zeros(len(rows), np.int64) if first is None else np.asarray(first, np.int64),
        y=flat[carried],
        observed=seen if observed is None else np.asarray(observed, bool),
    )


def hourly(name, values, *, begin=0):
    """Rows (id, time, value) from the hour `begin` after the start; a value of None is a blank cell."""
    return [(name, START + dt.timedelta(hours=begin + at), value) for at, value in enumerate(values)]


def waves(length=160, *, level=10.0, seed=0):
    """A season of four steps with some noise around a level."""
    steps = np.arange(length)
    noise = np.random.default_rng(seed).normal(size=length)
    return (level + 3 * np.sin(steps * np.pi / 2) + 0.2 * noise).tolist()


@dataclass(frozen=True)
class Concluded:
    """A run that ends with its forecasts: nothing is drawn and no outcome kept."""

    store: Store
    judged: Judged
    published: ForecastRef

    def noting(self, _journal):
        return self

    @property
    def frame(self):
        """The published forecasts as pandas reads them."""
        return pd.read_parquet(self.published.uri)


@dataclass(frozen=True)
class Line:
    """One pipeline with its store and its file, run as often as a test likes."""

    folder: Path

    @property
    def store(self):
        return open_store(str(self.folder / "store"))

    def job(self, rows, *, as_of=None, now=NOW, **sections):
        """Write the rows to a file and name the job of its pipeline; sections override TINY key by key."""
        self.folder.mkdir(exist_ok=True)
        path = self.folder / "rows.csv"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([("unique_id", "ds", "y"), *rows])
        table: dict = {"name": "line", "source": {"path": str(path), "time": "ds"}}
        for name in TINY.keys() | sections.keys():
            table[name] = {**table.get(name, {}), **TINY.get(name, {}), **sections.get(name, {})}
        config = parse_pipeline(table, folder=self.folder, named="test")
        places = Places(
            store=str(self.folder / "store"), registry=f"sqlite:///{self.folder / 'store' / 'registry.db'}"
        )
        return new_job(config, places, now=now, as_of=as_of)

    def run(self, rows, *, steps=PLAIN, **settings):
        """Walk the whole recipe; returns the outcome."""
        return retrain(self.job(rows, **settings), steps)

    def frame_of(self, publication):
        """The forecasts of the first series in one publication, in order of time."""
        frame = pd.read_parquet(f"{self.store.uri(publication.uri)}/forecasts.parquet")
        return frame.sort_values("ds")["LSTM"].tolist()

    def conclude(self, rows, *, steps=PLAIN, **settings):
        """Walk the recipe up to the forecasts, without the page."""

        def report(job, judged, forecasts, journal):
            return Concluded(store=self.store, judged=judged, published=forecasts)

        return retrain(self.job(rows, **settings), replace(steps, report=report))


@pytest.fixture
def line(tmp_path):
    """A pipeline with a store of its own."""
    return Line(tmp_path)


@pytest.fixture
def store(tmp_path):
    """An empty store."""
    return open_store(str(tmp_path / "store"))


@pytest.fixture(scope="module")
def s3_address():
    """Where S3 is played on this machine."""
    with s3_server() as served:
        yield served


@pytest.fixture
def bucket(s3_address, monkeypatch):
    """The name of an empty bucket; the environment leads to it."""
    lead_to(s3_address, monkeypatch)
    return new_bucket("kept")


@pytest.fixture
def address(database, tmp_path):
    """Where a registry may be made, in the kind of database that the test names."""
    with registry_address(database, tmp_path) as made:
        yield made


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """In CI nothing is skipped, tests on large data aside: what a test needs is installed there."""
    report = yield
    if os.environ.get("CI") and report.skipped and not item.get_closest_marker("large_data"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"
    return report


@pytest.fixture
def browser():
    """A real browser without a window; skipped where there is none."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no chromium on this machine; apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as started:
        window = started.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        yield window
        window.close()
