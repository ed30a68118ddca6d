"""How far a fit has come, which weights are best, and whether it goes on: decided from its rounds alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Ended = Literal["budget", "patience", "diverged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A stretch of training and the validation after it; losses in scaled units, not finite if diverged."""

    step: int
    """Optimiser steps done by its end."""
    training_loss: float
    """Mean over all observed targets of the round, each before the step it caused."""
    validation_loss: float | None
    """Mean after the round; None without validation windows."""
    learning_rate: float
    """Of its last step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a fit stands: epoch, batch, patience and the rest follow from these."""

    step: int = 0
    """Optimiser steps done."""
    loss_total: float = 0.0
    """Losses of the unfinished round, added."""
    loss_count: int = 0
    """Observed targets of the unfinished round."""
    rounds: tuple[Round, ...] = ()
    """Finished rounds, oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRules:
    """What ends a fit."""

    total: int
    """Optimiser steps at most."""
    patience: int | None
    """Rounds without a better validation loss."""
    ceiling: float
    """A loss above it has exploded."""


def ending(rounds: tuple[Round, ...], rules: StopRules) -> Ended | None:
    """Why a fit ends after these rounds; None where it goes on."""
    if not rounds:
        return None
    # first: a fit whose last round explodes has not simply used its budget up
    if not is_sound(rounds[-1], rules.ceiling):
        return "diverged"
    if rounds[-1].step >= rules.total:
        return "budget"
    if rules.patience is not None and rounds_since_best(rounds, rules.ceiling) >= rules.patience:
        return "patience"
    return None


def best_round(rounds: tuple[Round, ...], ceiling: float) -> int | None:
    """The number of the sound round with the lowest validation loss, the earliest of equals.

    Without validation windows the last sound round; None where no round is sound.
    """
    sound = [number for number, round_ in enumerate(rounds) if is_sound(round_, ceiling)]
    return min(sound, key=lambda number: _rank(rounds[number], number), default=None)


def rounds_since_best(rounds: tuple[Round, ...], ceiling: float) -> int:
    """How many rounds followed the best one."""
    best = best_round(rounds, ceiling)
    return len(rounds) if best is None else len(rounds) - 1 - best


def is_sound(round_: Round, ceiling: float) -> bool:
    """True where no loss of the round is NaN, infinite or exploded."""
    losses = [round_.training_loss]
    if round_.validation_loss is not None:
        losses.append(round_.validation_loss)
    return all(math.isfinite(loss) and loss <= ceiling for loss in losses)


def describe_end(ended: Ended, rounds: tuple[Round, ...], rules: StopRules) -> str:
    """Why training ended and which weights are kept, in one sentence."""
    best = best_round(rounds, rules.ceiling)
    kept = (
        "the initial weights are kept"
        if best is None
        else f"the weights of step {rounds[best].step} are kept"
    )
    last = rounds[-1]
    if ended == "patience":
        return (
            f"Stopped at step {last.step}: {rules.patience} rounds without a better validation loss; {kept}."
        )
    if ended == "diverged":
        losses = f"training loss {last.training_loss:.3g}"
        if last.validation_loss is not None:
            losses += f", validation loss {last.validation_loss:.3g}"
        return f"Diverged by step {last.step} ({losses}); {kept}. A lower learning_rate may help."
    return f"All {rules.total} steps done; {kept}."


def _rank(round_: Round, number: int) -> float:
    return -number if round_.validation_loss is None else round_.validation_loss
