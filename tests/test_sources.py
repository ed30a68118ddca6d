"""The door: files of every shape become one checked table, and each faulty row is found again in its file."""

import datetime as dt
import gzip
import hashlib
import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_pipeline.errors import BadConfig, BadInput, PipelineError
from lstm_pipeline.series.rules import SeriesRules
from lstm_pipeline.sources.config import FilesSource
from lstm_pipeline.sources.door import ingest
from lstm_pipeline.sources.numbers import read_numbers
from lstm_pipeline.windows.config import SplitConfig, WindowsConfig
from lstm_pipeline.windows.defaults import known_rows
from tests.awkward import AWKWARD

DAYS = [f"2020-01-{day:02d}" for day in range(1, 31)]


def csv_of(*rows, header="ds,y"):
    """A CSV file's text."""
    return "\n".join([header, *rows, ""])


def month(*more):
    """Thirty sound days, and more rows below them."""
    return csv_of(*[f"{day},{place}" for place, day in enumerate(DAYS)], *more)


@pytest.fixture
def door(tmp_path):
    """Write a file, pass it through the door."""

    def passed(content, name="a.csv", rules=SeriesRules(), as_of=None, **source):  # noqa: B008  a frozen value
        path = tmp_path / name
        if isinstance(content, pa.Table):
            pq.write_table(content, path)
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return ingest(FilesSource(path=str(path), **source), rules, as_of)

    return passed


def test_a_long_file_without_ids_is_one_series_named_by_the_file(door):
    arrived = door(month(), name="load.csv")

    assert arrived.table.ids == ("load",)
    assert arrived.table.y.tolist() == list(range(30))
    assert arrived.table.grid.freq == "D"


def test_unsorted_long_rows_are_sorted_by_id_and_time(door):
    rows = ["b,2020-01-02,4", "a,2020-01-02,2", "b,2020-01-01,3", "a,2020-01-01,1"]

    arrived = door(csv_of(*rows, header="id,t,v"), id="id", time="t", value="v")

    assert arrived.table.ids == ("a", "b")
    assert arrived.table.y.tolist() == [1, 2, 3, 4]


def test_ids_that_differ_in_blanks_alone_are_one_series_and_that_is_said(door):
    rows = [f"a ,2020-01-{day:02d},{day}" for day in range(1, 10, 2)]
    rows += [f"a,2020-01-{day:02d},{day}" for day in range(2, 10, 2)]

    arrived = door(csv_of(*rows, header="id,t,v"), id="id", time="t", value="v")

    assert arrived.table.ids == ("a",)
    assert any("with and without blanks around them, such as 'a'" in note for note in arrived.notes)


def test_every_column_of_a_wide_file_is_a_series(door):
    text = csv_of("2020-01-01,1,", "2020-01-02,,20", "2020-01-03,3,30", header="date,B,A")

    arrived = door(text, layout="wide", time="date")

    assert arrived.table.ids == ("A", "B")
    assert arrived.table.y.tolist() == [20, 30, 1, 1, 3]
    assert arrived.rows.rows_set_aside["missing"] == 1


def test_each_row_may_be_a_series_padded_on_the_right(door):
    text = csv_of("H2,1,2,3", "H10,4,5,", header="V1,V2,V3,V4")

    arrived = door(text, layout="rows", rules=SeriesRules(freq=5))

    assert arrived.table.grid.stamp(arrived.table.last).tolist() == [5, 10]
    assert arrived.table.ids == ("H10", "H2")
    assert arrived.table.lengths.tolist() == [2, 3]
    assert arrived.rows.rows_in == 5


def test_rows_without_times_count_steps_in_each_series(door):
    arrived = door(csv_of("a,1", "b,5", "a,2", "b,6", header="id,y"), id="id")

    assert arrived.table.y.tolist() == [1, 2, 5, 6]
    assert arrived.table.grid.freq == 1


def test_the_usual_names_need_no_configuration(door):
    arrived = door(csv_of("a,2020-01-01,1,x", "a,2020-01-02,2,x", header="unique_id,ds,y,note"))

    assert arrived.table.ids == ("a",)
    assert arrived.table.grid.timed


def test_a_folder_gives_a_series_of_each_of_its_files(tmp_path):
    for name in ("b.csv", "a.csv", "c.txt"):
        (tmp_path / name).write_text(month())
    (tmp_path / "d.csv.gz").write_bytes(gzip.compress(month().encode()))

    folder = ingest(FilesSource(path=str(tmp_path)), SeriesRules(), None)
    matching = ingest(FilesSource(path=str(tmp_path / "[ab].csv")), SeriesRules(), None)

    assert folder.table.ids == ("a", "b", "d")
    assert matching.table.ids == ("a", "b")


