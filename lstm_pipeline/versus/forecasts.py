"""The forecasts of one model as a cross-validation leaves them: one row per series, cutoff and step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.errors import SHOWN, BadInput

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecasts:
    """N rows, in any order; times as nanoseconds since the epoch, or as counted steps."""

    source: str
    """What messages call the frame: its file."""
    model: str
    """The column that holds the forecasts."""
    dated: bool
    """Times are times, and not counted steps."""
    ids: tuple[str, ...]
    """Each series once."""
    series: Ints
    """Place of the row's series in `ids`: (N,)."""
    ds: Ints
    """What is forecast."""
    cutoff: Ints
    """The newest step that the forecast knew."""
    y: Floats
    """What came; NaN where nobody knows."""
    forecast: Floats
    """Not finite where the model failed."""
    data_end: Ints | None
    """Newest step that the model has learnt from, for each row: (N,). None where nobody says."""

    def __post_init__(self) -> None:
        """Check that the rows are forecasts.

        Raises:
            BadInput: there is no row, two are of the same step, or one forecasts its own past.
        """
        if not len(self.ds):
            raise BadInput(f"{self.source}: there are columns but no row; expected forecasts")
        self._refuse(
            self.ds <= self.cutoff, "rows whose ds is not later than their cutoff; a forecast has ds > cutoff"
        )
        self._refuse(
            _repeated(self), "rows of the same unique_id, ds and cutoff as an earlier one; keep one of each"
        )

    def named(self, rows: Ints) -> Iterator[str]:
        """Rows in words."""
        for row in rows:
            ds, cutoff = (stamp(int(times[row]), self.dated) for times in (self.ds, self.cutoff))
            yield f"row {row + 1} (unique_id {self.ids[self.series[row]]}, ds {ds}, cutoff {cutoff})"

    def _refuse(self, bad: Bools, what: str) -> None:
        if many := int(np.count_nonzero(bad)):
            faults = tuple(self.named(np.flatnonzero(bad)[:SHOWN]))
            raise BadInput(f"{self.source}: {many:,} {what}", faults)


def joint_keys(frames: tuple[Forecasts, ...]) -> tuple[Ints, ...]:
    """One number per row, the same in all frames for the same series, cutoff and step, and in this order."""
    place = {name: at for at, name in enumerate(sorted({name for frame in frames for name in frame.ids}))}
    cutoffs = np.unique(np.concatenate([frame.cutoff for frame in frames]))
    times = np.unique(np.concatenate([frame.ds for frame in frames]))
    keys: list[Ints] = []
    for frame in frames:
        series = np.array([place[name] for name in frame.ids], dtype=np.int64)[frame.series]
        window = series * len(cutoffs) + np.searchsorted(cutoffs, frame.cutoff)
        keys.append(window * len(times) + np.searchsorted(times, frame.ds))
    return tuple(keys)


def stamp(value: int, dated: bool) -> str:
    """A time as a person writes it; midnight and zero seconds are left out."""
    if not dated:
        return str(value)
    text = str(np.datetime64(value, "ns").astype("datetime64[s]"))
    return text.removesuffix(":00").removesuffix("T00:00").replace("T", " ")


def _repeated(frame: Forecasts) -> Bools:
    """True for rows whose series, cutoff and step an earlier row has."""
    (keys,) = joint_keys((frame,))
    order = np.argsort(keys, kind="stable")
    repeated = np.zeros(len(keys), bool)
    repeated[order[1:]] = keys[order][1:] == keys[order][:-1]
    return repeated
