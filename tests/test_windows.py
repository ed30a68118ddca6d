"""Windows: which ones exist, and to which part each belongs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_pipeline.windows.config import WindowSize
from lstm_pipeline.windows.index import (
    COMPLETENESS,
    PARTS,
    TEST,
    TRAIN,
    VALIDATION,
    Windows,
    existing,
    index_by_time,
    runs_of,
)
from lstm_pipeline.windows.split import Boundaries, chronological
from tests.conftest import table_of


def observed_enough(policy, context, target):
    """The rule of each policy in words: lists of observed or not."""
    if policy == "gap":
        return all(context) and all(target)
    if policy == "fill":
        return any(target)
    return 2 * sum(context) >= len(context) and any(target)


def part_of(target, validation, test):
    """The part that holds a whole target of these rows; None where none does."""
    if max(target) < validation:
        return TRAIN
    if min(target) >= validation and max(target) < test:
        return VALIDATION
    return TEST if min(target) >= test else None


def found_slowly(table, size, cut, policy):
    """The obvious loop: (start, series, part) of every window."""
    found = []
    for series in range(len(table.ids)):
        rows = table.rows_of(series)
        begin = {}
        for start in range(rows.start, rows.stop - size.total + 1):
            target = range(start + size.input_size, start + size.total)
            part = part_of(target, cut.validation[series], cut.test[series])
            if part is None:
                continue
            first = begin.setdefault(part, start)
            context = table.observed[start : target.start].tolist()
            if observed_enough(policy, context, table.observed[target.start : target.stop].tolist()):
                found += [(start, series, part)] if (start - first) % size.stride == 0 else []
    return found


def expanded(runs):
    """(start, series, part) of every window of an index, in the order of the series."""
    windows = [(part, runs.windows(part)) for part in range(len(PARTS))]
    return sorted(
        (start, series, part)
        for part, some in windows
        for start, series in zip(some.start.tolist(), some.series.tolist(), strict=True)
    )


def index_of(table, size, *, validation, test, policy="mask"):
    return index_by_time(table, size, chronological(table, validation, test), COMPLETENESS[policy])


@settings(max_examples=150, deadline=None)
@given(
    masks=st.lists(st.lists(st.booleans(), min_size=1, max_size=25), min_size=1, max_size=3),
    size=st.builds(
        WindowSize, input_size=st.integers(1, 5), horizon=st.integers(1, 4), stride=st.integers(1, 4)
    ),
    held_out=st.tuples(st.integers(0, 10), st.integers(0, 10)),
    policy=st.sampled_from(["mask", "gap", "fill"]),
)
def test_every_window_is_where_the_obvious_loop_finds_it(masks, size, held_out, policy):
    table = table_of(*([0.0] * len(mask) for mask in masks), observed=np.concatenate(masks))
    cut = chronological(table, *held_out)

    runs = index_by_time(table, size, cut, COMPLETENESS[policy])

    assert expanded(runs) == found_slowly(table, size, cut, policy)
    assert [runs.total(part) for part in range(3)] == [len(runs.windows(part)) for part in range(3)]


def test_a_window_whose_target_straddles_a_boundary_is_in_no_part():
    table, size = table_of(range(20)), WindowSize(input_size=3, horizon=2)

    runs = index_of(table, size, validation=5, test=5)

    last_targets = {PARTS[part]: (runs.windows(part).start + size.total - 1).tolist() for part in range(3)}
    assert last_targets == {
        "train": [*range(4, 10)],
        "validation": [*range(11, 15)],
        "test": [*range(16, 20)],
    }


def test_the_context_of_a_test_window_may_reach_into_the_parts_before():
    table, size = table_of(range(20)), WindowSize(input_size=6, horizon=2)

    first = index_of(table, size, validation=4, test=4).windows(TEST).start[0]

    assert first + size.input_size == 16


def test_under_gap_no_window_touches_a_step_without_a_value():
    values = np.arange(30.0)
    values[[9, 20]] = np.nan
    size = WindowSize(input_size=3, horizon=2)

    windows = existing(table_of(values), size, COMPLETENESS["gap"])

    touched = {row for start in windows.start for row in range(start, start + size.total)}
    assert touched == set(range(30)) - {9, 20}


@pytest.mark.parametrize(("unobserved", "exists"), [(0, True), (2, True), (3, False)])
def test_under_mask_a_window_exists_with_half_its_context_observed_and_not_with_less(unobserved, exists):
    values = np.arange(5.0)
    values[1 : 1 + unobserved] = np.nan

    windows = existing(table_of(values), WindowSize(input_size=4, horizon=1), COMPLETENESS["mask"])

    assert len(windows) == exists


@pytest.mark.parametrize("policy", ["mask", "fill"])
def test_a_window_without_one_observed_target_does_not_exist(policy):
    values = [0.0, 1.0, 2.0, np.nan, np.nan]

    windows = existing(table_of(values), WindowSize(input_size=3, horizon=2), COMPLETENESS[policy])

    assert len(windows) == 0


def test_under_fill_a_filled_context_counts_like_a_read_one():
    values = [0.0, np.nan, np.nan, np.nan, 4.0]

    windows = existing(table_of(values), WindowSize(input_size=4, horizon=1), COMPLETENESS["fill"])

    assert windows.start.tolist() == [0]


@settings(max_examples=60, deadline=None)
@given(
    places=st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 40), st.integers(0, 2)), unique_by=lambda p: p[:2]
    ),
    stride=st.integers(1, 3),
)
def test_runs_expand_to_the_windows_they_were_gathered_from(places, stride):
    places = sorted(places)
    series, start, part = (np.array([place[at] for place in places], dtype=np.int64) for at in range(3))

    runs = runs_of(Windows(start=start + 50 * series, series=series), part.astype(np.int8), stride)

    assert expanded(runs) == sorted((row + 50 * of, of, p) for of, row, p in places)


def test_neighbours_make_one_run_and_a_gap_begins_another():
    windows = Windows(start=np.array([0, 1, 2, 5, 6]), series=np.zeros(5, np.int64))

    runs = runs_of(windows, np.zeros(5, np.int8), stride=1)

    assert (runs.start.tolist(), runs.count.tolist()) == ([0, 5], [3, 2])


def test_a_series_shorter_than_a_window_has_none():
    table = table_of(range(4), range(30))
    cut = Boundaries(validation=table.offsets[1:], test=table.offsets[1:])

    runs = index_by_time(table, WindowSize(input_size=3, horizon=2), cut, COMPLETENESS["mask"])

    assert set(runs.series.tolist()) == {1}
