"""Compared rows -> the evidence that the gate judges by, and what a page shows beside the verdict."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lstm_pipeline.errors import BadInput
from lstm_pipeline.gate import Decision, Evidence, GatePolicy, OriginLosses
from lstm_pipeline.gate import decide as judge
from lstm_pipeline.versus.forecasts import Bools, Floats, Ints
from lstm_pipeline.versus.matching import Matched
from lstm_pipeline.versus.origins import Origins, grouped, origins_of, parts_of, steps_of, variances
from lstm_pipeline.versus.scaled import Scaled, bias, scaled_errors, slices, tail, wide_errors

NO_FLOOR = -float(np.finfo(np.float64).max)
"""A skill that every finite error has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepErrors:
    """Mean scaled squared errors by step of the horizon: (H,), NaN where nothing was compared."""

    candidate: Floats
    champion: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """Two models on the same windows."""

    evidence: Evidence
    cutoffs: Ints
    """Of the origins in the evidence's losses: (O,)."""
    dated: bool
    steps: StepErrors
    rows: int
    windows: int
    """Different series and cutoffs."""
    ids: tuple[str, ...]
    flat: tuple[str, ...]
    """Series that never change and have no scale: not compared."""
    taught: int
    """Origins of which a model has learnt a step: not compared."""
    dropped: int
    """Cutoffs less than a horizon before a newer one that counts."""

    @property
    def floored(self) -> bool:
        """There is a baseline, so that the floor can be asked."""
        return self.evidence.baseline is not None


def contest_of(matched: Matched, baseline: str | None, scales: Mapping[str, float] | None = None) -> Contest:
    """Hold both models against each other; `scales`: variances by series, where they are not y's own.

    Raises:
        BadInput: no series has a scale.
    """
    scale = _scales(matched, scales)
    flat = tuple(name for name, value in zip(matched.ids, scale, strict=True) if not value > 0)
    rows = _changing(matched, scale, flat)
    errors, origins, steps = scaled_errors(rows, scale), origins_of(rows), steps_of(rows)
    losses = _losses(errors, origins, _clean(rows))
    return Contest(
        evidence=dataclasses.replace(
            _evidence(rows, errors, losses),
            windows_id=_windows_id(rows, origins),
            baseline=baseline,
            slices=slices(errors, origins, parts_of(steps)),
        ),
        cutoffs=origins.cutoffs,
        dated=rows.dated,
        steps=StepErrors(
            candidate=_by_step(errors.candidate, steps), champion=_by_step(errors.champion, steps)
        ),
        rows=len(rows.ds),
        windows=_windows(rows),
        ids=tuple(name for name in matched.ids if name not in set(flat)),
        flat=flat,
        taught=0 if losses.clean is None else int(np.count_nonzero(~losses.clean)),
        dropped=origins.dropped,
    )


def _evidence(rows: Matched, errors: Scaled, losses: OriginLosses) -> Evidence:
    """What two frames tell of their models; nobody knows a package, a split or a feed here."""
    clean = _clean(rows)
    return Evidence(
        losses=losses,
        intact=True,
        sound=True,
        finite=bool(np.isfinite(rows.candidate).all()),
        test_mse=_mse(rows),
        leaky=False,
        stale=False,
        newest=True,
        source="clean" if rows.told else "untold",
        wide=wide_errors(errors, clean),
        tail=tail(errors, clean),
        bias=bias(errors, clean),
    )


def decide(contest: Contest, policy: GatePolicy) -> Decision:
    """What the gate says; without a baseline nothing is said of a floor."""
    if contest.floored:
        return judge(contest.evidence, policy)
    decision = judge(contest.evidence, dataclasses.replace(policy, min_skill=NO_FLOOR))
    figures = dataclasses.replace(
        decision.figures, baseline_mse=None, skill=None, skill_low=None, skill_high=None, wide_skill=None
    )
    return dataclasses.replace(decision, figures=figures)


def _scales(matched: Matched, given: Mapping[str, float] | None) -> Floats:
    """Variances by series: (ids,); NaN where there is none."""
    if given is None:
        return variances(matched.series, matched.ds, matched.y, len(matched.ids))
    return np.array([given.get(name, np.nan) for name in matched.ids])


def _changing(matched: Matched, scale: Floats, flat: tuple[str, ...]) -> Matched:
    """The rows of series that have a scale.

    Raises:
        BadInput: none has.
    """
    if len(flat) == len(matched.ids):
        raise BadInput(
            "no compared series ever changes, so that their errors have no scale; compare more windows, or "
            "name their past with --history",
            flat,
        )
    return matched.where((scale > 0)[matched.series])


def _clean(matched: Matched) -> Bools:
    """True for rows of cutoffs from which no step has taught a model: (M,)."""
    # one series' step is enough: what moves one moves the others too
    cutoffs, at = np.unique(matched.cutoff, return_inverse=True)
    return np.bincount(at[matched.taught], minlength=len(cutoffs))[at] == 0


def _losses(errors: Scaled, origins: Origins, clean: Bools) -> OriginLosses:
    everywhere = np.ones(len(clean), bool)
    candidate, champion, baseline = (
        origins.pooled(losses, everywhere) for losses in (errors.candidate, errors.champion, errors.baseline)
    )
    return OriginLosses(
        candidate=candidate,
        baseline=baseline,
        champion=champion,
        clean=origins.pooled(clean.astype(float), everywhere) == 1,
    )


def _mse(matched: Matched) -> float:
    """The candidate's over all rows, in squared units of the series."""
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.mean((matched.candidate - matched.y) ** 2))


def _by_step(losses: Floats, steps: Ints) -> Floats:
    return grouped(losses, steps, np.isfinite(losses), int(steps.max()) + 1)


def _windows(matched: Matched) -> int:
    """How many windows: the rows stand in order of series and cutoff."""
    new = (np.diff(matched.series) != 0) | (np.diff(matched.cutoff) != 0)
    return 1 + int(np.count_nonzero(new))


def _windows_id(matched: Matched, origins: Origins) -> str:
    """sha256 of the rows by which the verdict falls."""
    counted = origins.place >= 0
    digest = hashlib.sha256("\n".join(matched.ids).encode())
    for column in (matched.series, matched.cutoff, matched.ds):
        digest.update(np.ascontiguousarray(column[counted]).tobytes())
    return digest.hexdigest()
