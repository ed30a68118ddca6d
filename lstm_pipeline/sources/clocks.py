"""The moment at which knowledge ends, as the clocks of a source show it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from lstm_pipeline.series.freq import DAY, EPOCH_WEEKDAY, SECOND, months_of
from lstm_pipeline.series.raw import CODE, Codes, RawRows

SUNDAY = 6
SET_BACK_MONTHS = (3, 4, 9, 10, 11)
"""Months in which clocks are set back on a Sunday before 4 o'clock, north and south of the equator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """Which clock the times of a source follow: UTC, or its own, which is taken for that of this machine."""

    utc: bool = False
    """The stamps are UTC."""
    known_utc: bool = False
    """What says when each row became known is UTC."""

    def of_stamps(self, moment: dt.datetime) -> dt.datetime:
        """A moment as the stamps' clock shows it, without a zone; one that has none is taken as it stands."""
        return moment if moment.tzinfo is None else _shown(moment, utc=self.utc)

    def of_knowledge(self, moment: dt.datetime) -> dt.datetime:
        """The same for the clock of knowledge; a moment without a zone is one on the clock of the stamps."""
        if moment.tzinfo is None and self.utc == self.known_utc:
            return moment
        if moment.tzinfo is None and self.utc:
            moment = moment.replace(tzinfo=dt.UTC)
        return _shown(moment, utc=self.known_utc)


def _shown(moment: dt.datetime, *, utc: bool) -> dt.datetime:
    return moment.astimezone(dt.UTC if utc else None).replace(tzinfo=None)


def hours_set_back(raw: RawRows, reason: Codes) -> int:
    """Conflicting rows that lie where clocks are set back; 0 where others conflict too, or none."""
    stamps = raw.stamps[reason == CODE["conflict"]]
    hour = stamps % DAY // (3600 * SECOND)
    sunday = (stamps // DAY + EPOCH_WEEKDAY) % 7 == SUNDAY
    fits = sunday & (hour < 4) & np.isin(months_of(stamps) % 12 + 1, SET_BACK_MONTHS)
    return len(stamps) if raw.timed and fits.all() else 0
