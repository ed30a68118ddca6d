"""The loop that fits a network: rounds of optimiser steps, a validation after each, the best weights kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

from lstm_pipeline.model.config import ModelConfig
from lstm_pipeline.model.device import choose_device, thread_count
from lstm_pipeline.model.weights import Weights
from lstm_pipeline.training.config import TrainingConfig
from lstm_pipeline.training.data import TrainingSet
from lstm_pipeline.training.fitter import Fitter
from lstm_pipeline.training.resume import ResumeState
from lstm_pipeline.training.rounds import Ended, Round, best_round, describe_end, ending


def _ignore(_: object) -> None:
    """Look at nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FitHooks:
    """What a fit tells the world and takes from it."""

    on_round: Callable[[Round], None] = _ignore
    """Called after each round."""
    save: Callable[[ResumeState], None] | None = None
    """Called after each round, and within one every `checkpoint_seconds`."""
    clock: Callable[[], float] = time.monotonic
    """Seconds; decides when to save, and nothing else."""
    resume: ResumeState | None = None
    """Where to go on. Default: from the start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FitResult:
    """A fitted network and how it came about."""

    weights: Weights
    """Of the best round; without validation windows of the last sound one."""
    rounds: tuple[Round, ...]
    """The loss curve, oldest first."""
    steps: int
    """Optimiser steps done."""
    best_step: int
    """The step of the weights; 0 where no round was sound and these are the initial ones."""
    ended: Ended
    sentence: str
    """Why training ended, in words."""
    device: str
    """Where it ran: cpu or cuda:N."""


def descend(model: ModelConfig, training: TrainingConfig, data: TrainingSet, hooks: FitHooks) -> FitResult:
    """Train a network from its seed, or from where an interrupted fit stood, to the end of its budget.

    Equal arguments give equal bytes on the CPU at a fixed thread count, interrupted or not. The caller's
    random state and thread count are left as they were.

    Raises:
        BadConfig: the device is none, or not on this machine.
        BrokenArtifact: the resume state is of another network.
        ValueError: neither max_steps nor epochs is set.
    """
    device = choose_device(training.device, training.on_missing_gpu)
    # named, as torch would fork the state of every GPU there is
    forked = [device] if device.type == "cuda" else []
    with thread_count(training.threads), torch.random.fork_rng(devices=forked):
        fitter = Fitter(model, training, data, device)
        if hooks.resume is not None:
            fitter.restore(hooks.resume)
        ended = _run_rounds(fitter, training.checkpoint_seconds, hooks)
    return _result(fitter, ended, device)


def _run_rounds(fitter: Fitter, checkpoint_seconds: float, hooks: FitHooks) -> Ended:
    # asked first: a fit that was killed after its last round has nothing left to do
    while (ended := ending(fitter.rounds, fitter.rules)) is None:
        _run_steps(fitter, checkpoint_seconds, hooks)
        hooks.on_round(fitter.close_round())
        if hooks.save is not None:
            hooks.save(fitter.state())
    return ended


def _run_steps(fitter: Fitter, checkpoint_seconds: float, hooks: FitHooks) -> None:
    saved = hooks.clock()
    while not fitter.round_is_complete:
        fitter.learn_next_batch()
        if hooks.save is not None and hooks.clock() - saved >= checkpoint_seconds:
            hooks.save(fitter.state())
            saved = hooks.clock()


def _result(fitter: Fitter, ended: Ended, device: torch.device) -> FitResult:
    best = best_round(fitter.rounds, fitter.rules.ceiling)
    return FitResult(
        weights=fitter.best,
        rounds=fitter.rounds,
        steps=fitter.rounds[-1].step,
        best_step=0 if best is None else fitter.rounds[best].step,
        ended=ended,
        sentence=describe_end(ended, fitter.rounds, fitter.rules),
        device=str(device),
    )
