"""Three public data sets as feeds that grow: what a pipeline would have known at each retraining date."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from lstm_pipeline.series.table import SeriesTable
from lstm_pipeline.settings.config import PipelineConfig, parse_pipeline
from lstm_pipeline.sources.door import Ingested, ingest
from lstm_pipeline.steps.data import cut
from lstm_pipeline.windows.dataset import Dataset
from lstm_pipeline.windows.defaults import known_rows

DATES = 52

HOURLY = """
[windows]
input_size = 72
horizon = 24
[split]
validation = 720
test = 720
"""
RECIPE = """
[model]
hidden_size = 50
num_layers = 1
[training]
batch_size = 32
schedule = "cosine"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One data set and how often it is retrained on; all lengths in steps of the series."""

    name: str
    pipeline: str
    """Sections of its pipeline file."""
    training: str
    """Further lines of its [training]."""
    every: int
    """From one retraining to the next."""
    history: int | None
    """Known at the first retraining; None: all there is."""
    stride: int
    """Between the cutoffs that every model is scored at; divides the horizon."""
    each: str
    """The time between two retrainings, in words."""


PLANS = {
    plan.name: plan
    for plan in (
        Plan(
            name="etth1",
            pipeline='[source]\npath = "etth1/ETTh1.csv"\nlayout = "wide"\ntime = "date"\n' + HOURLY,
            training="max_steps = 2200\nlearning_rate = 0.005\n",
            every=168,
            history=None,
            stride=6,
            each="week",
        ),
        Plan(
            name="pjm_aep",
            pipeline='[source]\npath = "pjm_aep/AEP_hourly.csv"\ntime = "Datetime"\nvalue = "AEP_MW"\n'
            + HOURLY,
            training="max_steps = 2400\nlearning_rate = 0.005\n",
            every=168,
            history=2 * 365 * 24,
            stride=6,
            each="week",
        ),
        Plan(
            name="nyc_taxi",
            pipeline='[source]\npath = "nyc_taxi/nyc_taxi.csv"\ntime = "timestamp"\nvalue = "value"\n'
            "[windows]\ninput_size = 96\nhorizon = 48\n[split]\nvalidation = 1440\ntest = 1440\n",
            training="max_steps = 1900\nlearning_rate = 0.01\n",
            every=96,
            history=None,
            stride=12,
            each="two days",
        ),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A data set, read once, and the dates on which it is retrained on."""

    plan: Plan
    config: PipelineConfig
    arrived: Ingested
    """All of it, later rows included."""
    dates: tuple[int, ...]
    """The newest step known at each retraining."""

    @property
    def table(self) -> SeriesTable:
        """Every row, later ones included."""
        return self.arrived.table

    def dataset(self, date: int) -> Dataset:
        """What the pipeline cuts from the rows up to a step."""
        known = _between(self.table, int(self.table.first.min()), date)
        return cut(replace(self.arrived, table=known), self.config, {})


def open_feed(plan: Plan, folder: Path) -> Feed:
    """Read a data set through the pipeline's own door."""
    text = f'name = "{plan.name}"\n{plan.pipeline}{RECIPE}{plan.training}'
    config = parse_pipeline(tomllib.loads(text), folder=folder, named=plan.name)
    known = partial(known_rows, windows=config.windows, split=config.split)
    arrived = ingest(config.source, config.series, known=known)
    newest = arrived.table.newest
    dates = tuple(newest - (DATES - nth) * plan.every for nth in range(DATES))
    oldest = int(arrived.table.first.min()) if plan.history is None else dates[0] - plan.history + 1
    return Feed(
        plan=plan,
        config=config,
        arrived=replace(arrived, table=_between(arrived.table, oldest, newest)),
        dates=dates,
    )


def _between(table: SeriesTable, low: int, high: int) -> SeriesTable:
    """The rows of these steps, both ends included."""
    keep = (table.steps >= low) & (table.steps <= high)
    lengths = np.bincount(table.series_of_row[keep], minlength=len(table.ids))
    return replace(
        table,
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        first=np.maximum(table.first, low),
        y=table.y[keep],
        observed=table.observed[keep],
        until=None,
    )
