"""What the registry keeps of a service: live errors, slots of schedules, what is deployed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

Task = Literal["retrain", "forecast"]
"""What a schedule starts."""

SlotEvent = Literal["begun", "dataset", "done", "superseded"]
"""What happens to a slot, each once: its job is fixed, its dataset is, and it ends in one of two ways."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveError:
    """What one step of a published forecast turned out to be worth, beside a naive forecast of it."""

    pipeline: str
    uri: str
    """Where the forecast is."""
    step: int
    """Of the horizon, from 1."""
    cutoff: int
    """Last stamp that the forecast knew: microseconds since the epoch, or a step."""
    model: str
    """Id of the model, or the name of the baseline, that published it."""
    age: int | None
    """Steps from the last row that the model has learnt from to the cutoff; None of a baseline."""
    loss: float
    """Squared error divided by the variance of each series' training part, mean over the series."""
    naive_loss: float
    """The same of the baseline that would have stood in."""
    series: int
    """How many had a value at this step."""
    scored_by: str
    """Id of the dataset that holds what came."""
    at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Something that happened to one slot of a schedule; of each event the first row stands."""

    pipeline: str
    task: Task
    due: dt.datetime
    """The moment that the schedule names."""
    event: SlotEvent
    body: str
    """JSON: the job (begun), the dataset, the run that it ended with, or the slot that replaced it."""
    actor: str
    at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """A configuration that runs by a schedule, or by the hand of whoever looks at the UI."""

    pipeline: str
    nth: int = 0
    """1, 2, 3 ... per pipeline; the highest one holds."""
    config: str
    """Its key in the store."""
    actor: str
    at: dt.datetime
