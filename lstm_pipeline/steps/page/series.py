"""The part of a page about single series: the table of all, and the pictures of those that are drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from lstm_pipeline.artifacts import plain
from lstm_pipeline.evaluations import Evaluation
from lstm_pipeline.report.content import EMBEDDED, SeriesPicture, SeriesRow
from lstm_pipeline.steps.page.material import Material, champion_is_fair, column, labels, numbers

PAST_HORIZONS = 8
"""Horizons of the recent past that a forecast is drawn with."""
DRAWN_TESTS = 400
"""Steps of the test part drawn per series, the newest."""


def series_rows(material: Material) -> tuple[SeriesRow, ...]:
    """The table of all series: scores where there are any, and who forecasts each."""
    table = material.dataset.table
    kept = np.add.reduceat(table.observed.astype(np.int64), table.offsets[:-1])
    rows_kept = dict(zip(table.ids, kept.tolist(), strict=True))
    figures = _figures_by_series(material.findings.scores)
    baseline = material.findings.outcome.baseline or ""
    return tuple(
        SeriesRow(
            id=name,
            **_scores(figures.get(name, {}), baseline),
            rows=rows_kept.get(name, 0),
            source=frame["source"][0].as_py(),
            reason=frame["reason"][0].as_py(),
        )
        for name, frame in material.forecasts.items()
    )


def _scores(own: Mapping[str, Mapping[str, Any]], baseline: str) -> dict[str, Any]:
    """The fields of a row that are scores."""
    candidate = own.get("candidate", {})
    mse, naive = candidate.get("mse"), own.get(baseline, {}).get("mse")
    return {name: candidate.get(name) for name in ("mse", "mae", "rmse", "smape", "mase")} | {
        "baseline_mse": naive,
        "skill": 1 - mse / naive if mse is not None and naive else None,
        "windows": candidate.get("windows", 0),
    }


def _figures_by_series(scores: Evaluation) -> dict[str, dict[str, dict[str, Any]]]:
    """By series and rival the stored figures; what is not finite is None."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    if scores.series is not None:
        for row in scores.series.to_pylist():
            found.setdefault(row["unique_id"], {})[row["rival"]] = plain(row)
    return found


def embedded(material: Material, rows: tuple[SeriesRow, ...]) -> tuple[str, ...]:
    """The series a page draws, worst skill first; where nothing was scored, the first ones."""
    if not material.tests:
        return material.dataset.table.ids[:EMBEDDED]
    skill = {row.id: -math.inf if row.skill is None else row.skill for row in rows}
    return tuple(sorted(material.tests, key=lambda name: (skill[name], name)))


def embedded_note(chosen: tuple[str, ...], material: Material) -> str | None:
    """Which series are drawn, where not all are."""
    total = len(material.dataset.table.ids)
    if len(chosen) >= total:
        return None
    return f"{len(chosen)} of {total} series are drawn, the worst and the best; forecasts.parquet has all."


def series_picture(material: Material, name: str, forecast_column: str) -> SeriesPicture:
    """The recent past, the test part and the forecast of one series."""
    table, size = material.dataset.table, material.dataset.spec.size
    series = table.ids.index(name)
    rows = table.rows_of(series)
    shown = max(PAST_HORIZONS * size.horizon, size.input_size)
    past = slice(max(rows.start, rows.stop - shown), rows.stop)
    steps = table.first[series] + np.arange(past.start - rows.start, past.stop - rows.start)
    ahead, tests = material.forecasts[name], material.tests.get(name)
    newest = tests.slice(max(0, tests.num_rows - DRAWN_TESTS)) if tests is not None else None
    return SeriesPicture(
        id=name,
        past_ds=tuple(table.grid.label(int(stamp)) for stamp in table.grid.stamp(steps)),
        past=numbers(np.where(table.observed[past], table.y[past], np.nan)),
        test_ds=labels(newest),
        test_actual=column(newest, "actual"),
        test_candidate=column(newest, "candidate"),
        test_champion=column(newest, "champion" if champion_is_fair(material.findings.scores) else None),
        test_baseline=column(newest, material.findings.outcome.baseline),
        forecast_ds=labels(ahead),
        forecast=column(ahead, forecast_column),
    )
