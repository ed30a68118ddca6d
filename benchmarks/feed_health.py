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

from lstm_pipeline.health import Feed, examine, verdict_on
from lstm_pipeline.series.grid import Grid
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
NAB = ("nab ec2 latency", "nab rogue agent", "nab speed 6005")
RULES = dict.fromkeys(NAB, 'freq = "5min"\nregularise = "mean"')
"""Their [series] sections, where the defaults do not do."""
KNOWN = {
    "nyc_taxi": "2014-11-01",
    "nab ec2 latency": "2014-03-14",
    "nab rogue agent": "2014-07-12",
    "nab speed 6005": "2015-08-31",
}
"""From when on the data hold anomalies, gaps or failures that come with their description: counted apart."""
DATES = 60
"""Clean dates of each set."""
PLANTED_DATES = 5
"""Dates of each set on which faults are planted."""
SHARES = (1.0, 0.5, 0.25)
"""Share of the test part that a fault spoils, its newest."""
FIRST = 30
"""Series of a panel that faults are planted into."""
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


def panel(feed: Feed, most: int) -> Feed:
    """The first series of a feed."""
    table = feed.table
    end = int(table.offsets[most])
    return replace(
        feed,
        table=replace(
            table,
            ids=table.ids[:most],
            offsets=table.offsets[: most + 1],
            first=table.first[:most],
            y=table.y[:end],
            observed=table.observed[:end],
        ),
        validation=feed.validation[:most],
        test=feed.test[:most],
    )


@dataclass
class Alarms:
    """What was raised on the clean dates of one set."""

    runs: int = 0
    held: int = 0
    series: int = 0
    suspicious: int = 0
    known_runs: int = 0
    known_held: int = 0

    def add(self, case: Case, found: dict[str, str]) -> None:
        """Count one date."""
        held = bool(verdict_on(found, case.feed.table.ids))
        if case.known:
            self.known_runs += 1
            self.known_held += held
        else:
            self.runs += 1
            self.held += held
            self.series += len(case.feed.table.ids)
            self.suspicious += len(found)


def clean(name: str, data: Path) -> tuple[Alarms, list[str]]:
    """False alarms of one set, and each of them in words."""
    alarms, told = Alarms(), []
    for case in cases(name, data, DATES):
        found = spoken(case)
        alarms.add(case, found)
        told += [
            f"{name}{' (described)' if case.known else ''}, as of {case.date}, {series}: {text}"
            for series, text in found.items()
            if len(case.feed.table.ids) < 100
        ]
    return alarms, told


def detection(name: str, data: Path) -> tuple[Counter, Counter, dict[str, Counter]]:
    """Series planted, series found by (fault, share), and the kinds they were told as."""
    planted_in, hits, kinds = Counter(), Counter(), defaultdict(Counter)
    for at, case in enumerate(cases(name, data, PLANTED_DATES)):
        feed = panel(case.feed, min(FIRST, len(case.feed.table.ids)))
        for fault, share in ((fault, share) for fault in FAULTS for share in SHARES):
            for seed in (0, 1):
                rng = np.random.default_rng([seed, at, int(100 * share)])
                found = examine(planted(feed, FAULTS[fault], rng, share))
                planted_in[fault, share] += len(feed.table.ids)
                hits[fault, share] += len(found)
                kinds[fault].update(suspicion.kind for suspicion in found)
    return planted_in, hits, kinds


def cost(series: int = 10_000, length: int = 1_000) -> float:
    """Seconds that many made-up series take."""
    rng, offsets = np.random.default_rng(0), np.arange(series + 1) * length
    day = 10 + 3 * np.sin(2 * np.pi * np.arange(length) / 24)
    table = SeriesTable(
        grid=Grid(freq="h"),
        ids=tuple(f"{at:06d}" for at in range(series)),
        offsets=offsets,
        first=np.zeros(series, np.int64),
        y=(day + np.cumsum(rng.normal(0, 0.1, (series, length)), axis=1)).ravel(),
        observed=np.ones(series * length, bool),
    )
    feed = Feed(table=table, validation=offsets[:-1] + 600, test=offsets[:-1] + 800, season=24)
    begun = time.process_time()
    examine(feed)
    return time.process_time() - begun


