"""Which rows all rivals have: only these are held against each other; the rest is counted."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lstm_pipeline.errors import SHOWN, BadInput
from lstm_pipeline.versus.forecasts import Bools, Floats, Forecasts, Ints, joint_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Rows that are not compared, for one reason."""

    why: str
    rows: int
    shown: tuple[str, ...]
    """The first of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """M rows that every rival has, in order of series, cutoff and step."""

    dated: bool
    ids: tuple[str, ...]
    """Each compared series once."""
    series: Ints
    """Place of the row's series in `ids`: (M,), as are all that follow."""
    ds: Ints
    cutoff: Ints
    y: Floats
    candidate: Floats
    champion: Floats
    baseline: Floats | None
    """None where nobody named one."""
    taught: Bools
    """True where one of the two models has learnt from this step, as far as anybody says."""
    told: bool
    """Both models say what they have learnt from."""
    left_out: tuple[LeftOut, ...]

    def where(self, rows: Bools) -> Matched:
        """Those rows alone. Shapes: rows (M,)."""
        kept = {name: getattr(self, name)[rows] for name in _COLUMNS}
        baseline = None if self.baseline is None else self.baseline[rows]
        return replace(self, **kept, baseline=baseline)


_COLUMNS = ("series", "ds", "cutoff", "y", "candidate", "champion", "taught")


def match(champion: Forecasts, candidate: Forecasts, baseline: Forecasts | None) -> Matched:
    """The rows that both models, and the baseline where there is one, have of steps that came.

    Raises:
        BadInput: the frames count time in different ways, do not agree on what came, have no row in
            common, or the baseline is not finite somewhere.
    """
    frames = (champion, candidate) if baseline is None else (champion, candidate, baseline)
    _refuse_other_clocks(frames)
    keys = joint_keys(frames)
    shared = np.intersect1d(keys[0], keys[1], assume_unique=True)
    common = shared if baseline is None else np.intersect1d(shared, keys[2], assume_unique=True)
    rows = [_places(own, common) for own in keys]
    _refuse_other_truth(champion, candidate, rows[0], rows[1])
    known = np.isfinite(champion.y[rows[0]]) & np.isfinite(candidate.y[rows[1]])
    left = [
        _left("only the champion has them", champion, ~np.isin(keys[0], keys[1])),
        _left("only the candidate has them", candidate, ~np.isin(keys[1], keys[0])),
        _left("no row of the baseline", candidate, _among(keys[1], np.setdiff1d(shared, common))),
        _left("nobody knows what came (y)", candidate, _among(keys[1], common[~known])),
    ]
    _refuse_nothing(frames, int(np.count_nonzero(known)))
    rows = [places[known] for places in rows]
    return _matched(frames, rows, tuple(one for one in left if one.rows))


def _matched(frames: tuple[Forecasts, ...], rows: list[Ints], left: tuple[LeftOut, ...]) -> Matched:
    champion, candidate = frames[0], frames[1]
    ids, series = _named_in_order(candidate, rows[1])
    return Matched(
        dated=candidate.dated,
        ids=ids,
        series=series,
        ds=candidate.ds[rows[1]],
        cutoff=candidate.cutoff[rows[1]],
        y=candidate.y[rows[1]],
        candidate=candidate.forecast[rows[1]],
        champion=champion.forecast[rows[0]],
        baseline=_finite_baseline(frames[2], rows[2]) if len(frames) > 2 else None,
        taught=_taught(champion, rows[0]) | _taught(candidate, rows[1]),
        told=champion.data_end is not None and candidate.data_end is not None,
        left_out=left,
    )


def _named_in_order(frame: Forecasts, rows: Ints) -> tuple[tuple[str, ...], Ints]:
    """The series of these rows by name, and the place of each row's among them."""
    names = sorted({frame.ids[at] for at in np.unique(frame.series[rows])})
    place = {name: at for at, name in enumerate(names)}
    return tuple(names), np.array([place.get(name, -1) for name in frame.ids])[frame.series[rows]]


def _taught(frame: Forecasts, rows: Ints) -> Bools:
    """True where the model has learnt from the step of a row."""
    if frame.data_end is None:
        return np.zeros(len(rows), bool)
    return frame.ds[rows] <= frame.data_end[rows]


def _places(keys: Ints, wanted: Ints) -> Ints:
    """Where each wanted key stands."""
    order = np.argsort(keys)
    return order[np.searchsorted(keys[order], wanted)]


def _among(keys: Ints, wanted: Ints) -> Bools:
    return np.isin(keys, wanted)


def _left(why: str, frame: Forecasts, bad: Bools) -> LeftOut:
    shown = tuple(frame.named(np.flatnonzero(bad)[:SHOWN]))
    return LeftOut(why=why, rows=int(np.count_nonzero(bad)), shown=shown)


def _finite_baseline(baseline: Forecasts, rows: Ints) -> Floats:
    """The baseline's forecasts.

    Raises:
        BadInput: one is not finite: there would be no floor.
    """
    found = baseline.forecast[rows]
    bad = rows[~np.isfinite(found)]
    if len(bad):
        what = (
            f"{len(bad):,} forecasts of the baseline {baseline.model} are not finite numbers; mend or leave"
        )
        raise BadInput(f"{baseline.source}: {what} it out", tuple(baseline.named(bad[:SHOWN])))
    return found


def _refuse_other_clocks(frames: tuple[Forecasts, ...]) -> None:
    kinds = {frame.dated for frame in frames}
    if len(kinds) > 1:
        told = [f"{frame.source}: {'times' if frame.dated else 'whole numbers'}" for frame in frames]
        raise BadInput("ds is a time in one frame and a counted step in another; write both alike", told)


def _refuse_other_truth(champion: Forecasts, candidate: Forecasts, one: Ints, other: Ints) -> None:
    theirs, ours = champion.y[one], candidate.y[other]
    # single precision, in which some libraries write, is no disagreement
    both = np.isfinite(theirs) & np.isfinite(ours)
    differing = other[both & ~np.isclose(theirs, ours, rtol=1e-5, atol=1e-8)]
    if len(differing):
        raise BadInput(
            f"{len(differing):,} rows have another y in {champion.source} than in {candidate.source}; "
            "both must be held against the same truth",
            tuple(candidate.named(differing[:SHOWN])),
        )


def _refuse_nothing(frames: tuple[Forecasts, ...], common: int) -> None:
    if not common:
        told = [_reach(frame) for frame in frames]
        raise BadInput("no (unique_id, ds, cutoff) with a y is in all frames; compare the same windows", told)


def _reach(frame: Forecasts) -> str:
    first = next(iter(frame.named(np.array([0]))))
    return f"{frame.source}: {len(frame.ds):,} rows of {len(frame.ids):,} series; {first}"
