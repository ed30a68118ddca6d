"""A pipeline whose store is on S3: what its commands and its Python say, and what is left in the bucket."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from lstm_pipeline import Pipeline, window_table
from lstm_pipeline.storage import objects
from lstm_pipeline.storage.uploads import new_fence
from tests.buckets import SECRETS, objects_in, s3_between
from tests.test_api import QUICK
from tests.test_cli import PIPELINE, answer, call

GATE = '[gate]\nmode = "plain"\nmin_skill = -1e6\n'


@pytest.fixture
def address(bucket, tmp_path, monkeypatch):
    """Where the store is; the registry is on this machine."""
    monkeypatch.setenv("LSTM_PIPELINE_REGISTRY", f"sqlite:///{tmp_path}/registry.db")
    monkeypatch.delenv("LSTM_PIPELINE_STORE", raising=False)
    monkeypatch.chdir(tmp_path)
    return f"s3://{bucket}/lstm"


@pytest.fixture
def pipeline(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(PIPELINE.replace("max_steps = 80", "max_steps = 3") + GATE)
    return path


def read(uri):
    """An object, as another client reads it."""
    import boto3

    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()


def finding(result, what="store"):
    return next(found for found in answer(result)["findings"] if found["what"] == what)


def test_a_run_leaves_in_a_bucket_what_it_leaves_in_a_folder(address, pipeline, tmp_path, monkeypatch):
    far = answer(call("run", pipeline, "--store", f"{address}/", "--json"))
    monkeypatch.delenv("LSTM_PIPELINE_REGISTRY")
    near = answer(call("run", pipeline, "--store", tmp_path / "store", "--json"))

    assert far["weights_sha256"] == near["weights_sha256"]
    assert {**far, "seconds": 0} == json.loads(
        json.dumps({**near, "seconds": 0}).replace(str(tmp_path / "store"), address)
    )
    forecasts = read(far["forecasts"])
    assert forecasts == Path(near["forecasts"]).read_bytes()
    assert b"<html" in read(far["report"])


def test_an_identical_run_returns_what_is_stored_and_writes_no_key(address, bucket, pipeline):
    first = answer(call("run", pipeline, "--store", address, "--json"))
    before = objects_in(bucket)

    again = answer(call("run", pipeline, "--store", address, "--json"))

    assert objects_in(bucket) == before
    assert len(again["reused"]) > 5
    assert {key: again[key] for key in ("verdict", "report", "forecasts")} == {
        key: first[key] for key in ("verdict", "report", "forecasts")
    }


def test_the_commands_that_look_find_what_is_on_s3(address, bucket, pipeline, tmp_path):
    made = answer(call("run", pipeline, "--store", address, "--json"))
    name = ["small", "--store", address, "--json"]
    before = objects_in(bucket)

    assert answer(call("report", *name))["report"] == made["report"]
    assert answer(call("runs", *name))["runs"][0]["report"] == made["report"]
    assert answer(call("models", "champion", *name))["pipeline"] == "small"
    assert len(answer(call("windows", "show", made["dataset"], "--n", "2", "--json"))["windows"]) == 2
    for report in (made["report"], made["report"].rpartition("/")[0], "small"):
        replayed = answer(call("gate", "replay", report, "--store", address, "--deep", "--json"))
        assert (replayed["verdict"], replayed["agrees"]) == (made["verdict"], True)
    assert answer(call("gate", "replay", made["report"], "--deep", "--json"))["deep"]["origins"] > 0
    assert answer(call("gc", "--store", address, "--older-than", "0s", "--json"))["removed"] == []
    assert objects_in(bucket) == before
    # a folder of that name here would be a store that nobody meant
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]


def test_what_nothing_names_is_collected_from_a_bucket(address, bucket, pipeline):
    import boto3

    call("run", pipeline, "--store", address)
    before = objects_in(bucket)
    torn, lost = f"models/{'0' * 64}", f"configs/{'0' * 64}.json"
    for key in (f"{torn}/manifest.json", f"{torn}/weights.bin", lost):
        boto3.client("s3").put_object(Bucket=bucket, Key=f"lstm/{key}", Body=new_fence())

    made = answer(call("gc", "--store", address, "--older-than", "0s", "--json"))

    assert [thing["key"] for thing in made["removed"]] == [lost, torn]
    assert objects_in(bucket) == before


def test_a_frame_goes_to_s3_and_its_forecasts_come_back(address):
    ds = pd.date_range("2024-01-01", periods=160, freq="h")
    frame = pd.DataFrame({"ds": ds, "y": [float(at % 5) for at in range(160)]})

    run = Pipeline(source=frame, horizon=3, **QUICK).retrain(store=address)

    assert run.outcome.forecasts.startswith(f"{address}/forecasts/")
    assert run.forecasts.num_rows == 3
    assert window_table(run.outcome.dataset, part="test", limit=2).num_rows == 2


def test_the_doctor_finds_a_bucket_that_refuses_the_second_of_two_writers(address, bucket):
    result = call("doctor", "--store", address, "--json")

    assert finding(result)["ok"]
    assert "refuses the second of two writers" in finding(result)["found"]
    assert objects_in(bucket) == {}


def test_the_doctor_tells_of_a_server_that_lets_two_writers_win(address, s3_address, monkeypatch):
    def ignore(_method, _path, headers):
        headers.pop("if-none-match", None)

    with s3_between(s3_address, ignore) as careless:
        monkeypatch.setenv("AWS_ENDPOINT_URL", careless)
        result = call("doctor", "--store", address)

    assert result.exit_code == 8
    assert "BAD  store: s3://kept/lstm: this server takes no notice of If-None-Match" in result.stdout
    assert "two runs at once would overwrite each other" in result.stdout


@pytest.mark.parametrize(
    "words",
    [
        ["ingest", "a.csv", "--out", "s3://kept/out"],
        ["init", "a.csv", "--out", "s3://kept/a.toml"],
    ],
)
def test_what_is_written_on_this_machine_alone_is_not_asked_of_s3(address, tmp_path, words):
    (tmp_path / "a.csv").write_text("ds,y\n2024-01-01,1\n2024-01-02,2\n")

    result = call(*words)

    assert result.exit_code == 2
    assert "expected a path of this machine" in result.stderr
    assert not list(tmp_path.glob("s3*"))


def test_no_secret_is_kept_or_told_however_a_run_ends(address, bucket, pipeline, tmp_path, monkeypatch):
    told = [call("run", pipeline, "--store", address, "--json"), call("doctor", "--store", address)]
    kept = [read(f"s3://{bucket}/{key}") for key in objects_in(bucket)]
    monkeypatch.setattr(objects, "PAUSES", (0.01,))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    told += [call("run", pipeline, "--store", address, "--json"), call("doctor", "--store", address)]
    kept += [path.read_bytes() for path in tmp_path.iterdir() if path.is_file()]

    assert [result.exit_code for result in told] == [0, 0, 8, 8]
    assert answer(told[2])["error"]["code"] == "unreachable"
    text = b"".join([*kept, *(result.output.encode() for result in told)])
    assert not [value for value in SECRETS.values() if value.encode() in text]
