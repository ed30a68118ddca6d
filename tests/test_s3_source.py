"""Series that lie on S3, against a real server that speaks its protocol."""

from pathlib import Path

import pandas as pd
import pytest

from lstm_pipeline.errors import BadInput, Unreachable
from lstm_pipeline.series.rules import SeriesRules
from lstm_pipeline.sources.config import FilesSource
from lstm_pipeline.sources.door import ingest
from tests.buckets import SECRETS

ROWS = "ds,y\n" + "".join(f"2024-01-{day:02d},{day}\n" for day in range(1, 31))


@pytest.fixture
def feeds(bucket):
    """How to put a file into the bucket."""
    import boto3

    return lambda key, text: boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=text.encode())


def read(path):
    return ingest(FilesSource(path=path), SeriesRules(freq="D"))


@pytest.mark.parametrize("path", ["s3://kept/load/a.csv", "s3://kept/load/*.csv", "s3://kept/load"])
def test_a_file_a_glob_and_a_folder_on_s3_give_what_the_same_file_gives_from_disk(feeds, tmp_path, path):
    feeds("load/a.csv", ROWS)
    Path(tmp_path / "a.csv").write_text(ROWS)

    far, near = read(path), read(str(tmp_path / "a.csv"))

    assert far.digest == near.digest
    assert far.table.ids == near.table.ids == ("a",)
    assert far.table.y.tolist() == near.table.y.tolist()


def test_a_pipeline_runs_on_a_source_on_s3_and_keeps_no_secret(feeds, line):
    days = pd.date_range("2024-01-01", periods=400)
    rows = "unique_id,ds,y\n" + "".join(f"a,{day:%Y-%m-%d},{day.day_of_week}\n" for day in days)
    feeds("steps.csv", rows)

    outcome = line.run([], source={"path": "s3://kept/steps.csv", "time": "ds"})

    assert outcome.rows_in == 400
    kept = [path for path in (line.folder / "store").rglob("*") if path.is_file()]
    assert kept
    text = [path.read_bytes() for path in kept]
    assert not [value for value in SECRETS.values() if any(value.encode() in one for one in text)]


@pytest.mark.parametrize("path", ["s3://kept/none.csv", "s3://no-such-bucket/a.csv", "s3://kept/none/*.csv"])
def test_what_is_not_there_is_bad_input_that_names_it(feeds, path):
    with pytest.raises(BadInput, match=path.replace("*", r"\*")):
        read(path)


def test_a_server_that_does_not_answer_is_said_and_no_secret_with_it(feeds, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")

    with pytest.raises(Unreachable, match=r"s3://kept/a\.csv: cannot be listed") as caught:
        read("s3://kept/a.csv")

    assert not [value for value in SECRETS.values() if value in str(caught.value)]
