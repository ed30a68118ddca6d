"""The contract at the door: each raw row is kept, or set aside for one reason; the kept ones make a table."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from lstm_pipeline.errors import BadInput, UsageError
from lstm_pipeline.series.account import count_rows, forgiven, refused
from lstm_pipeline.series.assembly import Cells, lay_out
from lstm_pipeline.series.grid import Grid
from lstm_pipeline.series.raw import CODE, GONE, KEPT, Bools, Checked, Codes, Ints, RawRows
from lstm_pipeline.series.rules import SeriesRules
from lstm_pipeline.series.table import SeriesTable

AsOf = dt.datetime | int | None


def check(
    raw: RawRows, rules: SeriesRules, as_of: AsOf = None, known_by: dt.datetime | None = None
) -> Checked:
    """Sort every row out: kept, or set aside for one reason.

    Rows later than `as_of` do not exist, also for what is read from the data; nor do rows that became known
    after `known_by`, the same moment on the clock of known_at (None: it is that of the stamps). A reason
    whose fate is "fail" is only counted here: who knows the place of a row in its file refuses it.

    Raises:
        BadInput: no row has an id, a time and a value, or the frequency cannot be read.
        BadConfig: the frequency does not fit the stamps.
    """
    later = _later(raw, as_of, known_by)
    reason = _first_look(raw, later)
    placed = _by_series_and_time(raw, reason)
    outside = placed[_outside(raw, placed, reason)]
    reason[outside] = GONE
    placed = placed[reason[placed] != GONE]
    _refuse_nothing(raw, placed, reason, later)
    # rows of faulty values too: their times tell of the grid as well as any
    grid = Grid.of(raw.stamps[placed], rules.freq, timed=raw.timed)
    if rules.drop_last_incomplete and isinstance(as_of, dt.datetime) and raw.timed:
        later[placed[_unfinished(raw.stamps[placed], grid, as_of)]] = True
        reason[later] = GONE
        placed = placed[~later[placed]]
        _refuse_nothing(raw, placed, reason, later)
    steps, exact = grid.step(raw.stamps[placed])
    dated = _Dated(rows=placed, steps=steps, exact=exact)
    _set_aside_beside_steps(raw, dated, reason, rules)
    table = lay_out(Cells.of(raw, placed, steps, reason), raw.ids, grid)
    on_grid = exact | (rules.regularise is not None)
    counts = count_rows(raw, reason, later)
    uncovered = _uncovered(table, raw.series[placed[on_grid]], steps[on_grid], raw.ids)
    return Checked(
        table=table,
        reason=reason,
        rows_missing=uncovered + int((reason == CODE["missing"]).sum()),
        later=int(later.sum()),
        blanks_outside=len(outside),
        per_series=counts,
        failed=refused(counts, forgiven(raw, rules)),
    )


def stamp_of(as_of: dt.datetime) -> int:
    """A moment in microseconds since the epoch; one without a zone is taken as it stands."""
    if as_of.tzinfo is None:
        as_of = as_of.replace(tzinfo=dt.UTC)
    return (as_of - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)


def _later(raw: RawRows, as_of: AsOf, known_by: dt.datetime | None) -> Bools:
    """True for rows that did not exist yet, or that nobody knew. Shapes: (R,).

    Raises:
        UsageError: as_of counts steps and the series have times.
    """
    if isinstance(as_of, int) and raw.timed:
        raise UsageError(
            f"as_of = {as_of} counts steps, but the series have times; give a time such as 2024-01-31"
        )
    later = np.zeros(len(raw), bool)
    if as_of is not None and isinstance(as_of, int) != raw.timed:
        limit = as_of if isinstance(as_of, int) else stamp_of(as_of)
        later |= (raw.stamps > limit) & ~raw.bad_time
    if raw.known_at is not None and isinstance(as_of, dt.datetime):
        later |= raw.known_at > stamp_of(known_by or as_of)
    return later


def _refuse_nothing(raw: RawRows, placed: Ints, reason: Codes, later: Bools) -> None:
    """Refuse rows of which none is kept.

    Raises:
        BadInput: none is.
    """
    if not (reason[placed] == KEPT).any():
        raise BadInput(_nothing_left(raw, reason, later))


def _unfinished(stamps: Ints, grid: Grid, as_of: dt.datetime) -> Bools:
    """True for rows of a step that goes on after as_of; a stamp is where its step begins. Shapes: (R,)."""
    steps, _ = grid.step(stamps)
    return grid.stamp(steps + 1) > stamp_of(as_of)


def _first_look(raw: RawRows, later: Bools) -> Codes:
    """The reason that a row carries in itself; blanks as missing, later rows as GONE."""
    reason = np.full(len(raw), KEPT, np.int8)
    # what is set later wins: a row without a time is told so, whatever its value is
    reason[np.isnan(raw.values)] = CODE["not_number"]
    reason[np.isinf(raw.values)] = CODE["infinite"]
    reason[raw.bad_time] = CODE["bad_time"]
    reason[raw.series < 0] = CODE["bad_id"]
    reason[raw.blank] = CODE["missing"]
    # a blank cell without series or time is the rest of an empty line, and nobody's observation
    reason[raw.blank & (raw.bad_time | (raw.series < 0))] = GONE
    reason[later] = GONE
    return reason


def _by_series_and_time(raw: RawRows, reason: Codes) -> Ints:
    """Rows that have a series and a time, by series, time, knowledge and place in the file."""
    rows = np.flatnonzero((reason != GONE) & (reason != CODE["bad_time"]) & (reason != CODE["bad_id"]))
    series, stamps = raw.series[rows], raw.stamps[rows]
    if raw.known_at is not None:
        return rows[np.lexsort((raw.known_at[rows], stamps, series))]
    # most files are in order already, and to look is cheaper than to sort
    rising = (np.diff(series) > 0) | ((np.diff(series) == 0) & (np.diff(stamps) >= 0))
    return rows if rising.all() else rows[np.lexsort((stamps, series))]


def _outside(raw: RawRows, placed: Ints, reason: Codes) -> Bools:
    """True for blanks before the first or after the last value of their series: (P,) -> (P,)."""
    blank = reason[placed] == CODE["missing"]
    if not blank.any():
        return blank
    valued = placed[reason[placed] == KEPT]
    series = np.arange(len(raw.ids))
    begin = np.searchsorted(raw.series[valued], series, side="left")
    end = np.searchsorted(raw.series[valued], series, side="right")
    # a series without a single value, if it is the last, points behind the end
    stamps = np.append(raw.stamps[valued], 0)
    first, last = stamps[begin], stamps[end - 1]
    own, when = raw.series[placed], raw.stamps[placed]
    inside = (begin < end)[own] & (when > first[own]) & (when < last[own])
    return blank & ~inside


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dated:
    """Rows by series and time, with the step of the grid that each stands for: all (P,)."""

    rows: Ints
    steps: Ints
    exact: Bools
    """True where the row has the very time of its step."""


def _set_aside_beside_steps(raw: RawRows, dated: _Dated, reason: Codes, rules: SeriesRules) -> None:
    """Mark what is older than a revision, off the grid, or one of several rows of a step."""
    # first: two values of one time are no conflict where the later one is a revision of the other
    _set_aside_superseded(raw, dated.rows, reason)
    if rules.regularise is None:
        reason[dated.rows[~dated.exact & (reason[dated.rows] == KEPT)]] = CODE["off_grid"]
    cells = Cells.of(raw, dated.rows, dated.steps, reason)
    if rules.regularise == "last":
        _set_aside_replaced(cells, reason, dated.rows[dated.exact])
    elif rules.regularise is None:
        _set_aside_repeated(cells, reason)


def _set_aside_superseded(raw: RawRows, placed: Ints, reason: Codes) -> None:
    """Mark the older revisions of a value as duplicates, where the source says when each became known."""
    if raw.known_at is None:
        return
    rows = placed[reason[placed] == KEPT]
    series, stamps, known_at = raw.series[rows], raw.stamps[rows], raw.known_at[rows]
    last = np.ones(len(rows), bool)
    last[:-1] = (np.diff(series) != 0) | (np.diff(stamps) != 0)
    newest = known_at[last][np.cumsum(np.append(0, last[:-1]))]
    reason[rows[known_at < newest]] = CODE["duplicate"]


def _set_aside_replaced(cells: Cells, reason: Codes, exact: Ints) -> None:
    """Mark all but the last row of each step: rows with its very time, `exact`, as duplicates of the last."""
    last = np.zeros(len(cells.rows), bool)
    last[np.append(cells.starts[1:], len(cells.rows)) - 1] = True
    replaced = cells.rows[~last]
    reason[replaced] = CODE["off_grid"]
    reason[replaced[np.isin(replaced, exact)]] = CODE["duplicate"]


def _set_aside_repeated(cells: Cells, reason: Codes) -> None:
    """Mark rows that stand for the same step as another one."""
    if len(cells.starts) == len(cells.rows):
        return
    first = np.zeros(len(cells.rows), bool)
    first[cells.starts] = True
    differ = np.minimum.reduceat(cells.values, cells.starts) < np.maximum.reduceat(cells.values, cells.starts)
    conflict = np.repeat(differ, cells.sizes)
    # all of them: nothing tells which one is right
    reason[cells.rows[conflict]] = CODE["conflict"]
    reason[cells.rows[~conflict & ~first]] = CODE["duplicate"]


def _uncovered(table: SeriesTable, series: Ints, steps: Ints, ids: tuple[str, ...]) -> int:
    """Steps of the table for which there is no row, kept or set aside."""
    if not table.ids:
        return 0
    place = np.searchsorted(np.array(ids), np.array(table.ids))
    own = np.full(len(ids), -1)
    own[place] = np.arange(len(table.ids))
    own = own[series]
    steps, own = steps[own >= 0], own[own >= 0]
    inside = (steps >= table.first[own]) & (steps <= table.last[own])
    covered = np.zeros(len(table.y), bool)
    covered[table.offsets[own[inside]] + steps[inside] - table.first[own[inside]]] = True
    return int((~covered).sum())


def _nothing_left(raw: RawRows, reason: Codes, later: Bools) -> str:
    """Why there is no table at all."""
    named = ", ".join(f"{name} {n}" for name, code in CODE.items() if (n := int((reason == code).sum())))
    if named:
        return f"no row has an id, a time and a number ({named}); check which columns are named in [source]"
    if not len(raw):
        return "there is no row to read: the source holds none; check [source] path"
    blank, unknown = int((raw.blank & ~later).sum()), int(later.sum())
    counts = {f"{unknown} are later than as_of": unknown, f"{blank} have no value": blank}
    causes = " and ".join(cause for cause, count in counts.items() if count)
    advice = "give a later as_of" if unknown else "check which column holds the values"
    return f"there is no row to read: of {len(raw)}, {causes}; {advice}"
