"""The nouns of the gate: what it is asked to go by, what it looks at, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Lt
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mode = Literal["plain", "standard", "strict"]
Verdict = Literal["PROMOTE", "REJECT", "INCONCLUSIVE", "HOLD"]
Reason = Literal[
    "leaky_split",
    "not_finite",
    "integrity",
    "below_floor",
    "cap",
    "first",
    "superior",
    "worse",
    "fresh",
    "inconclusive",
    "no_clean_windows",
    "slice",
    "stale_data",
    "too_short",
    "not_newest",
    "rolled_back",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePolicy:
    """[gate]: what a candidate must show."""

    mode: Mode = "standard"
    """How a candidate is judged. This version decides each mode by the plain rule, and says so (`used`)."""
    min_effect: Annotated[float, Ge(0), Lt(1)] = 0.005
    """Share by which the candidate's error must lie below the champion's."""
    # not 0: five rows once gave a skill of 7e-9 on one origin, and a promotion
    min_skill: Annotated[float, Lt(1)] = 0.005
    """Share by which the candidate's error must lie below the best naive baseline's."""
    cap: Annotated[float, Ge(0)] | None = None
    """Largest test MSE, in squared units of the series, that is let through. Default: none."""


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
    clean: NDArray[np.bool_] | None = None
    """True where the targets lie after everything either model has learnt from; None without a champion."""

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
    stranger: bool = False
    """There is a champion, but it knows none of the candidate's series, so that it cannot be compared."""
    rolled_back: bool = False
    """The candidate was champion, and a person took it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The verdict with its reasons and the figures it rests on."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    sentence: str
    """The verdict and its main reason in words."""
    mode: Mode
    """As configured."""
    used: Mode
    """The rule that decided."""
    origins: int
    """Origins compared."""
    mse: float
    """Mean loss of the candidate over the compared origins, scaled per series; NaN where none."""
    champion_mse: float
    baseline_mse: float
    effect: float
    """1 - mse / champion_mse; NaN without a champion."""
    low: float
    high: float
    """Interval of the effect, `low` to `high`; NaN where the rule gives none."""
