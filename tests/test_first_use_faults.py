"""Data with faults that nobody has configured: `init` finds a way, or says what to do about them."""

import os
import re
import subprocess
import sys
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from lstm_pipeline.errors import BadInput, UsageError
from lstm_pipeline.first_use import write_pipeline
from lstm_pipeline.first_use.sample import look_at
from lstm_pipeline.settings.config import read_pipeline
from lstm_pipeline.sources.door import ingest
from tests.test_first_use import daily, days, text_of, values

PANDAS = re.compile(r"with (import pandas; .*) and then `lstm-pipeline init (.*)`")


@pytest.fixture
def guess(tmp_path, monkeypatch):
    """Write a file, guess, and give the configuration and what was told."""
    monkeypatch.chdir(tmp_path)

    def write(content, name="data.csv"):
        if content is not None:
            (tmp_path / name).write_text(content)
        made = write_pipeline(name, tmp_path / "made.toml", overwrite=True)
        return read_pipeline(made.path), "\n".join(made.guesses)

    return write


def with_conflicts(pairs, count=120):
    """Days with a value each, and for the first ones a second row of another value."""
    stamps, numbers = days(count), values(count)
    return text_of("date,level", stamps + stamps[:pairs], numbers + [99.5] * pairs)


# Rows that contradict each other


def test_a_few_rows_that_contradict_each_other_are_set_aside_and_not_averaged(guess):
    config, _ = guess(with_conflicts(2))

    arrived = ingest(config.source, config.series)

    assert config.series.regularise is None
    assert arrived.rows.rows_set_aside["conflict"] == 4


def test_where_too_many_contradict_each_other_their_mean_is_taken_and_that_is_said(guess, tmp_path):
    config, told = guess(with_conflicts(8))

    said = "16 rows have the series and time of another row and another value: their mean is taken"
    assert config.series.regularise == "mean"
    assert said in told
    assert f"# {said}" in (tmp_path / "made.toml").read_text()


def test_what_the_door_would_advise_is_not_advised_again(guess):
    _, told = guess(with_conflicts(8))

    assert "more than 5%" in told
    assert "set [series] regularise" not in told


# Series that several columns together name


@pytest.mark.parametrize("extra", [(), ("region",)])
def test_columns_that_only_together_name_the_series_can_be_joined_as_it_is_told(guess, tmp_path, extra):
    names = ("store", "item", *extra)
    keys = [np.unravel_index(place, (2,) * len(names)) for place in range(2 ** len(names))]
    rows = [(*map(int, key), day, place / 8) for key in keys for place, day in enumerate(days(90))]
    content = text_of(f"{','.join(names)},date,sales", *zip(*rows, strict=True))

    with pytest.raises(BadInput, match="look like ids; join them") as caught:
        guess(content)

    line, better = PANDAS.search(caught.value.message).groups()
    subprocess.run([sys.executable, "-c", line], check=True, cwd=tmp_path)
    config, _ = guess(None, better)
    assert (config.source.id, config.source.value) == ("series_id", "sales")
    assert len(ingest(config.source, config.series).table.ids) == len(keys)


def test_columns_that_name_the_series_are_seen_where_the_file_is_sorted_by_them(guess):
    keys = [(store, item) for store in range(3) for item in range(4)]
    rows = [(day, *key, 1.5) for key in keys for day in days(1000)]

    with pytest.raises(BadInput, match='"store" and "item" look like ids'):
        guess(text_of("date,store,item,sales", *zip(*rows, strict=True)))


# Times that follow no step


def test_times_that_follow_no_step_get_the_round_step_next_above_their_median_distance(guess, tmp_path):
    gaps = np.random.default_rng(0).integers(30, 75, 2000)
    gaps[::3] = 51
    stamps = [datetime(2024, 1, 1) + timedelta(seconds=int(passed)) for passed in np.cumsum(gaps)]

    config, told = guess(text_of("time,level", stamps, values(2000)))

    assert (config.series.freq, config.series.regularise) == ("min", "mean")
    assert "freq min" in told
    assert "rows follow no step" in (tmp_path / "made.toml").read_text()


@pytest.mark.parametrize("unit", ["s", "us"])
def test_events_at_any_moment_get_a_step_on_which_there_mostly_is_one(guess, unit):
    passed = np.cumsum(np.random.default_rng(0).exponential(40, 2000))
    stamps = pd.Timestamp("2024-01-01") + pd.to_timedelta(passed, unit="s").ceil(unit)

    config, told = guess(text_of("time,level", stamps, values(2000)))

    arrived = ingest(config.source, config.series)
    assert (config.series.freq, config.series.regularise) == ("30s", "mean")
    assert arrived.table.observed.mean() > 0.5
    assert 'regularise "mean", since otherwise: ' in told


