"""The contract: every row is kept or set aside for one reason, and the kept ones make a table."""

import datetime as dt
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_pipeline.errors import BadInput, UsageError
from lstm_pipeline.series.assembly import fill
from lstm_pipeline.series.contract import check
from lstm_pipeline.series.raw import CODE, GONE, KEPT, RawRows
from lstm_pipeline.series.rules import REASONS, SeriesRules

COUNTED = SeriesRules(freq=1)
NAN = float("nan")
HOUR = 3_600_000_000


def rows_of(*rows, known_at=None, timed=False):
    """Rows (series, stamp, value); None for an empty id, no time or a blank cell, NaN for no number."""
    names = sorted({name for name, _, _ in rows if name is not None})
    return RawRows(
        ids=tuple(names),
        series=np.array([-1 if name is None else names.index(name) for name, _, _ in rows]),
        stamps=np.array([np.iinfo(np.int64).min if stamp is None else stamp for _, stamp, _ in rows]),
        bad_time=np.array([stamp is None for _, stamp, _ in rows]),
        values=np.array([NAN if value is None else value for _, _, value in rows], float),
        blank=np.array([value is None for _, _, value in rows]),
        timed=timed,
        known_at=None if known_at is None else np.array(known_at),
    )


def line(name, length, *, step=1):
    """Rows without a fault, enough that one more is under 5 %."""
    return [(name, stamp * step, float(stamp)) for stamp in range(length)]


def reasons_of(checked):
    """What became of each row, in words."""
    names = {GONE: "gone", KEPT: "kept", **{code: reason for reason, code in CODE.items()}}
    return [names[code] for code in checked.reason.tolist()]


def sorted_out_slowly(rows):
    """The obvious loop: what becomes of each row on a grid of step 1."""
    fate, valued, groups = {}, defaultdict(list), defaultdict(list)
    for place, (name, stamp, value) in enumerate(rows):
        if name is not None and stamp is not None and value is not None and np.isfinite(value):
            valued[name].append(stamp)
            groups[name, stamp].append(place)
    for place, (name, stamp, value) in enumerate(rows):
        if value is None:
            inside = name is not None and stamp is not None and any(s < stamp for s in valued[name])
            fate[place] = "missing" if inside and any(s > stamp for s in valued[name]) else "gone"
        elif name is None or stamp is None:
            fate[place] = "bad_id" if name is None else "bad_time"
        elif not np.isfinite(value):
            fate[place] = "infinite" if np.isinf(value) else "not_number"
    for places in groups.values():
        same = len({rows[place][2] for place in places}) == 1
        fate |= dict.fromkeys(places, "duplicate" if same else "conflict")
        fate |= {places[0]: "kept"} if same else {}
    return [fate[place] for place in range(len(rows))]


some_rows = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", None]),
        st.one_of(st.integers(0, 8), st.none()),
        st.sampled_from([1.0, 2.0, None, NAN, np.inf]),
    ),
    max_size=30,
)


@settings(deadline=None)
@given(some_rows)
def test_each_row_has_the_fate_that_the_obvious_loop_gives_it(rows):
    rows = [*rows, ("z", 0, 5.0), ("z", 1, 6.0)]

    checked = check(rows_of(*rows), COUNTED)

    assert reasons_of(checked) == sorted_out_slowly(rows)


@settings(deadline=None)
@given(some_rows)
def test_rows_in_are_rows_kept_and_rows_set_aside_in_every_series(rows):
    rows = [*rows, ("z", 0, 5.0), ("z", 1, 6.0)]

    counts = check(rows_of(*rows), COUNTED).per_series

    fates = sorted_out_slowly(rows)
    for place, name in enumerate(counts.ids):
        mine = [fate for fate, row in zip(fates, rows, strict=True) if row[0] == name and fate != "gone"]
        assert counts.rows_in[place] == len(mine)
        assert counts.rows_kept[place] == mine.count("kept")
        assert counts.set_aside[place].tolist() == [mine.count(reason) for reason in REASONS]


