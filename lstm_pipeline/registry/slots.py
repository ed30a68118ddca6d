"""Slots of schedules: what became of each, of every event the first row."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Select, select

from lstm_pipeline.registry.operating import Slot, Task
from lstm_pipeline.registry.rows import add, every
from lstm_pipeline.registry.tables import slot as table

ENDS = ("done", "superseded")
"""The events after which nothing happens to a slot any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """The slots of one task of one pipeline.

    Every method raises Unreachable where the database does not answer.
    """

    engine: Engine
    pipeline: str
    task: Task

    def add(self, slot: Slot) -> Slot:
        """Keep what happened to a slot; returns the row that stands there, which may be another's."""
        return add(self.engine, table, slot)

    def of(self, due: dt.datetime) -> dict[str, Slot]:
        """What has happened to one slot, by event."""
        rows = every(self.engine, Slot, self._own().where(table.c.due == due))
        return {row.event: row for row in rows}

    def ended(self, since: dt.datetime | None = None) -> tuple[Slot, ...]:
        """How the slots from a moment on ended, oldest first."""
        rows = self._own().where(table.c.event.in_(ENDS))
        later = rows if since is None else rows.where(table.c.due >= since)
        return every(self.engine, Slot, later.order_by(table.c.due))

    def newest_ended(self) -> Slot | None:
        """How the newest slot that has ended did."""
        newest = self._own().where(table.c.event.in_(ENDS)).order_by(table.c.due.desc())
        rows = every(self.engine, Slot, newest.limit(1))
        return rows[0] if rows else None

    def oldest_open(self) -> Slot | None:
        """The oldest slot that began and has not ended."""
        over = select(table.c.due).where(
            table.c.pipeline == self.pipeline, table.c.task == self.task, table.c.event.in_(ENDS)
        )
        begun = self._own().where(table.c.event == "begun", table.c.due.not_in(over)).order_by(table.c.due)
        rows = every(self.engine, Slot, begun.limit(1))
        return rows[0] if rows else None

    def _own(self) -> Select[Any]:
        return select(table).where(table.c.pipeline == self.pipeline, table.c.task == self.task)
