"""What the door says: which files are meant, what was expected, and what to do about it."""

import pytest

from lstm_pipeline.errors import BadInput
from lstm_pipeline.series.rules import SeriesRules
from lstm_pipeline.sources.config import FilesSource
from lstm_pipeline.sources.door import ingest


@pytest.fixture
def door(tmp_path):
    """Write files, pass their folder through the door."""

    def passed(files, rules=SeriesRules(), **source):  # noqa: B008  a frozen value
        for name, content in files.items():
            (tmp_path / name).write_text(content)
        return ingest(FilesSource(path=str(tmp_path), **source), rules)

    return passed


def test_times_that_cannot_be_told_in_several_files_are_told_of_the_first_and_how_many_more(door):
    files = {f"{name}.csv": "ds,y\n01/02/2020,1\n02/03/2020,2\n" for name in "ab"}

    with pytest.raises(BadInput, match=r'^a\.csv and 1 more: "01/02/2020" can be read day first or month'):
        door(files)


def test_the_only_column_whose_rows_are_mostly_numbers_holds_the_values(door):
    rows = [f"2020-01-{day:02d},calm,{'oops' if day == 3 else day}" for day in range(1, 31)]

    arrived = door({"a.csv": "\n".join(["ds,weather,wind", *rows])})

    assert arrived.table.y[[0, -1]].tolist() == [1.0, 30.0]
    assert arrived.rows.rows_set_aside["not_number"] == 1