@settings(deadline=None)
@given(some_rows)
def test_the_table_holds_the_kept_rows_and_carries_the_last_value_between_them(rows):
    rows = [*rows, ("z", 0, 5.0), ("z", 3, 6.0)]

    checked = check(rows_of(*rows), COUNTED)

    table, kept = checked.table, {}
    for fate, (name, stamp, value) in zip(sorted_out_slowly(rows), rows, strict=True):
        if fate == "kept":
            kept[name, stamp] = value
    stamps = table.grid.stamp(table.steps)
    for row, (series, stamp) in enumerate(zip(table.series_of_row, stamps, strict=True)):
        earlier = max(s for name, s in kept if name == table.ids[series] and s <= stamp)
        assert table.y[row] == kept[table.ids[series], earlier]
        assert table.observed[row] == (earlier == stamp)
    assert table.observed.sum() == len(kept)


@settings(deadline=None)
@given(some_rows, st.permutations(range(12)))
def test_the_order_of_the_rows_does_not_change_the_table(rows, order):
    rows = [*rows[:10], ("z", 0, 5.0), ("z", 1, 6.0)]
    order = [place for place in order if place < len(rows)]

    table = check(rows_of(*rows), COUNTED).table
    shuffled = check(rows_of(*[rows[place] for place in order]), COUNTED).table

    assert table.ids == shuffled.ids
    np.testing.assert_array_equal(table.y, shuffled.y)
    np.testing.assert_array_equal(table.observed, shuffled.observed)


def test_a_row_between_two_steps_is_off_the_grid():
    rows = [*line("a", 30, step=10), ("a", 55, 1.0)]

    checked = check(rows_of(*rows), SeriesRules())

    assert checked.table.grid.freq == 10
    assert reasons_of(checked)[-1] == "off_grid"


def test_steps_without_a_row_and_blank_cells_are_missing_but_conflicts_are_not():
    rows = [("a", 0, 1.0), ("a", 1, None), ("a", 4, 2.0), ("a", 5, 3.0), ("a", 5, 4.0), ("a", 6, 5.0)]

    checked = check(rows_of(*rows), COUNTED)

    assert checked.rows_missing == 3
    assert (~checked.table.observed).sum() == 4


def test_blanks_before_and_after_a_series_are_no_rows():
    rows = [("a", 0, None), ("a", 1, 1.0), ("a", 2, None), ("a", 3, 1.0), ("a", 4, None), ("b", 0, None)]

    checked = check(rows_of(*rows), COUNTED)

    assert reasons_of(checked) == ["gone", "kept", "missing", "kept", "gone", "gone"]
    assert "every cell is blank" in checked.failed["b"]


def test_over_five_percent_set_aside_refuses_a_series_and_keeps_its_rows():
    rows = [*line("a", 100, step=10), *line("b", 100, step=10), *[("a", 10 * k + 5, 1.0) for k in range(6)]]

    checked = check(rows_of(*rows), SeriesRules(freq=10))

    assert list(checked.failed) == ["a"]
    assert "5.7% of its 106 rows" in checked.failed["a"]
    assert "off_grid 6" in checked.failed["a"]
    assert 'regularise = "mean"' in checked.failed["a"]
    assert checked.table.ids == ("a", "b")


def test_just_five_percent_set_aside_is_allowed():
    rows = [*line("a", 95), *[("a", stamp, NAN) for stamp in range(95, 100)]]

    assert not check(rows_of(*rows), COUNTED).failed


def test_blank_cells_do_not_count_against_a_series():
    rows = [("a", stamp, None if stamp % 2 else 1.0) for stamp in range(41)]

    assert not check(rows_of(*rows), COUNTED).failed


def test_a_series_without_a_kept_row_fails_alone():
    rows = [*line("a", 30), ("b", 0, 1.0), ("b", 0, 2.0)]

    checked = check(rows_of(*rows), COUNTED)

    assert checked.table.ids == ("a",)
    assert "none of its 2 rows could be kept (conflict 2)" in checked.failed["b"]


def test_regularise_mean_averages_the_rows_of_a_step_and_keeps_them_all():
    rows = [*line("a", 30, step=10), ("a", 55, 11.0), ("a", 59, 12.0)]

    checked = check(rows_of(*rows), SeriesRules(freq=10, regularise="mean"))

    assert checked.table.y[5] == pytest.approx((5.0 + 11.0 + 12.0) / 3)
    assert set(reasons_of(checked)) == {"kept"}
    assert checked.table.observed.sum() == 30


