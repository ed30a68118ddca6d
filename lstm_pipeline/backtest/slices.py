"""What a mean hides: errors by part of the horizon and by group of series, their tail and their bias."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.backtest.field import WINDOWS_AT_ONCE, Field, Rival
from lstm_pipeline.backtest.origins import Origins, Say

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

PARTS = 4
"""Parts that a horizon is cut into at most."""
TAIL = 0.99
"""The quantile of absolute errors that is watched."""
_FINE = 200
"""Bins of the tail for each factor e: a quantile is told to half a per cent, however many windows."""
_SPAN = 40
"""Absolute errors are told apart from exp(-20) to exp(20) deviations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Where slices lie, and which windows count."""

    say: Say
    counted: Bools
    """Origins that count for tail and bias: (O,)."""
    steps: Mapping[str, slice]
    """Parts of the horizon, by name."""
    groups: Mapping[str, Bools] = field(default_factory=dict[str, Bools])
    """Series of each group: (N,)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlicedErrors:
    """One rival's errors, cut up."""

    losses: Mapping[str, Floats]
    """By slice: scaled squared errors pooled over series, NaN where nothing was observed: each (O,)."""
    tail: float
    """The 99th percentile of absolute errors, in deviations of each series' training part."""
    bias: float
    """Mean of forecast less truth, in the same unit."""


def parts_of_horizon(horizon: int) -> dict[str, slice]:
    """Up to four parts of equal length, by name; none where there is one step only."""
    if horizon < 2:
        return {}
    bounds = np.linspace(0, horizon, min(PARTS, horizon) + 1).round().astype(int).tolist()
    return {
        f"step {low + 1}" if high == low + 1 else f"steps {low + 1} to {high}": slice(low, high)
        for low, high in pairwise(bounds)
    }


def sliced_errors(rival: Rival, origins: Origins, place: Field, cut: Cut) -> SlicedErrors:
    """Cut one rival's errors at the origins into slices."""
    tally = _Tally.empty(cut, origins.count)
    usable = np.flatnonzero(cut.say.usable[origins.windows.series])
    for begin in range(0, len(usable), WINDOWS_AT_ONCE):
        rows = usable[begin : begin + WINDOWS_AT_ONCE]
        chunk = origins.windows.where(rows)
        target, observed = place.truth(chunk)
        with np.errstate(over="ignore", invalid="ignore"):
            error = (rival(chunk) - target) / np.sqrt(cut.say.variance[chunk.series])[:, None]
        error[np.isnan(error)] = np.inf  # a forecast that is not finite is off by as much as can be
        tally.add(_Errors(error=error, observed=observed, series=chunk.series, nth=origins.nth[rows]))
    return tally.result()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Errors:
    """Scaled errors of some windows: error and observed (W, H), series and nth (W,)."""

    error: Floats
    observed: Bools
    series: Ints
    nth: Ints


@dataclass(slots=True)
class _Tally:
    """Sums that windows are added to chunk by chunk."""

    cut: Cut
    total: dict[str, Floats]
    weight: dict[str, Floats]
    bins: Floats
    signed: float = 0.0
    seen: float = 0.0

    @classmethod
    def empty(cls, cut: Cut, origins: int) -> _Tally:
        names = [*cut.steps, *cut.groups]
        return cls(
            cut=cut,
            total={name: np.zeros(origins) for name in names},
            weight={name: np.zeros(origins) for name in names},
            bins=np.zeros(_FINE * _SPAN + 2),
        )

    def add(self, errors: _Errors) -> None:
        whole = slice(None)
        for name, steps in self.cut.steps.items():
            self._add_slice(name, errors, steps, np.ones(len(errors.series)))
        for name, members in self.cut.groups.items():
            self._add_slice(name, errors, whole, members[errors.series].astype(np.float64))
        self._add_shape(errors)

    def _add_slice(self, name: str, errors: _Errors, steps: slice, member: Floats) -> None:
        observed = errors.observed[:, steps]
        with np.errstate(over="ignore"):
            squared = np.where(observed, errors.error[:, steps], 0.0) ** 2
        count = observed.sum(axis=1)
        weight = np.where(count > 0, self.cut.say.weight[errors.series] * member, 0.0)
        counts = weight > 0
        loss = squared.sum(axis=1)[counts] / count[counts]
        size = len(self.total[name])
        self.total[name] += np.bincount(errors.nth[counts], weights=weight[counts] * loss, minlength=size)
        self.weight[name] += np.bincount(errors.nth[counts], weights=weight[counts], minlength=size)

    def _add_shape(self, errors: _Errors) -> None:
        """Tail and bias, over the windows that count."""
        used = errors.observed & self.cut.counted[errors.nth][:, None]
        error = errors.error[used]
        weight = np.broadcast_to(self.cut.say.weight[errors.series][:, None], used.shape)[used]
        with np.errstate(divide="ignore"):
            height = (np.log(np.abs(error)) + _SPAN / 2) * _FINE
        bins = np.clip(np.nan_to_num(height, neginf=0, posinf=len(self.bins)), 0, len(self.bins) - 1)
        self.bins += np.bincount(bins.astype(np.int64), weights=weight, minlength=len(self.bins))
        with np.errstate(invalid="ignore"):  # infinite both ways is no number: told as infinite in the end
            self.signed += float((error * weight).sum())
        self.seen += float(weight.sum())

    def result(self) -> SlicedErrors:
        losses = {
            name: np.divide(
                total, self.weight[name], out=np.full(len(total), np.nan), where=self.weight[name] > 0
            )
            for name, total in self.total.items()
        }
        return SlicedErrors(losses=losses, tail=self._tail(), bias=self._bias())

    def _tail(self) -> float:
        total = np.cumsum(self.bins)
        if not total[-1] > 0:
            return np.nan
        place = int(np.searchsorted(total, TAIL * total[-1]))
        return np.inf if place >= len(self.bins) - 1 else float(np.exp((place + 1) / _FINE - _SPAN / 2))

    def _bias(self) -> float:
        if not self.seen > 0:
            return np.nan
        return self.signed / self.seen if np.isfinite(self.signed) else np.inf
