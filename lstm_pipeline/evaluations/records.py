"""The nouns of an evaluation: scores of all rivals on the same windows, and what a report draws of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One rival's errors over some windows; None where nothing was observed or a forecast was not finite."""

    mse: float | None
    mae: float | None
    rmse: float | None
    smape: float | None
    mase: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginTable:
    """Losses per compared origin, and which origins may be compared."""

    target_end: Ints
    """Stamp of the last target of each origin: (O,)."""
    pooled: Mapping[str, Floats]
    """By rival: mean over series of squared errors divided by each series' variance, each (O,)."""
    clean: NDArray[np.bool_]
    """Later than everything the models have learnt from: (O,)."""
    windows_id: str
    left_out: tuple[str, ...]
    """Series that only one of the models can forecast."""

    @property
    def counted(self) -> NDArray[np.bool_]:
        """Origins with observed targets and, beside a champion, those that neither has learnt from: (O,)."""
        # any rival tells: a forecast that is not finite is infinite here, NaN is only what nobody observed
        scored = ~np.isnan(next(iter(self.pooled.values())))
        return scored & self.clean if "champion" in self.pooled else scored

    def best(self, among: Iterable[str]) -> str:
        """The rival, of those named, with the least loss on the origins that count."""
        # without an origin that counts the verdict is inconclusive, and its page still names a naive forecast
        counts = self.counted if self.counted.any() else slice(None)
        entered = [name for name in among if name in self.pooled]
        return min(entered, key=lambda name: float(np.nansum(self.pooled[name][counts])))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Forecasts of some series at the compared origins, end to end."""

    frame: pa.Table
    """unique_id, ds, actual, and a column per rival."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateTraceTable:
    """Gate activations of the candidate's top layer on one window."""

    series: str
    ds: Ints
    """Stamps of the window: (T,)."""
    values: Floats
    """The window in the units of the series: (T,)."""
    forget: NDArray[np.float32]
    """(T, hidden), as are the others."""
    input: NDArray[np.float32]
    output: NDArray[np.float32]
    cell: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Everything gate and report need of a run's scores."""

    series: pa.Table | None
    """unique_id, rival, windows, mse, mae, rmse, smape, mase, scaled_mse."""
    steps: Mapping[str, tuple[float | None, ...]]
    """By rival: MSE per step of the horizon."""
    overall: Mapping[str, Score]
    """By rival: over all test windows, in the units of the series."""
    origins: OriginTable | None
    trace: Trace | None
    gates: GateTraceTable | None
    fallback: str | None
    """The baseline that was best on validation."""
    finite: bool
    twin: float | None
    """Test MSE of the same recipe on the chronological split, where the split is leaky."""

    @property
    def champion_is_fair(self) -> bool:
        """There are windows that the champion has not learnt from; else its errors would flatter it."""
        return self.origins is None or bool(self.origins.clean.any())


def nothing_trained(fallback: str | None) -> Evaluation:
    """The evaluation of a run without a model."""
    return Evaluation(
        series=None,
        steps={},
        overall={},
        origins=None,
        trace=None,
        gates=None,
        fallback=fallback,
        finite=True,
        twin=None,
    )