def test_regularise_last_keeps_the_latest_row_of_a_step():
    rows = [("a", 59, 12.0), *line("a", 30, step=10), ("a", 55, 11.0)]

    checked = check(rows_of(*rows), SeriesRules(freq=10, regularise="last"))

    assert checked.table.y[5] == 12.0
    assert reasons_of(checked)[-1] == "off_grid"
    assert reasons_of(checked)[0] == "kept"


@given(st.lists(st.tuples(st.integers(0, 60), st.sampled_from([1.0, 2.0])), max_size=20))
def test_a_row_on_the_grid_that_a_later_one_replaces_is_a_duplicate_and_none_off_the_grid(more):
    rows = [*line("a", 30, step=10), *[("a", stamp, value) for stamp, value in more]]

    checked = check(rows_of(*rows), SeriesRules(freq=10, regularise="last"))

    fates = reasons_of(checked)
    replaced = {
        fate: {s % 10 == 0 for f, (_, s, _) in zip(fates, rows, strict=True) if f == fate} for fate in fates
    }
    assert replaced.get("duplicate", {True}) == {True}
    assert replaced.get("off_grid", {False}) == {False}
    assert fates.count("kept") == 30
    assert checked.per_series.rows_in[0] == 30 + checked.per_series.set_aside.sum()


def test_with_regularise_nothing_is_refused_for_its_place_on_the_grid():
    rows = [("a", 7 * k, float(k)) for k in range(100)]

    for method in ("mean", "last"):
        assert not check(rows_of(*rows), SeriesRules(freq=10, regularise=method)).failed


def test_the_newest_revision_wins_and_the_older_ones_are_duplicates():
    rows = [("a", 0, 1.0), ("a", 1, 2.0), ("a", 0, 9.0), ("a", 0, 5.0)]

    checked = check(rows_of(*rows, known_at=[10, 11, 30, 20]), COUNTED)

    assert reasons_of(checked) == ["duplicate", "kept", "kept", "duplicate"]
    assert checked.table.y.tolist() == [9.0, 2.0]
    assert checked.table.known_at.tolist() == [30, 11]
    assert not checked.failed


def test_revisions_known_at_the_same_moment_may_conflict():
    rows = [("a", 0, 1.0), ("a", 1, 2.0), ("a", 1, 3.0), ("a", 1, 4.0)]

    checked = check(rows_of(*rows, known_at=[1, 1, 2, 2]), COUNTED)

    assert reasons_of(checked) == ["kept", "duplicate", "conflict", "conflict"]


def test_later_rows_do_not_exist():
    rows = [("a", k * HOUR, float(k)) for k in range(10)]
    as_of = dt.datetime(1970, 1, 1, 4)

    whole = check(rows_of(*rows, timed=True), SeriesRules(), as_of)
    cut = check(rows_of(*rows[:5], timed=True), SeriesRules())

    assert reasons_of(whole) == ["kept"] * 5 + ["gone"] * 5
    assert whole.table.y.tolist() == cut.table.y.tolist()


def test_rows_that_were_known_later_do_not_exist():
    rows = [("a", k * HOUR, float(k)) for k in range(4)]
    known_at = [(k + 2) * HOUR for k in range(4)]

    checked = check(rows_of(*rows, known_at=known_at, timed=True), SeriesRules(), dt.datetime(1970, 1, 1, 4))

    assert reasons_of(checked) == ["kept", "kept", "kept", "gone"]


