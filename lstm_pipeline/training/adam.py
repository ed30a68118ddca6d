"""Adam on torch's functional form.

The first object of `torch.optim` would import torch's compiler stack: 1.6 CPU-seconds and 65 MiB.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim.adam import adam

from lstm_pipeline.model.device import denormals_flushed

RunningMeans = Mapping[str, NDArray[np.float32]]
"""Running means by the names of the parameters."""


class Adam:
    """A network's parameters with the running means of their gradients.

    Source: Kingma & Ba 2015, Adam, with its own defaults for the decay rates.
    """

    def __init__(self, net: nn.Module) -> None:
        self._parameters = dict(net.named_parameters())
        self._averages = {name: torch.zeros_like(p) for name, p in self._parameters.items()}
        self._squares = {name: torch.zeros_like(p) for name, p in self._parameters.items()}
        self._steps = [torch.zeros((), device=p.device) for p in self._parameters.values()]

    def descend(self, loss: Tensor, rate: float, clip: float | None) -> None:
        """Move the parameters one step against the gradient of the loss, its norm cut to `clip`."""
        parameters = list(self._parameters.values())
        with denormals_flushed():
            loss.backward()
            if clip is not None:
                nn.utils.clip_grad_norm_(parameters, clip)
            with torch.no_grad():
                self._update(parameters, [_gradient(p) for p in parameters], rate)
        for parameter in parameters:
            parameter.grad = None

    def running_means(self) -> tuple[RunningMeans, RunningMeans]:
        """Copies of the running means of the gradients and of their squares, on the host."""
        return _arrays(self._averages), _arrays(self._squares)

    def restore(self, averages: RunningMeans, squares: RunningMeans, step: int) -> None:
        """Go on from the running means of an earlier Adam after `step` steps."""
        for name in self._parameters:
            self._averages[name].copy_(torch.tensor(averages[name]))
            self._squares[name].copy_(torch.tensor(squares[name]))
        for count in self._steps:
            count.fill_(step)

    def _update(self, parameters: list[nn.Parameter], gradients: list[Tensor], rate: float) -> None:
        adam(
            list[Tensor](parameters),
            gradients,
            list(self._averages.values()),
            list(self._squares.values()),
            [],
            self._steps,
            # a step takes 0.94 of its time with it
            fused=True,
            amsgrad=False,
            beta1=0.9,
            beta2=0.999,
            lr=rate,
            weight_decay=0.0,
            eps=1e-8,
            maximize=False,
        )


def _gradient(parameter: nn.Parameter) -> Tensor:
    return torch.zeros_like(parameter) if parameter.grad is None else parameter.grad


def _arrays(means: Mapping[str, Tensor]) -> RunningMeans:
    return {name: moment.cpu().numpy().copy() for name, moment in means.items()}