def clean_table(alarms: dict[str, Alarms]) -> list[str]:
    """False alarms by set, and together."""
    lines = [
        "| data | clean runs | held | series examined | suspicious | described dates | held |",
        "| --- " * 7 + "|",
    ]
    whole = Alarms(
        *(sum(getattr(one, name) for one in alarms.values()) for name in Alarms.__dataclass_fields__)
    )
    for name, one in (*alarms.items(), ("together", whole)):
        lines.append(
            f"| {name} | {one.runs} | {one.held} ({one.held / max(one.runs, 1):.1%}) | {one.series:,} | "
            f"{one.suspicious} ({one.suspicious / max(one.series, 1):.2%}) | {one.known_runs} | {one.known_held} |"
        )
    return lines


def found_tables(made: dict[str, tuple[Counter, Counter, dict[str, Counter]]]) -> list[str]:
    """Detection by kind of fault and share of the test part; then, of whole test parts, by set."""
    lines = ["| fault | " + " | ".join(f"{share:.0%} of the test part" for share in SHARES) + " | told as |"]
    lines.append("| --- " * (len(SHARES) + 2) + "|")
    for fault in FAULTS:
        cells, kinds = [], Counter()
        for share in SHARES:
            rates = [hits[fault, share] / planted_in[fault, share] for planted_in, hits, _ in made.values()]
            cells.append(f"{np.mean(rates):.0%}")
        for _, _, told in made.values():
            kinds.update(told[fault])
        names = ", ".join(f"{kind} {count / sum(kinds.values()):.0%}" for kind, count in kinds.most_common(3))
        lines.append(f"| {fault} | {' | '.join(cells)} | {names} |")
    lines += ["", "Of whole test parts, by set:", "", "| fault | " + " | ".join(made) + " |"]
    lines.append("| --- " * (len(made) + 1) + "|")
    for fault in FAULTS:
        cells = [f"{hits[fault, 1.0] / planted_in[fault, 1.0]:.0%}" for planted_in, hits, _ in made.values()]
        lines.append(f"| {fault} | {' | '.join(cells)} |")
    return lines


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", choices=sorted(SETS))
    parser.add_argument("--clean-only", action="store_true")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    data, names = options.folder.resolve(), [options.only] if options.only else list(SETS)
    measured = {name: clean(name, data) for name in names}
    lines = [
        f"Checks of a feed on public data, {dt.date.today()}, {platform.machine()}, {os.cpu_count()} cores, one thread, "
        f"Python {platform.python_version()}. `python benchmarks/feed_health.py FOLDER`",
        "",
        "The thresholds were chosen on these sets and on made-up series, and dates of one set overlap: on other feeds "
        "expect more alarms.",
        "",
        f"## False alarms: {DATES} dates of each set, nothing changed",
        "",
        *clean_table({name: alarms for name, (alarms, _) in measured.items()}),
        "",
        "Every suspicion outside the panel of 414 series, described dates included:",
        "",
        *(f"- {text}" for _, told in measured.values() for text in told),
    ]
    if not options.clean_only:
        made = {name: detection(name, data) for name in names}
        total = sum(sum(planted_in.values()) for planted_in, _, _ in made.values())
        lines += [
            "",
            f"## Planted faults: {PLANTED_DATES} dates of each set, two seeds, every series ({total:,} series spoilt)",
            "",
            "Share of the spoilt series that are told, the mean over sets:",
            "",
            *found_tables(made),
            "",
            f"Cost: {cost():.1f} CPU-s for 10,000 series of 1,000 steps.",
        ]
    print("\n".join(lines))
    if options.out:
        options.out.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
