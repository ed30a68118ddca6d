"""The health of a feed: what breaks is found and told, what only looks odd is let be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_pipeline.health import Feed, examine, verdict_on
from lstm_pipeline.series.grid import Grid
from lstm_pipeline.series.table import SeriesTable
from tests.awkward import AWKWARD
from tests.conftest import table_of
from tests.feeds import CLEAN, DAY, FAULTS, broken, feed_of, temperatures


def told(feed):
    """What was found, without the words."""
    return [(found.series, found.kind, found.row) for found in examine(feed)]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", CLEAN)
def test_what_arrives_as_it_always_did_raises_no_suspicion(name, seed):
    values, season, freq = CLEAN[name]

    found = examine(feed_of(values(seed), season=season, freq=freq))

    assert [suspicion.sentence for suspicion in found] == []


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("fault", FAULTS)
def test_a_feed_that_breaks_is_found_and_named(fault, seed):
    feed = feed_of(broken(fault, seed=seed))

    found = examine(feed)

    assert [suspicion.kind for suspicion in found] == [FAULTS[fault][0]]


@pytest.mark.parametrize("fault", [name for name in FAULTS if name != "has holes"])
def test_a_finding_names_a_row_near_the_one_on_which_the_feed_broke(fault):
    values = broken(fault)

    (found,) = examine(feed_of(values))

    # profiles span a week; what it takes to see a jump, three days
    assert abs(found.row - int(0.85 * len(values))) <= 8 * DAY


def test_a_finding_says_what_was_seen_since_when_and_how_it_was_before():
    values = temperatures()
    values[3200:] = 21.5

    (found,) = examine(feed_of(values))

    assert found.sentence == (
        "400 values from 1970-05-14T08:00:00 on are all 21.5; before, at most 2 in a row were equal"
    )


def test_only_the_series_that_broke_is_suspicious():
    feed = feed_of(temperatures(1), broken("stands still"), temperatures(2))

    assert [series for series, _, _ in told(feed)] == [1]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_feed_that_was_never_otherwise_raises_no_suspicion(fault):
    values = temperatures()
    begin = 5 * DAY
    values[begin:] = FAULTS[fault][1](values[begin:], values[:begin])

    assert told(feed_of(values[begin:])) == []


def test_a_fault_that_lies_in_the_past_alone_raises_no_suspicion():
    values = temperatures()
    values[1000:1400] = values[999]

    assert told(feed_of(values)) == []


def test_a_fault_that_spoils_a_few_steps_of_the_test_part_is_not_told():
    values = temperatures()
    values[3400:3420] = values[3399]

    assert told(feed_of(values)) == []


@settings(max_examples=25, deadline=None)
@given(fault=st.sampled_from([None, *FAULTS]), factor=st.floats(1e-9, 1e9), sign=st.sampled_from([1, -1]))
def test_the_unit_of_a_series_changes_no_finding(fault, factor, sign):
    values = temperatures() if fault is None else broken(fault)

    assert told(feed_of(sign * factor * values)) == told(feed_of(values))


@settings(max_examples=15, deadline=None)
@given(days=st.integers(60, 240), seed=st.integers(0, 5))
def test_however_many_clean_seasons_come_no_suspicion_arises(days, seed):
    assert told(feed_of(temperatures(seed, days))) == []


@settings(max_examples=20, deadline=None)
@given(names=st.lists(st.sampled_from([*FAULTS]), min_size=2, max_size=4))
def test_series_are_examined_each_by_itself(names):
    series = [broken(name) for name in names]

    together = [(found.series, found.kind, found.sentence) for found in examine(feed_of(*series))]

    alone = [
        (at, found.kind, found.sentence) for at, one in enumerate(series) for found in examine(feed_of(one))
    ]
    assert together == alone


@pytest.mark.parametrize("season", [1, 4, 24])
@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_series_are_examined_without_a_warning(name, season):
    values = AWKWARD[name]
    table = SeriesTable(
        grid=Grid(freq=1),
        ids=("a",),
        offsets=np.array([0, len(values)]),
        first=np.array([0]),
        y=values,
        observed=~np.isnan(values),
    )
    parts = [np.array([int(share * len(values))]) for share in (0.6, 0.8)]

    found = examine(Feed(table=table, validation=parts[0], test=parts[1], season=season))

    assert len(found) <= 1


@pytest.mark.parametrize("ends", [(0, 0), (0, 60), (60, 60), (30, 30)])
def test_empty_parts_are_examined_without_a_warning(ends):
    table = table_of(AWKWARD["noise"])

    assert told(Feed(table=table, validation=np.array([ends[0]]), test=np.array([ends[1]]), season=4)) == []


def test_a_series_that_ends_early_where_others_go_on_is_gappy():
    whole, short = temperatures(1), temperatures(2)[:3100]
    feed = feed_of(whole, short)
    feed = Feed(
        table=feed.table,
        validation=np.array([2160, 3600 + 2160]),
        test=np.array([2880, 3600 + 2880]),
        season=DAY,
    )

    assert [(series, kind) for series, kind, _ in told(feed)] == [(1, "gappy")]


def test_where_steps_are_counted_each_series_has_its_own_end():
    feed = feed_of(temperatures(1), temperatures(2)[:3100], freq=1)

    assert told(feed) == []


def test_boundaries_outside_their_series_are_a_mistake_of_the_program():
    with pytest.raises(ValueError, match="offsets"):
        Feed(table=table_of([1.0, 2.0]), validation=np.array([2]), test=np.array([1]), season=1)


@pytest.mark.parametrize(
    ("broken_series", "judged", "fit"),
    [(1, 1, False), (1, 9, False), (1, 10, True), (2, 19, False), (0, 0, True)],
)
def test_data_are_unfit_where_more_than_a_tenth_of_the_judged_series_is_suspicious(
    broken_series, judged, fit
):
    names = [f"s{at}" for at in range(judged)]
    suspect = dict.fromkeys(names[:broken_series], "frozen: it stands")

    assert (verdict_on(suspect, names) == "") == fit


def test_a_suspicious_series_that_nobody_judges_does_not_count():
    assert verdict_on({"other": "frozen: it stands"}, ["a"]) == ""


def test_the_sentence_on_unfit_data_names_a_series_and_what_to_do():
    sentence = verdict_on({"a": "frozen: 40 values are all 3"}, ["a", "b"])

    assert sentence == (
        "1 of 2 series do not look like the same feed as before, a for one: frozen: 40 values are all 3; "
        "put the source right, or wait until what is held out begins after the change"
    )
