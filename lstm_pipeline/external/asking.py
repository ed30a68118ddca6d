"""Ask a command for forecasts, and check what it says: nothing wrong is taken for an answer."""

from __future__ import annotations

import logging
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lstm_pipeline import backtest
from lstm_pipeline.datasets import stamp_column
from lstm_pipeline.external.answers import answer_of, refuse_hindsight, refuse_holes
from lstm_pipeline.external.command import Files, run
from lstm_pipeline.external.question import Answer, Question
from lstm_pipeline.model.config import ExternalConfig
from lstm_pipeline.windows.dataset import Dataset
from lstm_pipeline.windows.index import TEST

LOG = logging.getLogger(__name__)


def question_of(dataset: Dataset) -> Question:
    """What is asked of a dataset: a forecast at each tested origin, and one after the newest step."""
    table, field = dataset.table, backtest.field_of(dataset)
    tested = backtest.tested_origins(dataset, dataset.runs.windows(TEST)).windows
    able = np.flatnonzero([name not in dataset.failed for name in table.ids])
    cutoff = field.target_end(tested) - field.size.horizon
    return Question(
        table=table,
        series=np.concatenate([tested.series, able]),
        cutoff=np.concatenate([cutoff, table.ends[able]]),
        tested=np.concatenate([np.ones(len(tested), bool), np.zeros(len(able), bool)]),
        horizon=field.size.horizon,
        season=field.season,
    )


def forecasts_of(model: ExternalConfig, files: Files, question: Question) -> Answer:
    """The command's answer; `files`: what the files that it names held when it was chosen.

    Raises:
        BadConfig: it cannot be run as it is written.
        BadInput: it failed, or what it wrote is no answer.
    """
    answer = (
        _asked(model, files, question) if model.rows == "all" else _asked_by_cutoff(model, files, question)
    )
    # of the whole answer: which series a command knows, its answer to one cutoff does not tell
    refuse_holes(question, answer)
    refuse_hindsight(question, answer)
    return answer


def _asked_by_cutoff(model: ExternalConfig, files: Files, question: Question) -> Answer:
    """One run of the command for each cutoff, shown the rows up to it."""
    # shown nothing later, each forecast has learnt up to its cutoff, whatever the command says of itself
    many = len(question.series)
    forecast, there = np.full((many, question.horizon), np.nan), np.zeros(many, dtype=bool)
    for mine, part in question.by_cutoff():
        LOG.info(
            "the command forecasts after %s",
            part.table.grid.label(int(part.table.grid.stamp(part.cutoff)[0])),
        )
        answer = _asked(model, files, part)
        forecast[mine], there[mine] = answer.forecast, answer.there
    return Answer(forecast=forecast, there=there, data_end=question.table.grid.stamp(question.cutoff))


def _asked(model: ExternalConfig, files: Files, question: Question) -> Answer:
    """Hand the question over in files, run the command, read its answer."""
    with tempfile.TemporaryDirectory(prefix="lstm-pipeline-") as name:
        folder = Path(name)
        out = folder / "forecasts.parquet"
        pq.write_table(_series_frame(question), folder / "series.parquet")
        pq.write_table(_cutoffs_frame(question), folder / "cutoffs.parquet")
        places = {
            "series": str(folder / "series.parquet"),
            "cutoffs": str(folder / "cutoffs.parquet"),
            "out": str(out),
            "horizon": str(question.horizon),
            "season": str(question.season),
            "freq": str(question.table.grid.freq),
            "python": sys.executable,
        }
        run(model, files, folder, places)
        return answer_of(out, model.column, question)


def _series_frame(question: Question) -> pa.Table:
    """unique_id, ds, y; y is null on a step that nobody observed."""
    table = question.table
    return pa.table(
        {
            "unique_id": pa.array(table.ids, pa.string()).take(pa.array(table.series_of_row)),
            "ds": stamp_column(table.grid, table.steps),
            "y": pa.array(table.y, mask=~table.observed),
        }
    )


def _cutoffs_frame(question: Question) -> pa.Table:
    """unique_id, cutoff: after which step of which series a forecast is wanted; by series, then time."""
    order = np.lexsort((question.cutoff, question.series))
    ids = pa.array(question.table.ids, pa.string())
    return pa.table(
        {
            "unique_id": ids.take(pa.array(question.series[order])),
            "cutoff": stamp_column(question.table.grid, question.cutoff[order]),
        }
    )
