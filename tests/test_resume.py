"""A run that is killed while it trains goes on where it stood, and ends in the same bytes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PIPELINE = """
name = "long"
[source]
kind = "generator"
process = "sine"
length = 600
stop = 600.0
[series]
season_length = 5
[windows]
input_size = 40
horizon = 2
[split]
validation = 60
test = 80
[model]
hidden_size = 16
dropout = 0.1
[training]
epochs = 12
patience = 0
checkpoint_seconds = 0.05
"""


def start(file: Path, store: Path) -> subprocess.Popen[str]:
    # what a shell starts in the background ignores the interrupt, and so would its children: the tests' too
    heeds = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    program = f"{heeds}; from lstm_pipeline.cli.main import main; main()"
    command = [sys.executable, "-c", program, "run", str(file), "--store", str(store), "--json"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def finish(process: subprocess.Popen[str]) -> dict:
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return json.loads(out)


def kill_after(process: subprocess.Popen[str], store: Path, states: int) -> int:
    """Kill -9 once so many resume states have been written; returns the newest step that was kept."""
    seen: set[str] = set()
    while len(seen) < states:
        assert process.poll() is None, "the run ended before it could be killed"
        seen |= {path.name for path in store.glob("training/*/*.safetensors")}
        time.sleep(0.002)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    return max(int(path.stem) for path in store.glob("training/*/*.safetensors"))


@pytest.mark.parametrize("states", [1, 7])
def test_a_killed_run_ends_in_the_same_weights_as_one_that_was_left_alone(tmp_path, states):
    file = tmp_path / "long.toml"
    file.write_text(PIPELINE)
    whole = finish(start(file, tmp_path / "whole"))

    reached = kill_after(start(file, tmp_path / "killed"), tmp_path / "killed", states)
    resumed = finish(start(file, tmp_path / "killed"))

    assert reached > 0
    assert resumed["weights_sha256"] == whole["weights_sha256"]
    assert resumed["mse"] == whole["mse"]
    assert resumed["seconds"]["train"] < whole["seconds"]["train"] * 2


def test_an_interrupted_run_says_so_and_exits_with_130(tmp_path):
    file = tmp_path / "long.toml"
    file.write_text(PIPELINE.replace("epochs = 12", "epochs = 200"))

    process = start(file, tmp_path / "store")
    while not list((tmp_path / "store").glob("training/*/*.safetensors")):
        assert process.poll() is None, "the run ended before it could be interrupted"
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)

    assert process.returncode == 130
    assert json.loads(out)["error"]["code"] == "interrupted"
