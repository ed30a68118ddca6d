"""When a promotion waits for a person: [approval], and how far the forecasts of two models lie apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge
from pydantic import AfterValidator, Strict

from lstm_pipeline.gate.evidence import Floats
from lstm_pipeline.spans import checked_span


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalPolicy:
    """[approval]: which promotions the gate makes by itself, and which wait for a person."""

    policy: Literal["auto", "first", "always", "moved"] = "auto"
    """auto: none waits; first: a pipeline's first model does; always: each; moved: one whose forecasts move.

    Of moved: where they lie farther from the champion's than `move_cap`; a first model moves nothing.
    """
    move_cap: Annotated[float, Ge(0)] = 0.5
    """How far, on the mean of series and steps, in deviations of each series' training part."""
    expires_after: Annotated[str, AfterValidator(checked_span)] = "7d"
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
