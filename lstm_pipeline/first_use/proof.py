"""The guess, tried on the whole source: what the door makes of it settles format of times and grid."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lstm_pipeline.errors import BadInput
from lstm_pipeline.first_use.identity import to_be_joined
from lstm_pipeline.first_use.irregular import conflicting_rows, crowded, round_step
from lstm_pipeline.first_use.roles import RoleGuess
from lstm_pipeline.first_use.sample import Sample
from lstm_pipeline.series.rules import SeriesRules
from lstm_pipeline.sources.config import FilesSource
from lstm_pipeline.sources.door import Ingested, arrive, ingest

REGULAR = 0.1
"""Steps without a row and rows set aside, as a share of the rows, up to which times are regular."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A source that the door lets in, and what it made of it."""

    source: FilesSource
    """Its path as it was given to the door."""
    rules: SeriesRules
    arrived: Ingested
    because: str | None = None
    """Why regularise is set: the door's own sentence about the first series that it refused."""
    conflicts: int = 0
    """Rows that regularise averages although they have the time of another row, and another value."""
    rounded: bool = False
    """True where freq is a round step, chosen for rows that follow none."""

    @property
    def averaged(self) -> str | None:
        """What a person must know of rows that contradict each other and are averaged."""
        if not self.conflicts:
            return None
        return (
            f"{self.conflicts:,} rows have the series and time of another row and another value: their mean "
            "is taken; correct the file where only one of them is right"
        )


def prove(path: str, sample: Sample, guess: RoleGuess) -> Proof:
    """Take the guess through the door, with regularise = "mean" where series would be refused without.

    Raises:
        BadInput: the door refuses it in any way, or day and month cannot be told apart.
    """
    source = _source(path, sample, guess)
    rules = SeriesRules(freq=guess.time.freq)
    joined = to_be_joined(guess.id_like, sample) if len(guess.id_like) > 1 else ""
    if len(guess.time.readings) == 1:
        return _admit(source, rules, joined)
    try:
        return _admit(source, rules, joined)
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
    proofs = [_attempt(replace(source, time_format=written), rules) for written in readings]
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


def _attempt(source: FilesSource, rules: SeriesRules) -> Proof | None:
    try:
        return Proof(source=source, rules=rules, arrived=ingest(source, rules))
    except BadInput:
        return None


def _admit(source: FilesSource, rules: SeriesRules, joined: str) -> Proof:
    """Through the door as it is, or regularised where that saves series; `joined`: what to do about ids.

    Raises:
        BadInput: no series can be saved, or the rows of several series were taken for one.
    """
    averaging = replace(rules, regularise="mean")
    try:
        plain = Proof(source=source, rules=rules, arrived=ingest(source, rules))
    except BadInput as error:
        averaged = _attempt(source, averaging)
        if averaged is None:
            raise
        _refuse_crowded(averaged, joined, error)
        return _regularised(averaged, error.faults[0] if error.faults else error.message)
    if plain.arrived.failed:
        averaged = _attempt(source, averaging)
        if averaged is not None and _saves(averaged, plain):
            name, sentence = next(iter(plain.arrived.failed.items()))
            return _regularised(averaged, f"{name}: {sentence}")
    return plain


def _saves(averaged: Proof, plain: Proof) -> bool:
    """True where series are saved, of which the most are not several that were taken for one."""
    saved = plain.arrived.failed.keys() - averaged.arrived.failed.keys()
    return len(saved) > 2 * len(saved & crowded(averaged.arrived))


def _regularised(averaged: Proof, sentence: str) -> Proof:
    """The same with a round step where its rows follow none, and with what a person must know of it."""
    raw = arrive(averaged.source, averaged.rules.freq)[0].raw
    step = round_step(raw, averaged.arrived.table.grid.freq) if averaged.rules.freq is None else None
    rounded = _attempt(averaged.source, replace(averaged.rules, freq=step)) if step else None
    chosen = averaged
    if rounded is not None and len(rounded.arrived.failed) <= len(averaged.arrived.failed):
        chosen = replace(rounded, rounded=True)
    return replace(chosen, because=_without_advice(sentence), conflicts=conflicting_rows(raw))


def _without_advice(sentence: str) -> str:
    """What the door found, without what it advises: here that is done, or would be wrong."""
    return sentence.rpartition("; ")[0] or sentence


def _refuse_crowded(averaged: Proof, joined: str, error: BadInput) -> None:
    """Refuse to average rows that belong to different series.

    Raises:
        BadInput: most series have far more rows than steps.
    """
    if 2 * len(crowded(averaged.arrived)) > len(averaged.arrived.table.ids):
        rows, steps = averaged.arrived.rows.rows_kept, int(averaged.arrived.table.observed.sum())
        advice = joined or "add one to the file, or name it as id in a pipeline file of your own"
        raise BadInput(
            f"{averaged.source.path}: {rows} rows stand for only {steps} steps, so several series seem to be "
            f"mixed; expected a column that tells them apart: {advice}",
            [_without_advice(fault) for fault in error.faults],
        )


def _irregularity(arrived: Ingested) -> float:
    """Steps without a row, and rows set aside for other reasons, as a share of the rows."""
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
