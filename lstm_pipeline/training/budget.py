"""How many optimiser steps a fit takes, how they fall into epochs and rounds, and at which learning rate."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lstm_pipeline.model.config import ModelConfig
from lstm_pipeline.training.config import TrainingConfig
from lstm_pipeline.windows.config import WindowSize

SECONDS = 40.0
"""What a fit without a stated budget may take on one core."""
FEWEST_STEPS = 600
"""Below it most nets have learnt little; taken where they fit into LONGEST_SECONDS."""
# 600 steps took 147 s at a look-back of 576
LONGEST_SECONDS = 100.0
"""What a fit of FEWEST_STEPS may take at most."""
LEAST_STEPS = 150
"""Taken whatever they cost."""
MOST_EPOCHS = 50
# airline passengers: rounds of one step ended at a validation loss of 0.86, longer ones at 0.29
FEWEST_PER_ROUND = 20

FLOPS = 30e9
"""Multiply-adds, counted twice, that one core does in a second: low on purpose, 30 to 110 were measured."""
CELL_SECONDS = 20e-6
"""What one layer's time step costs beside its arithmetic, forward and backward."""
STEP_SECONDS = 0.5e-3
"""What one optimiser step costs beside the network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPlan:
    """A fit's optimiser steps, counted before it begins."""

    total: int
    """Steps at most."""
    per_epoch: int
    """Steps of one pass over the training windows; the last batch may be smaller."""
    per_round: int
    """Steps between two validations."""

    def end_of_round(self, number: int) -> int:
        """The step after which round `number`, counted from 0, is complete."""
        return min((number + 1) * self.per_round, self.total)


def plan_steps(training: TrainingConfig, windows: int) -> StepPlan:
    """Resolve the budget for this many training windows.

    A round is one epoch; where max_steps is set, at least 20 steps and at most a tenth of max_steps.

    Raises:
        ValueError: neither max_steps nor epochs is set.
    """
    per_epoch = math.ceil(windows / training.batch_size)
    budgets: list[int] = []
    if training.max_steps is not None:
        budgets.append(training.max_steps)
    if training.epochs is not None:
        budgets.append(training.epochs * per_epoch)
    if not budgets:
        raise ValueError(
            "neither max_steps nor epochs is set; resolve max_steps with default_max_steps first"
        )
    per_round = per_epoch
    if training.max_steps is not None:
        # patience counted in epochs of two or three steps stops a small set before it has learnt anything
        per_round = min(max(per_epoch, FEWEST_PER_ROUND), math.ceil(training.max_steps / 10))
    return StepPlan(total=min(budgets), per_epoch=per_epoch, per_round=per_round)


def default_max_steps(model: ModelConfig, size: WindowSize, batch_size: int, windows: int) -> int:
    """Steps that take some 40 seconds on one core, at most 50 epochs.

    At least 600, or as many of these as 100 seconds hold, but 150. Counted from a fixed estimate of the cost,
    so that equal pipelines get equal budgets on any machine.
    """
    each = step_seconds(model, size, batch_size)
    most = MOST_EPOCHS * math.ceil(windows / batch_size)
    fewest = max(LEAST_STEPS, min(FEWEST_STEPS, int(LONGEST_SECONDS / each)))
    return max(fewest, min(int(SECONDS / each), most))


def step_seconds(model: ModelConfig, size: WindowSize, batch_size: int) -> float:
    """Estimated seconds of one optimiser step on one core."""
    hidden = model.hidden_size
    inputs = [1] + [hidden] * (model.num_layers - 1)
    recurrent = sum(2 * 4 * hidden * (below + hidden) for below in inputs)
    forward = size.input_size * recurrent + 2 * hidden * size.horizon
    cells = size.input_size * model.num_layers
    # the backward pass costs about twice the forward one
    return STEP_SECONDS + cells * CELL_SECONDS + 3 * batch_size * forward / FLOPS


def learning_rate(training: TrainingConfig, step: int, total: int) -> float:
    """Adam's step size at optimiser step `step` of `total`, counted from 0."""
    if training.schedule == "constant":
        return training.learning_rate
    falling = 0.5 * (1 + math.cos(math.pi * step / total))
    return training.learning_rate * (0.1 + 0.9 * falling)
