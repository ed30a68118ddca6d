"""Measure the checks of a feed: false alarms on clean dates of ten public data sets, and planted faults found.

    python benchmarks/feed_health.py FOLDER [--only NAME] [--clean-only] [--out benchmarks/results/feed_health.md]

FOLDER holds the public data sets, one folder each. A set is read once through the door and cut at many dates; at
each date sizes and split are the defaults. Clean: nothing is changed. Planted: one fault in every series, on the
newest part of the test part.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lstm_pipeline.health import Feed, Suspicion, examine, verdict_on
from lstm_pipeline.series.table import SeriesTable
from lstm_pipeline.settings.config import parse_pipeline
from lstm_pipeline.sources.door import ingest
from lstm_pipeline.windows.config import SplitConfig, WindowsConfig
from lstm_pipeline.windows.defaults import settle
from lstm_pipeline.windows.split import chronological

SETS = {
    "airline_passengers": 'path = "{data}/airline_passengers/airline-passengers.csv"\ntime = "Month"\nvalue = "Passengers"',
    "beijing_pm25": (
        'path = "{data}/beijing_pm25/pollution.csv"\nlayout = "wide"\ntime = ["year", "month", "day", "hour"]\n'
        'values = ["pm2.5", "DEWP", "TEMP", "PRES", "Iws"]'
    ),
    "daily_min_temperatures": 'path = "{data}/daily_min_temperatures/daily-min-temperatures.csv"\ntime = "Date"\nvalue = "Temp"',
    "etth1": 'path = "{data}/etth1/ETTh1.csv"\nlayout = "wide"\ntime = "date"',
    "m4_hourly": 'path = "{data}/m4_hourly/Hourly-train.csv"\nlayout = "rows"',
    "monthly_sunspots": 'path = "{data}/monthly_sunspots/monthly-sunspots.csv"\ntime = "Month"\nvalue = "Sunspots"',
    "nab ec2 latency": 'path = "{data}/nab_irregular/ec2_request_latency_system_failure.csv"\ntime = "timestamp"\nvalue = "value"',
    "nab rogue agent": 'path = "{data}/nab_irregular/rogue_agent_key_hold.csv"\ntime = "timestamp"\nvalue = "value"',
    "nab speed 6005": 'path = "{data}/nab_irregular/speed_6005.csv"\ntime = "timestamp"\nvalue = "value"',
    "nyc_taxi": 'path = "{data}/nyc_taxi/nyc_taxi.csv"\ntime = "timestamp"\nvalue = "value"',
    "peyton_manning": 'path = "{data}/peyton_manning/example_wp_log_peyton_manning.csv"\ntime = "ds"\nvalue = "y"',
    "pjm_aep": 'path = "{data}/pjm_aep/AEP_hourly.csv"\ntime = "Datetime"\nvalue = "AEP_MW"',
}
"""Their [source] sections."""
RULES = {
    name: 'freq = "5min"\nregularise = "mean"'
    for name in ("nab ec2 latency", "nab rogue agent", "nab speed 6005")
}
"""Their [series] sections, where the defaults do not do."""
KNOWN = {
    "nyc_taxi": "2014-11-01",
    "nab ec2 latency": "2014-03-14",
    "nab rogue agent": "2014-07-12",
    "nab speed 6005": "2015-08-31",
}
"""From when on the data hold documented anomalies, gaps or failures: such dates are counted apart."""
DATES = 40
"""Clean dates of each set."""
OLDEST = 0.4
"""Share of a set that its earliest date has seen."""


@dataclass(frozen=True)
class Case:
    """A set as of one date, with its default split."""

    name: str
    date: str
    feed: Feed
    known: bool
    """A documented anomaly lies in the held-out part."""


def read(name: str, data: Path) -> tuple[SeriesTable, int]:
    """A set through the project's own door, and its season."""
    text = f'name = "x"\n[source]\n{SETS[name].format(data=data)}\n[series]\n{RULES.get(name, "")}'
    config = parse_pipeline(tomllib.loads(text), folder=data, named=name)
    arrived = ingest(config.source, config.series, dt.datetime(2030, 1, 1) if name != "m4_hourly" else None)
    return arrived.table, arrived.season_length


def until(table: SeriesTable, keep: np.ndarray) -> SeriesTable:
    """The first `keep` rows of each series, less those at the end that nobody observed."""
    nth = np.arange(len(table.y)) - np.repeat(table.offsets[:-1], table.lengths)
    owner = table.series_of_row
    seen = table.observed & (nth < keep[owner])
    last = np.zeros(len(table.ids), np.int64)
    np.maximum.at(last, owner[seen], nth[seen] + 1)
    rows = nth < last[owner]
    here = last > 0
    return replace(
        table,
        ids=tuple(np.array(table.ids)[here]),
        offsets=np.concatenate([[0], np.cumsum(last[here])]),
        first=table.first[here],
        y=table.y[rows],
        observed=table.observed[rows],
        known_at=None,
        until=None,
    )