def test_several_files_make_one_source_and_faulty_rows_name_their_own(tmp_path):
    first = csv_of(*[f"a,{day},1" for day in DAYS], header="unique_id,ds,y")
    (tmp_path / "1.csv").write_text(first)
    (tmp_path / "2.csv").write_text(
        first.replace("2020-01", "2020-05").replace("a,2020-05-07,1", "a,2020-05-07,x")
    )

    arrived = ingest(FilesSource(path=str(tmp_path)), SeriesRules(), None)

    (row,) = arrived.set_aside.to_pylist()
    assert (row["file"], row["row"], row["ds"], row["value"]) == ("2.csv", 8, "2020-05-07", "x")
    assert arrived.table.lengths.tolist() == [151]


def test_csv_gz_and_parquet_give_the_table_that_csv_gives(door):
    frame = pa.table({"ds": pa.array([dt.datetime.fromisoformat(day) for day in DAYS]), "y": np.arange(30)})

    tables = [
        door(month(), name="a.csv").table,
        door(gzip.compress(month().encode()), name="a.csv.gz").table,
        door(frame, name="a.parquet").table,
    ]

    for table in tables[1:]:
        assert (table.ids, table.grid, table.first) == (tables[0].ids, tables[0].grid, tables[0].first)
        np.testing.assert_array_equal(table.y, tables[0].y)


def test_times_that_cannot_be_told_are_told_of_their_file(door):
    with pytest.raises(BadInput, match=r'f\.csv: "01/02/2020" can be read day first or month first'):
        door(csv_of("01/02/2020,1", "02/03/2020,2"), name="f.csv")


def test_split_columns_are_one_time(door):
    rows = [f"2020,1,{day},{hour},1" for day in (30, 31) for hour in range(24)]

    arrived = door(
        csv_of(*rows, header="year,month,day,hour,v"), time=("year", "month", "day", "hour"), value="v"
    )

    assert arrived.table.grid.freq == "h"
    assert arrived.rows.rows_kept == 48


def test_a_date_and_a_clock_column_are_one_time(door):
    rows = [f"13/01/2020,{hour:02d}:00,1" for hour in range(24)]

    arrived = door(csv_of(*rows, header="Date,Time,v"), time=("Date", "Time"), value="v")

    assert arrived.table.grid.freq == "h"


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_a_number_written_as_text_comes_back_to_the_last_digit(values):
    numbers = read_numbers(pa.chunked_array([[f" {value!r} " for value in values]]))

    assert numbers.values.tolist() == values


@pytest.mark.parametrize("text", ["", " ", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "-", "?"])
def test_texts_that_say_there_is_no_value_are_blank(text):
    numbers = read_numbers(pa.chunked_array([["1", text]]))

    assert numbers.blank.tolist() == [False, True]


@pytest.mark.parametrize("text", ["abc", "1_000", "0x10", "1,5", "1.2.3", "--1", "1 2", "NaNa"])
def test_other_texts_are_no_numbers(text):
    numbers = read_numbers(pa.chunked_array([["1", text]]))

    assert np.isnan(numbers.values).tolist() == [False, True]
    assert not numbers.blank.any()


def test_infinite_and_overflowing_numbers_are_infinite():
    numbers = read_numbers(pa.chunked_array([["inf", "-Infinity", "1e400", "abc"]]))

    assert np.isinf(numbers.values).tolist() == [True, True, True, False]


def test_a_decimal_comma_is_read_and_a_point_is_then_no_number():
    numbers = read_numbers(pa.chunked_array([["1,5", "2", "1.234"]]), decimal=",")

    np.testing.assert_array_equal(numbers.values, [1.5, 2.0, np.nan])


def test_set_aside_rows_are_named_by_line_with_their_own_text(door):
    other = [f"b,{day},1" for day in DAYS]
    mine = [f"a,{day},1" for day in DAYS]
    mine[8] = "a,2020-01-09,"

    text = csv_of(*mine, "a,2020-01-31, abc ", "", "a,soon,5", *other, header="unique_id,ds,y")
    rows = door(text).set_aside.to_pylist()

    found = [(row["row"], row["ds"], row["value"], row["reason"]) for row in rows]
    assert found == [
        (10, "2020-01-09", "", "missing"),
        (32, "2020-01-31", " abc ", "not_number"),
        (34, "soon", "5", "bad_time"),
    ]


def test_set_aside_cells_of_wide_files_name_their_column(door):
    rows = [f"{day},1,2" for day in DAYS]
    rows[7] = rows[7].replace(",2", ",oops")

    (row,) = door(csv_of(*rows, header="t,A,B"), layout="wide", time="t").set_aside.to_pylist()

    assert row == {"file": "a.csv", "row": 9, "column": "B", "unique_id": "B", "ds": "2020-01-08",
                   "value": "oops", "reason": "not_number"}  # fmt: skip


def test_an_empty_id_is_set_aside(door):
    rows = [f"a,{day},1" for day in DAYS]

    arrived = door(csv_of(*rows, ",2020-01-01,5", header="unique_id,ds,y"))

    assert arrived.rows.rows_set_aside["bad_id"] == 1
    assert arrived.rows.rows_in == arrived.rows.rows_kept + 1 == 31


