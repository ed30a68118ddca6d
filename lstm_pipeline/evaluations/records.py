"""The nouns of an evaluation: scores of all rivals on the same windows, and what a report draws of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lstm_pipeline.gate import Pair, SliceLosses, Source, WideErrors

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


MODELS = ("candidate", "champion")
"""Names of the rivals that are no baselines."""


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

    @property
    def best_baseline(self) -> str:
        """The naive baseline with the least loss on the origins that count."""
        # without an origin that counts the verdict is inconclusive, and its page still names a naive forecast
        counts = self.counted if self.counted.any() else slice(None)
        entered = [name for name in self.pooled if name not in MODELS]
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
class Rivalry:
    """Candidate and champion, beside their losses by origin."""

    source: Source
    """Where the champion's losses come from."""
    refresh: bool
    """The candidate is the champion's recipe on newer data."""
    age: int
    """Steps by which the candidate has learnt from later data."""
    span: int
    """Steps of the test part."""
    slices: Mapping[str, SliceLosses]
    """By part of the horizon and group of series."""
    tail: Pair
    """99th percentile of absolute errors, in deviations of the training part."""
    bias: Pair
    """Mean of forecast less truth, in the same unit."""


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
    wide: WideErrors | None
    """Scaled errors over all test windows."""
    rivalry: Rivalry | None
    """None without a champion that can be compared."""
    wants_refit: bool
    """Too few origins are left that the champion has not learnt from: its recipe trained anew leaves more."""
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
        wide=None,
        rivalry=None,
        wants_refit=False,
        trace=None,
        gates=None,
        fallback=fallback,
        finite=True,
        twin=None,
    )
