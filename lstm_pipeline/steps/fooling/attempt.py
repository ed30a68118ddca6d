"""One deception against one honest champion, and what became of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lstm_pipeline.errors import PipelineError
from lstm_pipeline.steps.fooling.deceptions import Deception
from lstm_pipeline.steps.fooling.ground import ALIKE, Ground, Line
from lstm_pipeline.steps.outcome import Outcome
from lstm_pipeline.steps.recipe import Steps

REFUSED = "REFUSED"
"""The verdict on a run that ended with an error before the gate was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What the gate said of a deception, and what the usual rule would have done."""

    name: str
    planted: str
    verdict: str
    reasons: tuple[str, ...]
    sentence: str
    """The gate's own."""
    mse: float | None
    """The candidate's test MSE, in squared units of the series; None where it is not finite."""
    champion_mse: float | None
    """What the usual rule holds it against; None where there is nothing."""
    stored: bool
    """That one is the champion's score from the day it was made, not its error on these windows."""
    ships: bool
    """What "lower MSE wins" would have put into production."""
    promoted: bool
    unchanged: bool
    """The champion's package and the log of promotions are what they were, byte for byte."""
    beyond: bool
    """No gate can tell: shown for honesty."""
    report: str | None
    """Where the page of its run is."""

    honest: bool = False
    """Nothing was planted: it should be promoted."""

    @property
    def fooled(self) -> bool:
        """The deception reached production, or touched what is there."""
        return not self.honest and (self.promoted or not self.unchanged)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What became of all of them."""

    control: Attempt
    """The honest candidate."""
    attempts: tuple[Attempt, ...]

    @property
    def figures(self) -> dict[str, int | bool]:
        """How many were planted, caught, and would have been shipped; those beyond any gate apart."""
        counted = [one for one in self.attempts if not one.beyond]
        return {
            "planted": len(counted),
            "caught": sum(not one.fooled for one in counted),
            "shipped": sum(one.ships for one in counted),
            "unchanged": all(one.unchanged for one in counted),
            "beyond": len(self.attempts) - len(counted),
            "beyond_promoted": sum(one.promoted for one in self.attempts if one.beyond),
            "fooled": self.fooled,
        }

    @property
    def fooled(self) -> bool:
        """A deception got through that a gate can tell, or the honest candidate did not."""
        return not self.control.promoted or any(one.fooled and not one.beyond for one in self.attempts)


def attempt(ground: Ground, deception: Deception, steps: Steps) -> Attempt:
    """Make an honest champion, plant a deception beside it, and tell what became of both.

    Raises:
        PipelineError: no honest champion could be made.
    """
    line = line_of(ground, deception, steps)
    first = line.crown()
    before = line.standing()
    try:
        outcome = deception.attack(line)
    except PipelineError as error:
        return _refused(deception, error, unchanged=line.standing() == before)
    return _told(deception, first, outcome, unchanged=line.standing() == before)


def line_of(ground: Ground, deception: Deception, steps: Steps) -> Line:
    """The line of the ground that a deception has for itself: looks at windows are counted by line."""
    slug = re.sub("[^a-z0-9]+", "-", deception.name.lower())
    champion = ground.young if deception.champion == "young" else ALIKE
    return Line(ground=ground, name=f"{ground.name}-{slug}", steps=steps, champion=champion)


def _told(deception: Deception, first: Outcome, outcome: Outcome, *, unchanged: bool) -> Attempt:
    stored = deception.naive == "stored score" or outcome.champion_mse is None
    reference = first.mse if stored else outcome.champion_mse
    return Attempt(
        name=deception.name,
        planted=deception.planted,
        verdict=outcome.verdict,
        reasons=outcome.reasons,
        sentence=outcome.sentence,
        mse=outcome.mse,
        champion_mse=reference,
        stored=stored,
        ships=_ships(outcome.mse, reference),
        promoted=outcome.promoted,
        unchanged=unchanged,
        beyond=deception.beyond,
        report=outcome.report,
        honest=deception.honest,
    )


def _ships(mse: float | None, reference: float | None) -> bool:
    """Lower test error wins, as it is found elsewhere: nobody asks whether an error is a number at all."""
    return mse is None or reference is None or not mse >= reference


def _refused(deception: Deception, error: PipelineError, *, unchanged: bool) -> Attempt:
    return Attempt(
        name=deception.name,
        planted=deception.planted,
        verdict=REFUSED,
        reasons=(error.code,),
        sentence=str(error),
        mse=None,
        champion_mse=None,
        stored=False,
        ships=False,
        promoted=False,
        unchanged=unchanged,
        beyond=deception.beyond,
        report=None,
    )
