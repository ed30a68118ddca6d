"""Slots of cron lines and intervals, and which of those that passed unused still count."""

from __future__ import annotations

import datetime as dt
from itertools import islice, pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_pipeline.errors import BadConfig
from lstm_pipeline.schedule import ANCHOR, Clock, agenda
from lstm_pipeline.settings.config import parse_pipeline

DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
MOMENTS = st.datetimes(
    min_value=dt.datetime(2020, 1, 1), max_value=dt.datetime(2035, 1, 1), timezones=st.just(dt.UTC)
)
RULES = st.sampled_from(["0 2 * * *", "*/15 * * * *", "30 4 * * 1", "0 0 1 * *", "5m", "6h", "1d", "1w"])


def utc(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def clock(rule, zone="UTC"):
    return Clock(rule=rule, timezone=zone)


def scheduled(**keys):
    table = {"name": "x", "source": {"path": "a.csv"}, "schedule": keys}
    return parse_pipeline(table, folder=Path(), named="test").schedule


@given(rule=RULES, at=MOMENTS)
def test_the_latest_slot_is_the_last_one_that_is_not_later_than_the_moment(rule, at):
    slots = clock(rule)

    latest = slots.latest(at)

    assert latest <= at
    assert next(slots.following(latest)) > at
    assert slots.latest(latest) == latest


@given(rule=RULES, at=MOMENTS)
def test_the_slots_after_a_moment_rise_and_none_lies_between_two_of_them(rule, at):
    slots = clock(rule)

    found = list(islice(slots.following(at), 5))

    assert found == sorted(set(found))
    for earlier, later in pairwise(found):
        assert slots.latest(later - dt.timedelta(seconds=1)) == earlier


@pytest.mark.parametrize("rule", ["0 2 * * *", "*/20 * * * *", "15 3 * * 1-5", "0 0 1 1,7 *"])
def test_slots_of_a_cron_line_are_those_that_prefect_fires_at(rule):
    from prefect.server.schemas.schedules import CronSchedule

    start = utc("2026-01-10")
    theirs = CronSchedule(cron=rule, timezone="UTC")._get_dates_generator(n=40, start=start)

    ours = islice(clock(rule).following(start - dt.timedelta(seconds=1)), 40)

    assert [moment.timestamp() for moment in ours] == [moment.timestamp() for moment in theirs]


@pytest.mark.parametrize("rule", ["5m", "6h", "1d", "1w"])
def test_slots_of_an_interval_are_those_that_prefect_fires_at(rule):
    from prefect.server.schemas.schedules import IntervalSchedule

    start = utc("2026-01-10")
    schedule = IntervalSchedule(interval=clock(rule).interval, anchor_date=ANCHOR, timezone="UTC")

    ours = islice(clock(rule).following(start - dt.timedelta(seconds=1)), 20)

    theirs = schedule._get_dates_generator(n=20, start=start)
    assert [moment.timestamp() for moment in ours] == [moment.timestamp() for moment in theirs]


def test_a_cron_line_follows_the_clock_of_its_zone_through_the_year():
    slots = clock("0 6 * * *", "Europe/Berlin").following(utc("2026-01-01"))

    days = [due.astimezone(ZoneInfo("Europe/Berlin")) for due in islice(slots, 365)]

    assert {moment.hour for moment in days} == {6}
    assert len({moment.date() for moment in days}) == 365


def test_an_hour_that_clocks_skip_is_taken_after_it_and_one_that_they_repeat_once():
    berlin = clock("30 2 * * *", "Europe/Berlin")

    spring = berlin.between(utc("2026-03-28T12:00"), utc("2026-03-29T12:00"))
    autumn = berlin.between(utc("2026-10-24T12:00"), utc("2026-10-25T12:00"))

    assert len(spring) == 1
    assert spring[0].astimezone(ZoneInfo("Europe/Berlin")).hour == 3
    assert len(autumn) == 1


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("soon", "expected a whole number with its unit"),
        ("0 2 * *", "expected five fields"),
        ("0 25 * * *", "no cron line"),
        ("0 0 31 2 *", "no cron line (Bad day-of-month)"),
        ("30s", "at least 1m between two slots"),
        ("0 0 2 * * *", "expected five fields"),
    ],
)
def test_a_schedule_that_names_no_moment_is_refused_with_its_key(rule, message):
    with pytest.raises(BadConfig) as raised:
        scheduled(retrain=rule)

    (fault,) = raised.value.faults
    assert fault.startswith(f"schedule.retrain: got {rule!r}")
    assert message in fault


def test_a_zone_that_is_none_is_refused():
    with pytest.raises(BadConfig, match=r"schedule\.timezone: got 'Mars'; expected a time zone"):
        scheduled(retrain="1d", timezone="Mars")


def test_a_pipeline_without_a_schedule_has_no_clock():
    assert scheduled().clock("retrain") is None
    assert scheduled(forecast="1h").clock("retrain") is None


@given(
    many=st.integers(1, 20), missed=st.sampled_from(["latest", "all", "window"]), window=st.integers(0, 20)
)
def test_every_open_slot_is_run_or_superseded_and_the_newest_is_always_run(many, missed, window):
    now = utc("2026-01-01")
    due = [now - DAY * age for age in reversed(range(many))]

    found = agenda(missed, DAY * window, due, now)

    assert sorted([*found.runs, *found.superseded]) == due
    assert found.runs[-1] == due[-1]
    assert list(found.runs) == sorted(found.runs)


def test_what_becomes_of_missed_slots_is_as_the_policy_says():
    now = utc("2026-01-10")
    due = [now - DAY * age for age in (3, 2, 1, 0)]

    runs = {policy: len(agenda(policy, 2 * DAY, due, now).runs) for policy in ("latest", "all", "window")}

    assert runs == {"latest": 1, "all": 4, "window": 3}
