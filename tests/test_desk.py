"""The desk: a job says when it is, as whoever asked for it said."""

import datetime as dt

import pytest

from lstm_pipeline.errors import UsageError
from lstm_pipeline.steps.desk import as_of_of
from tests.conftest import NOW, hourly, waves

ROWS = hourly("a", waves())


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        (None, NOW),
        ("2024-01-05T06:00", dt.datetime(2024, 1, 5, 6)),
        ("2024-01-05T06:00Z", dt.datetime(2024, 1, 5, 6, tzinfo=dt.UTC)),
        ("17", 17),
        ("-3", -3),
    ],
)
def test_the_logical_date_is_what_was_given_with_a_zone_or_without(line, text, moment):
    job = line.job(ROWS, as_of=text)

    as_of = as_of_of(job)

    assert as_of == moment
    assert getattr(as_of, "tzinfo", None) == getattr(moment, "tzinfo", None)


@pytest.mark.parametrize("text", ["soon", "--3", "2024-13-01"])
def test_a_logical_date_that_is_none_is_refused(line, text):
    with pytest.raises(UsageError, match=r"--as-of: got .*, expected an ISO time"):
        as_of_of(line.job(ROWS, as_of=text))
