"""Frames and options that `gate compare` refuses, each in one line that says what to do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lstm_pipeline.errors import BadInput, UsageError
from tests.compared_example import asker, pair


@pytest.fixture
def asked(tmp_path):
    """Compare two frames that were written to files."""
    return asker(tmp_path)


def renamed(**names):
    return lambda table: table.rename(columns=names)


def set_to(column, value):
    return lambda table: table.assign(**{column: value})


def holed(column):
    return lambda table: table.assign(**{column: table[column].where(table.index > 2)})


BROKEN = [
    (renamed(cutoff="cut"), "no column cutoff; expected unique_id, ds, cutoff, y"),
    (renamed(y="target"), "no column y; expected"),
    (lambda table: pd.concat([table, table.head(3)]), "3 rows of the same unique_id, ds and cutoff"),
    (lambda table: table.assign(cutoff=table["ds"]), "480 rows whose ds is not later than their cutoff"),
    (lambda table: table.head(0), "there are columns but no row"),
    (set_to("ds", "Tuesday"), "column ds is .*string; expected whole numbers, or times"),
    (set_to("y", "much"), "column y is .*string; expected numbers"),
    (lambda table: table.assign(y=table["y"] + (table.index == 5)), "1 rows have another y in"),
    (holed("cutoff"), "3 rows have no cutoff"),
    (holed("unique_id"), "3 rows have no unique_id"),
    (set_to("unique_id", "z"), r"the same unique_id|no \(unique_id, ds, cutoff\)"),
    (lambda table: table.assign(ds=table["ds"] + pd.Timedelta("99D")), r"no \(unique_id, ds, cutoff\)"),
    (lambda table: table.assign(cutoff=1, ds=table.index + 2), "ds is a time in one frame"),
    (lambda table: table.assign(cutoff=1), "ds and cutoff count time in different ways"),
    (set_to("y", np.nan), r"no \(unique_id, ds, cutoff\) with a y"),
    (set_to("data_end", 3), "data_end and ds count time in different ways"),
]  # fmt: skip


@pytest.mark.parametrize(("break_it", "told"), BROKEN)
def test_frames_that_cannot_be_compared_are_refused_with_what_to_do(asked, break_it, told):
    champion, candidate = pair()

    with pytest.raises(BadInput, match=told):
        asked(champion, break_it(candidate))


def test_rows_that_disagree_on_the_truth_are_named(asked):
    champion, candidate = pair()

    with pytest.raises(BadInput) as refused:
        asked(champion, candidate.assign(y=candidate["y"] + (candidate.index > 470)))

    assert len(refused.value.faults) == 5
    assert refused.value.faults[0].startswith("row 472 (unique_id b, ds 2024-03-10 16:00")


def test_a_baseline_that_is_not_finite_sets_no_floor_and_is_refused(asked):
    champion, candidate = pair()

    with pytest.raises(BadInput, match="480 forecasts of the baseline Naive are not finite"):
        asked(champion, candidate.assign(Naive=np.inf), baseline="Naive")
    with pytest.raises(UsageError, match="--baseline Naive: no such column of numbers"):
        asked(champion, candidate, baseline="Naive")


@pytest.mark.parametrize(("given", "freq"), [("yesterday", "h"), ("2024-03-01", None)])
def test_a_data_end_that_is_no_time_or_step_is_refused(asked, given, freq):
    with pytest.raises(UsageError, match="data_end: got"):
        asked(*pair(freq=freq), champion_data_end=given)


def test_series_that_all_never_change_cannot_be_compared(asked):
    champion, candidate = (table.assign(y=5.0) for table in pair())

    with pytest.raises(BadInput, match="no compared series ever changes"):
        asked(champion, candidate)
