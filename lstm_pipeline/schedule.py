"""Slots of a schedule: the moments that a cron line or an interval names, and which of them still count."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator

from lstm_pipeline.spans import checked_lag, checked_span, span_of

ANCHOR = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
"""A slot of every interval, a Monday: so slots stay where they are when a schedule is deployed again."""
FURTHEST = dt.timedelta(days=366 * 8)
"""How far apart two slots may lie: the 29th of February, across a year that has none."""
SHORTEST = dt.timedelta(minutes=1)
"""Between two slots: a cron line has none shorter."""

Missed = Literal["latest", "all", "window"]


def checked_rule(rule: str) -> str:
    """The text itself, if it is a cron line of five fields that ever fires, or an interval.

    Raises:
        ValueError: it is not.
    """
    if " " not in rule.strip():
        interval = span_of(rule)
        if interval < SHORTEST:
            raise ValueError(f"got {rule!r}; expected at least 1m between two slots")
        return rule
    if len(rule.split()) != 5:
        raise ValueError(
            f'got {rule!r}; expected five fields, such as "0 2 * * *", or an interval such as 6h'
        )
    try:
        next(CronSim(rule, ANCHOR))
    except CronSimError as error:
        raise ValueError(
            f'got {rule!r}, which is no cron line ({error}); expected one such as "0 2 * * *"'
        ) from error
    return rule


Rule = Annotated[str, AfterValidator(checked_rule)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleConfig:
    """[schedule]: when a deployed pipeline runs, and on which rows."""

    retrain: Rule | None = None
    """A cron line ("0 2 * * *") or an interval ("6h"). Default: started by hand alone."""
    forecast: Rule | None = None
    """The same for forecasts by the champion, without training."""
    timezone: str = "UTC"
    """The clock that cron lines follow. Clock changes move a slot or merge two; UTC has none."""
    missed: Missed = "latest"
    """Slots that passed unused. latest: the newest counts, older ones end as superseded; all: each is run,
    oldest first; window: those no older than `window` are."""
    window: Annotated[str, AfterValidator(checked_span)] = "2d"
    """With missed = "window": a number with m, h, d or w."""
    available_after: Annotated[str, AfterValidator(checked_lag)] = "0h"
    """How late data come: a slot sees the rows up to its own time minus this."""

    def clock(self, task: Literal["retrain", "forecast"]) -> Clock | None:
        """The slots of one task; None where it has no schedule."""
        rule = self.retrain if task == "retrain" else self.forecast
        return None if rule is None else Clock(rule=rule, timezone=self.timezone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The slots of one rule. Moments come in with a zone and go out in UTC."""

    rule: str
    timezone: str

    @property
    def interval(self) -> dt.timedelta | None:
        """The time between two slots; None where a cron line names them."""
        return None if " " in self.rule.strip() else span_of(self.rule)

    def latest(self, at: dt.datetime) -> dt.datetime:
        """The newest slot that is due at a moment.

        A cron line follows its zone: an hour that clocks skip is taken after it, one that they repeat once.
        """
        if self.interval is not None:
            return at.astimezone(dt.UTC) - (at - ANCHOR) % self.interval
        # its own search backwards ends after fifty years; one minute is the step of cron
        return next(self._cron(at + dt.timedelta(seconds=1), reverse=True))

    def following(self, after: dt.datetime) -> Iterator[dt.datetime]:
        """The slots after a moment, oldest first, without end."""
        if self.interval is None:
            yield from self._cron(after)
            return
        due = self.latest(after)
        while True:
            due += self.interval
            yield due

    def between(self, after: dt.datetime, until: dt.datetime) -> tuple[dt.datetime, ...]:
        """The slots after one moment and up to another, oldest first."""
        return tuple(takewhile(lambda due: due <= until, self.following(after)))

    def _cron(self, at: dt.datetime, *, reverse: bool = False) -> Iterator[dt.datetime]:
        for due in CronSim(self.rule, at.astimezone(ZoneInfo(self.timezone)), reverse=reverse):
            yield due.astimezone(dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """What a run that is due does about the slots that nobody has used."""

    runs: tuple[dt.datetime, ...]
    """Oldest first."""
    superseded: tuple[dt.datetime, ...]


def agenda(
    missed: Missed, window: dt.timedelta, open_slots: Sequence[dt.datetime], now: dt.datetime
) -> Agenda:
    """Sort slots that are due and have not ended, oldest first, into those to run and those superseded.

    The newest one is always run: a policy that left it out would never forecast again.
    """
    if missed == "all":
        return Agenda(runs=tuple(open_slots), superseded=())
    kept = [due for due in open_slots[:-1] if missed == "window" and now - due <= window]
    runs = (*kept, *open_slots[-1:])
    return Agenda(runs=runs, superseded=tuple(due for due in open_slots if due not in runs))