def cases(name: str, data: Path, dates: int) -> Iterator[Case]:
    """A set as of many dates."""
    whole, season = read(name, data)
    for share in np.linspace(OLDEST, 1.0, dates):
        if whole.grid.timed:
            step = whole.first.min() + int(share * (whole.last.max() - whole.first.min() + 1))
            table = until(whole, np.maximum(step - whole.first, 0))
        else:
            table = until(whole, (share * whole.lengths).astype(np.int64))
        settled = settle(table, season, WindowsConfig(), SplitConfig())
        cut = chronological(table, settled.validation, settled.test)
        date = table.grid.label(int(table.grid.stamp(np.array([table.newest]))[0]))
        yield Case(
            name,
            date,
            Feed(table=table, validation=cut.validation, test=cut.test, season=season),
            date >= KNOWN.get(name, "~"),
        )


def spoken(case: Case) -> dict[str, str]:
    """Findings as a run keeps them."""
    ids = case.feed.table.ids
    return {ids[found.series]: f"{found.kind}: {found.sentence}" for found in examine(case.feed)}


# --- planted faults: each takes the values of one stretch, all before it, the season and a generator ---

Floats = np.ndarray
Fault = Callable[[Floats, Floats, int, np.random.Generator], Floats]


def _some(values: Floats, put: float, share: float, rng: np.random.Generator) -> Floats:
    return np.where(rng.random(len(values)) < share, put, values)


def _back(past: Floats, lag: int, count: int) -> Floats:
    return np.resize(past[-lag:], count)


def _gap(values: Floats, rng: np.random.Generator) -> Floats:
    return np.where(rng.random(len(values)) < 0.6, np.nan, values)


FAULTS: dict[str, Fault] = {
    "frozen at the last value": lambda new, past, season, rng: np.full(len(new), past[-1]),
    "frozen to zero": lambda new, past, season, rng: np.zeros(len(new)),
    "last season copied": lambda new, past, season, rng: _back(past, season, len(new)),
    "last seven seasons copied": lambda new, past, season, rng: _back(past, 7 * season, len(new)),
    "times 1000": lambda new, past, season, rng: new * 1000,
    "times 100": lambda new, past, season, rng: new * 100,
    "times 10": lambda new, past, season, rng: new * 10,
    "divided by 1000": lambda new, past, season, rng: new / 1000,
    "Fahrenheit for Celsius": lambda new, past, season, rng: new * 1.8 + 32,
    "sign flipped": lambda new, past, season, rng: -new,
    "-999 in 5 %": lambda new, past, season, rng: _some(
        new, -999.0 if np.abs(past).max() < 900 else -99999.0, 0.05, rng
    ),
    "65535 in 2 %": lambda new, past, season, rng: _some(
        new, 65535.0 if np.abs(past).max() < 60000 else 9999999.0, 0.02, rng
    ),
    "clipped above": lambda new, past, season, rng: np.minimum(new, np.quantile(new, rng.uniform(0.6, 0.8))),
    "clipped below": lambda new, past, season, rng: np.maximum(new, np.quantile(new, rng.uniform(0.2, 0.4))),
    "60 % missing": lambda new, past, season, rng: _gap(new, rng),
    "half a season late": lambda new, past, season, rng: np.concatenate([past, new])[
        len(past) - season // 2 :
    ][: len(new)],
    "a quarter season late": lambda new, past, season, rng: np.concatenate([past, new])[
        len(past) - season // 4 :
    ][: len(new)],
    "one step late": lambda new, past, season, rng: np.concatenate([past, new])[len(past) - 1 :][: len(new)],
    "shuffled": lambda new, past, season, rng: rng.permutation(new),
    "noise of the same spread": lambda new, past, season, rng: rng.normal(past.mean(), past.std(), len(new)),
    "spikes in 3 %": lambda new, past, season, rng: (
        new + _some(np.zeros(len(new)), 20 * past.std(), 0.03, rng) * rng.normal(1, 0.2, len(new))
    ),
    "rounded to an eighth of the range": lambda new, past, season, rng: (
        np.round(new * 8 / np.ptp(past)) * np.ptp(past) / 8
    ),
    "refreshed each sixth step": lambda new, past, season, rng: np.repeat(new[::6], 6)[: len(new)],
}
"""Name -> the stretch as it arrives."""


def planted(feed: Feed, fault: Fault, rng: np.random.Generator, share: float) -> Feed:
    """The feed with a fault on the newest share of each series' test part; what was not observed stays so."""
    table = feed.table
    y, observed = table.y.copy(), table.observed.copy()
    for i in range(len(table.ids)):
        end = int(table.offsets[i + 1])
        begin = end - int(share * (end - feed.test[i]))
        if begin < end:
            own = fault(y[begin:end], y[table.offsets[i] : begin], feed.season, rng)
            observed[begin:end] &= np.isfinite(own)
            y[begin:end] = np.where(np.isfinite(own), own, y[begin:end])
    return replace(feed, table=replace(table, y=y, observed=observed))
