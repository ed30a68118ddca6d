"""A fit under way: network and data on the device, moved on by one optimiser step or one validation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from lstm_pipeline.model.build import build
from lstm_pipeline.model.config import ModelConfig
from lstm_pipeline.model.gather import WINDOWS_AT_ONCE, Rows, WindowIndex, gather_windows, index_on, rows_on
from lstm_pipeline.model.weights import Weights, load_weights, weights_of
from lstm_pipeline.training.adam import Adam
from lstm_pipeline.training.budget import StepPlan, learning_rate, plan_steps
from lstm_pipeline.training.config import TrainingConfig
from lstm_pipeline.training.data import TrainingSet
from lstm_pipeline.training.loss import LossSum, loss_ceiling, loss_sum
from lstm_pipeline.training.order import batches
from lstm_pipeline.training.resume import ResumeState
from lstm_pipeline.training.rounds import Position, Round, StopRules, best_round
from lstm_pipeline.windows.config import WindowSize


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceData:
    """A training set on its device."""

    rows: Rows
    train: WindowIndex
    validation: WindowIndex
    """Those that are scored each round."""
    size: WindowSize


class Fitter:
    """A fit between two optimiser steps; every method moves it on or tells where it stands."""

    def __init__(
        self, model: ModelConfig, training: TrainingConfig, data: TrainingSet, device: torch.device
    ) -> None:
        self.plan: StepPlan = plan_steps(training, len(data.train))
        self.rules = StopRules(
            total=self.plan.total,
            patience=(training.patience or None) if len(data.validation) else None,
            ceiling=loss_ceiling(training.loss, data),
        )
        self.rounds: tuple[Round, ...] = ()
        self._training = training
        self._dropout = model.dropout > 0
        self._device = device
        self._data = _on_device(data, training.validation_windows, device)
        self._net = build(model, data.size, seed=training.seed).to(device)
        self._adam = Adam(self._net)
        self._best = weights_of(self._net)
        self._go_on_from(step=0, loss_total=0.0, loss_count=0)

    @property
    def round_is_complete(self) -> bool:
        """True where all steps of the unfinished round are done."""
        return self._step >= self.plan.end_of_round(len(self.rounds))

    @property
    def best(self) -> Weights:
        """Weights of the best round so far, the initial ones before it."""
        return self._best

    def restore(self, state: ResumeState) -> None:
        """Stand where the state was taken.

        Raises:
            BrokenArtifact: the state is of another network.
        """
        load_weights(self._net, state.weights)
        position = state.position
        self._adam.restore(state.averages, state.squares, position.step)
        self._best = state.best
        self.rounds = position.rounds
        self._go_on_from(position.step, position.loss_total, position.loss_count)

    def state(self) -> ResumeState:
        """Everything from which `restore` goes on to the same bytes."""
        averages, squares = self._adam.running_means()
        return ResumeState(
            weights=weights_of(self._net),
            best=self._best,
            averages=averages,
            squares=squares,
            position=Position(
                step=self._step,
                loss_total=self._loss_total.item(),
                loss_count=int(self._loss_count.item()),
                rounds=self.rounds,
            ),
        )

    def learn_next_batch(self) -> None:
        """Take one optimiser step."""
        if self._dropout:
            _seed_dropout(self._training.seed, self._step, self._device)
        self._net.train()
        loss = self._loss_of(self._data.train[next(self._order).to(self._device)])
        self._adam.descend(
            loss.total / loss.count.clamp_min(1), self._rate(self._step), self._training.clip or None
        )
        self._loss_total += loss.total.detach()
        self._loss_count += loss.count
        self._step += 1

    def close_round(self) -> Round:
        """Validate, and keep the weights where they are the best so far."""
        closed = Round(
            step=self._step,
            training_loss=self._loss_total.item() / max(int(self._loss_count.item()), 1),
            validation_loss=self._validate(),
            learning_rate=self._rate(self._step - 1),
        )
        self.rounds = (*self.rounds, closed)
        if best_round(self.rounds, self.rules.ceiling) == len(self.rounds) - 1:
            self._best = weights_of(self._net)
        self._loss_total.zero_()
        self._loss_count.zero_()
        return closed

    def _go_on_from(self, step: int, loss_total: float, loss_count: int) -> None:
        self._step = step
        # sums stay on the device: reading them at every step would make the processor wait for it
        self._loss_total = torch.tensor(loss_total, dtype=torch.float64, device=self._device)
        self._loss_count = torch.tensor(loss_count, dtype=torch.int64, device=self._device)
        self._order = batches(len(self._data.train), self._training.batch_size, self._training.seed, step)

    def _rate(self, step: int) -> float:
        return learning_rate(self._training, step, self.plan.total)

    def _validate(self) -> float | None:
        if not len(self._data.validation):
            return None
        self._net.eval()
        total, count = 0.0, 0
        with torch.inference_mode():
            for first in range(0, len(self._data.validation), WINDOWS_AT_ONCE):
                loss = self._loss_of(self._data.validation[slice(first, first + WINDOWS_AT_ONCE)])
                total += loss.total.item()
                count += int(loss.count.item())
        return total / max(count, 1)

    def _loss_of(self, windows: WindowIndex) -> LossSum:
        batch = gather_windows(self._data.rows, windows, self._data.size)
        return loss_sum(self._training.loss, self._net(batch), batch)


def _on_device(data: TrainingSet, validation_windows: int, device: torch.device) -> DeviceData:
    scored = min(validation_windows, len(data.validation))
    spread = np.arange(scored) * len(data.validation) // max(scored, 1)
    return DeviceData(
        rows=rows_on(device, data.values, data.observed),
        train=index_on(device, data.train, data.train_series),
        validation=index_on(device, data.validation[spread], data.validation_series[spread]),
        size=data.size,
    )


def _seed_dropout(seed: int, step: int, device: torch.device) -> None:
    """Let the dropout of a step depend on nothing but the seed and the step."""
    drawn = int(np.random.SeedSequence((seed, step)).generate_state(1, np.uint64)[0])
    torch.default_generator.manual_seed(drawn)
    if device.type == "cuda":
        with torch.cuda.device(device):
            torch.cuda.manual_seed(drawn)
