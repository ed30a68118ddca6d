"""Slots of a schedule: which are due, what a run of one is fixed to, and that each takes effect once."""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from pydantic import TypeAdapter

from lstm_pipeline import datasets
from lstm_pipeline.artifacts import canonical
from lstm_pipeline.errors import PipelineError
from lstm_pipeline.registry import Slot, SlotEvent, Slots, Task
from lstm_pipeline.registry.slots import ENDS
from lstm_pipeline.schedule import Agenda, Clock, ScheduleConfig, agenda
from lstm_pipeline.spans import span_of
from lstm_pipeline.steps.desk import Desk, Job, SlotName, open_desk, this_moment
from lstm_pipeline.steps.refs import DatasetRef

LOG = logging.getLogger(__name__)

SPENT = "this slot of the schedule has taken effect before: nothing was run again"
ACTOR = "schedule"
"""Who asked, in the log: a slot came due."""


class Made(Protocol):
    """What a slot came to."""

    @property
    def ended_with(self) -> Mapping[str, str]:
        """What the slot's row keeps of it."""
        ...


R = TypeVar("R", bound=Made)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A slot that is to be run."""

    job: Job
    """The job as it was fixed when the slot began for the first time."""
    due: dt.datetime
    ended: str | None
    """How it ended before, as JSON; None where it did not end yet."""


def turns(job: Job, task: Task, at: dt.datetime) -> tuple[Turn, ...]:
    """The slots that a run has to see to at a moment, oldest first; the last is the newest that is due.

    A schedule may start the same slot twice, or after an hour that clocks repeat: what counts is the slot of
    the pipeline's own schedule. Older slots that nobody used end as superseded, or are run too, as the
    pipeline's policy says.
    """
    desk = open_desk(job)
    schedule = desk.config.schedule
    clock = schedule.clock(task)
    if clock is None:
        return ()
    slots = desk.registry.slots(desk.pipeline, task)
    newest = clock.latest(at)
    due = _settled(slots, schedule, _open(slots, clock, newest), at)
    # of a slot that ended there is nothing to run, but something to tell
    runs = due if newest in due else (*due, newest)
    return tuple(_turn(slots, schedule, job, one) for one in runs)


def fill(job: Job, task: Task, at: dt.datetime, walk: Callable[[Job], R]) -> R | None:
    """Run what is due of a schedule, oldest slot first; returns what the newest slot came to.

    None where the newest slot had taken effect before. An older one that fails does not keep it waiting.

    Raises:
        PipelineError: the newest slot failed.
    """
    made: R | None = None
    due = turns(job, task, at)
    for turn in due:
        made = None
        if turn.ended is not None:
            LOG.info("the slot %s has taken effect before: %s", turn.due.isoformat(), turn.ended)
            continue
        try:
            made = walk(turn.job)
        except PipelineError as error:
            if turn is due[-1]:
                raise
            LOG.warning("the slot %s failed: %s", turn.due.isoformat(), error)
        else:
            _end(turn.job, made)
    return made


def pinned(job: Job, desk: Desk, build: Callable[[], DatasetRef]) -> DatasetRef:
    """The dataset of a slot: the one that its first run built, or else built now.

    Run again a slot would see other rows, as a feed goes on, and publish other forecasts under its name.
    """
    if job.slot is None:
        return build()
    slots, due = desk.registry.slots(desk.pipeline, job.slot.task), job.slot.due_at
    row = slots.of(due).get("dataset")
    if row is None:
        return _dataset_of(desk, slots.add(_row(slots, due, "dataset", canonical(build()))))
    return replace(_dataset_of(desk, row), reused=True)


def _end(job: Job, made: Made) -> None:
    """Note that a slot is done, and what it came to."""
    desk = open_desk(job)
    if job.slot is not None:
        slots = desk.registry.slots(desk.pipeline, job.slot.task)
        slots.add(_row(slots, job.slot.due_at, "done", canonical(made.ended_with)))


def _open(slots: Slots, clock: Clock, newest: dt.datetime) -> tuple[dt.datetime, ...]:
    """The slots up to the newest one that have not ended, oldest first, from the oldest that is known on."""
    known = slots.oldest_open()
    last = slots.newest_ended()
    # before its first run nobody waited for a pipeline's slots
    since = newest - dt.timedelta(microseconds=1) if last is None else last.due
    if known is not None:
        since = min(since, known.due - dt.timedelta(microseconds=1))
    ended = {row.due for row in slots.ended(since)}
    return tuple(due for due in clock.between(since, newest) if due not in ended)


def _settled(
    slots: Slots, schedule: ScheduleConfig, due: tuple[dt.datetime, ...], at: dt.datetime
) -> tuple[dt.datetime, ...]:
    """The slots to run; those that are not are noted as superseded."""
    found: Agenda = agenda(schedule.missed, span_of(schedule.window), due, at)
    for one in found.superseded:
        slots.add(_row(slots, one, "superseded", canonical({"by": due[-1].isoformat()})))
    return found.runs


def _turn(slots: Slots, schedule: ScheduleConfig, job: Job, due: dt.datetime) -> Turn:
    known = slots.of(due)
    ended = next((known[event].body for event in ENDS if event in known), None)
    begun = known.get("begun") or slots.add(_row(slots, due, "begun", canonical(_fixed(job, schedule, due))))
    fixed = json.loads(begun.body)
    # where things are is this run's: an address may hold a password, and a store may have moved
    slot = SlotName(task=slots.task, due=due.isoformat())
    return Turn(
        job=replace(job, config=fixed["config"], now=fixed["now"], as_of=None, actor=ACTOR, slot=slot),
        due=due,
        ended=ended,
    )


def _fixed(job: Job, schedule: ScheduleConfig, due: dt.datetime) -> dict[str, str]:
    """What a slot is fixed to: the configuration, and the moment up to which rows count."""
    return {"config": job.config, "now": (due - span_of(schedule.available_after)).isoformat()}


def _row(slots: Slots, due: dt.datetime, event: SlotEvent, body: str) -> Slot:
    return Slot(
        pipeline=slots.pipeline,
        task=slots.task,
        due=due,
        event=event,
        body=body,
        actor=ACTOR,
        at=this_moment(),
    )


def _dataset_of(desk: Desk, row: Slot) -> DatasetRef:
    kept = TypeAdapter(DatasetRef).validate_python(json.loads(row.body))
    # a store may have moved since
    return replace(kept, uri=desk.store.uri(datasets.key_of(kept.id)))
