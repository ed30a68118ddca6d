"""The part of a page about single series: the table of all, and the pictures of those that are drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from lstm_pipeline.artifacts import plain
from lstm_pipeline.gate import skill
from lstm_pipeline.report.content import EMBEDDED, SeriesRow
from lstm_pipeline.report.drawn import SeriesPicture
from lstm_pipeline.steps.page.material import Material, column, labels, numbers
from lstm_pipeline.windows.dataset import Dataset

PAST_HORIZONS = 8
"""Horizons of the recent past that a forecast is drawn with."""
DRAWN_TESTS = 400
"""Steps of the test part drawn per series, the newest."""


def series_rows(material: Material, naive: str | None) -> tuple[SeriesRow, ...]:
    """The table of all series: scores beside the naive forecast's, and who forecasts each."""
    table = material.dataset.table
    steps = np.add.reduceat(table.observed.astype(np.int64), table.offsets[:-1])
    observed = dict(zip(table.ids, steps.tolist(), strict=True))
    mine, others = _figures(material, "candidate"), _figures(material, naive)
    fair = material.findings.scores.champion_is_fair
    champions = _figures(material, "champion" if fair else None)
    return tuple(
        SeriesRow(
            id=name,
            **_scores(mine.get(name, {}), others.get(name, {}).get("mse")),
            scaled_mse=mine.get(name, {}).get("scaled_mse"),
            scaled_champion_mse=champions.get(name, {}).get("scaled_mse"),
            scaled_naive_mse=others.get(name, {}).get("scaled_mse"),
            observed=observed.get(name, 0),
            source=frame["source"][0].as_py(),
            reason=frame["reason"][0].as_py(),
        )
        for name, frame in material.forecasts.items()
    )


def series_pictures(
    material: Material, rows: tuple[SeriesRow, ...], forecast_column: str, naive: str | None
) -> tuple[SeriesPicture, ...]:
    """The series a page draws, in the order of `drawn_series`."""
    return tuple(
        series_picture(material, name, forecast_column=forecast_column, naive=naive)
        for name in drawn_series(material, rows)
    )


def drawn_series(material: Material, rows: tuple[SeriesRow, ...]) -> tuple[str, ...]:
    """The series a page draws: tested ones first, worst skill first, then others while there is room."""
    skill = {row.id: -math.inf if row.skill is None else row.skill for row in rows}
    tested = sorted(material.tests, key=lambda name: (skill[name], name))
    others = [name for name in material.dataset.table.ids if name not in material.tests]
    return tuple([*tested, *others][:EMBEDDED])


def _scores(own: Mapping[str, Any], naive_mse: float | None) -> dict[str, Any]:
    """The fields of a row that are scores over all test windows."""
    mse = own.get("mse")
    return {name: own.get(name) for name in ("mse", "mae", "rmse", "smape", "mase")} | {
        "naive_mse": naive_mse,
        "skill": skill(mse, naive_mse),
        "windows": own.get("windows", 0),
    }


def _figures(material: Material, rival: str | None) -> dict[str, dict[str, Any]]:
    """One rival's stored figures by series; what is not finite is None."""
    scores = material.findings.scores.series
    if scores is None or rival is None:
        return {}
    if material.findings.judged.trial.dataset.leaky and "scaled_mse" in scores.column_names:
        scores = scores.drop_columns("scaled_mse")  # the gate holds a leaky split, and weighs nothing
    return {row["unique_id"]: plain(row) for row in scores.to_pylist() if row["rival"] == rival}


def series_picture(
    material: Material, name: str, *, forecast_column: str, naive: str | None
) -> SeriesPicture:
    """The recent past, the test part and the forecast of one series."""
    ahead, tests = material.forecasts[name], material.tests.get(name)
    newest = tests.slice(max(0, tests.num_rows - DRAWN_TESTS)) if tests is not None else None
    untested = ahead_picture(material.dataset, name, ahead, forecast_column)
    return replace(
        untested,
        test_ds=labels(newest),
        test_actual=column(newest, "actual"),
        test_candidate=column(newest, "candidate"),
        test_champion=column(newest, "champion" if material.findings.scores.champion_is_fair else None),
        test_baseline=column(newest, naive),
    )


def ahead_picture(dataset: Dataset, name: str, ahead: pa.Table, forecast_column: str) -> SeriesPicture:
    """The recent past and the forecast of one series, without a test part."""
    table, size = dataset.table, dataset.spec.size
    series = table.ids.index(name)
    rows = table.rows_of(series)
    shown = max(PAST_HORIZONS * size.horizon, size.input_size)
    past = slice(max(rows.start, rows.stop - shown), rows.stop)
    steps = table.first[series] + np.arange(past.start - rows.start, past.stop - rows.start)
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
        forecast=column(ahead, forecast_column),
    )
