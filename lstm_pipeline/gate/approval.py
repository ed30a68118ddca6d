"""When a promotion waits for a person: [approval], and how far the forecasts of two models lie apart."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge
from pydantic import AfterValidator, Strict

from lstm_pipeline.gate.evidence import Floats

UNITS: Mapping[str, dt.timedelta] = {
    "m": dt.timedelta(minutes=1),
    "h": dt.timedelta(hours=1),
    "d": dt.timedelta(days=1),
    "w": dt.timedelta(weeks=1),
}


def span_of(text: str) -> dt.timedelta:
    """The time that a text such as 7d or 12h means.

    Raises:
        ValueError: it means none.
    """
    found = re.fullmatch(r"([1-9][0-9]{0,3})([mhdw])", text)
    if found is None:
        raise ValueError(f"got {text!r}; expected a whole number with its unit: 30m, 12h, 7d or 2w")
    return int(found[1]) * UNITS[found[2]]


def _checked_span(text: str) -> str:
    span_of(text)
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalPolicy:
    """[approval]: which promotions the gate makes by itself, and which wait for a person."""

    policy: Literal["auto", "first", "always", "moved"] = "auto"
    """auto: none waits; first: a pipeline's first model does; always: each; moved: one whose forecasts move.

    Of moved: where they lie farther from the champion's than `move_cap`; a first model moves nothing.
    """
    move_cap: Annotated[float, Ge(0)] = 0.5
    """How far, on the mean of series and steps, in deviations of each series' training part."""
    expires_after: Annotated[str, AfterValidator(_checked_span)] = "7d"
    """How long a person may take: a number with m, h, d or w. After that the pipeline must be run again."""
    wait: Annotated[bool, Strict()] = False
    """Whether a flow run of a deployment waits for the answer in the Prefect UI."""


def reason_to_ask(policy: ApprovalPolicy, *, first: bool, moved: Callable[[], float]) -> str | None:
    """Why a person is asked; None where the gate's word suffices.

    `first`: there is no champion yet; `moved`: see `movement`, called only where it decides.
    """
    if policy.policy == "always":
        return "every promotion of this pipeline is approved by a person"
    if policy.policy == "first" and first:
        return "it would be the first model of its pipeline"
    if policy.policy == "moved" and not first:
        distance = moved()
        # not `distance > cap`: what cannot be told is looked at by a person too
        if not distance <= policy.move_cap:
            return (
                f"its forecasts lie {distance:.3g} deviations from the champion's, more than "
                f"{policy.move_cap:g}"
            )
    return None


def movement(candidate: Floats, champion: Floats, deviation: Floats) -> float:
    """Mean distance of two models' forecasts over series and steps, each in deviations of its series.

    Shapes: forecasts (N, H), NaN where a model makes none; deviation (N,). NaN where no series has both.
    """
    both = np.isfinite(candidate).all(axis=1) & np.isfinite(champion).all(axis=1)
    used = both & np.isfinite(deviation) & (deviation > 0)
    if not used.any():
        return float("nan")
    return float(np.mean(np.abs(candidate[used] - champion[used]) / deviation[used, None]))