@pytest.mark.parametrize(
    ("reason", "row"),
    [
        ("duplicate", "2020-01-05,4"),
        ("conflict", "2020-01-05,5"),
        ("off_grid", "2020-01-05 12:00,5"),
        ("not_number", "2020-01-31,abc"),
        ("infinite", "2020-01-31,inf"),
    ],
)
def test_a_fate_of_fail_refuses_the_source_and_lists_the_row(door, reason, row):
    with pytest.raises(BadInput, match=f"rows are refused \\({reason}\\)") as caught:
        door(month(row), rules=SeriesRules(**{reason: "fail"}))

    assert f'a.csv, row 32, column y: got "{row.split(",")[1]}"' in caught.value.faults[-1]


def test_missing_fail_refuses_blank_cells_and_absent_steps(door):
    with pytest.raises(BadInput, match=r"1 rows are refused \(missing\)"):
        door(month().replace("2020-01-09,8", "2020-01-09,"), rules=SeriesRules(missing="fail"))
    with pytest.raises(BadInput, match="1 steps have no value") as caught:
        door(month().replace("2020-01-09,8\n", ""), rules=SeriesRules(missing="fail"))

    assert caught.value.faults == ("a: nothing at 2020-01-09T00:00:00",)


def test_filled_steps_are_counted_and_stay_unobserved(door):
    text = month().replace("2020-01-09,8\n", "")

    filled = door(text, rules=SeriesRules(missing="fill", fill="seasonal"))
    masked = door(text)

    assert (filled.rows.rows_filled, masked.rows.rows_filled) == (1, 0)
    assert (filled.table.y[8], masked.table.y[8]) == (1.0, 7.0)
    assert not filled.table.observed[8]


def test_a_refused_series_fails_alone(door):
    bad = [f"b,{day},{'x' if place % 3 else 1}" for place, day in enumerate(DAYS)]

    arrived = door(csv_of(*[f"a,{day},1" for day in DAYS], *bad, header="unique_id,ds,y"))

    assert list(arrived.failed) == ["b"]
    assert "not_number 20" in arrived.failed["b"]


def test_a_source_of_which_every_series_is_refused_is_bad_input(door):
    with pytest.raises(BadInput, match="no series can be used") as caught:
        door(csv_of("2020-01-01,1", "2020-01-02,x", "2020-01-03,3"))

    assert caught.value.faults[0].startswith("a: 33.3%")


def test_what_was_inferred_is_noted(door):
    notes = " ".join(door(month()).notes)

    assert "freq D is read from the stamps" in notes
    assert "season_length 7 follows from freq D" in notes


def test_the_digest_is_that_of_the_files_bytes(door):
    arrived = door(month())

    assert arrived.digest == hashlib.sha256(month().encode()).hexdigest()


def test_the_notes_of_counted_steps_name_the_autocorrelation(door):
    values = [str(round(float(np.sin(2 * np.pi * step / 12)), 6)) for step in range(200)]

    arrived = door(csv_of(*values, header="y"))

    assert arrived.season_length == 12
    assert "autocorrelation" in arrived.notes[-1]


def test_as_of_gives_what_a_file_that_ends_there_gives(door):
    as_of = dt.datetime(2020, 1, 20)

    whole = door(month(), as_of=as_of)
    cut = door(csv_of(*month().split("\n")[1:21]))

    assert whole.rows == cut.rows
    np.testing.assert_array_equal(whole.table.y, cut.table.y)


def test_known_at_hides_a_revision_that_came_later(door):
    rows = [f"{day},1,{day}" for day in DAYS]
    text = csv_of(*rows, "2020-01-02,9,2020-01-25", header="ds,y,k")

    before = door(text, known_at="k", as_of=dt.datetime(2020, 1, 24))
    after = door(text, known_at="k", as_of=dt.datetime(2020, 1, 26))

    assert (before.table.y[1], after.table.y[1]) == (1, 9)
    assert after.rows.rows_set_aside["duplicate"] == 1


@pytest.fixture
def five_hours_ahead(monkeypatch):
    """A machine whose clock shows five hours more than UTC."""
    monkeypatch.setenv("TZ", "XXX-5")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


NOON = dt.datetime(2020, 1, 1, 12)
IN_UTC = NOON.replace(tzinfo=dt.UTC)
HOURLY = [f"2020-01-01T{hour:02d}:00:00" for hour in range(24)]
UNIX = [str(1577836800 + 3600 * hour) for hour in range(24)]


