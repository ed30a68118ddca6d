"""From the frame that a command wrote to an answer; what does not fit the question is refused by row."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.errors import SHOWN, BadInput
from lstm_pipeline.external.question import Answer, Question
from lstm_pipeline.sources.forecasts import Frame, forecasts_of, read_frame
from lstm_pipeline.versus.forecasts import Forecasts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SAME = 1e-4
"""Share by which a y of the frame may differ from the pipeline's: it was perhaps kept in single precision."""


def answer_of(file: Path, column: str | None, question: Question) -> Answer:
    """Read and check a frame; rows that nobody asked for count for nothing.

    Raises:
        BadInput: it is not there, cannot be understood, lacks a tested forecast, or speaks of other data.
    """
    if not file.exists():
        raise BadInput(
            "model.command: it ended well and wrote no frame; expected one at the path that it is given as "
            "{out}, with unique_id, ds, cutoff and a column of forecasts"
        )
    made = _read(file, column)
    placed = _placed(made, question)
    forecast = np.full((len(question.series), question.horizon), np.nan)
    seen = np.zeros(forecast.shape, dtype=bool)
    forecast[placed.at, placed.ahead] = made.forecast[placed.rows]
    seen[placed.at, placed.ahead] = True
    there, touched = np.asarray(seen.all(axis=1)), np.asarray(seen.any(axis=1))
    _refuse_lacking(question, question.tested & touched & ~there)
    return Answer(
        forecast=np.where(np.isfinite(forecast), forecast, np.nan),
        there=there,
        data_end=_data_end(made, placed, question),
    )


def _read(file: Path, column: str | None) -> Forecasts:
    try:
        frame = read_frame(str(file), ("unique_id", "ds", "cutoff"))
        return forecasts_of(frame, _column(frame, column))
    except BadInput as error:
        # a path that is gone by now helps nobody
        why = error.message.replace(f"{file}: ", "")
        raise BadInput(f"model.command: its frame cannot be used: {why}", error.faults) from error


