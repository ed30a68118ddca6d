"""The commands as their users type them: results, JSON, exit statuses, errors."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
import shlex
import sqlite3
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner, Result

from lstm_pipeline.cli.console import errors_told
from lstm_pipeline.cli.doctor import python_of
from lstm_pipeline.cli.main import app
from lstm_pipeline.cli.setting import setting_of

COMMANDS = [
    ["init"], ["demo"], ["run"], ["ingest"], ["forecast"], ["report"], ["runs"], ["models"], ["doctor"],
    ["schema"], ["windows", "show"], ["models", "champion"], ["models", "log"], ["models", "rollback"],
    ["models", "promote"], ["models", "pending"], ["models", "approve"], ["models", "refuse"],
    ["models", "probation"], ["gc"], ["gate", "replay"], ["gate", "compare"],
]  # fmt: skip

PIPELINE = """
name = "small"
[source]
kind = "generator"
process = "sine"
length = 300
stop = 300.0
[series]
season_length = 5
[windows]
input_size = 12
horizon = 3
[split]
validation = 45
test = 60
[model]
hidden_size = 8
num_layers = 1
window_norm = "none"
[training]
max_steps = 80
learning_rate = 1e-2
"""

KEYS = {
    "pipeline", "as_of", "verdict", "reasons", "promoted", "champion", "mse", "champion_mse", "baseline_mse",
    "baseline", "skill", "gate", "rows_in", "rows_kept", "rows_set_aside", "rows_filled", "rows_missing",
    "series", "windows",
    "dataset", "model", "weights_sha256", "forecasts", "report", "published_by", "reused", "seconds",
}  # fmt: skip
GATE_KEYS = {
    "mode", "used", "windows_id", "origins", "mse", "champion_mse", "baseline_mse", "effect", "low", "high",
    "baseline", "skill", "skill_low", "skill_high", "wide_skill",
    "grade", "source", "looks", "alpha", "statistic",
    "critical", "size", "size_persistent",
}  # fmt: skip


@pytest.fixture
def pipeline(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(PIPELINE)
    return path


def call(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def answer(result: Result) -> dict:
    return json.loads(result.stdout.splitlines()[-1])


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself_with_an_example(command):
    result = call(*command, "--help")

    assert result.exit_code == 0
    assert f"Example: lstm-pipeline {' '.join(command)}" in result.stdout


def test_the_list_of_commands_cuts_no_sentence_short():
    listed = call("--help").stdout.partition("Commands:")[2].strip().splitlines()

    assert len(listed) == 19
    assert all(line.endswith(".") and not line.endswith("...") for line in listed)


@pytest.mark.parametrize("command", ["--help", "doctor", "schema"])
def test_light_commands_import_neither_torch_nor_prefect(command, tmp_path):
    script = (
        "import sys\nfrom typer.testing import CliRunner\nfrom lstm_pipeline.cli.main import app\n"
        f"assert CliRunner().invoke(app, [{command!r}]).exit_code == 0\n"
        "print(sorted({'torch', 'prefect', 'matplotlib'} & set(sys.modules)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"


def test_a_run_ends_with_one_json_object_that_has_the_contract_s_keys(pipeline, tmp_path):
    result = call("run", pipeline, "--store", tmp_path / "store", "--json")

    made = answer(result)
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 1
    assert set(made) >= KEYS
    assert set(made["gate"]) == GATE_KEYS
    assert made["rows_in"] == made["rows_kept"] + sum(made["rows_set_aside"].values()) == 300
    assert made["gate"]["mode"] == "standard"


def test_the_published_forecasts_are_read_by_pandas_in_one_line(pipeline, tmp_path):
    made = answer(call("run", pipeline, "--store", tmp_path / "store", "--json"))

    latest = pd.read_parquet(tmp_path / "store/forecasts/small/latest.parquet")

    assert list(latest.columns) == [
        "unique_id", "ds", "cutoff", "LSTM", "LSTM-lo-90", "LSTM-hi-90", "model", "model_version", "purpose",
        "source", "reason",
    ]  # fmt: skip
    assert latest["ds"].tolist() == [300, 301, 302]
    assert latest.equals(pd.read_parquet(made["forecasts"]))


def test_an_identical_rerun_reuses_every_step_and_writes_nothing(pipeline, tmp_path):
    first = answer(call("run", pipeline, "--store", tmp_path / "store", "--json"))
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "store").rglob("*") if path.is_file()}

    again = answer(call("run", pipeline, "--store", tmp_path / "store", "--json"))

    after = {path: path.stat().st_mtime_ns for path in (tmp_path / "store").rglob("*") if path.is_file()}
    assert first["promoted"]
    assert again["reused"] == ["build_dataset", "train", "evaluate", "decide", "promote", "publish", "report"]
    assert {k: v for k, v in again.items() if k not in ("reused", "seconds")} == {
        k: v for k, v in first.items() if k not in ("reused", "seconds")
    }
    assert after == before


@pytest.mark.parametrize("command", ["run", "forecast"])
def test_what_some_series_failed_in_exits_with_3(command, tmp_path):
    rows = [f"long,{day},{day % 5}" for day in range(200)] + [f"short,{day},1" for day in range(3)]
    (tmp_path / "d.csv").write_text("id,ds,y\n" + "\n".join(rows) + "\n")
    text = PIPELINE.split("[series]")[1]
    source = '[source]\npath = "d.csv"\nid = "id"\ntime = "ds"\nvalue = "y"\n[series]\nfreq = 1'
    (tmp_path / "p.toml").write_text(f'name = "some"\n{source}{text}')

    result = call(command, tmp_path / "p.toml", "--store", tmp_path / "store", "--json")

    assert result.exit_code == 3
    assert "short: too_short" in result.stderr
    told = answer(result)
    failed = told["failed"] if command == "forecast" else told["series"]["failed"]
    assert failed["short"].startswith("too_short")


@pytest.mark.parametrize(
    ("text", "status", "code", "said"),
    [
        ("name = 'x'\n[source]\npath = 'nowhere.csv'\n", 4, "bad_input", "nowhere.csv"),
        ("name = 'X!'\n[source]\npath = 'a.csv'\n[windows]\nhorizon = 0\n", 5, "bad_config", "2 faults"),
        ("name = \n", 5, "bad_config", "not a pipeline file in TOML"),
    ],
)
def test_what_cannot_run_says_why_without_a_traceback(text, status, code, said, tmp_path):
    (tmp_path / "p.toml").write_text(text)

    result = call("run", tmp_path / "p.toml", "--store", tmp_path / "store", "--json")

    assert result.exit_code == status
    assert answer(result)["error"]["code"] == code
    assert said in answer(result)["error"]["message"]
    assert "Traceback" not in result.stderr


def test_a_missing_pipeline_file_is_bad_input(tmp_path):
    result = call("run", tmp_path / "none.toml")

    assert result.exit_code == 4
    assert "there is no such pipeline file" in result.stderr


def test_the_door_alone_writes_what_it_kept_and_what_it_set_aside(tmp_path):
    lines = ["2024-01-01,1", "2024-01-02,2", "2024-01-02,2", "2024-01-03,x"]
    lines += [f"2024-{month:02d}-{day:02d},{day}" for month in (2, 3) for day in range(1, 29)]
    (tmp_path / "load.csv").write_text("date,load\n" + "\n".join(lines) + "\n")

    result = call(
        "ingest",
        tmp_path / "load.csv",
        "--time",
        "date",
        "--value",
        "load",
        "--out",
        tmp_path / "out",
        "--json",
    )

    made = answer(result)
    aside = pd.read_parquet(tmp_path / "out/set_aside.parquet")
    assert made["rows_in"] == 60 == made["rows_kept"] + sum(made["rows_set_aside"].values())
    assert aside[["row", "reason"]].to_numpy().tolist() == [[4, "duplicate"], [5, "not_number"]]
    assert (tmp_path / "out/series.parquet").is_file()


def ingest(source: Path, out: Path, *words: str) -> Result:
    """Call the door alone on a file with columns date, load and price; makes the file where there is none."""
    if not source.exists():
        rows = [f"2024-{month:02d}-{day:02d},{day},{month}" for month in (2, 3) for day in range(1, 29)]
        source.write_text("date,load,price\n" + "\n".join(rows) + "\n")
    chosen = words or ("--value", "load")
    return call("ingest", source, "--time", "date", *chosen, "--out", out, "--json")


@pytest.mark.parametrize("name", ["thesis.odt", "series.parquet", "manifest.json", ".git"])
def test_a_folder_with_anything_else_in_it_is_not_written_to(name, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / name).write_text("years of work")

    result = ingest(tmp_path / "load.csv", out)

    assert (result.exit_code, answer(result)["error"]["code"]) == (4, "bad_input")
    assert f"this folder holds {name}, expected an empty one" in answer(result)["error"]["message"]
    assert [path.name for path in out.iterdir()] == [name]
    assert (out / name).read_text() == "years of work"


def test_the_folder_of_a_source_is_not_written_to(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    result = ingest(tmp_path / "load.csv", Path())

    assert result.exit_code == 4
    assert [path.name for path in tmp_path.iterdir()] == ["load.csv"]


def test_an_empty_folder_is_written_to_and_the_same_ingest_again_is_reused(tmp_path):
    (tmp_path / "out").mkdir()

    reused = [answer(ingest(tmp_path / "load.csv", tmp_path / "out"))["reused"] for _ in range(2)]

    assert reused == [[], ["ingest"]]


@pytest.mark.parametrize(
    "words", [("--value", "price"), ("--value", "load", "--freq", "12h"), ("--layout", "wide")]
)
def test_another_ingest_of_the_same_file_is_not_taken_for_the_one_that_is_there(words, tmp_path):
    ingest(tmp_path / "load.csv", tmp_path / "out")
    before = (tmp_path / "out/series.parquet").read_bytes()

    result = ingest(tmp_path / "load.csv", tmp_path / "out", *words)

    assert result.exit_code == 4
    assert "holds another ingest" in answer(result)["error"]["message"]
    assert (tmp_path / "out/series.parquet").read_bytes() == before


def test_the_door_alone_hides_what_is_later_than_now_on_the_clock_of_the_stamps(tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "XXX-5")
    time.tzset()
    begin = dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(minutes=30)
    hours = [(begin + dt.timedelta(hours=hour)).isoformat() for hour in range(-48, 24)]
    (tmp_path / "load.csv").write_text("date,load\n" + "\n".join(f"{hour},1" for hour in hours) + "\n")

    made = answer(ingest(tmp_path / "load.csv", tmp_path / "out"))

    monkeypatch.undo()
    time.tzset()
    assert made["rows_in"] == 49


def test_the_door_takes_any_key_of_its_sections(tmp_path):
    (tmp_path / "load.csv").write_text(
        "date;load\n" + "\n".join(f"2024-01-{d:02d};{d},5" for d in range(1, 29))
    )
    words = ["--set", "source.delimiter=;", "--set", "source.decimal=,"]

    result = call(
        "ingest", tmp_path / "load.csv", "--time", "date", "--out", tmp_path / "out", "--json", *words
    )

    assert answer(result)["rows_kept"] == 28
    assert pd.read_parquet(tmp_path / "out/series.parquet")["y"].iloc[0] == 1.5


def test_windows_can_be_looked_at(pipeline, tmp_path):
    made = answer(call("run", pipeline, "--store", tmp_path / "store", "--json"))

    shown = answer(call("windows", "show", made["dataset"], "--n", 2, "--json"))["windows"]

    assert [len(w["context"]) for w in shown] == [12, 12]
    assert shown[0]["target"][:2] == shown[1]["context"][-1:] + shown[1]["target"][:1]


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Lima"])
def test_the_moment_that_a_log_prints_is_one_it_can_be_asked_about(pipeline, tmp_path, monkeypatch, zone):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    made = answer(call("run", pipeline, "--store", tmp_path / "store", "--json"))
    moment = call("models", "log", "small", "--store", tmp_path / "store").stdout.splitlines()[-2].split()[1]

    then = call("models", "champion", "small", "--at", moment, "--store", tmp_path / "store")
    bare = call("models", "champion", "small", "--at", moment.rstrip("Z"), "--store", tmp_path / "store")
    earlier = call("models", "log", "small", "--at", "2020-01-01", "--store", tmp_path / "store")

    monkeypatch.undo()
    time.tzset()
    assert made["champion"] in then.stdout
    assert then.stdout == bare.stdout
    assert made["champion"] not in earlier.stdout


@pytest.mark.parametrize("command", ["schema", "doctor"])
def test_a_result_that_cannot_be_written_ends_in_a_sentence(command, tmp_path):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "lstm_pipeline", command],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert "Traceback" not in done.stderr
    assert "the result cannot be written: No space left on device" in done.stderr
    assert done.returncode == 8


def test_an_unknown_series_names_those_there_are(pipeline, tmp_path):
    made = answer(call("run", pipeline, "--store", tmp_path / "store", "--json"))

    result = call("windows", "show", made["dataset"], "--series", "nobody")

    assert result.exit_code == 2
    assert "no series 'nobody'" in result.stderr


def test_the_champion_and_the_runs_can_be_asked_for(pipeline, tmp_path):
    made = answer(call("run", pipeline, "--store", tmp_path / "store", "--json"))

    champion = answer(call("models", "champion", "small", "--store", tmp_path / "store", "--json"))
    before = call("models", "champion", "small", "--at", "2020-01-01", "--store", tmp_path / "store")
    runs = answer(call("runs", "small", "--store", tmp_path / "store", "--json"))["runs"]

    assert [row["model"] for row in champion["promotions"]] == [made["champion"]]
    assert "has no champion at 2020-01-01" in before.stdout
    assert [run["report"] for run in runs] == [made["report"]]


def test_the_command_that_the_page_prints_reproduces_its_run(pipeline, tmp_path):
    made = answer(call("run", pipeline, "--store", tmp_path / "store", "--json"))
    page = Path(made["report"]).read_text()

    (command,) = re.findall(r"lstm-pipeline run [^<]*", page)

    again = answer(call(*shlex.split(html.unescape(command))[1:], "--json"))
    assert (again["run"], again["as_of"]) == (made["run"], "299")
    assert set(again["reused"]) >= {"train", "report"}


def test_the_champion_forecasts_without_training(pipeline, tmp_path):
    made = answer(call("run", pipeline, "--store", tmp_path / "store", "--json"))

    forecast = answer(call("forecast", pipeline, "--store", tmp_path / "store", "--json"))

    assert forecast["published_by"] == made["champion"]
    assert forecast["sources"] == {"champion": 1}


def test_the_doctor_names_what_it_looked_at(tmp_path):
    result = call("doctor", "--store", tmp_path / "store", "--json")

    found = {finding["what"]: finding["ok"] for finding in answer(result)["findings"]}
    assert result.exit_code == 0
    assert all(found[what] for what in ("prefect", "fastapi", "store"))


def test_the_doctor_reads_the_promotion_logs(pipeline, tmp_path):
    made = answer(call("run", pipeline, "--store", tmp_path / "store", "--json"))
    whole = call("doctor", "--store", tmp_path / "store", "--json")

    with sqlite3.connect(tmp_path / "store" / "registry.db") as database:
        database.execute("UPDATE promotion SET actor = 'somebody else'")
    broken = call("doctor", "--store", tmp_path / "store", "--json")

    (finding,) = (finding for finding in answer(broken)["findings"] if not finding["ok"])
    assert (made["promoted"], whole.exit_code, broken.exit_code) == (True, 0, 8)
    assert finding["what"] == "promotions of small"
    assert "seq 1: got hash" in finding["found"]


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_the_schema_is_printed_with_and_without_json(words):
    result = call("schema", *words)

    assert result.exit_code == 0
    assert "windows" in json.loads(result.stdout)["properties"]


@pytest.mark.parametrize("command", [["runs"], ["models", "log", "small"], ["report", "small"]])
def test_a_registry_that_is_no_database_is_told_in_one_sentence(command, tmp_path):
    (tmp_path / "registry.db").write_text("junk " * 100)

    result = call(*command, "--store", tmp_path)

    assert result.exit_code == 6
    assert "expected a registry: file is not a database. Restore it from a copy" in result.stderr


@pytest.mark.parametrize("what", ["champion", "log"])
def test_an_edited_promotion_log_is_not_believed(what, pipeline, tmp_path):
    call("run", pipeline, "--store", tmp_path / "store")
    with sqlite3.connect(tmp_path / "store" / "registry.db") as database:
        database.execute("UPDATE promotion SET model = 'mine'")

    result = call("models", what, "small", "--store", tmp_path / "store")

    assert result.exit_code == 6
    assert "the promotion log of small was altered" in result.stderr


@pytest.mark.parametrize("what", ["champion", "log"])
def test_an_unknown_pipeline_has_no_champion_and_names_the_known_ones(what, pipeline, tmp_path):
    call("run", pipeline, "--store", tmp_path / "store")

    result = call("models", what, "nonsense", "--store", tmp_path / "store", "--json")

    assert (result.exit_code, answer(result)["error"]["code"]) == (4, "bad_input")
    assert "nonsense: no pipeline of this name is in this store; there is small" in result.stderr


def test_a_dataset_that_is_not_there_is_bad_input_and_makes_no_folder(tmp_path):
    result = call("windows", "show", tmp_path / "typo" / "datasets" / "abc", "--json")

    assert (result.exit_code, answer(result)["error"]["code"]) == (4, "bad_input")
    assert not list(tmp_path.iterdir())


def test_without_a_series_windows_of_all_are_shown_and_the_help_says_so():
    text = call("windows", "show", "--help").stdout

    assert "Id of the series. Default: all" in text


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "unreachable", 8),
        (TimeoutError("timed out"), "unreachable", 8),
        (PermissionError(13, "Permission denied", "a.csv"), "bad_input", 4),
    ],
)
def test_what_does_not_answer_is_unreachable_and_a_file_that_cannot_be_read_is_bad_input(
    error, code, status, capsys
):
    with pytest.raises(typer.Exit) as caught, errors_told(as_json=True):
        raise error

    assert caught.value.exit_code == status
    assert json.loads(capsys.readouterr().out)["error"]["code"] == code


def test_a_reader_that_goes_away_is_no_error(tmp_path):
    words = [sys.executable, "-m", "lstm_pipeline", "doctor", "--store", str(tmp_path / "store")]

    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        said = process.stderr.read()

    assert said == b""


@pytest.mark.parametrize(
    ("setting", "meant"),
    [
        ("source.values=a", ("a",)),
        ("source.values=a, b", ("a", "b")),
        ('source.values=["a,b", "c"]', ("a,b", "c")),
        ("source.time=date", "date"),
        ("source.time=year,month", ("year", "month")),
        ("source.value=2024", "2024"),
        ('source.value=["load"]', '["load"]'),
        ("source.delimiter=,", ","),
        ("source.delimiter=;", ";"),
        ('source.path="a b.csv"', "a b.csv"),
        ("source.max_bytes=1_000", 1000),
        ("source.colour=red", "red"),
        ("series.season_length=7", 7),
        ("series.freq=5", 5),
        ("series.freq=h", "h"),
        ("series.regularise=mean", "mean"),
    ],
)
def test_a_setting_of_the_command_line_has_the_kind_that_its_key_has(setting, meant):
    section, key = setting.partition("=")[0].split(".")

    assert setting_of(setting) == (section, key, meant)


def test_columns_may_be_named_one_by_one_at_the_door(tmp_path):
    result = ingest(
        tmp_path / "load.csv", tmp_path / "out", "--layout", "wide", "--set", "source.values=load"
    )

    assert result.exit_code == 0
    assert answer(result)["series"]["ok"] == 1


def test_the_doctor_names_the_python_that_is_needed_and_the_backend_that_trains(tmp_path):
    findings = answer(call("doctor", "--store", tmp_path / "store", "--json"))["findings"]

    found = {finding["what"]: finding for finding in findings}
    assert found["python"]["advice"] == "install Python >=3.11"
    assert found["training backend"]["found"] == f"torch {version('torch')}"
    assert not python_of("3.10.4").ok


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["up", "nowhere.toml"], 4, "nowhere.toml: there is no such pipeline file"),
        (["deploy", "nowhere.toml"], 4, "nowhere.toml: there is no such pipeline file"),
        (["worker", "tpu"], 2, "got the pool 'tpu', expected cpu or gpu"),
        (["status"], 4, "there is no store here; run a pipeline first"),
    ],
)
def test_a_service_that_cannot_be_is_refused_in_one_line(words, status, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    result = call(*words)

    assert result.exit_code == status
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_service_whose_store_cannot_be_used_says_so_before_it_starts_a_server(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").write_text("a file")
    (tmp_path / "small.toml").write_text(PIPELINE)

    result = call("up", "small.toml", "--store", "taken/store", "--port", "45871")

    assert result.exit_code == 8
    assert "a file is in the way" in result.stderr
    assert "starting" not in result.stderr
