"""Data that nobody has configured: what they hold is guessed, and written as a pipeline file that works."""

import gzip
import json
import tomllib
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from lstm_pipeline.cli.main import app
from lstm_pipeline.errors import BadInput, UsageError
from lstm_pipeline.first_use import write_pipeline
from lstm_pipeline.first_use.dialect import delimiter_of
from lstm_pipeline.first_use.sample import look_at
from lstm_pipeline.first_use.toml import line, remark, toml
from lstm_pipeline.first_use.write import name_of
from lstm_pipeline.settings.config import read_pipeline
from lstm_pipeline.sources.door import ingest

START = datetime(2020, 1, 1)


def days(count=120, *, step=timedelta(days=1), start=START):
    return [start + place * step for place in range(count)]


def values(count=120, level=10.0):
    """Numbers that repeat every seven steps, with a fraction that no one takes for thousands."""
    return [round(level + np.sin(place * 2 * np.pi / 7) + place % 5 / 10, 2) for place in range(count)]


def text_of(header, *columns, mark=","):
    return "\n".join([header, *(mark.join(map(str, row)) for row in zip(*columns, strict=True))]) + "\n"


def daily(written="%Y-%m-%d", count=120, **spacing):
    """A file with a date and a value in each row."""
    return text_of("date,level", [day.strftime(written) for day in days(count, **spacing)], values(count))


@pytest.fixture
def guess(tmp_path):
    """Write content to a file, guess, and read the pipeline file back."""

    def write(content, name="data.csv", **options):
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        made = write_pipeline(path, tmp_path / "made.toml", overwrite=True, **options)
        return read_pipeline(made.path)

    return write


# What the columns stand for


def test_a_time_and_a_number_are_a_long_file(guess):
    source = guess(daily()).source

    assert (source.layout, source.time, source.id, source.value) == ("long", "date", None, "level")


def test_numbers_alone_are_counted_in_steps(guess):
    config = guess(text_of("level", values()))

    assert (config.source.time, config.series.freq, config.series.season_length) == (None, 1, 7)


def test_complete_columns_of_numbers_are_each_a_series(guess):
    content = text_of("date,north,south", days(), values(), values(level=5))

    source = guess(content).source

    assert (source.layout, source.values) == ("wide", ("north", "south"))


def test_the_only_column_with_gaps_is_the_target(guess):
    gappy = [value if place % 10 else "NA" for place, value in enumerate(values())]
    content = text_of("date,wind,smog", days(), values(), gappy)

    source = guess(content).source

    assert (source.layout, source.value) == ("long", "smog")


def test_a_column_called_like_a_target_is_the_target(guess):
    content = text_of("date,wind,target", days(), values(), values(level=5))

    assert guess(content).source.value == "target"


def test_texts_beside_the_numbers_make_the_first_number_the_target(guess):
    states = ["calm" if place % 3 else "storm" for place in range(120)]
    content = text_of("date,wind,state,rain", days(), values(), states, values(level=5))

    assert guess(content).source.value == "wind"


@pytest.mark.parametrize("name", ["No", "", "index"])
def test_row_numbers_are_neither_values_nor_series(guess, name):
    content = text_of(f"{name},date,level", range(1, 121), days(), values())

    source = guess(content).source

    assert (source.layout, source.time, source.value) == ("long", "date", "level")


@pytest.mark.parametrize(
    ("name", "cells"), [("promo", [0, 1] * 60), ("weekday", [day.weekday() for day in days()])]
)
def test_flags_and_the_calendar_are_not_forecast(guess, name, cells):
    content = text_of(f"date,{name},level", days(), cells, values())

    assert guess(content).source.value == "level"


@pytest.mark.parametrize(("name", "ids"), [("store", [1, 2, 3]), ("who", ["a", "b", "c"])])
def test_a_column_that_tells_rows_of_equal_time_apart_names_the_series(guess, name, ids):
    rows = [(day, one, value) for day, value in zip(days(), values(), strict=True) for one in ids]
    content = text_of(f"date,{name},level", *zip(*rows, strict=True))

    assert guess(content).source.id == name


