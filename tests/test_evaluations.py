"""Evaluations: every score of a run, stored once and read back equal."""

import dataclasses
import json

import numpy as np
import pyarrow as pa
import pytest

from lstm_pipeline import evaluations
from lstm_pipeline.artifacts import FORMAT
from lstm_pipeline.errors import BrokenArtifact
from lstm_pipeline.evaluations import Evaluation, GateTraceTable, OriginTable, Rivalry, Score, Trace
from lstm_pipeline.gate import Pair, SliceLosses, WideErrors
from lstm_pipeline.metrics import Scored, error_sums

PARTS = ["series.parquet", "origins.parquet", "slices.parquet", "trace.parquet", "gates.safetensors"]
RNG = np.random.default_rng(0)


def sums_of(forecast):
    """Errors of four windows of two series against zero, the last of them unobserved."""
    zero = np.zeros((4, 3))
    observed = np.arange(4)[:, None] < np.array([3, 3, 3])
    scored = Scored(
        forecast=np.full((4, 3), float(forecast)),
        target=zero,
        observed=observed,
        series=np.array([0, 0, 1, 1]),
    )
    return error_sums(scored, 2)


def evaluation():
    """One with everything in it."""
    scores = {"candidate": sums_of(2), "last_value": sums_of(np.nan)}
    return Evaluation(
        series=evaluations.series_scores(
            ("a", "b"),
            scores,
            windows=np.array([2, 2]),
            scale=np.array([0.5, 0.0]),
            scaled={name: np.array([0.25, np.nan]) for name in scores},
        ),
        steps=evaluations.step_scores(scores),
        overall=evaluations.overall_scores(scores, np.array([0.5, 0.0])),
        origins=OriginTable(
            target_end=np.array([5, 8]),
            pooled={"candidate": np.array([1 / 3, np.inf]), "last_value": np.array([0.1, np.nan])},
            clean=np.array([True, False]),
            windows_id="w" * 64,
            left_out=("b",),
        ),
        wide=WideErrors(mse=np.inf, baseline_mse=0.5, beside=Pair(candidate=np.nan, champion=0.25)),
        rivalry=Rivalry(
            source="published",
            refresh=True,
            age=-3,
            span=20,
            slices={
                "steps 1 to 2": SliceLosses(candidate=RNG.random(2), champion=np.array([np.nan, np.inf]))
            },
            tail=Pair(candidate=2.5, champion=np.inf),
            bias=Pair(candidate=-0.125, champion=0.0),
        ),
        wants_refit=True,
        trace=Trace(frame=pa.table({"unique_id": ["a"], "ds": [1], "actual": [None], "candidate": [2.5]})),
        gates=GateTraceTable(
            series="a",
            ds=np.arange(3),
            values=RNG.normal(size=3),
            **{
                name: RNG.normal(size=(3, 4)).astype(np.float32)
                for name in ("forget", "input", "output", "cell")
            },
        ),
        fallback="drift",
        finite=True,
        twin=0.25,
    )


def same(one, other):
    if dataclasses.is_dataclass(one):
        return all(same(getattr(one, f.name), getattr(other, f.name)) for f in dataclasses.fields(one))
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.tobytes() == other.tobytes()
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return one.equals(other) if isinstance(one, pa.Table) else repr(one) == repr(other)


def without_nan(frame):
    return frame.to_pandas().fillna(-1.0).to_dict("list")


def test_an_evaluation_is_read_back_equal(store):
    made = evaluation()

    read = evaluations.load(store, evaluations.save(store, "e1", made, {}).id)

    assert without_nan(read.series) == without_nan(made.series)
    assert same(dataclasses.replace(made, series=None), dataclasses.replace(read, series=None))


def test_an_evaluation_without_a_model_is_read_back_equal(store):
    made = evaluations.nothing_trained("last_value")

    read = evaluations.load(store, evaluations.save(store, "e1", made, {}).id)

    assert read == made


def test_the_first_complete_evaluation_under_an_id_stays(store):
    first = evaluations.save(store, "e1", evaluation(), {})
    second = evaluations.save(store, "e1", evaluations.nothing_trained(None), {})

    assert (first.reused, second.reused) == (False, True)
    assert evaluations.load(store, "e1").fallback == "drift"


def test_find_tells_what_is_there(store):
    assert evaluations.find(store, "e1") is None

    evaluations.save(store, "e1", evaluation(), {})

    assert evaluations.find(store, "e1") is not None


def test_a_forecast_that_is_not_finite_has_no_score_instead_of_a_small_one():
    overall, steps = evaluation().overall, evaluation().steps

    assert overall["last_value"] == Score(mse=None, mae=None, rmse=None, smape=None, mase=None)
    assert steps["last_value"] == (None, None, None)
    assert (overall["candidate"].mse, overall["candidate"].smape, overall["candidate"].mase) == (4, 200, 4)


def test_series_without_a_test_window_have_no_row():
    frame = evaluations.series_scores(
        ("a", "b"),
        {"drift": sums_of(1)},
        windows=np.array([0, 2]),
        scale=np.array([1.0, 2.0]),
        scaled={"drift": np.array([0.5, 0.75])},
    )

    assert frame.to_pylist() == [
        {
            "unique_id": "b",
            "rival": "drift",
            "windows": 2,
            "mse": 1,
            "mae": 1,
            "rmse": 1,
            "smape": 200,
            "mase": 0.5,
            "scaled_mse": 0.75,
        }
    ]


@pytest.mark.parametrize("part", PARTS)
def test_one_altered_byte_is_found(store, part):
    evaluations.save(store, "e1", evaluation(), {})
    path = store.place.root / "evaluations" / "e1" / part
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1

    path.write_bytes(data)

    with pytest.raises(BrokenArtifact, match=part):
        evaluations.load(store, "e1")


def test_a_newer_format_is_refused_in_one_line(store):
    evaluations.save(store, "e1", evaluation(), {})
    path = store.place.root / "evaluations" / "e1" / "manifest.json"
    path.write_text(json.dumps({"format": FORMAT + 1}))

    with pytest.raises(BrokenArtifact, match="upgrade lstm-pipeline"):
        evaluations.load(store, "e1")