def test_a_step_that_is_round_stays_where_rows_lie_beside_it(guess):
    shaky = [
        day + timedelta(minutes=place % 10 // 5) for place, day in enumerate(days(step=timedelta(hours=1)))
    ]

    config, _ = guess(text_of("time,level", shaky, values()))

    assert (config.series.freq, config.series.regularise) == ("h", "mean")


def test_a_few_times_that_cannot_be_read_at_the_top_do_not_hide_the_column_of_times(guess):
    content = daily()
    for place, day in enumerate(days(3)):
        content = content.replace(f"{day:%Y-%m-%d}", f"broken {place}")

    config, _ = guess(content)

    assert (config.source.time, config.series.freq) == ("date", "D")
    assert ingest(config.source, config.series).rows.rows_set_aside["bad_time"] == 3


# How files are written


@pytest.mark.parametrize("name", ["data.tsv", "data.tsv.gz"])
def test_files_with_tabs_are_read_by_their_usual_name(guess, tmp_path, name):
    table = pd.DataFrame({"date": days(), "level": values()})
    table.to_csv(tmp_path / name, sep="\t", index=False)

    config, _ = guess(None, name)

    assert (config.name, config.source.delimiter) == ("data", "\t")
    assert ingest(config.source, config.series).rows.rows_kept == 120


@pytest.mark.parametrize(
    ("written", "separator", "got"),
    [
        (lambda n: f'"{1000 * n:,.2f}"', ",", "1,000.00"),
        (lambda n: f"{1000 * n:,.2f}".translate({44: ".", 46: ","}), ";", "1.000,00"),
        (lambda n: f'"{1000 * n:,.0f}"', ",", "1,000"),
    ],
)
def test_marks_of_thousands_are_refused_by_line_with_a_way_to_be_rid_of_them(
    guess, tmp_path, written, separator, got
):
    numbers = [written(place / 10) for place in range(120)]

    with pytest.raises(BadInput) as caught:
        guess(text_of(f"date{separator}sales", days(), numbers, mark=separator))

    assert 'data.csv: line 12, column "sales": ' in caught.value.message
    assert f'"{got}"' in caught.value.message
    subprocess.run([sys.executable, "-c", PANDAS.search(caught.value.message)[1]], check=True, cwd=tmp_path)
    config, _ = guess(None, "data-better.csv")
    assert ingest(config.source, config.series).table.y.max() == 11900


def test_comments_above_the_header_are_named_by_their_lines(guess):
    with pytest.raises(BadInput, match='lines 1 to 2 are comments, beginning with "# plant 7"'):
        guess("# plant 7\n# kW\n" + daily())


@pytest.mark.parametrize("comment", ["# plant 7, north", "# plant 7"])
def test_a_line_of_comment_above_a_header_is_none_even_with_as_many_cells(guess, comment):
    with pytest.raises(BadInput, match=f'line 1 is a comment, beginning with "{comment}".*: delete it'):
        guess(f"{comment}\n" + daily())


@pytest.mark.parametrize("header", ["# date,level", "#date,level"])
def test_a_header_may_begin_with_the_sign_of_a_comment(guess, header):
    config, _ = guess(daily().replace("date,level", header))

    assert config.source.value == "level"


def test_of_a_table_with_very_many_columns_fewer_rows_are_looked_at(tmp_path):
    wide = pd.DataFrame(np.ones((900, 1000)), columns=[f"place {place}" for place in range(1000)])
    wide.to_parquet(tmp_path / "wide.parquet")
    wide.iloc[:, :10].to_parquet(tmp_path / "narrow.parquet")

    seen = {name: look_at(str(tmp_path / f"{name}.parquet")).rows for name in ("wide", "narrow")}

    assert seen == {"wide": 400, "narrow": 900}


# What users see


def test_a_pipeline_file_that_is_there_is_a_matter_of_usage(guess, tmp_path):
    guess(daily())

    with pytest.raises(UsageError, match="run it with `lstm-pipeline run"):
        write_pipeline("data.csv", type(tmp_path)("made.toml"), overwrite=False)


@pytest.mark.parametrize("unit", [1e300, 1e153, 1e-300])
def test_values_beyond_squares_are_looked_at_without_a_warning(tmp_path, unit):
    numbers = [value * unit for value in values()]
    (tmp_path / "data.csv").write_text(text_of("level", numbers))
    command = [sys.executable, "-W", "error", "-m", "lstm_pipeline", "init", "data.csv"]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=os.environ, check=False)

    assert done.returncode == 0, done.stderr
    assert "season_length 7" in done.stderr


@pytest.mark.parametrize("unread", [{0: "unknown"}, {3: "see 1", 7: "see 2", 9: "see 3"}])
def test_a_few_cells_that_are_no_times_hide_no_column_of_times(guess, unread):
    written = [f"{datetime(2020, 1, 10) + timedelta(days=day):%d/%m/%y}" for day in range(120)]
    cells = [unread.get(at, text) for at, text in enumerate(written)]

    config, _ = guess(text_of("date,level", cells, values(120)))

    assert config.source.time == "date"
    assert config.source.time_format == "%d/%m/%y"