def test_a_state_that_comes_and_goes_does_not_name_series(guess):
    states = ["on" if place % 3 else "off" for place in range(120)]
    content = text_of("date,device,level", days(), states, values())

    assert guess(content).source.id is None


def test_two_columns_that_only_together_name_the_series_are_told(guess):
    rows = [(day, shop, item, 1.5) for day in days(30) for shop in "ab" for item in "xy"]

    with pytest.raises(BadInput, match=r'"a-x": "shop" and "item" look like ids'):
        guess(text_of("date,shop,item,level", *zip(*rows, strict=True)))


def test_rows_of_several_series_without_an_id_are_not_averaged(guess):
    rows = [(day, level) for day in days() for level in (1.5, 2.5, 3.5)]

    with pytest.raises(BadInput, match="360 rows stand for only 120 steps"):
        guess(text_of("date,level", *zip(*rows, strict=True)))


def test_a_series_per_row_is_seen_by_its_different_ids(guess):
    names = ",".join(f"V{place}" for place in range(1, 42))
    ragged = [",".join(map(str, [f"H{row}", *values(40 - row), *[""] * row])) for row in range(3)]

    source = guess("\n".join([names, *ragged]) + "\n").source

    assert (source.layout, source.id, source.time) == ("rows", "V1", None)


def test_a_text_that_repeats_does_not_make_each_row_a_series(guess):
    numbers = [values(level=level) for level in range(8)]
    content = text_of("state,a,b,c,d,e,f,g,h", ["calm", "storm"] * 60, *numbers)

    assert guess(content).source.layout == "long"


def test_a_few_cells_that_are_no_numbers_do_not_hide_a_column_of_values(guess):
    content = text_of("date,level", days(), ["error" if place == 50 else place / 8 for place in range(120)])

    config = guess(content)

    assert config.source.value == "level"
    assert ingest(config.source, config.series).rows.rows_set_aside["not_number"] == 1


def test_columns_that_are_not_read_are_named_in_the_file(guess, tmp_path):
    states = ["calm" if place % 3 else "storm" for place in range(120)]

    guess(text_of("No,date,wind,state,rain", range(120), days(), values(), states, values(level=5)))

    text = (tmp_path / "made.toml").read_text()
    assert '# not read (text): "state"' in text
    assert '# not read (numbers the rows): "No"' in text
    assert '# values = ["wind", "rain"]' in text


# How the times are written


def test_split_columns_of_date_and_hour_give_the_time(guess):
    stamps = days(step=timedelta(hours=1))
    parts = [[getattr(stamp, part) for stamp in stamps] for part in ("year", "month", "day", "hour")]

    config = guess(text_of("year,month,day,hour,level", *parts, values()))

    assert config.source.time == ("year", "month", "day", "hour")
    assert (config.series.freq, config.series.season_length) == ("h", 24)


def test_a_column_of_times_of_day_belongs_to_the_date_beside_it(guess):
    stamps = days(step=timedelta(minutes=30))
    content = text_of(
        "Date,Time,level", [f"{t:%d/%m/%Y}" for t in stamps], [f"{t:%H:%M:%S}" for t in stamps], values()
    )

    config = guess(content.replace("/01/", "/12/"))

    assert (config.source.time, config.series.freq) == (("Date", "Time"), "30min")


@pytest.mark.parametrize("written", ["%d/%m/%Y", "%m/%d/%Y"])
def test_of_two_readings_of_dates_the_one_with_equal_steps_wins(guess, written):
    months = pd.date_range("2015-01-01", periods=48, freq="MS")
    content = text_of("date,level", months.strftime(written), values(48))

    config = guess(content)

    assert (config.source.time_format, config.series.freq) == (written, "MS")


