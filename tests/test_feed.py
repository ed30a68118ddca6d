"""What a run keeps of its feed's health: with the reference to its dataset, and never in its id."""

import json
from dataclasses import replace

import pytest
from pydantic import TypeAdapter

from lstm_pipeline import datasets
from lstm_pipeline.artifacts import plain
from lstm_pipeline.steps.data import build_dataset
from lstm_pipeline.steps.feed import FeedFindings
from lstm_pipeline.steps.refs import DatasetRef
from tests.conftest import hourly, waves
from tests.feeds import broken, temperatures

SIZES = {
    "series": {"freq": "h", "season_length": 24},
    "windows": {"input_size": 48, "horizon": 24},
    "split": {"validation": 240, "test": 240},
}


def arrived(*series):
    """Rows of series s0, s1, ... of 50 days each."""
    return [row for at, values in enumerate(series) for row in hourly(f"s{at}", values.tolist())]


def fifty_days(fault=None, seed=0):
    return temperatures(seed, 50) if fault is None else broken(fault, seed=seed, days=50, since=0.88)


def test_a_run_on_a_broken_feed_keeps_what_was_found_and_that_it_cannot_judge(line):
    ref = build_dataset(line.job(arrived(fifty_days("stands still")), **SIZES))

    assert ref.suspect["s0"].startswith("frozen: 145 values from 2024-02-13T23:00:00 on are all ")
    assert ref.unfit.startswith("1 of 1 series do not look like the same feed as before, s0 for one: frozen")
    assert f"s0 is not as it was, {ref.suspect['s0']}" in ref.notes


def test_a_run_on_a_feed_as_ever_keeps_nothing(line):
    ref = build_dataset(line.job(arrived(fifty_days()), **SIZES))

    assert (ref.suspect, ref.unfit) == ({}, "")


def test_one_broken_series_of_many_is_noted_and_the_others_are_judged(line):
    series = [fifty_days(seed=seed) for seed in range(1, 11)]

    ref = build_dataset(line.job(arrived(*series, fifty_days("stands still")), **SIZES))

    assert list(ref.suspect) == ["s10"]
    assert ref.unfit == ""


def test_a_series_that_is_not_trained_is_not_suspected(line):
    constant = fifty_days("stands still")
    constant[:] = 3.0
    constant[-30:] = 3000.0

    ref = build_dataset(line.job(arrived(fifty_days(), constant), **SIZES))

    assert list(ref.failed) == ["s1"]
    assert ref.suspect == {}


def test_findings_are_no_part_of_the_stored_dataset_nor_of_its_id(line):
    ref = build_dataset(line.job(arrived(fifty_days("stands still")), **SIZES))

    stored = datasets.load(line.store, ref.id)

    assert stored.id == ref.id
    assert not any("is not as it was" in note for note in stored.notes)


def test_a_dataset_that_is_there_already_is_examined_all_the_same(line):
    job = line.job(arrived(fifty_days("stands still")), **SIZES)
    first = build_dataset(job)

    again = build_dataset(job)

    assert again.reused
    assert (again.suspect, again.unfit, again.notes) == (first.suspect, first.unfit, first.notes)


def test_windows_dealt_at_random_have_no_past_to_compare_with(line):
    split = {"kind": "random", "seed": 1, "validation": 0.2, "test": 0.2}

    ref = build_dataset(line.job(arrived(fifty_days("stands still")), **SIZES | {"split": split}))

    assert (ref.suspect, ref.unfit) == ({}, "")


def test_a_reference_written_before_feeds_were_examined_is_still_read(line):
    ref = build_dataset(line.job(hourly("a", waves())))
    old = {name: value for name, value in plain(ref).items() if name not in {"suspect", "unfit"}}

    read = TypeAdapter(DatasetRef).validate_json(json.dumps(old))

    assert read == replace(ref, suspect={}, unfit="")


@pytest.mark.parametrize(("count", "notes"), [(0, 0), (1, 1), (5, 5), (6, 6), (400, 6)])
def test_five_series_are_noted_and_the_others_counted(count, notes):
    found = FeedFindings(suspect={f"s{at}": "frozen: it stands" for at in range(count)}, unfit="")

    assert len(found.notes) == notes
    assert count <= 5 or found.notes[-1] == f"{count - 5} more series are not as they were"
