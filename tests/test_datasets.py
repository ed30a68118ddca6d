"""Datasets: stored once under the id of their content, and read back equal."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from lstm_pipeline import datasets
from lstm_pipeline.artifacts import FORMAT, fingerprint
from lstm_pipeline.errors import BrokenArtifact
from lstm_pipeline.series.account import RowCounts
from lstm_pipeline.windows.config import WindowSize
from lstm_pipeline.windows.dataset import Dataset, DatasetSpec, Failure, trusted
from lstm_pipeline.windows.index import COMPLETENESS, index_by_time
from lstm_pipeline.windows.split import chronological
from tests.conftest import NOW, Line, hourly, table_of, waves

ASIDE = pa.table({"file": ["a.csv"], "row": [7], "reason": ["duplicate"]})


def dataset_of(*, freq="h", stride=1, values=None, **changes):
    """Two series, one of which ends early and has holes."""
    holes = np.sin(np.arange(50.0))
    holes[[3, 20, 21]] = np.nan
    table = table_of(np.arange(60.0) if values is None else values, holes, freq=freq, first=[-5, 4])
    size = WindowSize(input_size=5, horizon=2, stride=stride)
    spec = DatasetSpec(
        freq=freq,
        phase=0,
        season_length=24,
        size=size,
        split="chronological",
        validation=8,
        test=0.2,
        split_seed=42,
        missing="mask",
        fill=None,
    )
    made = Dataset(
        spec=spec,
        table=table,
        runs=index_by_time(table, size, chronological(table, 8, 0.2), COMPLETENESS["mask"]),
        counts=RowCounts(
            rows_in=111, rows_kept=107, rows_set_aside={"missing": 4}, rows_filled=0, rows_missing=4
        ),
        failed={"c": Failure(kind="broken", sentence="none of its rows could be kept")},
        notes=("freq h is read from the stamps",),
        lineage={"source": "abc"},
    )
    return dataclasses.replace(made, **changes)


def same(one, other):
    """Equal in every field, arrays byte for byte."""
    if dataclasses.is_dataclass(one):
        return all(same(getattr(one, f.name), getattr(other, f.name)) for f in dataclasses.fields(one))
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.tobytes() == np.ascontiguousarray(other).tobytes()
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return one == other


@pytest.mark.parametrize("freq", ["h", "MS", 3])
@pytest.mark.parametrize("stride", [1, 4])
def test_a_dataset_is_read_back_equal(store, freq, stride):
    dataset = dataset_of(freq=freq, stride=stride)

    ref = datasets.save(store, dataset, ASIDE)

    read = datasets.load(store, ref.id)
    assert same(dataset, read)
    assert read.id == dataset.id == ref.id


def test_revisions_and_covariates_are_read_back_too(store):
    dataset = dataset_of()
    table = dataclasses.replace(
        dataset.table, known_at=np.arange(110) * 1_000_000, covariates={"price": np.arange(110) / 7}
    )

    ref = datasets.save(store, dataclasses.replace(dataset, table=table), ASIDE)

    assert same(datasets.load(store, ref.id).table, table)


def test_a_dataset_without_a_window_is_read_back_equal(store):
    dataset = dataset_of()
    none = dataclasses.replace(
        dataset.runs,
        **{name: getattr(dataset.runs, name)[:0] for name in ("start", "series", "part", "count")},
    )
    dataset = dataclasses.replace(dataset, runs=none)

    ref = datasets.save(store, dataset, ASIDE)

    assert same(datasets.load(store, ref.id), dataset)


def test_the_stored_frames_have_the_columns_that_users_read(store):
    ref = datasets.save(store, dataset_of(), ASIDE)

    series = pa.parquet.read_table(f"{ref.uri}/series.parquet").to_pandas()
    windows = pa.parquet.read_table(f"{ref.uri}/windows.parquet").to_pandas()

    assert series.columns.tolist() == ["unique_id", "ds", "y", "observed"]
    assert series[["unique_id", "ds"]].apply(tuple, axis=1).is_monotonic_increasing
    assert windows.columns.tolist() == ["unique_id", "start", "cutoff", "split", "count"]
    assert (windows["cutoff"] - windows["start"]).dt.total_seconds().unique().tolist() == [4 * 3600]


def test_rows_set_aside_are_stored_beside_the_dataset(store):
    ref = datasets.save(store, dataset_of(), ASIDE)

    assert datasets.load_set_aside(store, datasets.key_of(ref.id)).equals(ASIDE)


def test_the_size_of_windows_is_known_without_reading_rows(store):
    dataset = dataset_of()
    ref = datasets.save(store, dataset, ASIDE)

    assert datasets.size_of(store, ref.id) == (dataset.spec.size, dataset.runs.total(0))


def test_a_second_save_writes_nothing(store):
    first = datasets.save(store, dataset_of(), ASIDE)
    second = datasets.save(store, dataset_of(), ASIDE.slice(0, 0))

    assert (first.reused, second.reused) == (False, True)
    assert datasets.load_set_aside(store, datasets.key_of(second.id)).num_rows == 1


def changed_spec(**changes):
    dataset = dataset_of()
    return dataclasses.replace(dataset, spec=dataclasses.replace(dataset.spec, **changes))


@pytest.mark.parametrize(
    "other",
    [
        dataset_of(values=np.where(np.arange(60.0) == 30, 31, np.arange(60.0))),
        dataset_of(values=np.arange(59.0)),
        dataset_of(values=np.where(np.arange(60.0) == 30, np.nan, np.arange(60.0))),
        changed_spec(test=0.25),
        changed_spec(validation=9),
        changed_spec(size=WindowSize(input_size=6, horizon=2)),
        changed_spec(season_length=12),
        changed_spec(missing="gap"),
        changed_spec(freq=2),
        dataset_of(failed={"d": Failure(kind="broken", sentence="no row")}),
    ],
)
def test_another_row_split_or_size_makes_another_id(other):
    assert other.id != dataset_of().id


def test_a_row_that_nobody_observed_makes_another_id_than_a_row_of_the_same_value():
    flat = np.ones(60)
    holed = np.where(np.arange(60) == 30, np.nan, flat)

    assert dataset_of(values=flat).id != dataset_of(values=holed).id


def test_another_revision_time_makes_another_id():
    dataset = dataset_of()
    revised = dataclasses.replace(dataset.table, known_at=np.arange(110))

    assert dataclasses.replace(dataset, table=revised).id != dataset.id


@pytest.mark.parametrize(
    "changes",
    [
        {"lineage": {"source": "elsewhere"}},
        {"notes": ()},
        {"counts": RowCounts(rows_in=0, rows_kept=0, rows_set_aside={}, rows_filled=0, rows_missing=0)},
    ],
)
def test_what_was_set_aside_and_where_it_came_from_are_no_part_of_the_id(changes):
    assert dataset_of(**changes).id == dataset_of().id


@pytest.mark.parametrize("part", ["series.parquet", "windows.parquet"])
def test_one_altered_byte_is_found(store, part):
    ref = datasets.save(store, dataset_of(), ASIDE)
    path = store.place.root / "datasets" / ref.id / part
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1

    path.write_bytes(data)

    with pytest.raises(BrokenArtifact, match=part):
        datasets.load(store, ref.id)


def test_a_newer_format_is_refused_in_one_line(store):
    ref = datasets.save(store, dataset_of(), ASIDE)
    path = store.place.root / "datasets" / ref.id / "manifest.json"
    path.write_text(json.dumps({"format": FORMAT + 1, "all": "different"}))

    with pytest.raises(BrokenArtifact, match="upgrade lstm-pipeline") as caught:
        datasets.load(store, ref.id)

    assert len(str(caught.value).splitlines()) == 1


def test_what_is_not_there_says_so(store):
    with pytest.raises(BrokenArtifact, match="expected a published folder"):
        datasets.load(store, "0" * 64)


def built(line, rows, **settings):
    from lstm_pipeline.steps import build_dataset

    return build_dataset(line.job(rows, **settings))


def test_the_source_may_move_and_rows_be_set_aside_without_a_new_id(line, tmp_path):
    rows = hourly("a", waves())
    again = [*reversed(rows), rows[5]]

    here = built(line, rows)
    elsewhere = built(Line(tmp_path / "elsewhere"), again, now=NOW.replace(year=2031))

    assert (here.counts.rows_in, elsewhere.counts.rows_in) == (160, 161)
    assert here.id == elsewhere.id


def test_a_random_split_with_a_stride_is_read_back_equal(line):
    ref = built(
        line,
        hourly("a", waves()),
        windows={"stride": 3},
        split={"kind": "random", "validation": 4, "test": 0.2},
    )

    runs = datasets.load(line.store, ref.id).runs

    starts = np.concatenate([runs.windows(part).start for part in range(3)])
    assert sorted(starts.tolist()) == [*range(0, 151, 3)]
    assert [runs.total(part) for part in range(3)] == [36, 4, 11]


TEST_BEGINS = "2024-01-06 20:00:00"
"""The 140th of 160 hours: where a test part of 20 steps begins."""


@pytest.mark.parametrize("test", [0.125, TEST_BEGINS])
def test_a_split_has_one_id_however_it_is_written(line, test):
    in_steps = built(line, hourly("a", waves()), split={"validation": 16, "test": 20})

    otherwise = built(line, hourly("a", waves()), split={"validation": 16, "test": test, "seed": 7})

    assert otherwise.id == in_steps.id


def test_windows_dealt_by_another_seed_make_another_id(line):
    dealt = {"kind": "random", "validation": 4, "test": 0.2}

    first, second = (built(line, hourly("a", waves()), split={**dealt, "seed": seed}) for seed in (1, 2))

    assert first.id != second.id


@pytest.mark.parametrize("rows", [ASIDE, ASIDE.slice(0, 0)])
def test_rows_set_aside_are_kept_with_the_dataset_or_beside_it_where_others_lie_there(store, rows):
    ref = datasets.save(store, dataset_of(), ASIDE)

    key = datasets.keep_set_aside(store, ref.id, rows, {"source": "abc"})

    assert (key == datasets.key_of(ref.id)) == (rows is ASIDE)
    assert datasets.load_set_aside(store, key).equals(rows)
    assert datasets.load_set_aside(store, datasets.key_of(ref.id)).equals(ASIDE)


@pytest.mark.parametrize(
    ("failed", "newest"),
    [
        ({}, 53),
        ({"b": "too_short"}, 53),
        ({"b": "broken"}, 39),
        ({"a": "broken", "b": "broken"}, 53),
    ],
)
def test_a_series_refused_at_the_door_moves_no_clock_unless_all_are(failed, newest):
    table = table_of(np.arange(40.0), np.arange(50.0), first=[0, 4])
    failed = {name: Failure(kind=kind, sentence="as told") for name, kind in failed.items()}

    assert trusted(table, failed).newest == newest
    assert same(dataclasses.replace(trusted(table, failed), until=None), table)


ROWS = np.arange(110)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"known_at": ROWS}, {"known_at": ROWS + 1}),
        ({"covariates": {"price": ROWS / 7}}, {"covariates": {"price": ROWS / 8}}),
        ({"covariates": {"price": ROWS / 7}}, {"covariates": {"cost": ROWS / 7}}),
        ({"covariates": {"price": ROWS / 7}}, {}),
    ],
)
def test_revision_times_and_covariates_are_part_of_the_id_by_name_and_value(one, other):
    made = [
        dataclasses.replace(dataset_of(), table=dataclasses.replace(dataset_of().table, **columns))
        for columns in (one, dict(one), other)
    ]

    first, again, different = (dataset.id for dataset in made)

    assert first == again != different


def test_a_dataset_of_the_first_version_reads_as_what_it_meant(store):
    filled = dataset_of()
    filled = dataclasses.replace(filled, spec=dataclasses.replace(filled.spec, missing="fill", fill="zero"))
    folder = Path(datasets.save(store, filled, ASIDE).uri)
    manifest = json.loads((folder / "manifest.json").read_text())
    spec = {name: value for name, value in manifest["spec"].items() if name != "fill"}
    manifest |= {
        "spec": spec | {"missing": "fill zero"},
        "failed": {"c": "too_large or too small: take another"},
    }
    facts = {name: value for name, value in manifest.items() if name != "sha256"}
    (folder / "manifest.json").write_text(json.dumps(manifest | {"sha256": fingerprint(facts)}))

    stored = datasets.load(store, filled.id)

    assert (stored.spec.missing, stored.spec.fill) == ("fill", "zero")
    assert stored.failed["c"] == Failure(kind="too_large", sentence="take another")