def test_dates_that_can_be_read_in_two_regular_ways_are_refused_with_both(guess):
    months = pd.date_range("2015-01-01", periods=12, freq="MS")

    with pytest.raises(BadInput) as caught:
        guess(text_of("date,level", months.strftime("%d/%m/%Y"), values(12)))

    assert [fault.split(":")[0] for fault in caught.value.faults] == ["%d/%m/%Y", "%m/%d/%Y"]


def test_years_of_two_digits_are_read_in_the_order_that_gives_equal_steps(guess):
    stamps = days(count=300, step=timedelta(hours=1), start=datetime(2009, 3, 1))
    content = text_of("when,level", [f"{t.month}/{t.day}/{t:%y} {t:%H:%M}" for t in stamps], values(300))

    config = guess(content)

    assert (config.source.time_format, config.series.freq) == ("%m/%d/%y %H:%M", "h")


@pytest.mark.parametrize(
    ("name", "cells", "freq"),
    [
        ("date", [f"{day:%Y%m%d}" for day in days()], "D"),
        ("ts", [int((day - datetime(1970, 1, 1)).total_seconds()) for day in days()], "D"),
        ("month", [f"{1950 + place // 12}{place % 12 + 1:02d}" for place in range(120)], "MS"),
        ("year", range(1900, 2020), "YS"),
        ("t", range(0, 240, 2), 2),
    ],
)
def test_whole_numbers_are_times_and_no_values_where_they_look_and_are_called_so(guess, name, cells, freq):
    config = guess(text_of(f"{name},level", cells, values()))

    assert (config.source.time, config.source.value, config.series.freq) == (name, "level", freq)


# How the file is written


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(guess, mark):
    content = text_of(f"date{mark}level", days(), values(), mark=mark)

    assert guess(content).source.delimiter == mark


@given(st.sampled_from(",;\t|"), st.integers(2, 8), st.integers(1, 30))
def test_the_delimiter_of_any_table_of_numbers_is_found(mark, width, rows):
    table = "\n".join(mark.join(f"{row}.{place}" for place in range(width)) for row in range(rows + 1))

    assert delimiter_of(table) == mark


def test_a_comma_in_the_header_alone_is_no_delimiter(guess):
    content = text_of('date;"level, in m"', days(), range(120), mark=";")

    assert guess(content.replace('"', "")).source.delimiter == ";"


def test_a_comma_is_the_decimal_mark_where_it_can_only_be_that(guess):
    numbers = [*values(118), 1.125, 2.25]
    content = text_of("Datum;Wert", days(), [str(number).replace(".", ",") for number in numbers], mark=";")

    config = guess(content)

    assert config.source.decimal == ","
    assert ingest(config.source, config.series).table.y.tolist() == numbers


def test_a_comma_that_may_mark_thousands_is_refused(guess):
    content = text_of("date;level", days(), [f"{1000 + place:,}" for place in range(120)], mark=";")

    with pytest.raises(BadInput, match='"1,000" may be a whole number'):
        guess(content)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_the_encoding_is_found_and_a_byte_order_mark_is_no_letter(guess, encoding):
    content = text_of("time,Größe", days(), values())

    source = guess(content.encode(encoding)).source

    assert source.encoding == encoding.removesuffix("-sig")
    assert (source.time, source.value) == ("time", "Größe")


def test_a_letter_outside_utf_8_at_the_very_end_is_found(guess):
    content = text_of("date,level,note", days(), values(), ["ok"] * 119 + ["schön"])

    assert guess(content.encode("latin-1")).source.encoding == "cp1252"


@pytest.mark.parametrize("name", ["data.csv.gz", "data.parquet"])
def test_compressed_and_columnar_files_are_read_too(guess, tmp_path, name):
    pd.DataFrame({"ds": days(), "y": values(), "lists": [[1]] * 120}).to_parquet(tmp_path / "data.parquet")

    config = guess(None if name.endswith("parquet") else gzip.compress(daily().encode()), name)

    assert (config.source.time, config.series.freq) == ("ds" if name.endswith("parquet") else "date", "D")


# What the door makes of it