@pytest.mark.usefixtures("five_hours_ahead")
@pytest.mark.parametrize("as_of", [IN_UTC, IN_UTC.astimezone(dt.timezone(dt.timedelta(hours=-8)))])
@pytest.mark.parametrize(
    ("times", "source", "shown"),
    [
        ([f"{text}Z" for text in HOURLY], {}, 12),
        ([f"{text}+01:00" for text in HOURLY], {}, 12),
        (UNIX, {}, 12),
        (HOURLY, {"timezone": "Europe/Berlin"}, 12),
        (HOURLY, {}, 17),
    ],
)
def test_a_moment_with_a_zone_is_brought_onto_the_clock_of_the_stamps(door, times, source, shown, as_of):
    arrived = door(
        csv_of(*[f"{text},1" for text in times]), as_of=as_of, rules=SeriesRules(freq="h"), **source
    )

    grid, limit = arrived.table.grid, NOON.replace(hour=shown)
    assert arrived.as_of == limit
    assert grid.label(int(grid.stamp(arrived.table.last)[0])) == limit.isoformat()


@pytest.mark.usefixtures("five_hours_ahead")
@pytest.mark.parametrize("suffix", ["", "Z"])
def test_a_moment_without_a_zone_is_a_time_on_the_clock_of_the_stamps(door, suffix):
    arrived = door(csv_of(*[f"{text}{suffix},1" for text in HOURLY]), as_of=NOON)

    assert (arrived.as_of, arrived.table.lengths[0]) == (NOON, 13)


@pytest.mark.usefixtures("five_hours_ahead")
@pytest.mark.parametrize(
    ("ds", "known", "as_of"), [("", "Z", NOON.replace(hour=17)), ("Z", "", NOON), ("Z", "", IN_UTC)]
)
def test_what_was_known_by_then_is_asked_on_the_clock_of_known_at(door, ds, known, as_of):
    limit = 12 if known else 17
    rows = [f"2020-01-01T0{hour}:00:00{ds},{hour},2020-01-01T08:00:00{known}" for hour in range(5)]
    later = f"2020-01-01T05:00:00{ds},5,2020-01-01T{limit}:00:01{known}"
    just = f"2020-01-01T06:00:00{ds},6,2020-01-01T{limit}:00:00{known}"

    arrived = door(csv_of(*rows, later, just, header="ds,y,k"), known_at="k", as_of=as_of)

    assert arrived.table.y[arrived.table.observed].tolist() == [0, 1, 2, 3, 4, 6]


def test_steps_that_are_counted_keep_a_step_as_their_moment(door):
    arrived = door(csv_of(*[f"{step},1" for step in range(9)]), as_of=5)

    assert (arrived.as_of, arrived.table.lengths[0]) == (5, 6)


def season_where_the_last_half_is(values, path, **split):
    """The season that a source of counted steps is found to have: first a wave of 12 steps, then `values`."""
    first = np.sin(2 * np.pi * np.arange(len(values)) / 12)
    path.write_text(csv_of(*[f"{value!r}" for value in [*first.tolist(), *values.tolist()]], header="y"))
    known = partial(known_rows, windows=WindowsConfig(), split=SplitConfig(**split))
    return ingest(FilesSource(path=str(path)), SeriesRules(), None, known)


def test_no_value_that_is_held_out_reaches_the_season(tmp_path):
    wild = 1e6 * np.sin(2 * np.pi * np.arange(100) / 7)

    arrived = season_where_the_last_half_is(wild, tmp_path / "a.csv", validation=0.25, test=0.25)
    taken_in = season_where_the_last_half_is(wild, tmp_path / "a.csv", validation=0.05, test=0.05)

    assert arrived.season_length == 12
    assert arrived.notes[-1].endswith("of the oldest 50 %")
    assert taken_in.season_length != 12


def test_a_zone_tells_the_two_hours_of_an_autumn_night_apart(door):
    rows = [f"2014-11-02 {hour:02d}:00:00,{value}" for value, hour in enumerate((0, 1, 1, 2, 3))]

    arrived = door(csv_of(*rows), timezone="America/New_York")

    assert arrived.table.y.tolist() == [0, 1, 2, 3, 4]
    assert (
        arrived.table.grid.label(int(arrived.table.grid.stamp(arrived.table.first)[0]))
        == "2014-11-02T04:00:00"
    )


def awkward_csv(name):
    """An awkward series, a value a day."""
    days = np.datetime_as_string(np.datetime64("2020-01-01") + np.arange(len(AWKWARD[name])))
    return csv_of(*[f"{day},{value!r}" for day, value in zip(days, AWKWARD[name].tolist(), strict=True)])


@pytest.mark.parametrize("name", [name for name in AWKWARD if name != "only NaN"])
def test_an_awkward_series_becomes_a_finite_table_from_value_to_value(door, name):
    text = awkward_csv(name)

    table = door(text, rules=SeriesRules(freq="D")).table

    assert np.isfinite(table.y).all()
    assert table.observed[[0, -1]].all()


def test_a_series_without_any_value_is_refused(door):
    with pytest.raises(BadInput, match="no row to read"):
        door(awkward_csv("only NaN"), rules=SeriesRules(freq="D"))


