"""What a newcomer types and sees first: data in the place of a pipeline file, wrong addresses, progress."""

from __future__ import annotations

import datetime as dt
import json
import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from lstm_pipeline.steps.outcome import STEPS
from tests.test_cli import PIPELINE, answer, call


@pytest.fixture
def days(tmp_path) -> Path:
    """A file whose times stand in three columns."""
    begin = dt.date(2023, 1, 1)
    dates = [begin + dt.timedelta(days=at) for at in range(120)]
    rows = [f"{day.year},{day.month},{day.day},{at % 7}.5" for at, day in enumerate(dates)]
    (tmp_path / "load.csv").write_text("year,month,day,load\n" + "\n".join(rows) + "\n")
    return tmp_path / "load.csv"


def test_several_columns_give_the_time_at_the_door(days, tmp_path):
    words = ["--time", "year", "--time", "month", "--time", "day", "--value", "load"]

    result = call("ingest", days, *words, "--out", tmp_path / "out", "--json")

    assert result.exit_code == 0
    assert answer(result)["rows_kept"] == 120
    assert "freq D is read from the stamps" in answer(result)["notes"]


def test_columns_of_the_usual_names_need_not_be_named_at_the_door(tmp_path):
    dates = [dt.date(2023, 1, 1) + dt.timedelta(days=at) for at in range(60)]
    (tmp_path / "load.csv").write_text("ds,y\n" + "".join(f"{day},{day.day}\n" for day in dates))

    result = call("ingest", tmp_path / "load.csv", "--out", tmp_path / "out", "--json")

    assert result.exit_code == 0
    assert answer(result)["rows_kept"] == 60
    assert "freq D is read from the stamps" in answer(result)["notes"]


def test_data_in_the_place_of_a_pipeline_file_are_told_to_be_looked_at_first(days):
    result = call("run", days, "--json")

    assert (result.exit_code, answer(result)["error"]["code"]) == (2, "usage")
    assert f"this is data, not a pipeline file: run `lstm-pipeline init {days}` first" in result.stderr


def test_a_pipeline_file_that_is_not_there_is_written_from_the_data_of_its_name(days):
    result = call("run", days.with_suffix(".toml"))

    assert result.exit_code == 4
    assert f"`lstm-pipeline init {days} --out {days.with_suffix('.toml')}` writes it" in result.stderr


def test_a_mistyped_pipeline_file_is_told_which_ones_lie_beside_it(tmp_path):
    (tmp_path / "sales.toml").write_text(PIPELINE)

    result = call("run", tmp_path / "sale.toml")

    assert result.exit_code == 4
    assert "holds sales.toml: check the path" in result.stderr


@pytest.mark.parametrize("address", ["foo", "me:secret@host/lstm"])
def test_a_registry_that_is_no_address_is_told_in_one_line_without_its_password(
    address, tmp_path, monkeypatch
):
    monkeypatch.setenv("LSTM_PIPELINE_REGISTRY", address)

    result = call("runs", "--store", tmp_path)

    assert result.exit_code == 5
    assert len(result.stderr.splitlines()) == 1
    assert f"{address.rpartition('@')[2]}', expected a SQLAlchemy URL such as sqlite:///" in result.stderr
    assert "secret" not in result.stderr