def test_rows_off_the_grid_are_regularised_with_the_reason(guess, tmp_path):
    even = enumerate(days(step=timedelta(minutes=5)))
    shaky = [stamp + timedelta(minutes=2 * (place // 10 % 2)) for place, stamp in even]

    config = guess(text_of("time,level", shaky, values()))

    assert config.series.regularise == "mean"
    assert "off_grid 60" in (tmp_path / "made.toml").read_text()


def test_one_series_off_the_grid_of_the_others_is_saved_too(guess):
    even = days(step=timedelta(minutes=5))
    rows = [(stamp, "even", 1.5) for stamp in even]
    rows += [(stamp + timedelta(minutes=2), "late", 2.5) for stamp in even[:100]]

    config = guess(text_of("time,sensor,level", *zip(*rows, strict=True)))

    assert config.series.regularise == "mean"
    assert not ingest(config.source, config.series).failed


def test_rows_on_the_grid_are_not_regularised(guess):
    assert guess(daily()).series.regularise is None


@pytest.mark.parametrize(("open_until", "horizon"), [(20, 12), (6, 3)])
def test_windows_are_shortened_until_they_fit_between_the_gaps(guess, open_until, horizon):
    stamps = days(3000, step=timedelta(hours=1))
    seen = [stamp for stamp in stamps if stamp.day % 3 == 1 and stamp.hour < open_until]

    config = guess(text_of("time,level", seen, values(len(seen))))

    assert config.series.season_length == 24
    assert (config.windows.horizon, config.windows.input_size) == (horizon, 2 * horizon)


def test_what_the_file_leaves_open_is_settled_by_the_projects_own_defaults(guess):
    config = guess(daily(count=1000))

    assert (config.series.season_length, config.windows.horizon, config.windows.input_size) == (7, 7, 14)
    assert (config.split.validation, config.split.test) == (200, 200)
    assert config.training.max_steps is not None


def test_files_of_a_folder_are_series_called_by_their_names(tmp_path):
    (tmp_path / "north.csv").write_text(daily())
    (tmp_path / "south.csv").write_text(daily())

    made = write_pipeline(tmp_path, tmp_path / "made.toml", overwrite=False)

    config = read_pipeline(made.path)
    assert ingest(config.source, config.series).table.ids == ("north", "south")


def test_files_of_different_columns_are_not_taken_together(tmp_path):
    (tmp_path / "north.csv").write_text(daily())
    (tmp_path / "zoo.csv").write_text("animal,legs\nbee,6\n")

    with pytest.raises(BadInput, match="of the other files have others") as caught:
        write_pipeline(tmp_path / "*.csv", tmp_path / "made.toml", overwrite=False)

    assert caught.value.faults == ("zoo.csv: animal, legs",)


def test_what_stands_in_the_middle_and_at_the_end_of_a_large_file_is_looked_at(tmp_path):
    kinds = ["first"] * 30_000 + ["middle"] * 30_000 + ["last"] * 20_000
    content = text_of("note,level,kind", ["x" * 30] * 80_000, values(80_000), kinds)
    (tmp_path / "data.csv").write_text(content)

    sample = look_at(str(tmp_path / "data.csv"))

    assert set(sample.columns[2].texts) == {"first", "middle", "last"}
    assert sample.rows < 10_000


# The file that is written


def test_the_path_is_relative_to_the_folder_of_the_pipeline_file(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "in" / "data.csv").write_text(daily())

    made = write_pipeline(tmp_path / "in" / "data.csv", tmp_path / "out" / "p.toml", overwrite=False)

    assert tomllib.loads(made.path.read_text())["source"]["path"] == "../in/data.csv"


def test_the_pipeline_file_is_called_by_the_stem_in_the_current_folder(tmp_path, monkeypatch):
    (tmp_path / "My Data (1).csv").write_text(daily())
    monkeypatch.chdir(tmp_path)

    made = write_pipeline(tmp_path / "My Data (1).csv", None, overwrite=False)

    assert (tmp_path / "My Data (1).toml").exists()
    assert read_pipeline(made.path).name == "my-data-1"


def test_a_pipeline_file_that_is_there_is_not_overwritten_unless_asked(guess, tmp_path):
    guess(daily())
    (tmp_path / "made.toml").write_text("mine")

    with pytest.raises(UsageError, match="--force"):
        write_pipeline(tmp_path / "data.csv", tmp_path / "made.toml", overwrite=False)

    assert (tmp_path / "made.toml").read_text() == "mine"


def test_sections_stand_in_the_order_of_the_contract(guess, tmp_path):
    guess(daily())

    sections = list(tomllib.loads((tmp_path / "made.toml").read_text()))

    expected = ["name", "source", "series", "windows", "split", "model", "training", "gate", "publish"]
    assert sections == expected


def test_every_key_has_a_comment(guess, tmp_path):
    guess(daily())

    keys = [text for text in (tmp_path / "made.toml").read_text().splitlines() if " = " in text]

    assert len(keys) > 15
    assert all("  # " in text for text in keys)


def test_no_name_of_a_column_breaks_out_of_its_comment_or_text(guess):
    names = ['"a\nname = ""x"""', '"b"" # \\"']
    content = text_of(f"date,{','.join(names)}", days(), values(), values(level=5))

    config = guess(content)

    assert config.name == "data"
    assert config.source.values == ('a\nname = "x"', 'b" # \\')


@given(st.text(st.characters(codec="utf-8"), max_size=20))
def test_any_text_comes_back_from_the_file(text):
    content = "\n".join([line("key", text, text), remark(text), f"list = {toml([text, 1])}"])

    assert tomllib.loads(content) == {"key": text, "list": [text, 1]}


@given(st.text(max_size=20) | st.text("aB-_ é", min_size=50, max_size=100))
def test_any_stem_gives_a_name_that_a_pipeline_may_have(stem):
    name = name_of(stem)

    assert 0 < len(name) <= 64
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-")
    assert name[0] not in "_-"


# What cannot be used


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "the file is empty"),
        ("\n\n", "the file is empty"),
        ("date,level\n", "no row below it"),
        (text_of("date,level", days(), ["red"] * 120), 'no column holds numbers.*"level" .text, e.g. "red"'),
        (b"PK\x03\x04" + bytes(range(256)), "binary data.*export the table as CSV"),
        (daily().partition("\n")[2], "the first line .*is already data.*add such a line"),
        ("level\n1.5\n", "the longest series has 1 step; expected at least 4"),
        ("a,b,b\n1,2,3\n", "columns of the same name"),
        ('date,"level\n' + "2020-01-01,1.5\n" * 10_000, "close the quotation mark"),
        ("date,level\n2020-01-01,1.5\n", "the frequency cannot be read"),
    ],
)
def test_what_cannot_be_used_is_refused_with_what_to_do(guess, content, sentence):
    with pytest.raises(BadInput, match=sentence):
        guess(content)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("none.csv", "no such file or folder"), ("a.xlsx", "not read"), ("b.parquet", "no whole Parquet file")],
)
def test_a_path_without_usable_data_is_refused(guess, tmp_path, name, sentence):
    for there in ("a.xlsx", "b.parquet"):
        (tmp_path / there).write_bytes(b"PAR1")

    with pytest.raises(BadInput, match=sentence):
        guess(None, name)


# The command


def test_init_tells_its_guesses_and_the_next_command(tmp_path, monkeypatch):
    (tmp_path / "my data.csv").write_text(daily())
    monkeypatch.chdir(tmp_path)

    result = CliRunner().invoke(app, ["init", "my data.csv", "--json"])

    assert result.exit_code == 0
    assert "next: lstm-pipeline run 'my data.toml'" in result.stderr
    assert json.loads(result.stdout)["pipeline"] == "my data.toml"


def test_init_of_nothing_ends_with_bad_input(tmp_path):
    result = CliRunner().invoke(app, ["init", str(tmp_path / "none.csv"), "--json"])

    assert result.exit_code == 4
    assert json.loads(result.stdout)["error"]["code"] == "bad_input"
