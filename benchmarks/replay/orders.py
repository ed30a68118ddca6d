"""What is to be trained, in the order in which half a result says most, by as many processes as asked for."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path

import torch

from replay.feeds import DATES, PLANS, Feed, open_feed
from replay.models import Order, make


def orders_of(plans: Sequence[str], seeds: int) -> list[Order]:
    """All models seed by seed: those that are tested, and two stages later their children."""
    stages = [(2 * seed, False, seed) for seed in range(seeds)] + [
        (2 * seed + 3, True, seed) for seed in range(seeds)
    ]
    return [
        Order(plan=plan, seed=seed, nth=nth, child=child)
        for _, child, seed in sorted(stages)
        for plan in plans
        for nth in range(DATES)
    ]


def train_all(orders: Sequence[Order], folder: Path, work: Path, jobs: int) -> None:
    """Train what is not there yet; what is there stays, so that a run that was cut off goes on."""
    left = [order for order in orders if not order.file(work).exists()]
    print(f"{len(orders) - len(left)} models are there, {len(left)} are to be trained", flush=True)
    begun = time.monotonic()
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        for done, order in enumerate(pool.imap_unordered(partial(_make, folder, work), left), start=1):
            print(f"{done} of {len(left)}, {time.monotonic() - begun:.0f} s: {order}", flush=True)


def _make(folder: Path, work: Path, order: Order) -> Order:
    # another run may have made it meanwhile
    if not order.file(work).exists():
        torch.set_num_threads(1)
        make(_feed(folder, order.plan), order, work)
    return order


@lru_cache(maxsize=len(PLANS))
def _feed(folder: Path, plan: str) -> Feed:
    return open_feed(PLANS[plan], folder)
