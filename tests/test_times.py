"""Times: text to stamps on one clock; what cannot be read or placed is marked, never guessed."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_pipeline.errors import BadConfig, BadInput
from lstm_pipeline.series.times import Clock, TimeColumn, read_times

NEW_YORK = Clock(timezone="America/New_York")


def read(rows, clock=Clock(), series=None):  # noqa: B008  a frozen value
    """Read rows of text."""
    codes, texts = pd.factorize(np.array(rows, dtype=object))
    owners = np.zeros(len(rows), np.int64) if series is None else np.array(series)
    column = TimeColumn(texts=pd.Series(texts, dtype=str), codes=codes.astype(np.int64), series=owners)
    return read_times(column, clock)


def shown(times):
    """Each stamp as text to the minute, or "bad"."""
    texts = np.datetime_as_string(times.stamps.astype("M8[us]"), unit="m")
    return ["bad" if bad else str(text) for text, bad in zip(texts, times.bad, strict=True)]


@given(st.lists(st.datetimes(pd.Timestamp("1800-01-01"), pd.Timestamp("2200-01-01")), min_size=1))
def test_iso_text_reads_as_the_moment_it_was_written_from(moments):
    moments = [moment.replace(microsecond=0) for moment in moments]

    times = read([moment.isoformat(sep=" ") for moment in moments])

    assert times.stamps.astype("M8[us]").tolist() == moments
    assert not times.bad.any()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1949-01", "1949-01-01T00:00"),
        ("2020-01-31", "2020-01-31T00:00"),
        ("2020/1/31", "2020-01-31T00:00"),
        ("20200131", "2020-01-31T00:00"),
        ("2020-01-31T07:05:00.5", "2020-01-31T07:05"),
        ("31.01.2020 7:05", "2020-01-31T07:05"),
        ("01/31/2020 7:05 PM", "2020-01-31T19:05"),
        ("31 Jan 2020", "2020-01-31T00:00"),
        ("January 31, 2020", "2020-01-31T00:00"),
        ("1580428800", "2020-01-31T00:00"),
        ("1580428800000", "2020-01-31T00:00"),
    ],
)
def test_the_usual_ways_of_writing_a_time_are_read(text, expected):
    assert shown(read([text])) == [expected]


def test_times_are_found_behind_many_cells_that_are_none():
    junk = [f"see note {number}" for number in range(25)]

    times = read([*junk, "31 Jan 2024", "1 Feb 2024"])

    assert shown(times)[25:] == ["2024-01-31T00:00", "2024-02-01T00:00"]
    assert times.bad.tolist() == [True] * 25 + [False] * 2


def test_one_day_above_twelve_decides_for_the_whole_column():
    times = read(["01/02/2020", "13/02/2020"])

    assert shown(times) == ["2020-02-01T00:00", "2020-02-13T00:00"]
    assert "day first" in times.notes[0]


def test_one_part_above_twelve_in_second_place_means_month_first():
    times = read(["01/02/2020", "02/13/2020"])

    assert shown(times) == ["2020-01-02T00:00", "2020-02-13T00:00"]


def test_dates_that_no_row_decides_are_refused_with_a_way_out():
    with pytest.raises(BadInput, match=r'"01/02/2020" can be read day first or month first.*time_format'):
        read(["01/02/2020", "03/04/2020"])


def test_dates_of_both_kinds_are_refused():
    with pytest.raises(BadInput, match='"13/02/2020" can only be day first, "02/13/2020" only month first'):
        read(["13/02/2020", "02/13/2020"])


def test_a_given_format_decides_alone():
    times = read(["01/02/2020", "13/02/2020", "2020-02-01"], Clock(time_format="%d/%m/%Y"))

    assert shown(times) == ["2020-02-01T00:00", "2020-02-13T00:00", "bad"]


def test_a_format_that_does_not_exist_is_refused():
    with pytest.raises(BadConfig, match="time_format"):
        read(["x"], Clock(time_format="%Q"))


@pytest.mark.parametrize("text", ["abc", "", "2020-02-30", "2020-13-01", "now", "today", "12:30", "1/2/20"])
def test_what_is_no_time_is_marked_bad(text):
    times = read(["2020-01-01", text])

    assert times.bad.tolist() == [False, True]


def test_a_column_without_any_time_is_refused_with_an_example():
    with pytest.raises(BadInput, match=r'got for example "abc".*time_format'):
        read(["abc", "def"])


def test_the_example_of_what_is_no_time_is_never_an_empty_cell():
    with pytest.raises(BadInput, match=r'got for example "abc"'):
        read(["", "abc"])


def test_whole_numbers_count_steps():
    times = read(["0", "1", "7", "x"])

    assert not times.timed
    assert times.stamps[:3].tolist() == [0, 1, 7]
    assert times.bad.tolist() == [False, False, False, True]


def test_whole_numbers_are_years_where_times_are_asked_for():
    times = read(["1990", "1991"], Clock(timed=True))

    assert shown(times) == ["1990-01-01T00:00", "1991-01-01T00:00"]


def test_mixed_offsets_become_utc_and_are_noted():
    times = read(["2020-01-01T12:00+01:00", "2020-07-01 12:00:00+0200", "2020-01-01T12:00Z"])

    assert shown(times) == ["2020-01-01T11:00", "2020-07-01T10:00", "2020-01-01T12:00"]
    assert "ds is UTC" in times.notes[0]


def test_the_fewer_of_times_with_and_without_offset_cannot_be_placed():
    times = read(["2020-01-01T12:00+01:00", "2020-01-01 13:00", "2020-01-01 14:00"])

    assert shown(times) == ["bad", "2020-01-01T13:00", "2020-01-01T14:00"]


def test_a_zone_places_times_without_offset_beside_those_with_one():
    times = read(
        ["2020-01-01T12:00+01:00", "2020-01-01 13:00", "2020-07-01 14:00"], Clock(timezone="Europe/Berlin")
    )

    assert shown(times) == ["2020-01-01T11:00", "2020-01-01T12:00", "2020-07-01T12:00"]


def test_a_time_that_the_clock_never_showed_is_bad():
    times = read(["2014-03-09 01:00", "2014-03-09 02:30", "2014-03-09 03:00"], NEW_YORK)

    assert shown(times) == ["2014-03-09T06:00", "bad", "2014-03-09T07:00"]


def test_of_a_repeated_hour_the_first_in_the_file_is_summer_time():
    rows = [
        "2014-11-02 00:30",
        "2014-11-02 01:00",
        "2014-11-02 01:30",
        "2014-11-02 01:00",
        "2014-11-02 01:30",
    ]

    times = read(rows, NEW_YORK)

    assert shown(times) == [f"2014-11-02T{hour}" for hour in ("04:30", "05:00", "05:30", "06:00", "06:30")]


def test_a_repeated_hour_that_stands_alone_is_bad():
    times = read(["2014-11-02 00:00", "2014-11-02 01:00", "2014-11-02 02:00"], NEW_YORK)

    assert shown(times) == ["2014-11-02T04:00", "bad", "2014-11-02T07:00"]


def test_each_series_has_its_own_repeated_hour():
    rows = ["2014-11-02 01:00"] * 3

    times = read(rows, NEW_YORK, series=[0, 1, 0])

    assert shown(times) == ["2014-11-02T05:00", "bad", "2014-11-02T06:00"]


def test_without_an_order_a_repeated_hour_is_the_later_one():
    times = read(["2014-11-02 01:00"], Clock(timezone="America/New_York", in_order=False))

    assert shown(times) == ["2014-11-02T06:00"]


def test_an_unknown_zone_is_refused_with_an_example():
    with pytest.raises(BadConfig, match="Europe/Berlin"):
        read(["2020-01-01"], Clock(timezone="Mars/Olympus"))


@pytest.mark.parametrize(
    ("rows", "clock", "utc"),
    [
        (["2020-01-01 12:00"], Clock(), False),
        (["2020-01-01 12:00"], Clock(timezone="Europe/Berlin"), True),
        (["2020-01-01T12:00Z"], Clock(), True),
        (["2020-01-01T12:00+01:00", "2020-01-01 13:00", "2020-01-01 14:00"], Clock(), False),
        (["1580428800"], Clock(), True),
        (["20200131"], Clock(timed=True), False),
        (["3"], Clock(), False),
    ],
)
def test_it_is_known_whether_stamps_are_utc_or_the_files_own(rows, clock, utc):
    assert read(rows, clock).utc is utc
