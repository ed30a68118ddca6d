"""The door: a source comes in, a checked series table goes out, with an account of every row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lstm_pipeline.artifacts import fingerprint
from lstm_pipeline.errors import BadInput
from lstm_pipeline.series.account import RowCounts
from lstm_pipeline.series.assembly import fill
from lstm_pipeline.series.contract import check
from lstm_pipeline.series.raw import Checked, SeriesCounts
from lstm_pipeline.series.rules import REASONS, SeriesRules
from lstm_pipeline.series.season import oldest_rows, season_by_autocorrelation, season_of
from lstm_pipeline.series.table import SeriesTable
from lstm_pipeline.sources.clocks import hours_set_back
from lstm_pipeline.sources.config import FilesSource, Source
from lstm_pipeline.sources.csvfile import read_csv
from lstm_pipeline.sources.generated import arrange_generated
from lstm_pipeline.sources.guard import digest_of
from lstm_pipeline.sources.layouts import Arrival, arrange
from lstm_pipeline.sources.listing import SourceFile, find_files
from lstm_pipeline.sources.parquetfile import read_parquet
from lstm_pipeline.sources.refusals import refuse_all_failed, refuse_gaps, refuse_rows
from lstm_pipeline.sources.sheet import Sheet

KnownRows = Callable[[SeriesTable], NDArray[np.int64]]
"""Says the row of each series before which a season may be read from it: (N,)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """A source, checked."""

    table: SeriesTable
    rows: RowCounts
    set_aside: pa.Table
    """One line per set-aside row: file, row, column, unique_id, ds, value, reason."""
    failed: Mapping[str, str]
    """Refused series (their kept rows are in the table) and those without a kept row: id -> sentence."""
    notes: tuple[str, ...]
    """What was inferred, in sentences."""
    digest: str
    """sha256 over the bytes of the files, or of the generator's configuration, in hex."""
    season_length: int
    """Steps."""
    per_series: SeriesCounts
    """Rows in and set aside by series, those without a kept row included."""
    as_of: dt.datetime | int | None
    """Up to when rows were used: a moment without a zone, on the clock of the stamps, or a step."""


def ingest(
    source: Source, rules: SeriesRules, as_of: dt.datetime | int | None = None, known: KnownRows = oldest_rows
) -> Ingested:
    """Read a source up to `as_of` and check it.

    An `as_of` with a zone is brought onto the clock of the stamps: UTC, or where they follow the file's own,
    this machine's. One without is a time on that clock. `known` bounds what a season may be read from.

    Raises:
        BadInput: nothing usable is left, or a row meets a fate "fail"; each fault is listed.
        BadConfig: the configuration does not fit the data.
    """
    arrival, digest = arrive(source, rules.freq)
    known_by = arrival.clocks.of_knowledge(as_of) if isinstance(as_of, dt.datetime) else None
    as_of = arrival.clocks.of_stamps(as_of) if isinstance(as_of, dt.datetime) else as_of
    checked = check(arrival.raw, rules, as_of, known_by)
    set_aside = arrival.places.set_aside(arrival.raw, checked.reason)
    refuse_rows(set_aside, rules)
    refuse_gaps(checked.table, rules)
    refuse_all_failed(checked)
    season, notes = _season(checked.table, rules, known)
    table = checked.table
    # last: to fill by seasons takes the length of one
    if rules.missing == "fill":
        table = fill(table, rules.fill, season)
    return Ingested(
        table=table,
        rows=_row_counts(checked, rules, set_aside),
        set_aside=set_aside,
        failed=checked.failed,
        notes=(*arrival.notes, *_freq_notes(table, rules), *notes, *_row_notes(arrival, checked)),
        digest=digest,
        season_length=season,
        per_series=checked.per_series,
        as_of=as_of,
    )


def arrive(source: Source, freq: str | int | None) -> tuple[Arrival, str]:
    """Raw rows of a source before anything is checked, and its digest.

    Raises:
        BadInput, BadConfig: it cannot be read.
    """
    if not isinstance(source, FilesSource):
        return arrange_generated(source, freq), fingerprint(source)
    files = find_files(source.path)
    sheets = tuple(_read(file, source) for file in files)
    digest = digest_of(files)
    # a feed that is still being written would be taken for whole, and its digest for that of what was read
    if find_files(source.path) != files:
        raise BadInput(f"{source.path}: it changed while it was read; run again once it is complete")
    return arrange(sheets, source, freq), digest


def _read(file: SourceFile, source: FilesSource) -> Sheet:
    """Read one file by its kind."""
    return read_parquet(file, source) if file.name.endswith(".parquet") else read_csv(file, source)


def _season(table: SeriesTable, rules: SeriesRules, known: KnownRows) -> tuple[int, tuple[str, ...]]:
    """Steps of one season, and how they were found where nobody set them."""
    if rules.season_length is not None:
        return rules.season_length, ()
    by_freq = season_of(table.grid.freq)
    if by_freq is not None:
        return by_freq, (f"season_length {by_freq} follows from freq {table.grid.freq}",)
    ends = known(table)
    found = season_by_autocorrelation(table, ends)
    share = round(100 * (ends - table.offsets[:-1]).sum() / len(table.y))
    return found, (f"season_length {found} is read from the autocorrelation of the oldest {share} %",)


def _freq_notes(table: SeriesTable, rules: SeriesRules) -> tuple[str, ...]:
    """What was read from the stamps."""
    if rules.freq is not None:
        return ()
    if table.grid.timed:
        return (f"freq {table.grid.freq} is read from the stamps",)
    return (f"there are no times: steps are counted, freq {table.grid.freq}",)


def _row_notes(arrival: Arrival, checked: Checked) -> tuple[str, ...]:
    """What the counts of rows do not tell."""
    notes: list[str] = []
    if checked.later:
        newest = checked.table.grid.label(int(checked.table.grid.stamp(np.array([checked.table.newest]))[0]))
        notes.append(f"{checked.later} rows later than as_of are not used; the newest one used is {newest}")
    if checked.blanks_outside:
        notes.append(
            f"{checked.blanks_outside} blank cells before the first or after the last value of their series "
            "are no rows"
        )
    set_back = hours_set_back(arrival.raw, checked.reason) if not arrival.clocks.utc else 0
    if set_back:
        notes.append(
            f"{set_back} conflicting rows lie in Sunday hours in which clocks are set back: where the "
            "times follow such a clock, set source.timezone and both hours are kept"
        )
    return tuple(notes)


def _row_counts(checked: Checked, rules: SeriesRules, set_aside: pa.Table) -> RowCounts:
    """Rows by what became of them."""
    counted = checked.per_series.set_aside.sum(axis=0)
    by_reason: dict[str, int] = dict(zip(REASONS, counted.tolist(), strict=True))
    # without an id they belong to no series: they are what is left over
    by_reason["bad_id"] = set_aside.num_rows - int(counted.sum())
    kept = int(checked.per_series.rows_kept.sum())
    unobserved = int((~checked.table.observed).sum())
    return RowCounts(
        rows_in=kept + set_aside.num_rows,
        rows_kept=kept,
        rows_filled=unobserved if rules.missing == "fill" else 0,
        rows_missing=checked.rows_missing,
        rows_set_aside=by_reason,
    )
