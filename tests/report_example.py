"""A realistic report for tests: hourly series with a daily season, seeded."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np

from lstm_pipeline.gate import Alternative, Finding, GateFigures, GatePolicy, settled
from lstm_pipeline.report.content import (
    Change,
    DataQuality,
    ForecastDelta,
    OriginLoss,
    Part,
    Publication,
    ReportContent,
    RivalScore,
    Ruling,
    SeriesRow,
    SliceLoss,
    TimeSteps,
)
from lstm_pipeline.report.drawn import GatePicture, LossCurve, SeriesPicture, Stamps, Values

HORIZON = 24


def example(*, series: int = 6, points: int = 300, champion: bool = True) -> ReportContent:
    """A promoted candidate on hourly series, with everything a report can show."""
    rng = np.random.default_rng(0)
    ids = [f"zone-{i:03d}" for i in range(series)]
    return ReportContent(
        pipeline="etth1",
        as_of="2018-06-26T19:00:00",
        steps=TimeSteps(freq="h", season_length=24, input_size=96, horizon=HORIZON),
        ruling=ruling(champion=champion),
        naive="seasonal_naive",
        leak=None,
        scores=scores(champion=champion),
        rows=tuple(series_row(name, rng, champion=champion) for name in ids),
        pictures=tuple(series_picture(name, rng, points, champion=champion) for name in ids),
        delta=ForecastDelta(mean=0.21, worst="zone-003", worst_mean=0.55, series=series, published=True)
        if champion
        else None,
        loss_curve=loss_curve(rng),
        gates=gate_picture(ids[0], rng),
        publication=Publication(
            by="champion",
            column="LSTM",
            run="store/forecasts/etth1/live/20180626T190000-3c9b-e07a/forecasts.parquet",
            latest="store/forecasts/etth1/latest.parquet",
            live=True,
        ),
        parts=(
            Part(name="training", reach=("2016-07-01T00:00:00", "2018-04-27T19:00:00"), windows=15_000),
            Part(name="validation", reach=("2018-04-27T20:00:00", "2018-05-27T19:00:00"), windows=697),
            Part(name="test", reach=("2018-05-27T20:00:00", "2018-06-26T19:00:00"), windows=697),
        ),
        quality=quality(),
        changes=(
            Change(what="champion", before="5b1d90c2" * 8, now="e07a44f1" * 8),
            Change(what="rows kept", before="121,772", now="121,940"),
            Change(what="training.max_steps", before="1000", now="1500"),
        ),
        lineage=(
            ("source", "sha256 9f2c4f0be1a04f3b6f3f0a5bb7ad0c1e5e6f7a1f5e2ee05d4a5f9f04aab1c0de"),
            ("dataset", "e07a44f19d3f5b1f3e6a40d9f7c7b45a0a4f3c6d92e1b8a7d6c5b4a392817f60"),
            ("model", "3c9be0a47d615f2e8b9a0c1d2e3f405162738495a6b7c8d9eafb0c1d2e3f4051"),
            ("seed", "0"),
            ("device", "cpu, 1 thread"),
            ("versions", "lstm-pipeline 0.1.0, Python 3.11.2, torch 2.9.0, numpy 2.4.6"),
        ),
        command="lstm-pipeline run etth1.toml --as-of 2018-06-26T19:00:00",
        run_json='{\n  "pipeline": "etth1"\n}',
    )


def too_short(**changes: Any) -> ReportContent:
    """A run in which no series could be trained: fallbacks only, and nothing to score."""
    whole = example(series=1, points=20, champion=False)
    row = replace(
        whole.rows[0],
        **dict.fromkeys(("mse", "mae", "rmse", "smape", "mase", "naive_mse", "skill")),
        **dict.fromkeys(("scaled_mse", "scaled_champion_mse", "scaled_naive_mse")),
        windows=0,
    )
    nothing = replace(
        whole.ruling,
        verdict="HOLD",
        sentence="Held: no series is long enough to train on.",
        promoted=False,
        crowned=False,
        reasons=("too_short",),
        figures=GateFigures(
            mode="standard",
            used="standard",
            windows_id=None,
            origins=0,
            **dict.fromkeys(("mse", "champion_mse", "baseline_mse", "effect", "low", "high")),
        ),
        alternatives=(),
        origins=(),
        slices=(),
    )
    picture = replace(
        whole.pictures[0], test_ds=(), test_actual=(), test_candidate=(), test_champion=(), test_baseline=()
    )
    held = replace(
        whole,
        publication=replace(whole.publication, by="last_value"),
        ruling=nothing,
        naive=None,
        scores=(),
        rows=(replace(row, source="last_value", reason="too short: 20 rows, 96 needed"),),
        pictures=(picture,),
        loss_curve=None,
        gates=None,
        changes=None,
    )
    return replace(held, **changes)


def ruling(*, champion: bool) -> Ruling:
    """The gate's ruling on a candidate that is better than all others."""
    return Ruling(
        verdict="PROMOTE",
        sentence="Promoted: its error is 12.3 % below the champion's on 30 origins that neither learnt from.",
        promoted=True,
        crowned=True,
        reasons=("superior" if champion else "first",),
        figures=gate_figures(champion=champion),
        rules=settled(GatePolicy(min_skill=0.02)),
        guards=guards() if champion else (),
        alternatives=alternatives(),
        origins=origins(0.1824, 0.208 if champion else 0.3121),
        slices=slices() if champion else (),
    )


