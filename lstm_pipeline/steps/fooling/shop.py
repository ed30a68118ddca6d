"""The demo's feed: five series with a daily season and one huge, calmer in the end than before."""

from __future__ import annotations

import datetime as dt

import numpy as np

from lstm_pipeline.series.grid import Grid
from lstm_pipeline.series.table import SeriesTable
from lstm_pipeline.settings.environment import Places
from lstm_pipeline.steps.fooling.ground import Ground
from lstm_pipeline.synthetic import autoregressive, seasonal

NAMES = ("east", "harbour", "mill", "north", "south", "west")
HUGE = "harbour"
"""A thousand times as large as the others."""
DAY = 24
DAYS = 60
VALIDATION, TEST = 120, 180
"""Steps."""
START = "2024-01-01"
SECTIONS = {
    "series": {"freq": "h", "season_length": DAY},
    "windows": {"input_size": 30, "horizon": 6},
    "split": {"validation": VALIDATION, "test": TEST},
    "model": {"hidden_size": 12, "num_layers": 1},
    "training": {
        "max_steps": 240,
        "batch_size": 64,
        "learning_rate": 0.01,
        "schedule": "cosine",
        "device": "cpu",
    },
    # the planted ones meet a champion that is no better than they are but for what was planted
    "gate": {"refit": "none"},
}


def demo_ground(places: Places, now: dt.datetime) -> Ground:
    """The demo's pipeline in a store; its champion has seen all but the last test part."""
    table = feed()
    then = table.grid.label(int(table.grid.stamp(np.array([table.newest - TEST]))[0]))
    return Ground(
        name="fool-me",
        sections=SECTIONS,
        table=table,
        then=then,
        young={"training": {"max_steps": 80}},
        places=places,
        now=now,
    )


def feed() -> SeriesTable:
    """Six hourly series of sixty days, the same each time."""
    rng = np.random.default_rng(7)
    shape = (len(NAMES), DAYS * DAY)
    wave = seasonal(shape, DAY, 3.0, 0.0, rng)
    # no naive forecast knows both the hour of the day and how today differs
    noise = autoregressive(shape, 0.95, 0.5, rng)
    calm = np.where(np.arange(shape[1]) < shape[1] - TEST, 1.0, 0.7)
    values = 60.0 + wave + calm * (noise - noise.mean(axis=1, keepdims=True))
    huge = NAMES.index(HUGE)
    # it wanders where the others have a day: who learns it alone knows nothing of them
    wander = autoregressive((1, shape[1]), 0.8, 1.0, rng)[0]
    values[huge] = 1000.0 * (60.0 + calm * wander)
    grid = Grid(freq="h")
    start = np.array([START], dtype="datetime64[us]").astype(np.int64)
    return SeriesTable(
        grid=grid,
        ids=NAMES,
        offsets=np.arange(len(NAMES) + 1) * shape[1],
        first=np.repeat(grid.step(start)[0], len(NAMES)),
        y=values.ravel(),
        observed=np.ones(values.size, dtype=bool),
    )
