"""What a candidate must show: [gate] as a person sets it, and the rules that a mode and its knobs come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt

Mode = Literal["plain", "standard", "strict"]
Refit = Literal["none", "all"]
Refresh = Literal["superior", "noninferior"]

FEWEST = 8
"""Origins that a paired test takes at least."""
MANY = 30
"""Origins under which the test is held to `FEW_ALPHA`."""
FEW_ALPHA = 0.05
# in a simulation of 156 weeks thirteen of them cost nothing, and ended reigns of thirty (docs/gate.md)
OLD = 3
"""Test parts of newer data that make a champion old."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePolicy:
    """[gate]: what a candidate must show. A knob that is not set is as its mode has it."""

    mode: Mode = "standard"
    """plain: lower error by a margin; standard: a paired test and guards; strict: the same, held tighter."""
    alpha: Annotated[float, Gt(0), Lt(0.5)] | None = None
    """How often an equal model may pass for a better one. Default: 0.1, strict 0.05."""
    min_effect: Annotated[float, Ge(0), Lt(1)] | None = None
    """Share by which the candidate's error must lie below the champion's. Default: 0.005, strict 0.01."""
    # not 0: five rows once gave a skill of 7e-9 on one origin, and a promotion
    min_skill: Annotated[float, Lt(1)] = 0.005
    """Share by which the candidate's error must lie below the best naive baseline's."""
    cap: Annotated[float, Ge(0)] | None = None
    """Largest test MSE, in squared units of the series, that is let through. Default: none."""
    # in 52 retrainings on each of three real sets the better rule, and as seldom a change (docs/gate.md)
    refresh: Refresh | None = None
    """What the champion's own recipe on newer data must be: superior, or noninferior by `margin`.

    Default: noninferior, strict superior.
    """
    max_age: Annotated[int, Ge(1)] | None = None
    """Steps of newer data after which any candidate need only be noninferior.

    Default: three times the test part, strict never.
    """
    margin: Annotated[float, Ge(0), Lt(1)] = 0.01
    """How much worse than the champion a noninferior candidate may be, as a share of its error."""
    slice_margin: Annotated[float, Ge(0)] | None = None
    """How much worse a slice may be before it can stop a promotion. Default: 0.05, strict 0.02."""
    tail_cap: Annotated[float, Ge(1)] | None = None
    """Largest 99th percentile of absolute errors, in those of the champion. Default: 1.25, strict 1.1."""
    bias_cap: Annotated[float, Ge(0)] | None = None
    """How much farther from 0 than the champion's the mean error may lie, in deviations of the training part.

    Default: 0.25, strict 0.1.
    """
    # in 52 retrainings on each of three real sets it took 1 to 4 % off the error (docs/gate.md)
    refit: Refit | None = None
    """all: once promoted, the recipe is trained to the end of its data, and that model publishes.

    Default: all, none where a command forecasts.
    """
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Series that are guarded together: a name, and the ids or patterns (`store-7-*`) that belong to it."""
    weights: Mapping[str, Annotated[float, Ge(0)]] = field(default_factory=dict[str, float])
    """Say of a series in the pooled error, by id, else by the longest pattern that fits. Default: 1 each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """A policy with nothing left open."""

    mode: Mode
    alpha: Annotated[float, Gt(0), Le(0.5)]
    min_effect: float
    min_skill: float
    cap: float | None
    refresh: Refresh
    max_age: int | None
    lane: bool
    """Where no age is set, three test parts open the lane of those that need only be noninferior."""
    margin: float
    slice_margin: float
    tail_cap: float
    bias_cap: float

    def is_old(self, age: int, span: int) -> bool:
        """A champion is old, seen from a candidate that knows `age` newer steps; `span`: of the test part."""
        if self.max_age is not None:
            return age >= self.max_age
        return self.lane and 0 < OLD * span <= age

    def level(self, origins: int, looks: int) -> float:
        """The level of the test on so many origins, for the nth candidate that is held against them."""
        # with few origins the test promotes more often than it says (docs/gate.md)
        held = self.alpha if origins >= MANY else min(self.alpha, FEW_ALPHA)
        return held / looks


@dataclass(frozen=True, slots=True, kw_only=True)
class _Preset:
    alpha: float
    min_effect: float
    refresh: Refresh
    lane: bool
    slice_margin: float
    tail_cap: float
    bias_cap: float


_STANDARD = _Preset(
    alpha=0.1,
    min_effect=0.005,
    refresh="noninferior",
    lane=True,
    slice_margin=0.05,
    tail_cap=1.25,
    bias_cap=0.25,
)
_PRESETS: Mapping[Mode, _Preset] = {
    # tests nothing: only min_effect counts of it
    "plain": _STANDARD,
    "standard": _STANDARD,
    "strict": _Preset(
        alpha=0.05,
        min_effect=0.01,
        refresh="superior",
        lane=False,
        slice_margin=0.02,
        tail_cap=1.1,
        bias_cap=0.1,
    ),
}


def settled(policy: GatePolicy) -> Rules:
    """The rules of a policy: what is set, and for the rest what its mode has."""
    preset = _PRESETS[policy.mode]
    return Rules(
        mode=policy.mode,
        alpha=_or(policy.alpha, preset.alpha),
        min_effect=_or(policy.min_effect, preset.min_effect),
        min_skill=policy.min_skill,
        cap=policy.cap,
        refresh=preset.refresh if policy.refresh is None else policy.refresh,
        max_age=policy.max_age,
        lane=preset.lane,
        margin=policy.margin,
        slice_margin=_or(policy.slice_margin, preset.slice_margin),
        tail_cap=_or(policy.tail_cap, preset.tail_cap),
        bias_cap=_or(policy.bias_cap, preset.bias_cap),
    )


def _or(given: float | None, usual: float) -> float:
    return usual if given is None else given