def gate_figures(*, champion: bool) -> GateFigures:
    """The gate's own figures of that candidate."""
    return GateFigures(
        mode="standard",
        used="standard",
        windows_id="w",
        origins=30,
        mse=0.1824,
        champion_mse=0.208 if champion else None,
        baseline="seasonal_naive",
        baseline_mse=0.3121,
        skill=0.4156,
        skill_low=None if champion else 0.32,
        skill_high=None if champion else 0.51,
        wide_skill=0.39,
        effect=0.1231 if champion else None,
        low=0.041 if champion else None,
        high=0.197 if champion else None,
        source="clean" if champion else None,
        looks=1,
        alpha=0.1,
        statistic=2.61,
        critical=1.58,
        size=0.102,
        size_persistent=0.141,
    )


def guards() -> tuple[Finding, ...]:
    """Guards that all let the candidate pass: one not worse, one too short to test, the whole."""
    return (
        Finding(guard="steps 1-8", candidate=0.15, champion=0.19, origins=30, chance=0.98, passed=True),
        Finding(guard="group north", candidate=0.21, champion=0.2, origins=5, chance=None, passed=True),
        Finding(guard="all windows", candidate=0.18, champion=0.21, origins=0, chance=None, passed=True),
        Finding(guard="tail", candidate=1.9, champion=2.2, origins=0, chance=None, passed=True),
        Finding(guard="bias", candidate=0.01, champion=-0.04, origins=0, chance=None, passed=True),
    )


def slices() -> tuple[SliceLoss, ...]:
    """The losses of two parts of what was compared."""
    return (
        SliceLoss(name="steps 1-8", candidate=0.15, champion=0.19, origins=30),
        SliceLoss(name="group north", candidate=0.21, champion=0.2, origins=5),
    )


def alternatives() -> tuple[Alternative, ...]:
    """Other thresholds, of which the strict ones differ."""
    return (
        Alternative(rule="lower MSE wins", verdict="PROMOTE", reason=""),
        Alternative(rule="mode plain", verdict="PROMOTE", reason="superior"),
        Alternative(rule="mode standard", verdict="PROMOTE", reason="superior"),
        Alternative(rule="mode strict", verdict="INCONCLUSIVE", reason="inconclusive"),
        Alternative(rule="alpha 0.1", verdict="PROMOTE", reason="superior"),
        Alternative(rule="alpha 0.01", verdict="INCONCLUSIVE", reason="inconclusive"),
        Alternative(rule="min_effect 0.005", verdict="PROMOTE", reason="superior"),
        Alternative(rule="refresh noninferior", verdict="PROMOTE", reason="superior"),
    )


def origins(candidate: float, rival: float, many: int = 30) -> tuple[OriginLoss, ...]:
    """Losses of two rivals by origin, whose means are these."""
    sway = np.sin(np.arange(many)) / 20
    sway -= sway.mean()
    stamps = hours(many * HORIZON)[HORIZON - 1 :: HORIZON]
    return tuple(
        OriginLoss(ds=ds, candidate=candidate - float(by), rival=rival + float(by))
        for ds, by in zip(stamps, sway, strict=True)
    )


def judged(content: ReportContent, **figures: Any) -> ReportContent:
    """The same report with other figures of the gate."""
    changed = replace(content.ruling.figures, **figures)
    return replace(content, ruling=replace(content.ruling, figures=changed))


def scores(*, champion: bool) -> tuple[RivalScore, ...]:
    """Candidate, champion and three naive forecasts."""
    steps = np.arange(1, HORIZON + 1)
    models = [_rival("candidate", "candidate", 7.913, 3 + 2.2 * np.sqrt(steps / 2))]
    if champion:
        models.append(_rival("champion", "champion", 9.02, 3.2 + 2.5 * np.sqrt(steps / 2)))
    return (
        *models,
        _rival("seasonal_naive", "baseline", 13.87, 12 + 0.1 * steps),
        _rival("last_value", "baseline", 21.55, 2 + 1.6 * steps),
        _rival("drift", "baseline", 22.9, 2 + 1.7 * steps),
    )


def series_row(name: str, rng: np.random.Generator, *, champion: bool = True) -> SeriesRow:
    """One line of the table of series."""
    mse, baseline = rng.gamma(3, 3), rng.gamma(5, 3)
    return SeriesRow(
        id=name,
        mse=mse,
        mae=0.75 * mse**0.5,
        rmse=mse**0.5,
        smape=rng.uniform(5, 60),
        mase=rng.uniform(0.5, 1.4),
        naive_mse=baseline,
        skill=1 - mse / baseline,
        scaled_mse=mse / 50,
        scaled_champion_mse=1.1 * mse / 50 if champion else None,
        scaled_naive_mse=baseline / 50,
        observed=17_420,
        windows=2_856,
        source="champion",
        reason="",
    )


