"""Draw and publish the page of a forecast without training."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from lstm_pipeline import datasets
from lstm_pipeline.baselines import BASELINES
from lstm_pipeline.report.drawn import SeriesPicture
from lstm_pipeline.report.forecast_page import ForecastContent, render_forecast
from lstm_pipeline.series.grid import stamp_text
from lstm_pipeline.steps.desk import Desk, Job, open_desk
from lstm_pipeline.steps.lineage import lineage
from lstm_pipeline.steps.live_record import live_record
from lstm_pipeline.steps.page.material import by_series, column, labels, numbers
from lstm_pipeline.steps.refs import ForecastRef, Trial
from lstm_pipeline.storage import read_parquet, sha256
from lstm_pipeline.windows.dataset import Dataset

PART = "report.html"
DRAWN = 6
"""Series that the page draws."""
PAST_HORIZONS = 8
"""Horizons of the recent past beside each forecast."""


def report_forecast(job: Job, trial: Trial, made: ForecastRef) -> ForecastRef:
    """Publish the page that tells of a forecast; returns it with the page's address."""
    desk = open_desk(job)
    page = render_forecast(_content(desk, trial, made)).encode()
    key = f"reports/{sha256(page)[:16]}-forecast"
    facts = {
        "pipeline": desk.pipeline,
        "forecasts": desk.store.key(made.uri),
        "lineage": lineage(job, desk.config.training, source=trial.dataset.source, dataset=trial.dataset.id),
    }
    desk.store.publish(key, {PART: page}, facts, "forecast_report")
    return replace(made, report=desk.store.part_uri(key, PART))


def _content(desk: Desk, trial: Trial, made: ForecastRef) -> ForecastContent:
    dataset = datasets.load(desk.store, trial.dataset.id)
    folder, _, part = desk.store.key(made.uri).rpartition("/")
    frames = by_series(read_parquet(desk.store.read_part(folder, part)))
    spec = dataset.spec
    return ForecastContent(
        pipeline=desk.pipeline,
        cutoff=stamp_text(trial.dataset.cutoff, timed=trial.dataset.timed),
        horizon=spec.size.horizon,
        freq=str(spec.freq),
        published_by=made.published_by,
        champion=made.published_by not in BASELINES,
        sources=made.sources,
        reasons={name: why for name, frame in frames.items() if (why := frame["reason"][0].as_py())},
        notes=made.notes,
        pictures=tuple(
            _picture(dataset, name, frames[name], desk.config.publish.column)
            for name in dataset.table.ids[:DRAWN]
            if name in frames
        ),
        record=live_record(desk.registry, desk.pipeline),
        frame=made.uri,
    )


def _picture(dataset: Dataset, name: str, ahead: pa.Table, own: str) -> SeriesPicture:
    """The recent past of a series and what is said of it; nothing of it is tested here."""
    table, size = dataset.table, dataset.spec.size
    series = table.ids.index(name)
    rows = table.rows_of(series)
    begin = max(rows.start, rows.stop - max(PAST_HORIZONS * size.horizon, size.input_size))
    steps = table.first[series] + np.arange(begin - rows.start, rows.stop - rows.start)
    past = slice(begin, rows.stop)
    return SeriesPicture(
        id=name,
        past_ds=tuple(table.grid.label(int(stamp)) for stamp in table.grid.stamp(steps)),
        past=numbers(np.where(table.observed[past], table.y[past], np.nan)),
        test_ds=(),
        test_actual=(),
        test_candidate=(),
        test_champion=(),
        test_baseline=(),
        forecast_ds=labels(ahead),
        forecast=column(ahead, own),
    )
