"""A series table cut into windows: how it was cut, and what names it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.artifacts import fingerprint
from lstm_pipeline.series.account import RowCounts
from lstm_pipeline.series.rules import Fill, Missing
from lstm_pipeline.series.table import SeriesTable
from lstm_pipeline.windows.config import WindowSize
from lstm_pipeline.windows.index import WindowRuns
from lstm_pipeline.windows.split import Boundaries, chronological

FailureKind = Literal["broken", "too_short", "constant", "too_large"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a series is not trained."""

    kind: FailureKind
    """broken: refused at the door; the others were found when it was cut."""
    sentence: str

    @property
    def text(self) -> str:
        """Kind and sentence, as they are stored and shown."""
        return f"{self.kind}: {self.sentence}"


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
    missing: Missing
    """Policy for steps without a value."""
    fill: Fill | None
    """How they are filled; None where they are not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A dataset in memory."""

    spec: DatasetSpec
    table: SeriesTable
    runs: WindowRuns
    counts: RowCounts
    failed: Mapping[str, Failure]
    """Series that are not trained, with the reason."""
    notes: tuple[str, ...] = ()
    """What was inferred, one sentence each."""
    lineage: Mapping[str, str] = field(default_factory=dict[str, str])
    """Digest of the source, and versions."""

    @property
    def reasons(self) -> dict[str, str]:
        """Why series are not trained, in words."""
        return {name: failure.text for name, failure in self.failed.items()}

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
        broken = _broken(self.failed)
        left_out = [sorted(self.failed), *([broken] if broken else [])]
        digest.update(fingerprint([table.ids, sorted(table.covariates), *left_out]).encode())
        columns = [table.offsets, table.first, table.y, table.observed, *_cuts(self)]
        columns += [values for _, values in sorted(table.covariates.items())]
        for column in columns if table.known_at is None else [*columns, table.known_at]:
            digest.update(np.ascontiguousarray(column).tobytes())
        return digest.hexdigest()


def trusted(table: SeriesTable, failed: Mapping[str, Failure]) -> SeriesTable:
    """The same table; its newest step is that of the series not refused at the door."""
    broken = set(_broken(failed))
    whole = [name not in broken for name in table.ids]
    if all(whole) or not any(whole):
        return table
    return replace(table, until=int(table.last[whole].max()))


def boundaries(table: SeriesTable, spec: DatasetSpec) -> Boundaries:
    """The rows at which the parts of a dataset begin; a random split trains on all rows."""
    if spec.split == "random":
        return Boundaries(validation=table.offsets[1:], test=table.offsets[1:])
    return chronological(table, spec.validation, spec.test)


def _broken(failed: Mapping[str, Failure]) -> list[str]:
    """Ids of the series that were refused at the door, sorted."""
    return sorted(name for name, failure in failed.items() if failure.kind == "broken")


def _resolved(spec: DatasetSpec) -> tuple[object, ...]:
    """What a specification says beside the place of its parts, which `_cuts` tells."""
    return spec.freq, spec.phase, spec.season_length, spec.size, spec.split, spec.missing, spec.fill


def _cuts(dataset: Dataset) -> list[NDArray[np.int64] | NDArray[np.int8]]:
    """Where the parts lie: the rows they begin on, or, dealt at random, the part of each run of windows."""
    if dataset.spec.split == "random":
        return [dataset.runs.start, dataset.runs.count, dataset.runs.part]
    cut = boundaries(dataset.table, dataset.spec)
    return [cut.validation, cut.test]
