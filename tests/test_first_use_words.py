"""What `init` says of its guesses: sentences on the screen, comments beside the keys of the pipeline file."""

import pandas as pd
import pytest

from lstm_pipeline.errors import BadInput
from lstm_pipeline.first_use import write_pipeline
from lstm_pipeline.first_use.toml import hint, line
from tests.test_first_use import days, text_of, values


@pytest.fixture
def said(tmp_path):
    """Write a file, guess, and give what was told and the pipeline file's text."""

    def write(content):
        (tmp_path / "data.csv").write_text(content)
        made = write_pipeline(tmp_path / "data.csv", tmp_path / "made.toml", overwrite=True)
        return "\n".join(made.guesses), made.path.read_text()

    return write


def test_rows_are_told_by_what_became_of_them_also_where_none_is_set_aside(said):
    clean, _ = said(text_of("date,level", days(), values()))
    faulty, _ = said(text_of("date,level", days(), ["oops", *values()[1:]]))

    assert "120 rows in, 120 kept; set aside: none" in clean
    assert "120 rows in, 119 kept; set aside: not_number 1" in faulty


def test_columns_that_are_not_read_are_told_with_the_reason(said):
    states = ["calm" if place % 3 else "storm" for place in range(120)]
    content = text_of("No,date,wind,state", range(120), days(), values(), states)

    told, _ = said(content)

    assert "not read (text): state" in told
    assert "not read (numbers the rows): No" in told


@pytest.mark.parametrize(("count", "more", "listed"), [(31, [], False), (31, ["No"], True), (30, [], True)])
def test_more_than_thirty_series_are_listed_by_column_only_where_another_column_is_left_out(
    said, count, more, listed
):
    names = [f"place{place}" for place in range(count)]
    rows = [list(range(120)) for _ in more]
    content = text_of(
        ",".join([*more, "date", *names]), *rows, days(), *[values(level=n) for n in range(count)]
    )

    _, text = said(content)

    assert ("\nvalues = [" in text) == listed
    assert (f"({count} series)" in text) != listed


@pytest.mark.parametrize(
    ("freq", "comment"),
    [
        ("B", "guessed from freq (a week); also 260 (a year)"),
        ("MS", "guessed from freq (a year); also 3 (a quarter)"),
        ("D", "guessed from freq (a week); also 365 (a year)"),
        ("10min", "guessed from freq (a day); also 6 (an hour), 1008 (a week)"),
    ],
)
def test_beside_the_season_stand_the_other_cycles_of_the_calendar(said, freq, comment):
    stamps = pd.date_range("2010-01-01", periods=150, freq=freq)
    content = text_of("date,level", stamps, [place % 10 / 8 for place in range(150)])

    _, text = said(content)

    (line,) = (line for line in text.splitlines() if line.startswith("season_length"))
    assert comment in line


def test_comments_beside_short_settings_stand_in_one_column_set_or_not():
    lines = [line("seed", 0, "why"), line("name", "load", "why"), hint("timezone", "UTC", "why")]

    assert len({text.index("# why") for text in lines}) == 1


def test_of_many_columns_without_numbers_the_first_eight_are_shown_with_an_example(said):
    names = [f"{letter}-name" for letter in "abcdefghij"]

    with pytest.raises(BadInput, match="no column holds numbers") as caught:
        said(text_of(",".join(names), *[["red", "blue"] * 5 for _ in names]))

    shown = [name for name in names if f'"{name}" (text, e.g. "red")' in caught.value.message]
    assert shown == names[:8]


def test_a_path_with_nothing_at_it_is_named_as_it_was_typed_and_told_where_it_begins(tmp_path):
    with pytest.raises(BadInput, match=r"^none\.csv: .* the path, which begins in the current folder"):
        write_pipeline("none.csv", tmp_path / "made.toml", overwrite=False)

    assert not (tmp_path / "made.toml").exists()
