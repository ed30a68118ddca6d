"""A stretched table holds every series with unobserved steps in front and behind."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_pipeline.series.assembly import fill
from lstm_pipeline.series.stretch import Filling, stretch
from tests.conftest import table_of


def stretched_slowly(values, observed, before, behind):
    y = [values[0]] * before + list(values) + [values[-1]] * behind
    return y, [False] * before + list(observed) + [False] * behind


@settings(max_examples=60, deadline=None)
@given(
    masks=st.lists(st.lists(st.booleans(), min_size=1, max_size=10), min_size=1, max_size=3),
    before=st.integers(0, 5),
    beyond=st.lists(st.integers(-3, 5), min_size=3, max_size=3),
)
def test_a_stretched_table_is_what_the_obvious_loop_builds(masks, before, beyond):
    values = [np.arange(len(mask)) + 10.0 * at for at, mask in enumerate(masks)]
    table = table_of(*values, observed=np.concatenate(masks), first=range(len(masks)))
    until = table.last + beyond[: len(masks)]

    longer = stretch(table, before=before, until=until)

    for at, mask in enumerate(masks):
        rows = slice(longer.offsets[at], longer.offsets[at + 1])
        y, observed = stretched_slowly(values[at], mask, before, max(beyond[at], 0))
        assert (longer.y[rows].tolist(), longer.observed[rows].tolist()) == (y, observed)


def test_shift_leads_from_an_old_row_to_the_same_value():
    table = table_of([1.0, 2.0], [3.0, 4.0, 5.0])

    longer = stretch(table, before=3, until=table.last + 2)

    assert longer.y[np.arange(5) + longer.shift[table.series_of_row]].tolist() == table.y.tolist()


def test_a_table_that_needs_no_step_is_left_as_it_is():
    table = table_of([1.0, np.nan], [3.0])

    longer = stretch(table, before=0, until=table.last)

    assert longer.y.tolist() == table.y.tolist()
    assert longer.observed.tolist() == table.observed.tolist()


@settings(max_examples=60, deadline=None)
@given(
    method=st.sampled_from(["last", "zero", "seasonal"]),
    season=st.integers(1, 6),
    seen=st.lists(st.booleans(), max_size=12),
    beyond=st.integers(0, 9),
)
def test_steps_behind_a_series_are_filled_as_its_gaps_are(method, season, seen, beyond):
    values = [float(at + 1) if there else np.nan for at, there in enumerate([True, *seen, True])]
    ended = fill(table_of(values), method, season)
    gaps = fill(table_of([*values, *[np.nan] * beyond]), method, season)

    longer = stretch(
        ended, before=0, until=ended.last + beyond, filling=Filling(method=method, season_length=season)
    )

    assert longer.y.tolist() == gaps.y.tolist()
    assert longer.observed.tolist() == gaps.observed.tolist()