@pytest.mark.parametrize(
    ("content", "source", "says"),
    [
        ("", {}, "the file is empty"),
        ("\n \n", {}, "the file is empty"),
        ("ds,y\n", {}, "a header but no row"),
        ("ds,y\n,\n,\n", {}, "no row"),
        ("ds,y,y\n2020-01-01,1,2\n", {}, "columns of the same name"),
        ("ds,y\n2020-01-01,1\n2020-01-02\n", {}, "line 3: 1 cells, expected 2"),
        ("ds,y\n2020-01-01,1,7\n", {}, "line 2: 3 cells, expected 2"),
        ("date,load\n2020-01-01,1\n", {"time": "Date"}, 'no column "Date"; did you mean "date"'),
        ("date,load\n2020-01-01,1\n", {"time": "date", "value": "lod"}, 'did you mean "load"'),
        ("ds;y\n2020-01-01;1\n", {"time": "ds"}, 'separated by ";": set delimiter'),
        ("ds,a,b\n2020-01-01,1,2\n", {}, "which column holds the values"),
        ("ds,y\n2020-01-01,1\n", {}, "frequency cannot be read"),
        ("ds,y,place\n2020-01-01,1,K\xf6ln\n".encode("latin-1"), {"id": "place"}, "line 2, byte 26 .* 0xF6"),
        ("ds,y\n2020-01-01,1\n".encode("utf-16"), {}, 'encoding = "utf-16"'),
        ("ds,y\n2020-01-01,1\n2020-01-02,2\n", {"max_bytes": 10}, "at most 10 are read"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(door, content, source, says):
    with pytest.raises(BadInput, match=says):
        door(content, **source)


def test_another_encoding_is_read_when_it_is_named(door):
    rows = [f"{day},1,K\xf6ln" for day in DAYS]

    arrived = door(csv_of(*rows, header="ds,y,place").encode("latin-1"), id="place", encoding="latin-1")

    assert arrived.table.ids == ("K\xf6ln",)


def test_a_byte_order_mark_and_windows_line_ends_do_not_matter(door):
    arrived = door(b"\xef\xbb\xbf" + month().replace("\n", "\r\n").encode())

    assert arrived.rows.rows_kept == 30


@pytest.mark.parametrize("freq", ["h", None])
def test_a_file_without_times_takes_no_frequency_in_time(door, freq):
    text = csv_of("1", "2", "3", header="y")

    if freq:
        with pytest.raises(BadConfig, match="needs times"):
            door(text, rules=SeriesRules(freq=freq))
    else:
        assert door(text, rules=SeriesRules(freq=freq)).table.grid.freq == 1


@pytest.mark.parametrize("name", ["nothing.csv", "*.csv", "a.pkl", "folder"])
def test_a_path_without_data_files_is_refused(tmp_path, name):
    (tmp_path / "a.pkl").write_bytes(b"\x80\x04N.")
    (tmp_path / "folder").mkdir()

    with pytest.raises(BadInput, match=r"no such file|expected"):
        ingest(FilesSource(path=str(tmp_path / name)), SeriesRules(), None)


def test_settings_that_a_layout_has_no_use_for_are_refused():
    with pytest.raises(ValueError, match='layout = "wide" has no use for id'):
        FilesSource(path="a.csv", layout="wide", id="x")


@pytest.mark.parametrize("cells", [[[1.0], [2.0]], [{"a": 1}, {"a": 2}], [b"1", b"2"]])
def test_parquet_columns_of_objects_are_refused_by_name(door, cells):
    with pytest.raises(BadInput) as caught:
        door(pa.table({"ds": DAYS[:2], "y": cells}), name="a.parquet")

    assert 'column "y" is' in caught.value.faults[0]


@pytest.mark.parametrize("content", [b"PAR1 no Parquet at all", b"", b"PAR1" + bytes(100) + b"PAR1"])
def test_a_damaged_parquet_file_is_refused(door, content):
    with pytest.raises(BadInput, match=r"a\.parquet"):
        door(content, name="a.parquet")


def test_a_truncated_gzip_file_is_refused(door):
    with pytest.raises(BadInput, match="not a whole gzip file"):
        door(gzip.compress(month().encode())[:-9], name="a.csv.gz")


BOMB = """
import resource, sys
from lstm_pipeline.errors import BadInput
from lstm_pipeline.series.rules import SeriesRules
from lstm_pipeline.sources.config import FilesSource
from lstm_pipeline.sources.door import ingest
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    ingest(FilesSource(path=sys.argv[1]), SeriesRules(), None)
except BadInput as error:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, error)
"""


def grown_by(path):
    """KiB that a process grows by when it refuses a file, and what it says."""
    ran = subprocess.run([sys.executable, "-c", BOMB, str(path)], capture_output=True, text=True, check=True)
    kib, says = ran.stdout.split(" ", 1)
    return int(kib), says


def test_a_gzip_bomb_is_refused_in_little_memory(tmp_path):
    bomb = tmp_path / "bomb.csv.gz"
    with gzip.open(bomb, "wb", compresslevel=9) as stream:
        stream.write(b"ds,y\n")
        for _ in range(100):
            stream.write(b"2020-01-01,1\n" * 2**17)

    kib, says = grown_by(bomb)

    assert "decompression bomb" in says
    assert kib < 40 * 1024


def test_a_parquet_bomb_is_refused_in_little_memory(tmp_path):
    bomb = tmp_path / "bomb.parquet"
    stamp = pa.array(np.zeros(2**22, "M8[us]"))
    batch = pa.table(
        {"ds": pa.DictionaryArray.from_arrays(np.zeros(2**22, np.int32), ["2020-01-01"]), "y": stamp}
    )
    with pq.ParquetWriter(bomb, batch.schema, compression="zstd") as writer:
        for _ in range(16):
            writer.write_table(batch)

    kib, says = grown_by(bomb)

    assert "decompression bomb" in says
    assert kib < 40 * 1024


DATA = Path(os.environ.get("LSTM_PIPELINE_DATA", Path(__file__).parents[1] / ".." / "shared" / "data"))
PARTS = ("year", "month", "day", "hour")
FIVE_MINUTES = {"time": "timestamp", "value": "value"}


@pytest.mark.large_data
@pytest.mark.parametrize(
    ("path", "source", "rules", "expected"),
    [
        ("airline_passengers/airline-passengers.csv", {"time": "Month"}, {}, ("MS", 12, 144, 144, 0)),
        (
            "beijing_pm25/pollution.csv",
            {"time": PARTS, "value": "pm2.5"},
            {},
            ("h", 24, 43_800, 41_757, 2043),
        ),
        ("daily_min_temperatures/daily-min-temperatures.csv", {"time": "Date"}, {}, ("D", 7, 3650, 3650, 2)),
        ("etth1/ETTh1.csv", {"time": "date", "layout": "wide"}, {}, ("h", 24, 121_940, 121_940, 0)),
        ("m4_hourly/Hourly-train.csv", {"layout": "rows"}, {}, (1, 24, 353_500, 353_500, 0)),
        ("monthly_sunspots/monthly-sunspots.csv", {"time": "Month"}, {}, ("MS", 12, 2820, 2820, 0)),
        ("nyc_taxi/nyc_taxi.csv", FIVE_MINUTES, {}, ("30min", 48, 10_320, 10_320, 0)),
        ("peyton_manning/example_wp_log_peyton_manning.csv", {}, {}, ("D", 7, 2905, 2905, 59)),
        ("pjm_aep/AEP_hourly.csv", {"time": "Datetime"}, {}, ("h", 24, 121_273, 121_265, 27)),
        (
            "nab_irregular/ec2_request_latency_system_failure.csv",
            FIVE_MINUTES,
            {},
            ("5min", 288, 4032, 4020, 13),
        ),
        ("nab_irregular/rogue_agent_key_hold.csv", FIVE_MINUTES, {}, ("5min", 288, 1882, 1882, 3456)),
        (
            "nab_irregular/speed_6005.csv",
            FIVE_MINUTES,
            {"regularise": "mean"},
            ("5min", 288, 2500, 2500, 2392),
        ),
    ],
)
def test_a_public_data_set_passes_the_door_with_known_counts(path, source, rules, expected):
    if not (DATA / path).exists():
        pytest.skip(f"{DATA / path} is not there: set LSTM_PIPELINE_DATA")

    arrived = ingest(FilesSource(path=str(DATA / path), **source), SeriesRules(**rules), None)

    rows = arrived.rows
    found = (arrived.table.grid.freq, arrived.season_length, rows.rows_in, rows.rows_kept, rows.rows_missing)
    assert found == expected
    assert rows.rows_in == rows.rows_kept + sum(rows.rows_set_aside.values())


@pytest.mark.large_data
def test_a_series_mostly_off_the_grid_is_refused_and_told_about_regularise():
    path = DATA / "nab_irregular" / "speed_6005.csv"
    if not path.exists():
        pytest.skip(f"{path} is not there: set LSTM_PIPELINE_DATA")

    with pytest.raises(PipelineError, match='regularise = "mean"'):
        ingest(FilesSource(path=str(path), **FIVE_MINUTES), SeriesRules(), None)


def days(first, values, clock="00:00"):
    """A CSV of daily rows."""
    stamps = np.datetime64(first) + np.arange(len(values))
    return "ds,y\n" + "".join(f"{day} {clock},{value}\n" for day, value in zip(stamps, values, strict=True))


def test_blanks_before_the_first_value_and_after_the_last_are_mentioned(door):
    passed = door(days("2024-01-01", ["", "", *range(20), ""]), rules=SeriesRules(freq="D"))

    assert passed.rows.rows_in == 20
    assert (
        "3 blank cells before the first or after the last value of their series are no rows" in passed.notes
    )


def hours_of_an_autumn_night(zone):
    """Hourly rows on the clock of a zone, so that one hour stands there twice with different values."""
    clock = pd.date_range("2024-10-20", periods=400, freq="h", tz=zone).tz_localize(None)
    return "ds,y\n" + "".join(f"{hour:%Y-%m-%d %H:%M},{nth}\n" for nth, hour in enumerate(clock))


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
def test_conflicts_where_clocks_are_set_back_come_with_the_advice_to_name_the_zone(door, zone):
    unplaced = door(hours_of_an_autumn_night(zone), rules=SeriesRules(freq="h"))
    placed = door(hours_of_an_autumn_night(zone), rules=SeriesRules(freq="h"), timezone=zone)

    assert unplaced.rows.rows_set_aside["conflict"] == 2
    assert [note for note in unplaced.notes if note.startswith("2 conflicting rows") and "timezone" in note]
    assert placed.rows.rows_set_aside["conflict"] == 0
    assert not [note for note in placed.notes if "conflicting" in note]


def test_conflicts_elsewhere_come_without_that_advice(door):
    text = hours_of_an_autumn_night("UTC") + "2024-10-22 12:00,7\n"

    passed = door(text, rules=SeriesRules(freq="h"))

    assert passed.rows.rows_set_aside["conflict"] == 2
    assert not [note for note in passed.notes if "conflicting" in note]


def test_numbers_in_the_time_column_that_are_no_times_are_told_how_to_count_steps(door):
    with pytest.raises(BadInput, match="where these numbers count steps, set freq = 1"):
        door("ds,y\n0,1\n1,2\n2,3\n", rules=SeriesRules(freq="D"))


@pytest.mark.parametrize("kind", [pa.timestamp("us"), pa.timestamp("us", "UTC"), pa.date32()])
def test_a_parquet_column_of_times_is_refused_as_a_value_by_name(door, kind):
    times = pa.array([dt.datetime(2020, 1, day) for day in range(1, 31)]).cast(kind)

    with pytest.raises(BadInput, match="expected numbers or text as values") as caught:
        door(pa.table({"ds": DAYS, "y": times}), name="a.parquet")

    assert caught.value.faults == (f'column "y" is {kind}',)


def test_a_wide_parquet_file_with_another_column_of_times_is_told_to_name_its_values(door):
    times = pa.array([dt.datetime(2020, 1, day) for day in range(1, 31)])
    table = pa.table({"ds": times, "load": range(30), "loaded_at": times})

    with pytest.raises(BadInput, match=r'values = \["load"\]') as caught:
        door(table, name="a.parquet", layout="wide")
    arrived = door(table, name="a.parquet", layout="wide", values=("load",), known_at="loaded_at")

    assert caught.value.faults == ('column "loaded_at" is timestamp[us]',)
    assert arrived.table.ids == ("load",)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_set_aside_rows_below_cells_with_line_breaks_are_named_by_their_true_line(door, end):
    rows = [f"{day},{place},fine" for place, day in enumerate(DAYS)]
    rows[3] = f'{DAYS[3]},3,"two\nlines"'
    rows[5] = f'{DAYS[5]},oops,"three\n\nlines"'
    rows[9] = f"{DAYS[9]},,"
    text = csv_of("", *rows, header='"ds",y,"no\nte"').replace("\n", end)

    aside = door(text.encode()).set_aside.to_pylist()

    lines = text.splitlines()
    assert [lines[row["row"] - 1] for row in aside] == [f'{DAYS[5]},oops,"three', f"{DAYS[9]},,"]


def test_a_line_break_in_a_cell_of_a_gzipped_file_in_another_encoding_moves_the_lines_below(door):
    text = month('2020-01-31,"1\n",', "2020-02-01,x").replace(",\n", "\n")

    rows = door(gzip.compress(text.encode("utf-16")), name="a.csv.gz", encoding="utf-16").set_aside

    assert rows.column("row").to_pylist() == [34]


def days_on_the_clock_of(zone, periods=300, hour=0):
    """One value a day, at the same hour on a zone's clock, over at least one change of that clock."""
    times = pd.date_range(f"2024-01-01 {hour:02d}:00", periods=periods, freq="D", tz=zone)
    return pa.table({"ds": pa.array(times), "y": np.arange(float(periods))})


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Sydney", "+05:30"])
def test_days_with_a_zone_stay_days_when_its_clock_changes(door, zone):
    arrived = door(days_on_the_clock_of(zone, hour=6), name="a.parquet")

    assert (arrived.table.grid.freq, arrived.rows.rows_kept) == ("D", 300)
    assert arrived.table.grid.label(arrived.table.grid.stamp(arrived.table.first)[0]) == "2024-01-01T06:00:00"
    assert f"ds is on the clock of {zone}" in arrived.notes


def test_months_with_a_zone_stay_months_when_its_clock_changes(door):
    times = pd.date_range("2022-01-01", periods=30, freq="MS", tz="Europe/Berlin")

    arrived = door(pa.table({"ds": pa.array(times), "y": np.arange(30.0)}), name="a.parquet")

    assert (arrived.table.grid.freq, arrived.rows.rows_kept) == ("MS", 30)


@pytest.mark.parametrize("source", [{}, {"timezone": "Europe/Berlin"}])
def test_hours_with_a_zone_and_all_times_where_a_zone_is_set_are_utc(door, source):
    freq = "D" if source else "h"
    times = pd.date_range("2024-01-01", periods=60, freq=freq, tz="Europe/Berlin")

    arrived = door(pa.table({"ds": pa.array(times), "y": np.arange(60.0)}), name="a.parquet", **source)

    assert arrived.table.grid.label(arrived.table.grid.stamp(arrived.table.first)[0]) == "2023-12-31T23:00:00"
    assert not any("on the clock of" in note for note in arrived.notes)


def test_a_stray_row_does_not_turn_days_with_a_zone_to_utc(door):
    times = pd.date_range("2024-01-01", periods=300, freq="D", tz="Europe/Berlin").to_series()
    times.iloc[70] += pd.Timedelta(minutes=7)

    arrived = door(pa.table({"ds": pa.array(times), "y": np.arange(300.0)}), name="a.parquet")

    assert (arrived.rows.rows_kept, arrived.rows.rows_set_aside["off_grid"]) == (299, 1)


@pytest.mark.usefixtures("five_hours_ahead")
def test_a_moment_is_brought_onto_the_clock_that_days_with_a_zone_keep(door):
    moment = dt.datetime(2024, 1, 10, 23, 30, tzinfo=dt.UTC)

    arrived = door(days_on_the_clock_of("Europe/Berlin"), name="a.parquet", as_of=moment)

    assert arrived.as_of == dt.datetime(2024, 1, 11, 0, 30)
    assert arrived.rows.rows_in == 11


@pytest.mark.usefixtures("five_hours_ahead")
def test_what_was_known_by_then_is_asked_in_utc_beside_days_that_keep_their_clock(door):
    table = days_on_the_clock_of("Europe/Berlin", periods=30)
    known = pd.date_range("2024-01-01 10:00", periods=30, freq="25h", tz="UTC")
    as_of = dt.datetime(2024, 1, 2, 11, 30)

    arrived = door(
        table.append_column("k", pa.array(known)),
        name="a.parquet",
        rules=SeriesRules(freq="D"),
        as_of=as_of,
        known_at="k",
    )

    assert arrived.rows.rows_in == 1


def test_a_long_cell_with_line_breaks_is_read_and_the_lines_below_it_are_true(door):
    rows = [f'{day},{place},""' for place, day in enumerate(DAYS)]
    rows[2] = f'{DAYS[2]},2,"{"x" * 200_000}\n"'
    later = [f"{day:%F},1," for day in pd.date_range("2020-01-31", periods=60)]

    arrived = door(csv_of(*later, *rows, "soon,1,", header="ds,y,note"))

    assert arrived.set_aside.column("row").to_pylist() == [93]


@pytest.mark.parametrize("freq", [None, "D"])
def test_days_whose_offset_changes_with_the_season_stay_days(door, freq):
    clock = pd.date_range("2021-01-01", periods=400, freq="D", tz="Europe/Berlin")
    text = "ds,y\n" + "".join(f"{day.isoformat()},{nth}\n" for nth, day in enumerate(clock))

    passed = door(text, rules=SeriesRules(freq=freq))

    assert passed.rows.rows_kept == len(passed.table.y) == 400
    assert (
        passed.table.grid.label(passed.table.grid.stamp(passed.table.steps[-1:])[0]) == "2022-02-04T00:00:00"
    )
    assert "times are days with a changing offset from UTC: ds is on their own clock" in passed.notes


def test_hours_with_an_offset_are_utc(door):
    clock = pd.date_range("2021-01-01", periods=40, freq="h", tz="Europe/Berlin")
    text = "ds,y\n" + "".join(f"{hour.isoformat()},{nth}\n" for nth, hour in enumerate(clock))

    passed = door(text, rules=SeriesRules(freq="h"))

    assert (
        passed.table.grid.label(passed.table.grid.stamp(passed.table.steps[:1])[0]) == "2020-12-31T23:00:00"
    )


def test_rows_later_than_as_of_are_mentioned(door):
    as_of = dt.datetime(2024, 1, 20)

    passed = door(days("2024-01-01", range(30)), rules=SeriesRules(freq="D"), as_of=as_of)

    assert passed.rows.rows_in == 20
    assert "10 rows later than as_of are not used; the newest one used is 2024-01-20T00:00:00" in passed.notes


def test_a_parquet_file_without_a_row_is_refused(door):
    with pytest.raises(BadInput, match="no row; expected at least one"):
        door(
            pa.table({"ds": pa.array([], pa.timestamp("us")), "y": pa.array([], pa.float64())}),
            name="a.parquet",
        )