def test_a_server_s_address_without_its_scheme_is_bad_configuration(tmp_path, monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", "localhost:4200/api")
    (tmp_path / "p.toml").write_text(PIPELINE)

    result = call("run", tmp_path / "p.toml", "--prefect", "--store", tmp_path / "store")

    assert result.exit_code == 5
    assert len(result.stderr.splitlines()) == 1
    assert "got 'localhost:4200/api', expected http:// or https:// in front" in result.stderr


@pytest.fixture
def made(tmp_path) -> dict:
    """The outcome of a run of two series, one of them too short."""
    rows = [f"long,{step},{step % 5}" for step in range(200)]
    rows += [f"short,{step},1" for step in range(197, 200)]
    (tmp_path / "d.csv").write_text("id,ds,y\n" + "\n".join(rows) + "\n")
    source = '[source]\npath = "d.csv"\nid = "id"\ntime = "ds"\nvalue = "y"\n[series]\nfreq = 1'
    (tmp_path / "p.toml").write_text(f'name = "some"\n{source}{PIPELINE.split("[series]")[1]}')
    return answer(call("run", tmp_path / "p.toml", "--store", tmp_path / "store", "--json"))


def test_a_series_without_windows_is_told_why(made):
    said = call("windows", "show", made["dataset"], "--series", "short")
    listed = call("windows", "show", made["dataset"], "--series", "short", "--json")

    assert said.exit_code == listed.exit_code == 0
    assert said.stdout.startswith("series short has no window: too_short: ")
    assert answer(listed) == {"windows": []}
    assert "too_short" in listed.stderr


def test_a_part_without_windows_is_told_with_the_parts_that_have_some(tmp_path):
    (tmp_path / "p.toml").write_text(PIPELINE.replace("validation = 45", "validation = 0"))
    made = answer(call("run", tmp_path / "p.toml", "--store", tmp_path / "store", "--json"))

    said = call("windows", "show", made["dataset"], "--part", "validation").stdout

    assert said == "no series has one in the part validation, there are windows in --part train and test\n"


def test_a_server_that_does_not_answer_is_unreachable_and_its_address_is_named(tmp_path):
    (tmp_path / "p.toml").write_text(PIPELINE)
    words = [sys.executable, "-m", "lstm_pipeline", "run", "p.toml", "--prefect", "--json"]
    env = {**os.environ, "PREFECT_API_URL": "http://127.0.0.1:9/api"}

    done = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)

    assert done.returncode == 8
    assert json.loads(done.stdout)["error"]["code"] == "unreachable"
    assert "Prefect's server does not answer" in done.stderr
    assert "check PREFECT_API_URL, or unset it" in done.stderr


def shown_on_a_terminal(folder, *words):
    """What a command says on a screen that somebody watches."""
    keyboard, screen = pty.openpty()
    with subprocess.Popen([sys.executable, "-m", "lstm_pipeline", *words], cwd=folder, stderr=screen):
        os.close(screen)
        text = b""
        with suppress(OSError):  # that is how Linux says that nobody writes on a screen any more
            while part := os.read(keyboard, 4096):
                text += part
    os.close(keyboard)
    return text.decode()


def test_a_training_that_is_watched_is_a_bar_that_fills_up_and_ends_its_line(tmp_path):
    (tmp_path / "p.toml").write_text(PIPELINE)

    text = shown_on_a_terminal(tmp_path, "run", "p.toml")

    tested, refitted = text[: text.index("\r\nsmall: ")].split("\r\n")
    for line, what in ((tested, "training"), (refitted, "refit")):
        bars = line.split("\r")[1:]
        assert all(bar.startswith(f"  {what} [") for bar in bars)
        assert f"[{'#' * 3}{'.' * 27}] 8/80  loss" in bars[0]
        assert f"[{'#' * 30}] 80/80  loss" in bars[-1]


def test_runs_tell_their_logical_dates(made, tmp_path):
    result = call("runs", "some", "--store", tmp_path / "store")

    assert f"as of {made['as_of']}  some: {made['verdict']}" in result.stdout


def test_a_run_that_nobody_watches_tells_each_step_and_each_tenth_of_its_training(tmp_path):
    (tmp_path / "p.toml").write_text(PIPELINE)

    result = call("run", tmp_path / "p.toml", "--store", tmp_path / "store", "--json")

    told = [line.split()[0] for line in result.stderr.splitlines() if line.startswith("  ")]
    assert [word for word in told if word.endswith(":")][:7] == [f"{step}:" for step in STEPS]
    assert 1 < told.count("training") <= 10
    assert len(result.stdout.splitlines()) == 1
    assert json.loads(result.stdout)["pipeline"] == "small"
