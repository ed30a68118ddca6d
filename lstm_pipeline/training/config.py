"""The part of a pipeline file that says how long and how to train."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig:
    """[training]: budget, optimiser, device and seed."""

    max_steps: Annotated[int, Ge(1)] | None = None
    """Optimiser steps at most. Default: such that a first run takes a minute or two."""
    epochs: Annotated[int, Ge(1)] | None = None
    """Passes over the training windows at most; with max_steps the earlier end counts."""
    # as the learning rate, the tutorial's
    batch_size: Annotated[int, Ge(1)] = 64
    """Windows per optimiser step."""
    learning_rate: Annotated[float, Gt(0)] = 1e-3
    """Step size of Adam."""
    schedule: Literal["constant", "cosine"] = "constant"
    """Learning rate over the budget: constant, or falling to a tenth on a half cosine."""
    loss: Literal["mse", "mae"] = "mse"
    """What is minimised, in scaled units, over observed targets only."""
    patience: Annotated[int, Ge(0)] = 5
    """Rounds without a better validation loss before training stops; 0: it never stops early."""
    clip: Annotated[float, Ge(0)] = 1.0
    """Largest norm of the gradient; 0: not clipped."""
    validation_windows: Annotated[int, Ge(1)] = 2048
    """Validation windows scored each round: all, or this many spread evenly."""
    # two take 0.74 of the time on an idle machine, and up to 100 times as long beside a busy process
    threads: Annotated[int, Ge(1)] = 1
    """Processor threads; part of a model's identity."""
    device: str = "auto"
    """auto, cpu, cuda or cuda:N."""
    where: Literal["auto", "pool", "here"] = "auto"
    """auto: on a worker of the pool gpu, where one lives, else in this process; pool: nowhere else; here."""
    on_missing_gpu: Literal["fail", "cpu"] = "fail"
    """Where device names a GPU that is not there: the run fails, or trains on the CPU and says so."""
    start: Literal["scratch"] = "scratch"
    """Where the weights come from."""
    seed: Annotated[int, Ge(0)] = 0
    """Seed of initial weights, batch order and dropout."""
    checkpoint_seconds: Annotated[float, Gt(0)] = 30.0
    """Seconds between resume states within a round; one is written after each round too."""