def _column(frame: Frame, wanted: str | None) -> str:
    """The column of the forecasts."""
    there = ", ".join(frame.models) or "none"
    if wanted is not None and wanted not in frame.models:
        raise BadInput(f"got no column of numbers {wanted}, which model.column names; there is {there}")
    if wanted is None and len(frame.models) != 1:
        raise BadInput(
            f"which column holds the forecasts? Name it as model.column; columns of numbers: {there}"
        )
    return wanted if wanted is not None else frame.models[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """The R rows of a frame that answer."""

    rows: Ints
    """Where they stand in the frame: (R,)."""
    at: Ints
    """Which forecast of the question each belongs to: (R,)."""
    ahead: Ints
    """Which of its steps, from 0: (R,)."""


def _placed(made: Forecasts, question: Question) -> _Placed:
    grid, table = question.table.grid, question.table
    if made.dated != grid.timed:
        kinds = ("times", "counted steps")
        got, wanted = kinds if made.dated else kinds[::-1]
        raise BadInput(
            f"model.command: its frame has {got} as ds and cutoff, expected {wanted} as in {{series}}"
        )
    unit = 1000 if made.dated else 1
    where = {name: place for place, name in enumerate(table.ids)}
    series = np.array([where.get(name, -1) for name in made.ids], dtype=np.int64)[made.series]
    cutoff, on_grid = grid.step(made.cutoff // unit)
    ds, ds_on_grid = grid.step(made.ds // unit)
    exact = (made.cutoff % unit == 0) & (made.ds % unit == 0)
    asked = _lookup(question, series, cutoff)
    ahead = ds - cutoff - 1
    # a step off the grid is told where it was asked about: of other rows nobody wants to know
    off = (asked >= 0) & ~(on_grid & ds_on_grid & exact)
    _refuse(
        made,
        off,
        f"lie off the grid of {grid.freq}; write ds and cutoff as they stand in {{series}}, in steps of it",
    )
    answers = (asked >= 0) & (ahead < question.horizon)
    rows = np.flatnonzero(answers)
    _refuse_other_data(made, question, rows, series[rows], ds[rows])
    return _Placed(rows=rows, at=asked[rows], ahead=ahead[rows])


def _lookup(question: Question, series: Ints, cutoff: Ints) -> Ints:
    """Which forecast of the question each row speaks of; -1 where of none: (R,)."""
    low = int(min(question.cutoff.min(), cutoff.min()))
    span = int(max(question.cutoff.max(), cutoff.max())) - low + 1
    wanted = question.series * span + question.cutoff - low
    order = np.argsort(wanted)
    key = series * span + cutoff - low
    nth = np.minimum(np.searchsorted(wanted[order], key), len(order) - 1)
    return np.where((series >= 0) & (wanted[order][nth] == key), order[nth], -1)


def _refuse_other_data(made: Forecasts, question: Question, rows: Ints, series: Ints, ds: Ints) -> None:
    """Refuse a frame whose y is not ours: forecasts in other units would be judged as bad ones."""
    table = question.table
    at = table.row_of(ds, series)
    inside = (ds >= table.first[series]) & (ds <= table.last[series])
    at = np.where(inside, at, 0)
    known = inside & table.observed[at] & np.isfinite(made.y[rows])
    apart = np.abs(made.y[rows] - table.y[at]) > SAME * np.maximum(np.abs(table.y[at]), SAME)
    other = np.zeros(len(made.ds), dtype=bool)
    other[rows[known & apart]] = True
    _refuse(
        made,
        other,
        "have another y than the pipeline's data; forecast the values of {series}, in their units",
    )


def _refuse(made: Forecasts, bad: Bools, what: str) -> None:
    if many := int(np.count_nonzero(bad)):
        faults = tuple(made.named(np.flatnonzero(bad)[:SHOWN]))
        raise BadInput(f"model.command: {many:,} rows of its frame {what}", faults)


def refuse_holes(question: Question, answer: Answer) -> None:
    """A tested forecast may not lack, but for series of which the command knows nothing at all.

    Raises:
        BadInput: one does: who chooses where to be judged is judged at his best.
    """
    known = np.zeros(len(question.table.ids), dtype=bool)
    known[question.series[answer.there]] = True
    if not known.any():
        raise BadInput(
            "model.command: its frame answers none of the cutoffs that it was asked for; expected a row for "
            "each step of the horizon after each row of {cutoffs}"
        )
    _refuse_lacking(question, question.tested & ~answer.there & known[question.series])


def refuse_hindsight(question: Question, answer: Answer) -> None:
    """Of the tested forecasts the newest at least must rest on rows up to its cutoff.

    Raises:
        BadInput: it has learnt later ones, by its own word, so that no window is left to judge it by.
    """
    if answer.data_end is None:
        return
    grid, tested = question.table.grid, question.tested & answer.there
    cutoff = grid.stamp(question.cutoff)
    taught = tested & (answer.data_end > cutoff)
    reach = answer.data_end[taught].max(initial=np.iinfo(np.int64).min)
    if tested.any() and not (tested & (cutoff >= reach)).any():
        raise BadInput(
            f"model.command: each tested forecast has learnt from what it forecasts, or an earlier one has "
            f"(data_end {grid.label(int(reach))}); forecast each cutoff from the rows up to it, or set "
            'model.rows = "past"',
            tuple(_named(question, nth) for nth in np.flatnonzero(taught).tolist()),
        )


def _refuse_lacking(question: Question, lacking: Bools) -> None:
    if many := int(np.count_nonzero(lacking)):
        raise BadInput(
            f"model.command: its frame lacks steps of {many:,} forecasts that it was asked for; "
            f"expected {question.horizon} steps after each row of {{cutoffs}}",
            tuple(_named(question, nth) for nth in np.flatnonzero(lacking).tolist()),
        )


def _named(question: Question, nth: int) -> str:
    """A forecast that was asked for, in words."""
    grid, cutoff = question.table.grid, question.cutoff[nth : nth + 1]
    name = question.table.ids[int(question.series[nth])]
    return f"unique_id {name}, cutoff {grid.label(int(grid.stamp(cutoff)[0]))}"


def _data_end(made: Forecasts, placed: _Placed, question: Question) -> Ints | None:
    """The newest step of the grid that each forecast has learnt from, of all its rows the latest: (K,)."""
    if made.data_end is None:
        return None
    grid = question.table.grid
    # the end of a day is the step of that day
    step, _ = grid.step(made.data_end[placed.rows] // (1000 if made.dated else 1))
    ends = np.full(len(question.series), np.iinfo(np.int64).min)
    np.maximum.at(ends, placed.at, grid.stamp(step))
    return ends
