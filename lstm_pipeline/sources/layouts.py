"""From the sheets of a source to raw rows: long, wide, or one series per row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lstm_pipeline.errors import BadInput
from lstm_pipeline.series.raw import Ints, RawRows
from lstm_pipeline.series.times import Clock, TimeColumn, Times, read_times
from lstm_pipeline.sources.clocks import Clocks, zone_of
from lstm_pipeline.sources.coded import Coded, coded_of, joined, times_of
from lstm_pipeline.sources.config import FilesSource
from lstm_pipeline.sources.numbers import Decimal, Numbers, read_numbers
from lstm_pipeline.sources.row_places import Block, RowPlaces
from lstm_pipeline.sources.sheet import Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Raw rows with their places."""

    raw: RawRows
    places: RowPlaces
    clocks: Clocks = field(default_factory=Clocks)
    notes: tuple[str, ...] = ()
    """What was decided while reading, in sentences."""


def arrange(sheets: tuple[Sheet, ...], source: FilesSource, freq: str | int | None) -> Arrival:
    """Make raw rows of all sheets together; one column after the other, so that wide series lie in order.

    Raises:
        BadInput: day and month cannot be told apart, or no time can be read.
        BadConfig: unknown zone or format.
    """
    _refuse_mixed(sheets)
    names, blocks = _blocks(sheets, source.layout)
    step = freq if isinstance(freq, int) else 1
    zone = zone_of(sheets) if source.timezone is None else None
    text = _time_texts(sheets, local=zone is not None)
    series = _series_of_lines(sheets, blocks, source.layout)
    clock = Clock(timezone=source.timezone, time_format=source.time_format, timed=isinstance(freq, str))
    times = _counted(series, step) if text is None else _read(text, series, clock, sheets)
    known = _known_at(sheets, source)
    # a row of which nobody can say when it became known may come from the future
    bad = times.bad if known is None else times.bad | known.bad
    in_row = source.layout == "rows"
    numbers = _numbers(sheets, blocks, source.decimal)
    raw = RawRows(
        ids=names,
        series=np.concatenate([block.codes for block in blocks]),
        stamps=_places_in_row(sheets, step) if in_row else _per_row(times.stamps, sheets, blocks),
        bad_time=_per_row(bad, sheets, blocks),
        values=numbers.values,
        blank=numbers.blank,
        timed=times.timed,
        known_at=None if known is None else _per_row(known.stamps, sheets, blocks),
    )
    notes = (*times.notes, *_kept_clock(zone), *_respelled(sheets, source.layout))
    places = RowPlaces(sheets=sheets, times=text, blocks=blocks)
    return Arrival(raw=raw, places=places, clocks=_clocks(times, known, zone), notes=notes)


def _numbers(sheets: Sequence[Sheet], blocks: Sequence[Block], decimal: Decimal) -> Numbers:
    """The values of all blocks, one after the other."""
    read = [read_numbers(sheets[block.sheet].column(block.column), decimal) for block in blocks]
    return Numbers(
        values=np.concatenate([part.values for part in read]),
        blank=np.concatenate([part.blank for part in read]),
    )


def _time_texts(sheets: Sequence[Sheet], *, local: bool) -> Coded | None:
    """Times of all lines of all sheets as text; None where rows count steps."""
    return joined([times_of(sheet, local=local) for sheet in sheets]) if sheets[0].roles.time else None


def _refuse_mixed(sheets: Sequence[Sheet]) -> None:
    """Refuse files of which only some have a column of times.

    Raises:
        BadInput: that is so.
    """
    without = [sheet.name for sheet in sheets if not sheet.roles.time]
    if without and len(without) < len(sheets):
        raise BadInput(
            f'{len(without)} of {len(sheets)} files have no column "ds" and the others do; '
            "name the column of times with time, or read these files as another source",
            without,
        )


