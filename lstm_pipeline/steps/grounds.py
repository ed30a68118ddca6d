"""On what grounds someone is champion: the decision behind the promotion that holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lstm_pipeline.registry import Promotion, standing
from lstm_pipeline.report.numerals import percent
from lstm_pipeline.steps.desk import Office
from lstm_pipeline.steps.gate_report import told


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """Why the newest promotion of a log holds; None: the gate had no part in it, or has no such figure."""

    sentence: str
    displaced: str | None
    """Model that was champion before this promotion."""
    tested: str | None = None
    """Model that the gate judged, where that is not the champion: its recipe was then trained on all data."""
    origins: int | None = None
    """Compared by the gate."""
    effect: float | None = None
    """Share by which its error lay below that of the champion before."""
    low: float | None = None
    high: float | None = None
    gate_report: str | None = None
    report: str | None = None
    """Where the page of the run is."""

    @property
    def effect_text(self) -> str | None:
        """The effect with its interval, for people."""
        if self.effect is None or self.low is None or self.high is None:
            return None if self.effect is None else percent(self.effect)
        return f"{percent(self.effect)} ({percent(self.low)} to {percent(self.high)})"


def grounds(office: Office, log: Sequence[Promotion]) -> Grounds:
    """The grounds of the newest promotion of a log; after a rollback those of the reign that it returned to.

    Raises:
        BrokenArtifact: the gate report is gone, or was altered.
    """
    newest = log[-1]
    decided = [row for row in log if row.model == newest.model and row.gate_report is not None]
    if newest.kind == "pin" or not decided:
        word = newest if newest.kind == "pin" else standing(log)[-1]
        sentence = f"By the word of {word.actor}, past the gate: {word.reason}"
        return Grounds(sentence=sentence, displaced=newest.previous_model)
    reign = decided[-1]
    said = told(office, str(reign.gate_report))
    figures = said["figures"]
    back = "" if reign is newest else f"Rolled back to promotion {reign.seq}, of which the gate said: "
    # a refitted model and the one that was tested for it came by one decision
    judged = next(row for row in log if row.gate_report == reign.gate_report)
    return Grounds(
        sentence=back + said["sentence"],
        displaced=newest.previous_model if back else judged.previous_model,
        tested=judged.model if judged.model != newest.model else None,
        origins=figures["origins"],
        effect=figures["effect"],
        low=figures["low"],
        high=figures["high"],
        gate_report=reign.gate_report,
        report=_page(office, str(reign.gate_report)),
    )


def _page(office: Office, gate_report: str) -> str | None:
    """Where the page lies of the run that ended with a decision; None where it did not come to its end."""
    places = [
        row.report_uri for row in office.registry.runs(office.pipeline) if row.gate_report == gate_report
    ]
    return office.store.uri(places[-1]) if places else None
