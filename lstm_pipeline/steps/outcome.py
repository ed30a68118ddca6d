"""The outcome of a run: the one JSON object that commands print and registry and report keep."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter

from lstm_pipeline.artifacts import canonical
from lstm_pipeline.gate import GateFigures

STEPS = ("build_dataset", "train", "evaluate", "decide", "promote", "publish", "report")
"""The steps of a run in their order."""


ALERT = "alert: "
"""How a note begins that a person should act on."""
WAITS = "waits for approval"
"""How the note begins that tells of a promotion which is asked for."""
PASSED = "Passed the gate: "
WAITING = f"Passed the gate, and {WAITS}: "
"""How a sentence begins where the gate lets a promotion through that a person decides on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """What a walk through the recipe has noted."""

    seconds: Mapping[str, float]
    """By step."""
    reused: tuple[str, ...]
    """Steps whose result was there already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesCount:
    """How many series were trained, and why the others were not."""

    ok: int
    failed: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a run. What is not finite is null; URIs are absolute."""

    pipeline: str
    run: str
    as_of: str
    verdict: str
    reasons: tuple[str, ...]
    sentence: str
    """The verdict with its reason in words."""
    promoted: bool
    awaits: str | None = None
    """Until when a person may approve the promotion, as ISO time; None where it does not wait."""
    champion: str | None
    """Model id of the champion after this run."""
    mse: float | None
    """Over all test windows, in squared units of the series; so are the next two."""
    champion_mse: float | None
    """None too where the champion has learnt from all of these windows."""
    baseline_mse: float | None
    baseline: str | None
    """The best naive forecast on these windows."""
    skill: float | None
    """1 - mse / baseline_mse."""
    gate: GateFigures
    rows_in: int
    rows_kept: int
    rows_set_aside: Mapping[str, int]
    rows_filled: int
    rows_missing: int
    series: SeriesCount
    windows: Mapping[str, int]
    dataset: str
    model: str | None
    weights_sha256: str | None
    forecasts: str
    report: str
    published_by: str
    notes: tuple[str, ...] = ()
    """What was inferred or noticed, one sentence each."""
    reused: tuple[str, ...] = ()
    seconds: Mapping[str, float]

    @property
    def partial(self) -> bool:
        """Some series failed, or none could be trained and tested."""
        return bool(self.series.failed) or "too_short" in self.reasons

    @property
    def ended_with(self) -> Mapping[str, str]:
        """What the row of a schedule's slot keeps of it."""
        return {"run": self.run, "verdict": self.verdict}

    @property
    def alerts(self) -> tuple[str, ...]:
        """The notes that a person should act on."""
        return tuple(note for note in self.notes if note.startswith(ALERT))

    def placed(self, place: Callable[[str], str]) -> Outcome:
        """The same outcome with its addresses rewritten."""
        return replace(
            self,
            dataset=place(self.dataset),
            model=place(self.model) if self.model is not None else None,
            forecasts=place(self.forecasts),
            report=place(self.report),
        )

    def to_json(self) -> str:
        """One line of canonical JSON."""
        return canonical(self)

    def noting(self, journal: Journal) -> Outcome:
        """The same outcome with the steps of another walk."""
        return replace(self, seconds=journal.seconds, reused=journal.reused)

    def answered(self, note: str, *, promoted: bool) -> Outcome:
        """The same outcome once its promotion no longer waits: what it was answered, or overtaken by."""
        notes = (*(one for one in self.notes if not one.startswith(WAITS)), *([note] if note else []))
        sentence = self.sentence.replace(WAITING, PASSED, 1)
        return replace(self, awaits=None, promoted=promoted, sentence=sentence, notes=notes)

    def adding(self, notes: tuple[str, ...]) -> Outcome:
        """The same outcome with further notes."""
        return replace(self, notes=(*self.notes, *(note for note in notes if note not in self.notes)))


def outcome_of(text: str) -> Outcome:
    """Read an outcome back from its JSON."""
    return outcome_of_plain(json.loads(text))


def outcome_of_plain(record: Mapping[str, Any]) -> Outcome:
    """Read an outcome back from its JSON's own types."""
    return TypeAdapter(Outcome).validate_python(record)
