"""What was guessed, in sentences for whoever asked."""

from __future__ import annotations

from collections.abc import Sequence

from lstm_pipeline.first_use.document import Guesses
from lstm_pipeline.first_use.toml import printable

SHOWN = 10
"""Names of a list that are told."""


def guesses_of(found: Guesses) -> tuple[str, ...]:
    """One sentence for each guess that a person may want to correct."""
    return (*_columns(found), *_rows(found), *_sizes(found))


def _columns(found: Guesses) -> list[str]:
    guess, source = found.guess, found.proof.source
    time = " + ".join(guess.time.columns) or "none, rows count steps"
    written = f", written {source.time_format}" if source.time_format else ""
    told = [f"layout {guess.layout}; time: {time}{written}"]
    if guess.values:
        told.append(f"values: {_some(guess.values)} ({guess.why})")
    if guess.id is not None:
        told.append(f"series are named by {guess.id}")
    for why in dict.fromkeys(column.why for column in guess.left_out):
        told.append(f"not read ({why}): {_some([c.name for c in guess.left_out if c.why == why])}")
    return told


def _rows(found: Guesses) -> list[str]:
    arrived = found.proof.arrived
    rows = arrived.rows
    reasons = ", ".join(f"{name} {count:,}" for name, count in rows.rows_set_aside.items() if count) or "none"
    told = [
        f"{len(arrived.table.ids):,} series of up to {arrived.table.lengths.max():,} steps; "
        f"{rows.rows_in:,} rows in, {rows.rows_kept:,} kept; set aside: {reasons}"
    ]
    if found.proof.because is not None:
        told.append(f'regularise "mean", since otherwise: {found.proof.because}')
    if found.proof.averaged is not None:
        told.append(found.proof.averaged)
    if arrived.failed:
        name, sentence = next(iter(arrived.failed.items()))
        told.append(f"{len(arrived.failed)} series will be refused, e.g. {name}: {sentence}")
    return told


def _sizes(found: Guesses) -> list[str]:
    sizes, settled = found.sizes, found.sizes.settled
    told = [
        f"freq {sizes.freq}, season_length {sizes.season}; looks back {settled.size.input_size} steps, "
        f"forecasts {settled.size.horizon}",
        f"the newest {settled.test} steps judge, {settled.validation} before them choose, the rest trains",
    ]
    if sizes.shortened:
        told.append("windows are shorter than usual, to fit between the gaps")
    if sizes.untested:
        told.append(f"{sizes.untested:,} series have no window among the steps that judge: they only train")
    return told


def _some(names: Sequence[str]) -> str:
    return ", ".join(map(printable, names[:SHOWN])) + (
        f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    )
