"""The generator as a source: seeded series as raw rows."""

from __future__ import annotations

import datetime as dt

import numpy as np

from lstm_pipeline.errors import BadConfig
from lstm_pipeline.series.contract import stamp_of
from lstm_pipeline.series.grid import Grid
from lstm_pipeline.series.raw import Floats, Ints, RawRows
from lstm_pipeline.sources.config import GeneratorSource
from lstm_pipeline.sources.layouts import Arrival
from lstm_pipeline.sources.row_places import RowPlaces
from lstm_pipeline.synthetic import autoregressive, seasonal, sines


def generate(source: GeneratorSource) -> Floats:
    """Values of all series; equal configurations give equal bytes. Shapes: -> (series, length)."""
    rng = np.random.default_rng(source.seed)
    shape = (source.series, source.length)
    if source.process == "sine":
        return sines(shape, source.stop, rng)
    if source.process == "ar":
        return autoregressive(shape, source.phi, source.noise, rng)
    values = seasonal(shape, source.period, source.amplitude, source.trend, rng)
    return values + source.noise * rng.standard_normal(shape)


def arrange_generated(source: GeneratorSource, freq: str | int | None) -> Arrival:
    """Make raw rows of generated series, named s000, s001 and so on.

    Raises:
        BadConfig: a start without a frequency in time, or a frequency in time without a start.
    """
    values = generate(source)
    width = max(3, len(str(source.series - 1)))
    rows = values.size
    raw = RawRows(
        ids=tuple(f"s{place:0{width}d}" for place in range(source.series)),
        series=np.repeat(np.arange(source.series), source.length),
        stamps=np.tile(_stamps(source, freq), source.series),
        bad_time=np.zeros(rows, bool),
        values=values.ravel(),
        blank=np.zeros(rows, bool),
        timed=source.start is not None,
    )
    return Arrival(raw=raw, places=RowPlaces(sheets=(), times=None, blocks=()))


def _stamps(source: GeneratorSource, freq: str | int | None) -> Ints:
    """The stamp of each step. Shapes: -> (length,).

    Raises:
        BadConfig: start and freq do not fit together.
    """
    steps = np.arange(source.length, dtype=np.int64)
    if source.start is None:
        return steps * (freq if isinstance(freq, int) else 1)
    if not isinstance(freq, str):
        raise BadConfig(f'start = "{source.start}" needs a frequency in time, e.g. [series] freq = "h"')
    try:
        start = np.array([stamp_of(dt.datetime.fromisoformat(source.start))])
    except ValueError as error:
        raise BadConfig(f'start = "{source.start}" is no time; write e.g. start = "2024-01-01"') from error
    grid = Grid.of(start, freq)
    return grid.stamp(grid.step(start)[0] + steps)
