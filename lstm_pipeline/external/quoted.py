"""A command's forecasts as a model keeps them: looked up by series and cutoff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.external.question import Answer, Question

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Tensors = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """K forecasts, sorted by series and cutoff."""

    series: Ints
    """Place among the ids of the model: (K,)."""
    cutoff: Ints
    """Stamps: (K,)."""
    forecast: Floats
    """(K, H)"""
    data_end: Ints | None
    """Stamp of the newest row that each has learnt from: (K,). None where nobody says."""

    def places(self, series: Ints, cutoff: Ints) -> Ints:
        """Where the forecast of each series after each stamp stands; -1 where there is none: (W,)."""
        stamps = np.unique(self.cutoff)
        if not len(stamps):
            return np.full(len(series), -1, dtype=np.int64)
        own = self.series * len(stamps) + np.searchsorted(stamps, self.cutoff)
        nth = np.minimum(np.searchsorted(stamps, cutoff), len(stamps) - 1)
        wanted = series * len(stamps) + nth
        at = np.minimum(np.searchsorted(own, wanted), len(own) - 1)
        return np.where((series >= 0) & (stamps[nth] == cutoff) & (own[at] == wanted), at, -1)

    def after(self, series: Ints, cutoff: Ints) -> Floats:
        """The forecasts of series after stamps; NaN where there is none: (W, H)."""
        at = self.places(series, cutoff)
        return np.where((at >= 0)[:, None], self.forecast[at], np.nan)

    def learnt(self, many: int) -> Ints:
        """Stamp of the newest row that a forecast of each of so many series had no right to know: (M,).

        A forecast that has learnt later rows than its cutoff takes all windows up to them along: else a
        command could leave out the very origins where it is bad.
        """
        learnt = np.full(many, np.iinfo(np.int64).min)
        if self.data_end is not None:
            taught = self.data_end > self.cutoff
            np.maximum.at(learnt, self.series[taught], self.data_end[taught])
        return learnt


def tensors_of(question: Question, answer: Answer, place: Ints) -> dict[str, NDArray[Any]]:
    """What a model package keeps of an answer; `place`: of each series among the ids of the model: (N,)."""
    kept = np.flatnonzero(answer.there)
    stamps = question.table.grid.stamp(question.cutoff)
    order = kept[np.lexsort((stamps[kept], place[question.series[kept]]))]
    tensors: dict[str, NDArray[Any]] = {
        "series": place[question.series[order]],
        "cutoff": stamps[order],
        "forecast": answer.forecast[order],
    }
    return tensors if answer.data_end is None else tensors | {"data_end": answer.data_end[order]}


def quoted_of(tensors: Tensors) -> Quoted:
    """The forecasts that a model package keeps."""
    return Quoted(
        series=tensors["series"],
        cutoff=tensors["cutoff"],
        forecast=tensors["forecast"],
        data_end=tensors.get("data_end"),
    )