def test_what_is_inferred_does_not_know_later_rows():
    hourly = [("a", k * HOUR, 1.0) for k in range(5)]
    later = [("a", 10 * HOUR + k * HOUR // 4, 1.0) for k in range(50)]

    grid = check(rows_of(*hourly, *later, timed=True), SeriesRules(), dt.datetime(1970, 1, 1, 5)).table.grid

    assert grid.freq == "h"


def test_a_series_that_begins_later_neither_exists_nor_fails():
    rows = [("a", 0, 1.0), ("a", HOUR, 1.0), ("b", 9 * HOUR, 1.0)]

    checked = check(rows_of(*rows, timed=True), SeriesRules(), dt.datetime(1970, 1, 1, 2))

    assert checked.per_series.ids == ("a",)
    assert not checked.failed


def test_as_of_may_count_steps_but_not_of_series_with_times():
    rows = line("a", 5)

    assert check(rows_of(*rows), COUNTED, 2).table.y.tolist() == [0.0, 1.0, 2.0]
    with pytest.raises(UsageError, match="the series have times"):
        check(rows_of(*rows, timed=True), SeriesRules(freq="us"), 2)


def test_nothing_to_keep_is_refused_with_what_there_was():
    with pytest.raises(BadInput, match=r"not_number 1, bad_time 1"):
        check(rows_of(("a", 0, NAN), ("a", None, 1.0)), COUNTED)
    with pytest.raises(BadInput, match="of 1, 1 have no value; check which column"):
        check(rows_of(("a", 0, None)), COUNTED)
    with pytest.raises(
        BadInput, match="of 3, 2 are later than as_of and 1 have no value; give a later as_of"
    ):
        check(rows_of(("a", 0, None), ("a", 5, 1.0), ("a", 6, 1.0)), COUNTED, 2)


def test_where_every_row_is_set_aside_the_table_is_empty_and_misses_no_step():
    rows = [("a", 0, 1.0), ("a", 0, 2.0), ("a", 9, 1.0), ("a", 9, 2.0)]

    checked = check(rows_of(*rows), COUNTED)

    assert (checked.table.ids, len(checked.table.y), checked.rows_missing) == ((), 0, 0)
    assert "none of its 4 rows could be kept (conflict 4)" in checked.failed["a"]


def test_a_stray_time_does_not_blow_a_series_up():
    rows = [*line("a", 30), ("a", 10**12, 1.0)]

    with pytest.raises(BadInput, match="almost without rows") as caught:
        check(rows_of(*rows), COUNTED)

    assert "31 rows on 1000000000001 steps" in caught.value.faults[0]


def test_a_long_series_with_a_row_on_every_sixtieth_step_is_laid_out():
    rows = [("a", place * 60, 1.0) for place in range(20_000)]

    table = check(rows_of(*rows), COUNTED).table

    assert table.lengths.tolist() == [1_199_941]
    assert table.observed.sum() == 20_000


@given(st.lists(st.booleans(), min_size=1, max_size=40), st.integers(1, 7))
def test_a_seasonal_fill_takes_the_newest_earlier_value_of_the_same_place(observed, season):
    rows = [("a", 0, 0.0), *[("a", k, float(k)) for k, there in enumerate(observed, start=1) if there]]
    table = check(rows_of(*rows, ("a", 50, 50.0)), COUNTED).table

    filled = fill(table, "seasonal", season)

    there = {stamp for _, stamp, _ in rows} | {50}
    for step in range(51):
        earlier = [back for back in range(step, -1, -season) if back in there]
        expected = earlier[0] if earlier else max(s for s in there if s <= step)
        assert filled.y[step] == expected


def test_zero_fills_zero_and_last_the_last_value():
    table = check(rows_of(("a", 0, 4.0), ("a", 3, 5.0)), COUNTED).table

    assert fill(table, "zero", 1).y.tolist() == [4.0, 0.0, 0.0, 5.0]
    assert fill(table, "last", 1).y.tolist() == [4.0, 4.0, 4.0, 5.0]
    assert fill(table, "zero", 1).observed.tolist() == [True, False, False, True]


@pytest.mark.parametrize("method", ["last", "zero", "seasonal"])
def test_a_filled_value_does_not_know_what_comes_after_it(method):
    rows = [("a", k, float(k % 3)) for k in range(20) if k % 4]
    changed = [(name, stamp, value if stamp < 12 else 99.0) for name, stamp, value in rows]

    one, other = (
        fill(check(rows_of(*given_rows), COUNTED).table, method, 3) for given_rows in (rows, changed)
    )

    until = 12 - int(one.first[0])
    np.testing.assert_array_equal(one.y[:until], other.y[:until])
