"""The field of a dataset with everyone who forecasts on it: models, and baselines that need no training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline import backtest
from lstm_pipeline.backtest import Field, Rival, Say
from lstm_pipeline.metrics import ErrorSums, mse
from lstm_pipeline.scaling import training_stats
from lstm_pipeline.steps.rivals import Seat
from lstm_pipeline.windows.dataset import Dataset, boundaries
from lstm_pipeline.windows.index import VALIDATION, Windows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

EACH_BEST = "best_by_series"
"""The baseline that takes, for each series, the one that was best on its validation part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """A model that forecasts on a field, or what it had published there."""

    rival: Rival
    known: Bools
    """Series that it can forecast: (N,)."""
    learnt: Ints
    """Stamp of the last target that it has learnt from, by series: (N,)."""
    covers: Callable[[Windows], Bools] | None = None
    """Which windows it can forecast: (W,). None: any of the series that it knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arena:
    """Who meets where."""

    dataset: Dataset
    field: Field
    models: Mapping[str, Contestant]
    """candidate, and champion where there is one that can be compared."""
    baselines: Mapping[str, Rival]
    fallback: str | None
    """The baseline that was best on validation; None where there are no such windows."""
    say: Say
    """What each series says in a pooled error."""
    scale: Floats
    """The divisor of each series' MASE: (N,)."""

    @property
    def rivals(self) -> dict[str, Rival]:
        """Everyone by name, models first."""
        return {name: model.rival for name, model in self.models.items()} | dict(self.baselines)

    @property
    def shared(self) -> Bools:
        """Series that every model can forecast: (N,)."""
        return np.all([model.known for model in self.models.values()], axis=0)

    def facing(self, champion: Contestant | None) -> Arena:
        """The same arena with another champion, or none where it shares no series with the candidate."""
        models = {name: model for name, model in self.models.items() if name != "champion"}
        if champion is not None and bool((champion.known & models["candidate"].known).any()):
            models["champion"] = champion
        return replace(self, models=models)


def arena_of(dataset: Dataset, candidate: Contestant | None, weights: Mapping[str, float]) -> Arena:
    """The arena of a dataset; `weights`: say of a series by id, else by the longest pattern that fits."""
    field = backtest.field_of(dataset)
    # of the training part alone: what is held out must not set the scale of its own errors
    training_end = boundaries(dataset.table, dataset.spec).validation
    say = say_of(dataset, weights)
    baselines, fallback = _baselines(dataset, field, say.variance)
    return Arena(
        dataset=dataset,
        field=field,
        models={} if candidate is None else {"candidate": candidate},
        baselines=baselines,
        fallback=fallback,
        say=say,
        scale=backtest.seasonal_scale(dataset.table, training_end, dataset.spec.season_length),
    )


def say_of(dataset: Dataset, weights: Mapping[str, float]) -> Say:
    """What each series of a dataset says in a pooled error: its training part sets its scale."""
    training_end = boundaries(dataset.table, dataset.spec).validation
    return Say(
        variance=training_stats(dataset.table, training_end).variance,
        weight=_weights(dataset.table.ids, weights),
    )


def seated(chair: Seat, field: Field) -> Contestant:
    """A model that sits before the field's table."""

    def cutoff(windows: Windows) -> Ints:
        return windows.start + field.size.input_size - 1

    quoted, timed = chair.quoted, field.table.grid.timed
    ids = len(chair.package.scaler.ids)
    taught = chair.package.data_end if quoted is None else quoted.learnt(ids)
    own = Contestant(
        rival=lambda windows: chair.after(cutoff(windows), windows.series),
        known=chair.place >= 0,
        learnt=_learnt(chair.place, taught, timed=timed),
    )
    if quoted is None:
        return own

    def covers(windows: Windows) -> Bools:
        return quoted.places(chair.place[windows.series], chair.stamp(cutoff(windows), windows.series)) >= 0

    return replace(own, covers=covers)


def members(ids: tuple[str, ...], patterns: tuple[str, ...]) -> Bools:
    """Series whose id is one of these, or fits one of these patterns: (N,)."""
    exact, open_ = set(patterns), [pattern for pattern in patterns if _is_open(pattern)]
    return np.array([name in exact or any(fnmatchcase(name, one) for one in open_) for name in ids], bool)


def _weights(ids: tuple[str, ...], weights: Mapping[str, float]) -> Floats:
    result = np.ones(len(ids))
    # not by their order in the file, which a stored configuration does not keep; what counts is written last
    for pattern in sorted(weights, key=lambda text: (not _is_open(text), len(text), text)):
        result[members(ids, (pattern,))] = weights[pattern]
    return result


def _is_open(pattern: str) -> bool:
    """The text stands for more than one id."""
    return bool(set(pattern) & set("*?["))


def _learnt(place: Ints, taught: Ints, *, timed: bool) -> Ints:
    """Stamp of the last target that a model has learnt from, for each series of the table: (N,).

    Shapes: place (N,), of each series in the model; taught (M,), by each series of the model.

    With timestamps what any series taught counts for all; where steps are counted each has its own clock,
    and a series that taught nothing lies far back.
    """
    if timed:
        return np.full(len(place), taught.max())
    return np.where(place >= 0, taught[np.maximum(place, 0)], np.iinfo(np.int64).min)


def _baselines(dataset: Dataset, field: Field, variance: Floats) -> tuple[dict[str, Rival], str | None]:
    """Every baseline, and for several series the one that takes each series' best; then the best of all."""
    baselines, windows = backtest.baseline_rivals(field), dataset.runs.windows(VALIDATION)
    if not len(windows):
        return baselines, None
    scores = {name: backtest.score(rival, windows, field) for name, rival in baselines.items()}
    fallback = backtest.best(scores, variance)
    if len(dataset.table.ids) > 1:
        baselines[EACH_BEST] = _each_best(baselines, scores, fallback)
    return baselines, fallback


def _each_best(rivals: Mapping[str, Rival], scores: Mapping[str, ErrorSums], fallback: str) -> Rival:
    """Each series by the baseline with the least validation error; by the fallback where nothing tells."""
    names = list(rivals)
    errors = np.stack([mse(scores[name].by_series())[:, 0] for name in names])
    errors = np.where(np.isfinite(errors), errors, np.inf)
    known = np.isfinite(errors).any(axis=0)
    choice = np.where(known, errors.argmin(axis=0), names.index(fallback))
    chosen = dict(enumerate(rivals.values()))

    def forecast(windows: Windows) -> Floats:
        made: Floats | None = None
        by = choice[windows.series]
        for place in np.unique(by).tolist():
            mine = by == place
            part = chosen[place](windows.where(mine))
            made = np.empty((len(windows), part.shape[1])) if made is None else made
            made[mine] = part
        return made if made is not None else chosen[0](windows)

    return forecast
