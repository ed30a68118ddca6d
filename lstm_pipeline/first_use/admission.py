"""Through the door as it is, or regularised: with the mean of the rows of a step that suits them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lstm_pipeline.errors import BadInput
from lstm_pipeline.first_use.irregular import conflicting_rows, crowded, is_round, round_step
from lstm_pipeline.series.rules import SeriesRules
from lstm_pipeline.sources.config import FilesSource
from lstm_pipeline.sources.door import Ingested, arrive, ingest

SPARSE = 0.2
"""Share of steps that need a row; below it times are taken for those of events, which follow no step."""


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


def admit(source: FilesSource, rules: SeriesRules, joined: str) -> Proof:
    """Through the door as it is, or regularised where that saves series; `joined`: what to do about ids.

    Raises:
        BadInput: no series can be saved, or the rows of several series were taken for one.
    """
    averaging = replace(rules, regularise="mean")
    try:
        plain = Proof(source=source, rules=rules, arrived=ingest(source, rules))
    except BadInput as error:
        averaged = attempt(source, averaging) or _rounded(source, averaging)
        if averaged is None:
            raise
        _refuse_crowded(averaged, joined, error)
        return _regularised(averaged, error.faults[0] if error.faults else error.message)
    if plain.arrived.failed:
        averaged = attempt(source, averaging)
        if averaged is not None and _saves(averaged, plain):
            name, sentence = next(iter(plain.arrived.failed.items()))
            return _regularised(averaged, f"{name}: {sentence}")
    return _filled_up(plain)


def _filled_up(plain: Proof) -> Proof:
    """The same with a round step where the step of the grid leaves most of the table without rows."""
    share = _share_of_steps(plain)
    if share >= SPARSE:
        return plain
    rounded = _rounded(plain.source, replace(plain.rules, regularise="mean"))
    if rounded is None or _share_of_steps(rounded) < SPARSE:
        return plain
    step = plain.arrived.table.grid.freq
    return _regularised(rounded, f"there is a row on only {share:.1%} of the steps of {step}")


def _saves(averaged: Proof, plain: Proof) -> bool:
    """True where series are saved, of which the most are not several that were taken for one."""
    saved = plain.arrived.failed.keys() - averaged.arrived.failed.keys()
    return len(saved) > 2 * len(saved & crowded(averaged.arrived))


def _regularised(averaged: Proof, sentence: str) -> Proof:
    """The same with a round step where its rows follow none, and with what a person must know of it."""
    # read once more: what came through the door keeps no raw rows, and only they show contradictions
    raw = arrive(averaged.source, averaged.rules.freq)[0].raw
    odd = not is_round(averaged.arrived.table.grid.freq) or _share_of_steps(averaged) < SPARSE
    rounded = _rounded(averaged.source, averaged.rules) if odd else None
    fits = rounded is not None and len(rounded.arrived.failed) <= len(averaged.arrived.failed)
    chosen = rounded if rounded is not None and fits else averaged
    return replace(chosen, because=_without_advice(sentence), conflicts=conflicting_rows(raw))


def _rounded(source: FilesSource, rules: SeriesRules) -> Proof | None:
    """Through the door with the round step that suits the rows; None where there is none, or freq is set."""
    try:
        step = None if rules.freq is not None else round_step(arrive(source, None)[0].raw)
    except BadInput:
        return None
    proof = attempt(source, replace(rules, freq=step)) if step is not None else None
    return replace(proof, rounded=True) if proof is not None else None


def _share_of_steps(proof: Proof) -> float:
    """The share of the steps of the table on which there is a row."""
    return float(proof.arrived.table.observed.mean())


def _without_advice(sentence: str) -> str:
    """What the door found, without what it advises: here that is done, or would be wrong."""
    # the door's sentences end in their advice, after the last semicolon
    return sentence.rpartition("; ")[0] or sentence


def _refuse_crowded(averaged: Proof, joined: str, error: BadInput) -> None:
    """Refuse to average rows that belong to different series.

    Raises:
        BadInput: most series have far more rows than steps, which were not made wider for them.
    """
    if not averaged.rounded and 2 * len(crowded(averaged.arrived)) > len(averaged.arrived.table.ids):
        rows, steps = averaged.arrived.rows.rows_kept, int(averaged.arrived.table.observed.sum())
        advice = joined or "add one to the file, or name it as id in a pipeline file of your own"
        raise BadInput(
            f"{averaged.source.path}: {rows} rows stand for only {steps} steps, so several series seem to be "
            f"mixed; expected a column that tells them apart: {advice}",
            [_without_advice(fault) for fault in error.faults],
        )


def attempt(source: FilesSource, rules: SeriesRules) -> Proof | None:
    """Through the door by exactly these rules; None where it refuses."""
    try:
        return Proof(source=source, rules=rules, arrived=ingest(source, rules))
    except BadInput:
        return None
