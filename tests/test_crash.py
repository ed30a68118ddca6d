"""A run may be killed before any commit and any rename: the run after it ends as if nothing had happened."""

import shutil
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

STRACE = shutil.which("strace")
CALLS = ("fdatasync", "rename", "link")
"""Commits of the database, and what makes a folder or a file appear under its name."""
MOST = 40
"""More calls of one name than a run makes."""
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


def killed(before, folder, call, nth):
    """Run on a copy of what was there, until strace kills it before its nth call; False if it has fewer."""
    shutil.copytree(before, folder)
    traced = [STRACE, "-f", "-qq", "-o", "/dev/null", "-e", f"inject={call}:signal=KILL:when={nth}"]
    command = [sys.executable, "-m", "lstm_pipeline", "run", str(folder / "line.toml")]
    places = ["--store", str(folder / "store"), "--as-of", "2025-01-01T00:00:00"]
    done = subprocess.run([*traced, *command, *places], capture_output=True, check=False)
    assert done.returncode in {0, -9, 137}, done.stderr
    return done.returncode != 0


def every_kill(before, root, call):
    """Folders that hold what was left by runs killed before the 1st, 2nd ... call of this name."""
    left: list[Path] = []
    for nth in range(1, MOST):
        folder = root / f"{call}-{nth}"
        if not killed(before, folder, call, nth):
            return left
        left.append(folder)
    raise AssertionError(f"got {MOST} calls of {call}, expected fewer: the last ones are not tried")


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
@pytest.mark.skipif(STRACE is None, reason="strace is not installed; it kills before a chosen system call")
def test_a_run_killed_before_any_commit_or_rename_ends_the_next_time_as_if_undisturbed(tmp_path):
    before, calm = tmp_path / "before", tmp_path / "calm"
    write(before, length=160, steps=1)
    first = run(before)
    write(before, length=170, steps=10)
    shutil.copytree(before, calm)
    undisturbed = run(calm)
    expected = (said(undisturbed), left_behind(calm), STEPS)

    with ThreadPoolExecutor(2) as pool:
        lists = pool.map(lambda call: every_kill(before, tmp_path, call), CALLS)
        folders = [folder for left in lists for folder in left]

    ends = {folder.name: (said(run(folder)), left_behind(folder), run(folder).reused) for folder in folders}
    assert (first.promoted, undisturbed.promoted, undisturbed.reasons) == (True, True, ("superior",))
    assert len(ends) > 30
    assert [name for name, end in ends.items() if end != expected] == []
