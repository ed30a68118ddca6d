"""The tutorial's pipeline beside the tutorial's plain script, whole processes in turn: ratios of CPU and wall time.

    python benchmarks/plain_script.py [--pairs 5] [--out benchmarks/results/plain_script.md]

Ours is `lstm-pipeline run` on the tutorial's network, split by time: beside the training it checks the data,
validates, scores four baselines, judges, registers, publishes and draws the report. Same windows, same batch,
same epochs, one thread each.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
PIPELINE = """
name = "sine"
[source]
kind = "generator"
process = "sine"
[series]
season_length = 44
[windows]
input_size = 50
horizon = 1
[split]
validation = 0
test = 190
[model]
window_norm = "none"
scaling = "none"
[training]
epochs = 5
batch_size = 64
"""


def measure(command: list[str]) -> tuple[float, float]:
    """CPU and wall seconds of a whole process."""
    begun = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - begun


def pair(file: Path) -> tuple[float, float, float, float]:
    """CPU and wall of ours in a fresh store, then of the plain script."""
    with tempfile.TemporaryDirectory() as store:
        ours = measure([sys.executable, "-m", "lstm_pipeline", "run", str(file), "--store", store])
    return *ours, *measure([sys.executable, str(HERE / "tutorial_script.py"), "5", "64"])


def spread(values: list[float]) -> str:
    """Median with the least and the most."""
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def main() -> None:
    """Measure in turn, print and write the ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sine.toml"
        file.write_text(PIPELINE)
        pair(file)
        pairs = [pair(file) for _ in range(options.pairs)]
    text = "\n".join(
        [
            f"The tutorial's pipeline beside its plain script, {dt.date.today()}, {os.cpu_count()} cores, one thread, "
            f"Python {platform.python_version()}, {options.pairs} pairs of whole processes after one warm-up.",
            "`python benchmarks/plain_script.py`",
            "",
            "| figure | ours | plain script | ours / plain, median (least to most) |",
            "| --- | --- | --- | --- |",
            f"| CPU s | {spread([p[0] for p in pairs])} | {spread([p[2] for p in pairs])} | "
            f"{spread([p[0] / p[2] for p in pairs])} |",
            f"| wall s | {spread([p[1] for p in pairs])} | {spread([p[3] for p in pairs])} | "
            f"{spread([p[1] / p[3] for p in pairs])} |",
        ]
    )
    print(text)
    if options.out:
        options.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
