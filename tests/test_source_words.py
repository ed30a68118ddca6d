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