def _blocks(sheets: Sequence[Sheet], layout: str) -> tuple[tuple[str, ...], tuple[Block, ...]]:
    """The ids of all series, sorted, and the blocks of raw rows."""
    coded = [_ids(sheet, layout) for sheet in sheets]
    names = pd.Index(sorted({name for ids in coded for name in ids.texts} - {""}))
    blocks: list[Block] = []
    begin = 0
    for place, (sheet, ids) in enumerate(zip(sheets, coded, strict=True)):
        known = names.get_indexer(pd.Index(ids.texts)).astype(np.int64)
        for column, name in enumerate(sheet.roles.values):
            codes = np.full(len(sheet), known[column]) if layout == "wide" else known[ids.codes]
            blocks.append(Block(sheet=place, column=name, begin=begin, codes=codes))
            begin += len(sheet)
    return tuple(names), tuple(blocks)


def _respelled(sheets: Sequence[Sheet], layout: str) -> tuple[str, ...]:
    """A note where ids that differ only in the blanks around them were read as one series."""
    texts = [_ids(sheet, layout).texts for sheet in sheets]
    twice = sorted({name for ids in texts for name in ids[ids.duplicated() & (ids != "")]})
    if not twice:
        return ()
    return (
        f"{len(twice)} series ids are spelled with and without blanks around them, such as {twice[0]!r}: "
        "each counts as one series",
    )


def _ids(sheet: Sheet, layout: str) -> Coded:
    """The ids of a sheet: of its columns where it is wide, else of its lines."""
    if layout == "wide":
        values = sheet.roles.values
        return Coded(texts=pd.Series(values, dtype=str), codes=np.arange(len(values)))
    if sheet.roles.id is None:
        return Coded(texts=pd.Series([sheet.stem], dtype=str), codes=np.zeros(len(sheet), np.int64))
    return coded_of(sheet.column(sheet.roles.id))


def _series_of_lines(sheets: Sequence[Sheet], blocks: Sequence[Block], layout: str) -> Ints:
    """Whose order in time the lines of all sheets follow: each series' own where long, else one for all."""
    if layout == "long":
        return np.concatenate([block.codes for block in blocks])
    return np.zeros(sum(len(sheet) for sheet in sheets), np.int64)


def _counted(series: Ints, step: int) -> Times:
    """Lines of each series counted from 0, `step` by `step`."""
    stamps = pd.Series(series).groupby(series).cumcount().to_numpy() * step
    return Times(stamps=stamps, bad=np.zeros(len(series), bool), timed=False, utc=False)


def _places_in_row(sheets: Sequence[Sheet], step: int) -> Ints:
    """The place of each cell in its row, where a row is a series."""
    return np.concatenate(
        [np.repeat(np.arange(len(sheet.roles.values)) * step, len(sheet)) for sheet in sheets]
    )


def _known_at(sheets: Sequence[Sheet], source: FilesSource) -> Times | None:
    """When the lines of all sheets became known, where the source says so."""
    if source.known_at is None:
        return None
    coded = joined([coded_of(sheet.column(source.known_at)) for sheet in sheets])
    clock = Clock(timezone=source.timezone, timed=True, in_order=False)
    return _read(coded, np.zeros(len(coded.codes), np.int64), clock, sheets)


def _kept_clock(zone: str | None) -> tuple[str, ...]:
    """A note where times with a zone are left on its clock."""
    return () if zone is None else (f"ds is on the clock of {zone}",)


def _clocks(times: Times, known: Times | None, zone: str | None) -> Clocks:
    """The clocks of stamps and knowledge; steps that are counted have none of their own."""
    known_utc = times.utc if known is None else known.utc
    return Clocks(utc=times.utc if times.timed else known_utc, known_utc=known_utc, zone=zone)


def _read(coded: Coded, series: Ints, clock: Clock, sheets: Sequence[Sheet]) -> Times:
    """The times that coded text says; what is wrong with them is said of the files they stand in."""
    try:
        return read_times(TimeColumn(texts=coded.texts, codes=coded.codes, series=series), clock)
    except BadInput as error:
        more = f" and {len(sheets) - 1} more" if len(sheets) > 1 else ""
        raise BadInput(f"{sheets[0].name}{more}: {error.message}", error.faults) from error


def _per_row(per_line: NDArray[Any], sheets: Sequence[Sheet], blocks: Sequence[Block]) -> NDArray[Any]:
    """What stands once per line, for each raw row."""
    begins = np.cumsum([0, *(len(sheet) for sheet in sheets)])
    return np.concatenate([per_line[begins[block.sheet] : begins[block.sheet + 1]] for block in blocks])
