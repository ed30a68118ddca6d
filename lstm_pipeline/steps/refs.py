"""What one step hands to the next: small records that travel as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lstm_pipeline.artifacts import Ref
from lstm_pipeline.series.account import RowCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetRef(Ref):
    """A dataset, and what this run's door let in."""

    counts: RowCounts
    failed: Mapping[str, str]
    """Series that are not trained, with the reason."""
    series: int
    """Series that are trained."""
    windows: Mapping[str, int]
    """By part."""
    stale: bool
    leaky: bool
    as_of: str
    """The logical date in the source's clock, or the integer step."""
    cutoff: int
    """The newest stamp: microseconds since the epoch, or a step."""
    source: str
    """Digest of what was read: the files, or the generator's configuration."""
    set_aside: str
    """Key of the folder that holds this run's set-aside rows."""
    notes: tuple[str, ...]
    """What this run's door inferred or noticed, one sentence each."""
    suspect: Mapping[str, str] = field(default_factory=dict[str, str])
    """Judged series whose held-out part does not look like their past: id -> "kind: sentence"."""
    unfit: str = ""
    """Why no model can be judged by these data; empty where one can."""

    @property
    def timed(self) -> bool:
        """Its rows have times; else each series counts its steps."""
        return not counts_steps(self.as_of)

    @property
    def trainable(self) -> bool:
        """There is something to train on and something to judge by."""
        return self.windows["train"] > 0 and self.windows["test"] > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """The same recipe on the chronological split, beside a leaky one."""

    dataset: Ref
    model: Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrants:
    """Who enters beside the baselines."""

    model: Ref | None
    """The candidate; None where nothing could be trained."""
    twin: Twin | None = None
    """The same recipe on the chronological split, beside a leaky one."""
    stand_in: Ref | None = None
    """The champion's recipe on the candidate's training part, where the champion has learnt too much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationRef(Ref):
    """Scores of candidate, champion and baselines on the same windows."""

    champion: str | None
    """Model it was scored against."""
    champion_seq: int
    """Promotion it was scored against; 0 without a champion."""
    wants_refit: bool = False
    """The champion has learnt from too much: its recipe, trained on the candidate's data, must stand in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What the gate judges: a candidate, what it was trained and tested on, and how it fared."""

    dataset: DatasetRef
    model: Ref | None
    """None where no series could be trained."""
    evaluation: EvaluationRef


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRef(Ref):
    """A recorded gate report."""

    verdict: str
    reasons: tuple[str, ...]
    sentence: str
    run: str
    """Id of the run that it decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionRef(Ref):
    """Where the line stands after the gate: `id` is the champion, empty where there is none."""

    promoted: bool
    """This run's candidate became champion."""
    refit: str = ""
    """What became of training its recipe to the end of the data, as a sentence; empty where nobody asked."""
    awaits: str | None = None
    """Until when a person may approve its promotion, as ISO time; None where it does not wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRef(Ref):
    """What the probation of the champion has brought to light."""

    notes: tuple[str, ...] = ()
    """What a person should know, one sentence each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A trial with its decision, and where the line stands after it."""

    trial: Trial
    gate: GateRef
    promotion: PromotionRef
    watched: WatchRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """The distance of two published forecasts on the steps that both foretell.

    In deviations of each series' training part, mean over series and steps.
    """

    since: str
    """Cutoff of the forecast before."""
    steps: int
    """That both foretell."""
    moved: float
    by_data: float | None
    """What the model of before would have moved by on the new rows alone; None where it cannot be asked."""
    by_model: float | None
    """From there to what is published now; 0 where the model is the same."""

    @property
    def sentence(self) -> str:
        """What a person should know of it."""
        told = f"on the {self.steps} steps that it shares with the forecast after {self.since} it moved by"
        if self.by_model is None or self.by_data is None:
            return f"{told} {self.moved:.2g} deviations"
        if self.by_model == 0:
            return f"{told} {self.moved:.2g} deviations, all of it by new rows: the model is the same"
        return (
            f"{told} {self.moved:.2g} deviations: {self.by_data:.2g} by new rows, {self.by_model:.2g} by the "
            "change of the model"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastRef(Ref):
    """Published forecasts."""

    published_by: str
    """Model id of the champion, or the name of a baseline."""
    sources: Mapping[str, int] = field(default_factory=dict[str, int])
    """Series by the source of their forecast."""
    failed: Mapping[str, str] = field(default_factory=dict[str, str])
    """Series that could not be trained or read, with the reason."""
    notes: tuple[str, ...] = ()
    """What a person should know, one sentence each."""
    revision: Revision | None = None
    """How far it moved since the live forecast before."""
    report: str = ""
    """Address of its page; empty where the page of its run tells of it."""

    @property
    def ended_with(self) -> Mapping[str, str]:
        """What the row of a schedule's slot keeps of them."""
        return {"forecasts": self.id, "published_by": self.published_by}


def counts_steps(as_of: str) -> bool:
    """True where a logical date is a step, not a time."""
    return as_of.removeprefix("-").isdigit()
