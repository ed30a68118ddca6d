"""The account of the rows: counted by series and reason, and the series that are refused for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lstm_pipeline.errors import PipelineError
from lstm_pipeline.series.raw import CODE, GONE, Bools, Codes, RawRows, SeriesCounts
from lstm_pipeline.series.rules import REASONS, REFUSED_ABOVE, SeriesRules


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCounts:
    """What came in and what became of it: rows_in = rows_kept + sum(rows_set_aside)."""

    rows_in: int
    rows_kept: int
    rows_set_aside: Mapping[str, int]
    """By reason, all reasons."""
    rows_filled: int
    """Steps that a filling method gave a value."""
    rows_missing: int
    """Steps that no row stands for, and rows whose cell is blank."""

    def __post_init__(self) -> None:
        """Check that no row is lost.

        Raises:
            PipelineError: one is, which would be a mistake of this program.
        """
        aside = sum(self.rows_set_aside.values())
        if self.rows_in != self.rows_kept + aside:
            raise PipelineError(
                f"{self.rows_in} rows in are not {self.rows_kept} rows kept and {aside} set aside: "
                "please report this as a bug"
            )


def count_rows(raw: RawRows, reason: Codes, later: Bools) -> SeriesCounts:
    """Rows by series and reason, which must add up; a series with later rows only does not exist.

    Raises:
        PipelineError: a row is neither kept nor set aside, which would be a mistake of this program.
    """
    width = len(REASONS) + 1
    mine = (reason != GONE) & (raw.series >= 0)
    cells = np.bincount(raw.series[mine] * width + reason[mine], minlength=len(raw.ids) * width)
    table = cells.reshape(len(raw.ids), width).astype(np.int64)
    if table.sum() + (reason == CODE["bad_id"]).sum() != (reason != GONE).sum():
        raise PipelineError("rows in are not rows kept and rows set aside: please report this as a bug")
    exists = np.unique(raw.series[~later & (raw.series >= 0)])
    table = table[exists]
    return SeriesCounts(
        ids=tuple(raw.ids[i] for i in exists), rows_in=table.sum(axis=1), set_aside=table[:, 1:]
    )


def forgiven(raw: RawRows, rules: SeriesRules) -> set[str]:
    """Reasons that do not count against a series: blanks, what was revised, what is to be regularised."""
    reasons = {"missing"}
    if rules.regularise is not None:
        reasons |= {"off_grid", "duplicate"}
    if raw.known_at is not None:
        reasons |= {"duplicate"}
    return reasons


def refused(counts: SeriesCounts, pardoned: set[str]) -> dict[str, str]:
    """A sentence for each series with too many rows set aside, or none kept."""
    held = np.array([reason not in pardoned for reason in REASONS])
    share = (counts.set_aside * held).sum(axis=1) / np.maximum(counts.rows_in, 1)
    empty = counts.rows_kept == 0
    failed: dict[str, str] = {}
    for i in np.flatnonzero((share > REFUSED_ABOVE) | empty):
        found = {reason: int(n) for reason, n in zip(REASONS, counts.set_aside[i], strict=True) if n}
        named = ", ".join(f"{reason} {n}" for reason, n in found.items())
        if counts.rows_in[i] == 0:
            sentence = "it has no row: every cell is blank; take it out of the source, or wait for its values"
        elif empty[i]:
            sentence = (
                f"none of its {counts.rows_in[i]} rows could be kept ({named}); {_advice(found, pardoned)}"
            )
        else:
            sentence = (
                f"{share[i]:.1%} of its {counts.rows_in[i]} rows were set aside ({named}), "
                f"more than {REFUSED_ABOVE:.0%}; {_advice(found, pardoned)}"
            )
        failed[counts.ids[i]] = sentence
    return failed


def _advice(found: dict[str, int], pardoned: set[str]) -> str:
    """What to do about a refused series."""
    if {"off_grid", "duplicate", "conflict"} & (found.keys() - pardoned) and "off_grid" not in pardoned:
        return 'set [series] regularise = "mean" or "last" to bring its rows on the grid, or set freq'
    return "correct these rows in the source"
