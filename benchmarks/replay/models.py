"""Train a model as of a date by the library's own training path, score it at every later cutoff, keep it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lstm_pipeline.forecasting import Contexts, load_net, predict
from lstm_pipeline.scaling import SeriesScaler, fit_scaler
from lstm_pipeline.training.config import TrainingConfig
from lstm_pipeline.training.data import TrainingSet
from lstm_pipeline.training.fit import fit
from lstm_pipeline.training.loop import FitHooks, FitResult
from lstm_pipeline.windows.config import WindowSize
from lstm_pipeline.windows.dataset import Dataset, boundaries
from lstm_pipeline.windows.index import COMPLETENESS, TRAIN, VALIDATION, existing
from replay.feeds import Feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A model to be trained."""

    plan: str
    seed: int
    nth: int
    """Which retraining, 0 the first."""
    child: bool
    """The recipe of the candidate of that date, trained on every row up to the date."""

    def file(self, work: Path) -> Path:
        """Where the trained model lies."""
        kind = "child" if self.child else "tested"
        return work / self.plan / f"{kind}-seed{self.seed}-{self.nth:02d}.npz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A trained model as it lies in its file: forecasts in the units of the series."""

    forecasts: np.ndarray
    """At cutoffs `stride` apart from `begin` on: (K, N, H), float32."""
    begin: int
    """The step of the first cutoff."""
    stride: int
    learnt: int
    """The step of the last target that it has learnt from."""
    facts: dict[str, Any]
    """How training went."""

    def after(self, cutoff: np.ndarray, series: np.ndarray) -> np.ndarray:
        """Forecasts after these steps; NaN before its time, where it knew what came: (W, H).

        Raises:
            ValueError: nothing was kept of a later one.
        """
        nth, off = np.divmod(cutoff - self.begin, self.stride)
        if np.any(off) or np.any(nth >= len(self.forecasts)):
            raise ValueError("a forecast is asked for that was not kept")
        made = self.forecasts[np.maximum(nth, 0), series].astype(np.float64)
        return np.where((nth >= 0)[:, None], made, np.nan)


def load_made(file: Path) -> Made:
    """Read a trained model back."""
    with np.load(file) as kept:
        facts = json.loads(str(kept["facts"]))
        return Made(
            forecasts=kept["forecasts"],
            begin=int(kept["begin"]),
            stride=int(kept["stride"]),
            learnt=int(kept["learnt"]),
            facts=facts,
        )


def make(feed: Feed, order: Order, work: Path) -> None:
    """Train and score one model, and keep it: whole, or not at all."""
    begun, date = time.process_time(), feed.dates[order.nth]
    dataset = feed.dataset(date)
    training = replace(feed.config.training, seed=order.seed)
    if order.child:
        parent = load_made(replace(order, child=False).file(work))
        training = replace(training, max_steps=max(parent.facts["best_step"], 1))
        scaler, data = _to_the_end(dataset)
        first, learnt = date, date
    else:
        scaler, data = _held_out(dataset)
        test = int(dataset.table.step_of(boundaries(dataset.table, dataset.spec).test)[0])
        first, learnt = test - 1, test - 1
    result = _fit(feed, training, data)
    trained = time.process_time()
    forecasts = _forecasts(feed, scaler, result, first)
    facts = {
        "best_step": result.best_step,
        "ended": result.ended,
        "steps": result.steps,
        "windows": len(data.train),
        "validation": [round_.validation_loss for round_ in result.rounds],
        "training_cpu_seconds": round(trained - begun, 2),
        "scoring_cpu_seconds": round(time.process_time() - trained, 2),
    }
    file = order.file(work)
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_suffix(".part.npz")
    np.savez(
        beside,
        forecasts=forecasts.astype(np.float32),
        begin=first,
        stride=feed.plan.stride,
        learnt=learnt,
        facts=json.dumps(facts),
        centre=scaler.centre,
        scale=scaler.scale,
        **{f"weights/{name}": weight for name, weight in result.weights.items()},
    )
    beside.replace(file)


def _held_out(dataset: Dataset) -> tuple[SeriesScaler, TrainingSet]:
    """As the pipeline trains: on the training part, its best round chosen by the validation part."""
    until = boundaries(dataset.table, dataset.spec).validation
    scaler = fit_scaler(dataset.table, until, "standard")
    training, validation = dataset.runs.windows(TRAIN), dataset.runs.windows(VALIDATION)
    return scaler, TrainingSet(
        values=scaler.scaled(dataset.table.y, dataset.table.series_of_row),
        observed=dataset.table.observed,
        train=training.start,
        train_series=training.series,
        validation=validation.start,
        validation_series=validation.series,
        size=dataset.spec.size,
    )


def _to_the_end(dataset: Dataset) -> tuple[SeriesScaler, TrainingSet]:
    """Every window up to the newest row, and nothing to choose by."""
    table, none = dataset.table, np.zeros(0, dtype=np.int64)
    scaler = fit_scaler(table, table.offsets[1:], "standard")
    windows = existing(table, dataset.spec.size, COMPLETENESS[dataset.spec.missing])
    return scaler, TrainingSet(
        values=scaler.scaled(table.y, table.series_of_row),
        observed=table.observed,
        train=windows.start,
        train_series=windows.series,
        validation=none,
        validation_series=none,
        size=dataset.spec.size,
    )


def _fit(feed: Feed, training: TrainingConfig, data: TrainingSet) -> FitResult:
    return fit(feed.config.model, training, data, FitHooks())


def _forecasts(feed: Feed, scaler: SeriesScaler, result: FitResult, first: int) -> np.ndarray:
    """Forecasts of every series at every stride-th cutoff from `first` to the end of the data: (K, N, H)."""
    table = feed.table
    horizon, back = feed.config.windows.horizon, feed.config.windows.input_size
    cutoffs = np.arange(first, table.newest - horizon + 1, feed.plan.stride)
    series = np.tile(np.arange(len(table.ids)), len(cutoffs))
    rows = table.row_of(np.repeat(cutoffs, len(table.ids)), series)
    window = WindowSize(input_size=back, horizon=horizon)
    contexts = Contexts(
        values=scaler.scaled(table.y, table.series_of_row),
        observed=table.observed,
        starts=rows - back + 1,
        series=series,
        size=window,
    )
    net = load_net(feed.config.model, window, result.weights)
    scaled = predict(net, contexts, device="cpu")
    made = scaler.unscaled(scaled, series)
    return made.reshape(len(cutoffs), len(table.ids), horizon)
