"""Which files a path names, and a feed that somebody is still writing to."""

import itertools
import threading

import pytest

from lstm_pipeline.errors import BadInput
from lstm_pipeline.series.rules import SeriesRules
from lstm_pipeline.sources.config import FilesSource
from lstm_pipeline.sources.door import ingest
from lstm_pipeline.sources.listing import find_files

DAY = "ds,y\n2020-01-01,1\n"


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.csv", ["a.csv"]),
        ("*/x.csv", ["n/x.csv"]),
        ("**/x.csv", ["n/m/x.csv", "n/x.csv", "x.csv"]),
        ("n/**", ["m/x.csv", "x.csv"]),
        ("n/**/x.csv", ["m/x.csv", "x.csv"]),
        ("[an]*/?.csv", ["n/x.csv"]),
        ("**", ["a.csv", "n/m/x.csv", "n/x.csv", "x.csv"]),
    ],
)
def test_a_star_stays_within_its_folder_and_two_stars_go_through_all(tmp_path, pattern, found):
    for name in ("a.csv", "x.csv", "n/x.csv", "n/m/x.csv", "n/notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(DAY)
    if pattern == "*.csv":
        (tmp_path / "x.csv").unlink()

    files = find_files(f"{tmp_path}/{pattern}")

    assert [file.name for file in files] == found


def test_a_file_that_is_written_to_while_it_is_read_is_refused(tmp_path):
    feed, stop = tmp_path / "feed.csv", threading.Event()
    rows = (f"{second},{second % 7}\n" for second in itertools.count())
    feed.write_text("step,y\n" + "".join(itertools.islice(rows, 300_000)))

    def go_on_writing():
        with feed.open("a") as file:
            while not stop.wait(0.001):
                file.write(next(rows))
                file.flush()

    writer = threading.Thread(target=go_on_writing)
    writer.start()
    try:
        with pytest.raises(BadInput, match=r"feed\.csv: it changed while it was read; run again once"):
            ingest(FilesSource(path=str(feed), time="step"), SeriesRules(), None)
    finally:
        stop.set()
        writer.join()
