"""The built wheel in an empty folder elsewhere: demo, init and run work without the checkout."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder with a fresh virtual environment in which the wheel is installed."""
    folder = tmp_path_factory.mktemp("elsewhere")
    build = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder / "dist"), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    venv.create(folder / "env", with_pip=True)
    pip = [str(folder / "env/bin/python"), "-m", "pip", "install", "-q", "-c", str(ROOT / "constraints.txt")]
    subprocess.run([*pip, "torch==2.13.0"], check=True, capture_output=True)
    (wheel,) = (folder / "dist").glob("*.whl")
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True)
    return folder


def command(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("PREFECT", "PYTHON"))
    }
    environment |= {"PREFECT_HOME": str(folder / "prefect"), "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [str(folder / "env/bin/lstm-pipeline"), *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.proof
def test_the_demo_runs_from_the_wheel_and_reuses_all_of_it_the_second_time(elsewhere):
    first = command(elsewhere, "demo")
    again = command(elsewhere, "demo")

    assert first.returncode == 0, first.stderr
    assert [line.split(":")[0] for line in first.stdout.splitlines()] == ["sine", "wikipedia", "shops"]
    assert again.stdout == first.stdout
    assert again.stderr.count("reused build_dataset, train, evaluate, decide, promote, publish, report") == 3
    assert sum(seconds(again.stderr)) <= sum(seconds(first.stderr)) / 5


def seconds(told: str) -> list[float]:
    """What each pipeline took, the server's start apart."""
    return [
        float(found) for found in re.findall(r"^(?:sine|wikipedia|shops): ([0-9.]+) s", told, re.MULTILINE)
    ]


@pytest.mark.proof
def test_init_and_run_work_from_the_wheel(elsewhere):
    rows = "\n".join(
        f"2024-{month:02d}-{day:02d},{day * month}" for month in range(1, 13) for day in range(1, 29)
    )
    (elsewhere / "mydata.csv").write_text(f"day,value\n{rows}\n")

    begun = command(elsewhere, "init", "mydata.csv")
    done = command(elsewhere, "run", "mydata.toml")

    assert begun.returncode == 0, begun.stderr
    assert "lstm-pipeline run mydata.toml" in begun.stderr
    assert done.returncode == 0, done.stderr
    assert list((elsewhere / "store/reports").glob("*/report.html"))
