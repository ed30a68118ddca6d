"""What the gate looks at: losses of all rivals by origin, on the same windows, and what is known beside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Source = Literal["clean", "tested", "published", "refit", "untold"]
"""Where the champion's losses come from: its own forecasts of windows it has not learnt from, those of the
model that was tested before its recipe was trained to the end of the data, forecasts that its recipe had
published, that recipe trained on the candidate's training part, or nobody tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginLosses:
    """Losses per origin in order of time: squared errors by each series' own scale, pooled over series.

    All arrays are (O,), O origins one horizon apart. An origin that was not scored, because nobody observed
    its targets, is NaN for every rival. A forecast that is not finite loses infinitely.
    """

    candidate: Floats
    baseline: Floats
    champion: Floats | None = None
    """None without a champion."""
    clean: Bools | None = None
    """True where the losses may be held against each other: no target has taught either model.

    None without a champion.
    """

    def __post_init__(self) -> None:
        """Check that the arrays describe the same origins.

        Raises:
            ValueError: they do not, or a loss is negative.
        """
        rivals = [self.candidate, self.baseline] + ([] if self.champion is None else [self.champion])
        if (self.champion is None) != (self.clean is None):
            raise ValueError("a champion and its clean origins come together")
        shapes = {losses.shape for losses in rivals} | (set() if self.clean is None else {self.clean.shape})
        if shapes != {(len(self.candidate),)}:
            raise ValueError(f"every rival needs one loss per origin: got shapes {sorted(shapes)}")
        if any(bool(np.any(losses < 0)) for losses in rivals):
            raise ValueError("a squared error cannot be negative")

    @property
    def scored(self) -> Bools:
        """Origins with observed targets: (O,). The baseline always has a forecast, so that it tells."""
        return ~np.isnan(self.baseline)

    @property
    def compared(self) -> Bools:
        """Origins that count, for every rival: (O,)."""
        if self.champion is None or self.clean is None:
            return self.scored
        return self.scored & self.clean & ~np.isnan(self.champion)


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceLosses:
    """Losses of a part of what is forecast (some steps of the horizon, some series), by the same origins."""

    candidate: Floats
    """(O,); NaN where nothing of the slice was observed."""
    champion: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One figure of both models over the compared windows."""

    candidate: float
    champion: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WideErrors:
    """Scaled errors over all test windows: origins at every step, not a horizon apart."""

    mse: float
    """The candidate's, over all series that it knows."""
    baseline_mse: float
    """Of the best naive baseline there."""
    beside: Pair | None = None
    """Over the clean windows of the series that both models know; None without a champion, or without any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything a decision rests on."""

    losses: OriginLosses | None
    """None where no series could be trained."""
    intact: bool
    """The candidate's package loads from its stored bytes and its digests agree."""
    sound: bool
    """The fit reached weights worth judging: it did not diverge before a single round had ended well."""
    finite: bool
    """Every forecast of the candidate on every test window is finite."""
    test_mse: float
    """Over all test windows, in squared units of the series."""
    leaky: bool
    """The split lets test targets into training."""
    stale: bool
    """The newest row is older than the pipeline allows."""
    newest: bool
    """No live forecast has a later cutoff than this run may know."""
    unfit: str = ""
    """Why the data cannot be judged by, as a sentence; empty where they can."""
    stranger: bool = False
    """There is a champion, but it knows none of the candidate's series, so that it cannot be compared."""
    windows_id: str | None = None
    """Names the compared windows."""
    baseline: str | None = None
    """Name of the naive baseline in `losses`."""
    source: Source = "clean"
    looks: int = 1
    """Which distinct candidate this is that is held against these windows, 1 the first."""
    refresh: bool = False
    """The candidate is the champion's recipe on newer data."""
    age: int = 0
    """Steps by which the candidate has learnt from later data than the champion."""
    span: int = 0
    """Steps of the test part; 0 where nobody tells."""
    slices: Mapping[str, SliceLosses] = field(default_factory=dict[str, SliceLosses])
    """By name; empty without a champion."""
    wide: WideErrors | None = None
    """None where nothing was scored."""
    tail: Pair | None = None
    """99th percentile of absolute errors, in deviations of the training part; None without a champion."""
    bias: Pair | None = None
    """Mean error (forecast less truth), in the same unit; None without a champion."""
    rolled_back: bool = False
    """The candidate was champion, and a person took it back."""
    told: bool = True
    """Both models tell what they have learnt from; else whether windows are clean is nobody's to say."""

    def __post_init__(self) -> None:
        """Check what the test's level is divided by.

        Raises:
            ValueError: looks is below 1.
        """
        if not self.looks >= 1:
            raise ValueError(f"looks counts this candidate too: got {self.looks}, expected 1 or more")