def series_picture(
    name: str, rng: np.random.Generator, points: int = 300, *, champion: bool = True
) -> SeriesPicture:
    """One series: half of the points are the recent past, half the test part."""
    half = points // 2
    level, height = rng.uniform(10, 40), rng.uniform(4, 9)
    actual = (
        level
        + height * np.sin(np.arange(points + HORIZON) * 2 * np.pi / 24)
        + rng.normal(0, 1.2, points + HORIZON)
    )
    past, test = actual[:half], actual[half:points]
    hole = rng.integers(half)
    return SeriesPicture(
        id=name,
        past_ds=hours(half),
        past=tuple(None if i == hole else float(v) for i, v in enumerate(past)),
        test_ds=hours(half),
        test_actual=_values(test),
        test_candidate=_values(test + rng.normal(0, 0.9, half)),
        test_champion=_values(test + rng.normal(0, 1.6, half)) if champion else (),
        test_baseline=_values(np.roll(test, 5)),
        forecast_ds=hours(HORIZON, after=half),
        forecast=_values(level + height * np.sin(np.arange(half, half + HORIZON) * 2 * np.pi / 24)),
    )


def loss_curve(rng: np.random.Generator) -> LossCurve:
    """Twenty rounds of training with the best at the fifteenth."""
    rounds = np.arange(1, 21)
    validation = 0.25 + 0.9 * np.exp(-rounds / 4) + 0.002 * (rounds - 15).clip(0) ** 2
    return LossCurve(
        steps=tuple(int(step) for step in rounds * 75),
        training=_values(0.2 + np.exp(-rounds / 4) + rng.normal(0, 0.01, 20)),
        validation=_values(validation),
        best_step=int(rounds[validation.argmin()] * 75),
        ended="Stopped: five rounds without a better validation loss.",
    )


def gate_picture(series: str, rng: np.random.Generator, *, steps: int = 96, hidden: int = 50) -> GatePicture:
    """Gates that swing with the season, each unit in its own phase."""
    phase = rng.uniform(0, 2 * np.pi, hidden)
    wave = np.sin(np.arange(steps)[:, None] * 2 * np.pi / 24 + phase)
    return GatePicture(
        series=series,
        ds=hours(steps),
        values=_values(20 + 5 * np.sin(np.arange(steps) * 2 * np.pi / 24) + rng.normal(0, 0.5, steps)),
        forget=_rows(1 / (1 + np.exp(-2 - wave - rng.normal(0, 1.5, hidden)))),
        input=_rows(1 / (1 + np.exp(1 - 2 * wave))),
        output=_rows(1 / (1 + np.exp(-2 * wave))),
        cell=_rows(1.8 * wave * np.linspace(0.1, 1, hidden)),
    )


def quality() -> DataQuality:
    """Rows that add up, a few of them set aside, and one series that failed."""
    return DataQuality(
        rows_in=121_951,
        rows_kept=121_940,
        rows_set_aside={"duplicate": 4, "conflict": 2, "not_number": 5},
        rows_missing=27,
        rows_filled=0,
        series_ok=6,
        failed={"zone-017": '12.0 % of its 300 rows were set aside (off_grid 36); set regularise = "mean"'},
        examples=(
            {
                "file": "etth1.csv",
                "row": "118",
                "column": "HUFL",
                "unique_id": "zone-001",
                "ds": "2016-07-05 21:00",
                "value": "n/k",
                "reason": "not_number",
            },
            {
                "file": "etth1.csv",
                "row": "2044",
                "column": "",
                "unique_id": "zone-003",
                "ds": "2016-09-24 03:00",
                "value": "12.1",
                "reason": "conflict",
            },
        ),
        notes=(
            "freq = h: the most frequent distance between stamps.",
            "season_length = 24: one day of hours.",
        ),
    )


def hours(count: int, *, after: int = 0) -> Stamps:
    """Hourly stamps in ISO text."""
    first = dt.datetime(2018, 6, 14)
    return tuple((first + dt.timedelta(hours=after + i)).isoformat() for i in range(count))


def _rival(name: str, role: Any, mse: float, by_step: np.ndarray) -> RivalScore:
    return RivalScore(
        name=name,
        role=role,
        mse=mse,
        mae=0.75 * mse**0.5,
        rmse=mse**0.5,
        smape=4 * mse**0.5,
        mase=mse**0.5 / 4,
        mse_by_step=_values(by_step),
    )


def _values(values: np.ndarray) -> Values:
    return tuple(float(value) for value in values)


def _rows(values: np.ndarray) -> tuple[Values, ...]:
    return tuple(_values(row) for row in values)
