"""The Python API: from a frame to a verdict and forecasts."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from lstm_pipeline import Pipeline, window_table
from lstm_pipeline.errors import BadConfig, BadInput, UsageError

QUICK = {
    "windows": {"input_size": 8},
    "split": {"validation": 16, "test": 20},
    "model": {"hidden_size": 4, "num_layers": 1},
    "training": {"max_steps": 20},
}


@pytest.fixture
def frame() -> pd.DataFrame:
    ds = pd.date_range("2024-01-01", periods=160, freq="h")
    waves = [
        pd.DataFrame({"unique_id": name, "ds": ds, "y": np.sin(np.arange(160) + at)})
        for at, name in enumerate("ab")
    ]
    return pd.concat(waves)


def test_a_pandas_frame_goes_in_and_a_frame_of_forecasts_comes_out(frame, tmp_path):
    run = Pipeline(source=frame, horizon=3, **QUICK).retrain(store=tmp_path / "store")

    forecasts = run.forecasts.to_pandas()
    assert run.verdict in ("PROMOTE", "REJECT")
    assert set(run.metrics) == {"mse", "champion_mse", "baseline_mse", "skill"}
    assert forecasts.groupby("unique_id").size().to_dict() == {"a": 3, "b": 3}
    assert run.report.endswith("report.html")


def test_the_same_rows_as_arrow_are_the_same_run(frame, tmp_path):
    first = Pipeline(source=frame, horizon=3, **QUICK).retrain(store=tmp_path / "store")

    again = Pipeline(source=pa.Table.from_pandas(frame, preserve_index=False), horizon=3, **QUICK).retrain(
        store=tmp_path / "store"
    )

    assert again.outcome.dataset == first.outcome.dataset
    assert "train" in again.outcome.reused


def test_a_frame_without_series_ids_is_one_series(frame, tmp_path):
    one = frame[frame["unique_id"] == "a"][["ds", "y"]]

    run = Pipeline(source=one, horizon=3, **QUICK).retrain(store=tmp_path / "store")

    assert run.outcome.series.ok == 1


def test_a_pipeline_file_reads_into_a_pipeline(frame, tmp_path):
    frame.to_csv(tmp_path / "d.csv", index=False)
    (tmp_path / "p.toml").write_text(
        'name = "p"\n[source]\npath = "d.csv"\n[windows]\ninput_size = 8\nhorizon = 3\n'
        "[split]\nvalidation = 16\ntest = 20\n[model]\nhidden_size = 4\n[training]\nmax_steps = 20\n"
    )

    run = Pipeline.read(tmp_path / "p.toml").retrain(store=tmp_path / "store", as_of="2024-01-06T00:00")

    assert run.outcome.rows_in == 2 * 121


def test_windows_come_as_a_table_with_context_and_target(frame, tmp_path):
    run = Pipeline(source=frame, horizon=3, **QUICK).retrain(store=tmp_path / "store")

    table = window_table(run.outcome.dataset, series="b", part="test")

    values = frame[frame["unique_id"] == "b"]["y"].tolist()
    assert table.num_rows == run.outcome.windows["test"] // 2
    assert table["target"][-1].as_py() == values[-3:]
    assert table["context"][-1].as_py() == values[-11:-3]


@pytest.mark.parametrize(
    ("make", "error", "said"),
    [
        (lambda frame: Pipeline(source=frame, horizen=3), UsageError, "horizen"),
        (lambda frame: Pipeline(source=frame, horizon=-3), BadConfig, "windows.horizon"),
        (lambda frame: Pipeline(source=frame, model="lstm"), UsageError, 'model = {"kind": "lstm"}'),
        (
            lambda frame: Pipeline(source=frame, windows=24),
            UsageError,
            "windows: got int, expected a mapping",
        ),
        (
            lambda frame: Pipeline(source=frame.rename(columns={"y": "sold"})),
            BadInput,
            "rename the column of its values to y",
        ),
        (
            lambda frame: Pipeline(source=frame.rename(columns={"ds": "t", "y": "v"})),
            BadInput,
            "rename the column of its times to ds and the column of its values to y",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_name(frame, tmp_path, make, error, said):
    with pytest.raises(error, match=re.escape(said)) as caught:
        make(frame).retrain(store=tmp_path / "store")

    assert said in str(caught.value)


def test_a_size_that_is_given_twice_is_refused_where_the_two_differ(frame):
    with pytest.raises(UsageError, match="horizon is given twice, as 7 and in windows as 5: give one"):
        Pipeline(source=frame, horizon=7, windows={"horizon": 5})

    Pipeline(source=frame, horizon=7, windows={"horizon": 7})


def test_fewer_than_no_windows_are_refused(frame, tmp_path):
    run = Pipeline(source=frame, horizon=3, **QUICK).retrain(store=tmp_path / "store")

    with pytest.raises(UsageError, match="limit: got -1, expected 0 or more"):
        window_table(run.outcome.dataset, limit=-1)

    assert window_table(run.outcome.dataset, limit=0).num_rows == 0
    assert window_table(run.outcome.dataset, limit=3).num_rows == 3


def test_looking_for_a_dataset_that_is_not_there_makes_no_folder(tmp_path):
    with pytest.raises(BadInput, match="there is no dataset here"):
        window_table(tmp_path / "typo" / "datasets" / "abc")

    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_no_dataset_of_a_run_is_a_matter_of_usage(tmp_path):
    (tmp_path / "models" / "abc").mkdir(parents=True)

    with pytest.raises(UsageError, match="got no dataset of a run, expected a folder datasets/<id>"):
        window_table(tmp_path / "models" / "abc")


def test_text_as_polars_hands_it_over_is_text(tmp_path):
    ids = pa.array(["a"] * 200).cast(pa.string_view())
    frame = pa.table({"unique_id": ids, "ds": pa.array(range(200)), "y": np.tile([1.0, 2.0, 4.0, 3.0], 50)})

    run = Pipeline(source=frame, horizon=2, training={"max_steps": 5}).retrain(store=tmp_path / "store")

    assert set(run.forecasts["unique_id"].to_pylist()) == {"a"}


def test_a_single_column_and_an_empty_frame_are_bad_input_that_says_so():
    frame = pd.DataFrame({"ds": pd.date_range("2024-01-01", periods=3), "y": [1.0, 2.0, 3.0]})

    with pytest.raises(BadInput, match="expected columns ds and y"):
        Pipeline(source=frame.set_index("ds")["y"])
    with pytest.raises(BadInput, match="no row"):
        Pipeline(source=frame.iloc[:0])
