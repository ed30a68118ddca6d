"""A series table cut into windows: how it was cut, and what names it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.artifacts import fingerprint
from lstm_pipeline.series.account import RowCounts
from lstm_pipeline.series.table import SeriesTable
from lstm_pipeline.windows.config import WindowSize
from lstm_pipeline.windows.index import WindowRuns
from lstm_pipeline.windows.split import Boundaries, chronological

BROKEN = "broken"
"""How the reason of a series begins that was refused at the door."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetSpec:
    """How a dataset was cut, with nothing left open; part of its id."""

    freq: str | int
    phase: int
    season_length: int
    size: WindowSize
    split: str
    """chronological or random."""
    validation: int | float | str
    test: int | float | str
    """Steps, a fraction, or the timestamp on which the part begins."""
    split_seed: int
    missing: str
    """Policy for steps without a value, with the method where it is fill."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A dataset in memory."""

    spec: DatasetSpec
    table: SeriesTable
    runs: WindowRuns
    counts: RowCounts
    failed: Mapping[str, str]
    """Series that are not trained, with the reason: refused at the door, too short, or constant."""
    notes: tuple[str, ...] = ()
    """What was inferred, one sentence each."""
    lineage: Mapping[str, str] = field(default_factory=dict[str, str])
    """Digest of the source, and versions."""

    @property
    def cutoff(self) -> int:
        """The newest stamp: microseconds since the epoch, or a step."""
        return int(self.table.grid.stamp(np.array([self.table.newest]))[0])

    @property
    def id(self) -> str:
        """sha256 of the rows kept and of where they were cut, however the pipeline file says it."""
        digest = hashlib.sha256(fingerprint(_resolved(self.spec)).encode())
        table = self.table
        # a series refused at the door moves no clock, one that is only too short does: that decides the split
        broken = sorted(name for name, reason in self.failed.items() if reason.startswith(BROKEN))
        left_out = [sorted(self.failed), *([broken] if broken else [])]
        digest.update(fingerprint([table.ids, sorted(table.covariates), *left_out]).encode())
        columns = [table.offsets, table.first, table.y, table.observed, *_cuts(self)]
        columns += [values for _, values in sorted(table.covariates.items())]
        for column in columns if table.known_at is None else [*columns, table.known_at]:
            digest.update(np.ascontiguousarray(column).tobytes())
        return digest.hexdigest()


def trusted(table: SeriesTable, failed: Mapping[str, str]) -> SeriesTable:
    """The same table; its newest step is that of the series not refused at the door."""
    whole = [not failed.get(name, "").startswith(BROKEN) for name in table.ids]
    if all(whole) or not any(whole):
        return table
    return replace(table, until=int(table.last[whole].max()))


def boundaries(table: SeriesTable, spec: DatasetSpec) -> Boundaries:
    """The rows at which the parts of a dataset begin; a random split trains on all rows."""
    if spec.split == "random":
        return Boundaries(validation=table.offsets[1:], test=table.offsets[1:])
    return chronological(table, spec.validation, spec.test)


def _resolved(spec: DatasetSpec) -> tuple[object, ...]:
    """What a specification says beside the place of its parts, which `_cuts` tells."""
    return spec.freq, spec.phase, spec.season_length, spec.size, spec.split, spec.missing


def _cuts(dataset: Dataset) -> list[NDArray[np.int64] | NDArray[np.int8]]:
    """Where the parts lie: the rows they begin on, or, dealt at random, the part of each run of windows."""
    if dataset.spec.split == "random":
        return [dataset.runs.start, dataset.runs.count, dataset.runs.part]
    cut = boundaries(dataset.table, dataset.spec)
    return [cut.validation, cut.test]
