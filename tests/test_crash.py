"""A run may be killed before any commit and any rename: the run after it ends as if nothing had happened."""

import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lstm_pipeline.registry import open_registry
from lstm_pipeline.steps import PLAIN, retrain
from lstm_pipeline.steps.desk import job_from_file
from lstm_pipeline.steps.outcome import STEPS, Journal
from lstm_pipeline.storage import open_store

COMPILER = shutil.which("cc") or shutil.which("gcc")
PIPELINE = """
name = "line"
source = {{ path = "rows.csv", time = "ds" }}
series = {{ freq = "h", season_length = 4 }}
windows = {{ input_size = 8, horizon = 2 }}
split = {{ validation = 16, test = 20 }}
model = {{ hidden_size = 4, num_layers = 1 }}
training = {{ max_steps = {steps}, learning_rate = 0.02, device = "cpu" }}
gate = {{ min_skill = -1e6, min_effect = 0.0 }}
"""


def write(folder, *, length, steps):
    """A pipeline file beside its rows."""
    folder.mkdir(exist_ok=True)
    times = pd.date_range("2024-01-01", periods=length, freq="h")
    noise = np.random.default_rng(0).normal(size=200)[:length]
    y = 3 * np.sin(np.arange(length) * np.pi / 2) + 0.2 * noise
    pd.DataFrame({"unique_id": "a", "ds": times, "y": y}).to_csv(folder / "rows.csv", index=False)
    (folder / "line.toml").write_text(PIPELINE.format(steps=steps))


def run(folder):
    """The run of a plain command, in this process."""
    job = job_from_file(str(folder / "line.toml"), store=str(folder / "store"), as_of="2025-01-01T00:00:00")
    return retrain(job, PLAIN)


def killed(before, folder, library, nth):
    """Run on a copy of what was there, killed before its nth call; False where the run makes fewer."""
    shutil.copytree(before, folder)
    command = [sys.executable, "-m", "lstm_pipeline", "run", str(folder / "line.toml")]
    places = ["--store", str(folder / "store"), "--as-of", "2025-01-01T00:00:00"]
    env = {**os.environ, "LD_PRELOAD": str(library), "KILL_BEFORE": str(nth)}
    done = subprocess.run([*command, *places], capture_output=True, check=False, env=env)
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr
    return done.returncode != 0


def every_kill(kill, pool):
    """Kill before the 1st, 2nd ... call until a run ends undisturbed; returns whether each kill landed."""
    kills: list[bool] = []
    while all(kills):
        kills += pool.map(kill, range(len(kills) + 1, len(kills) + 5))
    return kills


@pytest.fixture
def library(tmp_path):
    """What kills, compiled for this machine."""
    made, source = tmp_path / "kill_before.so", Path(__file__).with_name("kill_before.c")
    subprocess.run([COMPILER, "-shared", "-fPIC", "-O1", "-o", made, source, "-ldl"], check=True)
    return made


def said(outcome):
    """The outcome but for where it lies and what it took."""
    here = outcome.placed(lambda uri: uri.partition("/store/")[2])
    return here.noting(Journal(seconds={}, reused=()))


def left_behind(folder):
    """What a run has stored: files by their bytes, and rows without the moment of their making."""
    store = open_store(str(folder / "store"))
    registry = open_registry(f"sqlite:///{folder / 'store' / 'registry.db'}")
    registry.verify_chain("line")
    frames = [key for key in store.list() if key.endswith((".parquet", ".safetensors", "config.json"))]
    return (
        {key: store.read(key) for key in frames if not key.startswith("training/")},
        [(row.seq, row.model, row.previous_model, row.gate_report) for row in registry.promotions("line")],
        [(row.run, row.gate_report, row.report_uri) for row in registry.runs("line")],
    )


@pytest.mark.proof
@pytest.mark.skipif(sys.platform != "linux" or COMPILER is None, reason="needs Linux and a C compiler")
def test_a_run_killed_before_any_commit_or_rename_ends_the_next_time_as_if_undisturbed(tmp_path, library):
    before, calm = tmp_path / "before", tmp_path / "calm"
    write(before, length=160, steps=1)
    first = run(before)
    write(before, length=170, steps=10)
    shutil.copytree(before, calm)
    undisturbed = run(calm)
    expected = (said(undisturbed), left_behind(calm), STEPS)

    with ThreadPoolExecutor(2) as pool:
        kills = every_kill(lambda nth: killed(before, tmp_path / f"killed-{nth}", library, nth), pool)
    left = [tmp_path / f"killed-{nth}" for nth in range(1, sum(kills) + 1)]
    ends = [(said(run(folder)), left_behind(folder), run(folder).reused) for folder in left]

    assert (first.promoted, undisturbed.promoted, undisturbed.reasons) == (True, True, ("superior",))
    assert 40 < sum(kills) < len(kills)
    assert [nth for nth, end in enumerate(ends, start=1) if end != expected] == []
