"""Where tensors live, and how the processor works on them."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import torch

from lstm_pipeline.errors import BadConfig


def choose_device(name: str, on_missing_gpu: str = "fail") -> torch.device:
    """The device that `auto`, `cpu`, `cuda` or `cuda:N` means on this machine.

    With `on_missing_gpu = "cpu"` a GPU that is not there is replaced by the processor.

    Raises:
        BadConfig: the name is none of these, or the machine has no such device.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    kind, _, number = name.partition(":")
    if name != "cpu" and not (kind == "cuda" and (name == "cuda" or number.isdecimal())):
        raise BadConfig(f'training.device is "{name}"; expected auto, cpu, cuda or cuda:N, such as cuda:1')
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if kind == "cuda" and not int(number or 0) < count:
        if on_missing_gpu == "cpu":
            return torch.device("cpu")
        raise BadConfig(
            f'training.device is "{name}", and torch sees {count} CUDA devices here; run where there is '
            'one, set device = "auto" to take what the machine has, or on_missing_gpu = "cpu"'
        )
    return torch.device(name if kind == "cpu" else f"cuda:{int(number or 0)}")


@contextmanager
def thread_count(threads: int) -> Generator[None]:
    """Let torch work with this many threads, and give it back its own number afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def denormals_flushed() -> Generator[None]:
    """Round numbers below 1e-38 to zero on this thread, and leave it as it was afterwards.

    Gradients that have faded over some hundred time steps are such numbers, and many processors work on
    them ten times slower: at 336 steps back the whole optimiser step took 757 ms with them, 86 without.
    """
    before = _flushes_denormals()
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)


def _flushes_denormals() -> bool:
    # torch can set this but not tell it: a product that would be denormal does
    return (torch.tensor(1e-38) * 0.1).item() == 0.0
