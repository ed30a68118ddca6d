"""Made-up feeds: what arrives as it always did, and what a broken feed makes of it."""

import numpy as np

from lstm_pipeline.health import Feed
from tests.conftest import table_of

DAY, WEEK = 24, 7


def feed_of(*series, season=DAY, freq="h", validation=0.6, test=0.8):
    """Series whose last 40 % are held out; NaN where nobody observed."""
    table = table_of(*series, freq=freq)
    low, lengths = table.offsets[:-1], table.lengths
    begin, middle = (low + (share * lengths).astype(int) for share in (validation, test))
    return Feed(table=table, validation=begin, test=middle, season=season)


def wandering(rng, count, *, step=0.3):
    """What stays for a while: an AR(1) with a half-life of about four steps."""
    noise = step * rng.standard_normal(count)
    for at in range(1, count):
        noise[at] += 0.85 * noise[at - 1]
    return noise


def temperatures(seed=0, days=150):
    """Hourly, with a day, weather and two decimals."""
    rng, hours = np.random.default_rng(seed), np.arange(days * DAY)
    return np.round(15 + 6 * np.sin(2 * np.pi * hours / DAY) + wandering(rng, len(hours)), 2)


def solar(seed):
    """Nothing at night, and nights that get longer."""
    rng, hours = np.random.default_rng(seed), np.arange(150 * DAY)
    sun = np.sin(2 * np.pi * hours / DAY) - np.linspace(0, 0.5, len(hours))
    clouds = np.clip(1 + wandering(rng, len(hours), step=0.1), 0.2, None)
    return np.maximum(0.0, 100 * sun * clouds)


def shop(seed):
    """Daily sales: nothing on Sundays, and two weeks of holidays in the test part."""
    rng, days = np.random.default_rng(seed), np.arange(1095)
    sales = np.round(200 * (1 + 0.4 * np.sin(2 * np.pi * days / WEEK)) * rng.uniform(0.7, 1.3, len(days)))
    sales[(days % WEEK == 6) | ((days >= 1000) & (days < 1014))] = 0.0
    return sales


def counts(seed):
    """Few whole numbers, mostly nought."""
    return np.random.default_rng(seed).poisson(0.3, 3600).astype(float)


def many_counts(seed):
    """Whole numbers with a day."""
    hours = np.arange(3600)
    return np.random.default_rng(seed).poisson(20 + 15 * np.sin(2 * np.pi * hours / DAY)).astype(float)


def set_points(seed):
    """Plateaus of some hours at one of five levels."""
    rng = np.random.default_rng(seed)
    return np.repeat(rng.choice([18.0, 19, 20, 21, 22], 400), rng.integers(5, 40, 400))[:3600]


def growth(seed):
    """Three times as much after each year, by days."""
    rng, days = np.random.default_rng(seed), np.arange(800)
    return (
        100
        * 3 ** (days / 365)
        * (1 + 0.3 * np.sin(2 * np.pi * days / WEEK))
        * rng.uniform(0.9, 1.1, len(days))
    )


def gaps(seed):
    """A third of the hours is missing anywhere, and whole days now and then."""
    rng, values = np.random.default_rng(seed), temperatures(seed)
    holes = rng.random(len(values)) < 0.3
    for begin in rng.integers(1, len(values) - 60, 12):
        holes[begin : begin + 40] = True
    values[1:-1][holes[1:-1]] = np.nan
    return values


def walk(seed):
    """Without a season or a level."""
    return np.cumsum(np.random.default_rng(seed).standard_normal(3600))


def tide(seed):
    """A season that is not a day, and drifts through it."""
    rng, hours = np.random.default_rng(seed), np.arange(3600)
    return 5 * np.sin(2 * np.pi * hours / 24.84) + 0.3 * rng.standard_normal(len(hours))


def doubling(seed):
    """Twice as much, level and spread, from one hour on."""
    rng, hours = np.random.default_rng(seed), np.arange(3600)
    size = np.where(hours < rng.integers(2300, 3400), 10.0, 20.0)
    return size * (1 + 0.3 * np.sin(2 * np.pi * hours / DAY)) * rng.uniform(0.9, 1.1, len(hours))


def year(seed):
    """Hours of a year and some weeks, so that the held-out season was never there before."""
    rng, hours = np.random.default_rng(seed), np.arange(9600)
    seasons = -12 * np.cos(2 * np.pi * hours / 8760 + rng.uniform(0, 6))
    return 10 + seasons + 4 * np.sin(2 * np.pi * hours / DAY) + wandering(rng, len(hours))


CLEAN = {
    "temperatures": (temperatures, DAY, "h"),
    "nights without sun": (solar, DAY, "h"),
    "a shop with Sundays and holidays": (shop, WEEK, "D"),
    "rare counts": (counts, DAY, "h"),
    "counts": (many_counts, DAY, "h"),
    "set points": (set_points, DAY, "h"),
    "growth": (growth, WEEK, "D"),
    "irregular gaps": (gaps, DAY, "h"),
    "a random walk": (walk, DAY, "h"),
    "a tide": (tide, DAY, "h"),
    "a doubling": (doubling, DAY, "h"),
    "a year": (year, DAY, "h"),
}
"""Name -> values by seed, season, freq."""


def _some(new, put, share):
    return np.where(np.random.default_rng(1).random(len(new)) < share, put, new)


FAULTS = {
    "stands still": ("frozen", lambda new, past: np.full(len(new), past[-1])),
    "falls to nought and stays": ("frozen", lambda new, past: np.zeros(len(new))),
    "repeats the last day": ("repeated", lambda new, past: np.resize(past[-DAY:], len(new))),
    "repeats the last week": ("repeated", lambda new, past: np.resize(past[-7 * DAY :], len(new))),
    "comes in thousandths": ("scale", lambda new, past: new * 1000),
    "comes in tenths": ("scale", lambda new, past: new * 10),
    "comes in thousands": ("scale", lambda new, past: new / 1000),
    "comes in Fahrenheit": ("scale", lambda new, past: new * 1.8 + 32),
    "has its sign turned": ("scale", lambda new, past: -new),
    "has -999 for nothing": ("sentinel", lambda new, past: _some(new, -999.0, 0.05)),
    "has 65535 for nothing": ("sentinel", lambda new, past: _some(new, 65535.0, 0.02)),
    "is cut off above": ("clipped", lambda new, past: np.minimum(new, 17.0)),
    "is cut off below": ("clipped", lambda new, past: np.maximum(new, 12.0)),
    "has holes": ("gappy", lambda new, past: _some(new, np.nan, 0.6)),
    "comes half a day late": ("shifted", lambda new, past: np.concatenate([past, new])[-len(new) - 12 : -12]),
    "comes six hours early": ("shifted", lambda new, past: np.roll(new, -6)),
    "is in no order": ("noise", lambda new, past: np.random.default_rng(1).permutation(new)),
    "is noise": ("noise", lambda new, past: np.random.default_rng(1).normal(15, 4, len(new))),
    "has spikes": ("noise", lambda new, past: new * _some(np.ones(len(new)), 4.0, 0.03)),
    "is renewed every fourth hour": ("rounded", lambda new, past: np.repeat(new[::4], 4)[: len(new)]),
}
"""What a feed does -> the kind that it is told as, and its values from those due and those before."""


def broken(fault, *, seed=0, days=150, since=0.85):
    """Temperatures that break within the test part."""
    values = temperatures(seed, days)
    begin = int(since * len(values))
    values[begin:] = FAULTS[fault][1](values[begin:], values[:begin])
    return values
