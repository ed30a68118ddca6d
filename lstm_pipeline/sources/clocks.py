"""The moment at which knowledge ends, as the clocks of a source show it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import compute

from lstm_pipeline.series.freq import DAY, EPOCH_WEEKDAY, SECOND, months_of
from lstm_pipeline.series.raw import CODE, Codes, RawRows
from lstm_pipeline.series.rules import REFUSED_ABOVE
from lstm_pipeline.sources.sheet import Sheet

pc: Any = compute
"""pyarrow makes these functions at import, where no checker sees them."""

SUNDAY = 6
SET_BACK_MONTHS = (3, 4, 9, 10, 11)
"""Months in which clocks are set back on a Sunday before 4 o'clock, north and south of the equator."""
UTC_NAMES = ("UTC", "Etc/UTC", "Z", "+00:00")
"""Zones whose clock is never changed because it is that of UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """Which clock the times of a source follow: UTC, that of a zone, or its own, taken for this machine's."""

    utc: bool = False
    """The stamps are UTC."""
    known_utc: bool = False
    """What says when each row became known is UTC."""
    zone: str | None = None
    """The zone whose clock the stamps follow, where the source says it and they are not UTC."""

    def of_stamps(self, moment: dt.datetime) -> dt.datetime:
        """A moment as the stamps' clock shows it, without a zone; one that has none is taken as it stands."""
        if moment.tzinfo is None:
            return moment
        if self.zone is not None:
            there: Any = pd.Timestamp(moment).tz_convert(self.zone)
            return there.tz_localize(None).to_pydatetime()
        return _shown(moment, utc=self.utc)

    def of_knowledge(self, moment: dt.datetime) -> dt.datetime:
        """The same for the clock of knowledge; a moment without a zone is one on the clock of the stamps."""
        if moment.tzinfo is None and self.zone is not None:
            moment = _placed(moment, self.zone)
        if moment.tzinfo is None and self.utc == self.known_utc:
            return moment
        if moment.tzinfo is None and self.utc:
            moment = moment.replace(tzinfo=dt.UTC)
        return _shown(moment, utc=self.known_utc)


def _placed(moment: dt.datetime, zone: str) -> dt.datetime:
    """A moment on a zone's clock, with its zone; the earlier of two, so that nothing later is known."""
    there: Any = pd.Timestamp(moment).tz_localize(zone, ambiguous=True, nonexistent="shift_forward")
    return there.to_pydatetime()


def _shown(moment: dt.datetime, *, utc: bool) -> dt.datetime:
    return moment.astimezone(dt.UTC if utc else None).replace(tzinfo=None)


def zone_of(sheets: Sequence[Sheet]) -> str | None:
    """The zone that all times say, where they are days or longer: at one time of day on its clock.

    On the clock of UTC such rows would leave their grid whenever the zone's clock is changed. As many may
    have another time of day as rows may be set aside. None for UTC, and where it is not so.
    """
    columns = [sheet.column(sheet.roles.time[0]) for sheet in sheets if len(sheet.roles.time) == 1]
    zones = {column.type.tz if pa.types.is_timestamp(column.type) else None for column in columns}
    zone = zones.pop() if len(zones) == 1 and len(columns) == len(sheets) else None
    if zone is None or zone in UTC_NAMES:
        return None
    shown = [pc.local_timestamp(column).cast(pa.timestamp("us")).drop_null() for column in columns]
    daytimes = np.concatenate([times.cast(pa.int64()).to_numpy() for times in shown]) % DAY
    _, counts = np.unique(daytimes, return_counts=True)
    return zone if counts.max(initial=0) >= (1 - REFUSED_ABOVE) * max(len(daytimes), 1) else None


def hours_set_back(raw: RawRows, reason: Codes) -> int:
    """Conflicting rows that lie where clocks are set back; 0 where others conflict too, or none."""
    stamps = raw.stamps[reason == CODE["conflict"]]
    hour = stamps % DAY // (3600 * SECOND)
    sunday = (stamps // DAY + EPOCH_WEEKDAY) % 7 == SUNDAY
    fits = sunday & (hour < 4) & np.isin(months_of(stamps) % 12 + 1, SET_BACK_MONTHS)
    return len(stamps) if raw.timed and fits.all() else 0
