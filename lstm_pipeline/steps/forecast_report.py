"""Draw and publish the page of a forecast without training."""

from __future__ import annotations

from dataclasses import replace

from lstm_pipeline import datasets
from lstm_pipeline.baselines import BASELINES
from lstm_pipeline.report.forecast_page import ForecastContent, render_forecast
from lstm_pipeline.series.grid import stamp_text
from lstm_pipeline.steps.desk import Desk, Job, open_desk
from lstm_pipeline.steps.lineage import lineage
from lstm_pipeline.steps.live_record import live_record
from lstm_pipeline.steps.page.material import by_series
from lstm_pipeline.steps.page.series import ahead_picture
from lstm_pipeline.steps.refs import ForecastRef, Trial
from lstm_pipeline.storage import read_parquet, sha256

PART = "report.html"
DRAWN = 6
"""Series that the page draws."""


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
            ahead_picture(dataset, name, frames[name], desk.config.publish.column)
            for name in dataset.table.ids[:DRAWN]
            if name in frames
        ),
        record=live_record(desk.registry, desk.pipeline),
        frame=made.uri,
    )
