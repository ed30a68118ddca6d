"""Run six real data sets from pipeline files of a few lines, each in a fresh process, and write a table.

    python benchmarks/real_data.py FOLDER [--only NAME] [--out benchmarks/results/real_data.md]

FOLDER holds the public data sets, one folder each. Figures: test MSE beside the best naive's, skill, rows, wall
time of the whole process and its peak memory.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PIPELINES = {
    "airline_passengers": """
[source]
path = "{data}/airline_passengers/airline-passengers.csv"
time = "Month"
value = "Passengers"
""",
    "daily_min_temperatures": """
[source]
path = "{data}/daily_min_temperatures/daily-min-temperatures.csv"
time = "Date"
value = "Temp"
""",
    "etth1": """
[source]
path = "{data}/etth1/ETTh1.csv"
layout = "wide"
time = "date"
[windows]
input_size = 336
horizon = 96
[split]
validation = 2880
test = 2880
""",
    "m4_hourly": """
[source]
path = "{data}/m4_hourly/Hourly-train.csv"
layout = "rows"
[windows]
horizon = 48
""",
    "pjm_aep": """
[source]
path = "{data}/pjm_aep/AEP_hourly.csv"
time = "Datetime"
value = "AEP_MW"
""",
    "nab_irregular": """
[source]
path = "{data}/nab_irregular"
time = "timestamp"
value = "value"
[series]
freq = "5min"
regularise = "mean"
""",
}


def run(name: str, data: Path, store: Path) -> dict[str, Any]:
    """Run one pipeline as its user would, and read its figures."""
    file = store / f"{name}.toml"
    file.write_text(f'name = "{name}"\n{PIPELINES[name].format(data=data)}')
    command = [sys.executable, "-m", "lstm_pipeline", "run", str(file), "--store", str(store), "--json"]
    begun = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        out = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 3):
        sys.exit(f"{name} ended with {process.returncode}: {out}")
    figures = json.loads(out)
    return figures | {
        "wall": time.monotonic() - begun,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss / 1024,
    }


def line(name: str, made: dict[str, Any]) -> str:
    """One row of the table."""
    aside = ", ".join(f"{reason} {count}" for reason, count in made["rows_set_aside"].items() if count) or "0"
    return (
        f"| {name} | {made['verdict']} ({', '.join(made['reasons'])}) | {made['mse']:.4g} | "
        f"{made['baseline_mse']:.4g} ({made['baseline']}) | {100 * made['skill']:.1f} % | {made['gate']['origins']} | "
        f"{made['rows_in']:,} | {aside} | {made['rows_missing']:,} | {made['series']['ok']} | {made['wall']:.0f} | "
        f"{made['cpu']:.0f} | {made['peak']:.0f} |"
    )


def main() -> None:
    """Run all, print and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", choices=sorted(PIPELINES))
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    lines = [
        f"Real data sets from pipeline files of a few lines, {dt.date.today()}, "
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, one thread, Python "
        f"{platform.python_version()}. `python benchmarks/real_data.py FOLDER`",
        "",
        "| data | verdict | test MSE | best naive | skill | origins | rows in | set aside | missing | series | wall s | "
        "CPU s | peak MiB |",
        "| --- " * 13 + "|",
    ]
    with tempfile.TemporaryDirectory() as folder:
        for name in [options.only] if options.only else PIPELINES:
            lines.append(line(name, run(name, options.folder.resolve(), Path(folder))))
            print(lines[-1], flush=True)
    if options.out:
        options.out.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
