"""The guess, tried on the whole source: what the door makes of it settles format of times and grid."""

from __future__ import annotations

from dataclasses import replace

from lstm_pipeline.errors import BadInput
from lstm_pipeline.first_use.admission import Proof, admit, attempt
from lstm_pipeline.first_use.identity import to_be_joined
from lstm_pipeline.first_use.roles import RoleGuess
from lstm_pipeline.first_use.sample import Sample
from lstm_pipeline.series.rules import SeriesRules
from lstm_pipeline.sources.config import FilesSource
from lstm_pipeline.sources.door import Ingested

REGULAR = 0.1
"""Steps without a row and rows set aside, as a share of the rows, up to which times are regular."""


def prove(path: str, sample: Sample, guess: RoleGuess) -> Proof:
    """Take the guess through the door, with regularise = "mean" where series would be refused without.

    Raises:
        BadInput: the door refuses it in any way, or day and month cannot be told apart.
    """
    source = _source(path, sample, guess)
    rules = SeriesRules(freq=guess.time.freq)
    joined = to_be_joined(guess.id_like, sample) if len(guess.id_like) > 1 else ""
    if len(guess.time.readings) == 1:
        return admit(source, rules, joined)
    try:
        return admit(source, rules, joined)
    except BadInput as error:
        return _most_regular(source, rules, guess.time.readings, error)


def _source(path: str, sample: Sample, guess: RoleGuess) -> FilesSource:
    """The guess as a [source] section."""
    time: tuple[str, ...] = guess.time.columns
    readings: tuple[str | None, ...] = guess.time.readings
    return FilesSource(
        path=path,
        layout=guess.layout,
        time=time[0] if len(time) == 1 else time or None,
        id=guess.id,
        value=guess.values[0] if guess.layout == "long" else None,
        values=guess.values if guess.layout == "wide" else None,
        time_format=readings[0] if len(readings) == 1 else None,
        encoding=sample.dialect.encoding,
        delimiter=sample.dialect.delimiter,
        decimal=sample.dialect.decimal,
    )


def _most_regular(
    source: FilesSource, rules: SeriesRules, readings: tuple[str | None, ...], error: BadInput
) -> Proof:
    """The one reading of the times that puts them on a regular grid.

    Raises:
        BadInput: both do, or neither does.
    """
    proofs = [attempt(replace(source, time_format=written), rules) for written in readings]
    admitted = [proof for proof in proofs if proof is not None]
    regular = [proof for proof in admitted if _irregularity(proof.arrived) <= REGULAR]
    if len(regular) == 1:
        return regular[0]
    if not admitted:
        raise error
    raise BadInput(
        f"{source.path}: the times can be read in {len(admitted)} ways, and "
        f"{'each' if regular else 'none'} of them gives steps of equal length; expected one that does: write "
        "the times as 2024-01-31, or name their time_format in a pipeline file of your own",
        [_spelled_out(proof) for proof in admitted],
    )


def _irregularity(arrived: Ingested) -> float:
    """Steps without a row, and rows set aside for other reasons, as a share of the rows."""
    # rows_missing counts the blank rows already
    aside = sum(count for reason, count in arrived.rows.rows_set_aside.items() if reason != "missing")
    return (arrived.rows.rows_missing + aside) / max(1, arrived.rows.rows_in)


def _spelled_out(proof: Proof) -> str:
    """A reading of the times with what it makes of the first and the last."""
    table, rows = proof.arrived.table, proof.arrived.rows
    begin, end = (
        table.grid.label(int(table.grid.stamp(step))) for step in (table.first.min(), table.last.max())
    )
    return (
        f"{proof.source.time_format}: from {begin} to {end} in steps of {table.grid.freq}, "
        f"{rows.rows_missing} of them without a row"
    )
