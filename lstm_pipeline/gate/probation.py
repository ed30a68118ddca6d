"""Probation: whether a new champion's published forecasts turned out worse than those of the one before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Lt
from numpy.typing import NDArray

from lstm_pipeline.gate.comparison import gain, mean
from lstm_pipeline.gate.evidence import Floats
from lstm_pipeline.gate.figures import finite
from lstm_pipeline.gate.paired import paired_test
from lstm_pipeline.gate.policy import FEWEST
from lstm_pipeline.gate.size import simulated_size

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbationPolicy:
    """[probation]: how long a new champion is watched, and what follows where it disappoints."""

    origins: Annotated[int, Ge(FEWEST)] = FEWEST
    """Forecasts a horizon apart that are compared with those of the champion before."""
    action: Literal["alert", "rollback", "off"] = "alert"
    """alert: say so; rollback: bring the champion before back; off: nobody is watched."""
    alpha: Annotated[float, Gt(0), Lt(0.5)] = 0.05
    """How often, over the whole probation, an equal champion may be taken for a worse one."""

    @property
    def level(self) -> float:
        """Of each test: there is one at every origin from the fewest on, and all share alpha."""
        return self.alpha / (self.origins - FEWEST + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probation:
    """How a new champion has fared so far; None where there is no figure yet."""

    origins: int
    """Forecasts of both that were scored, a horizon apart."""
    of: int
    """How many a probation takes."""
    loss: float | None
    """Mean of the champion's scaled squared errors."""
    previous_loss: float | None
    """The same of the champion before, in its shadow forecasts of the same series and steps."""
    effect: float | None
    """1 - loss / previous_loss: below 0 where the new champion loses more."""
    level: float
    statistic: float | None
    """Above 0 where the new champion loses more."""
    critical: float | None
    """What the statistic must pass."""
    size: float | None
    """Share of equal champions that the newest test takes for worse in a simulation."""
    size_persistent: float | None
    """The same where neighbouring origins correlate by a half."""
    worse: bool
    """The new champion loses significantly more, now or at an earlier test of this probation."""

    @property
    def ended(self) -> bool:
        """Nothing is left to be scored."""
        return self.origins >= self.of

    @property
    def sentence(self) -> str:
        """The figures in words."""
        if self.loss is None or self.previous_loss is None:
            return f"no forecast of {self.of} has been scored yet"
        told = (
            f"{self.origins} of {self.of} origins scored: realised loss {self.loss:.4g}, that of the "
            f"champion before {self.previous_loss:.4g}"
        )
        if self.statistic is None or self.critical is None:
            return told
        word = "significantly worse" if self.worse else "not significantly worse"
        told = f"{told}, {word} (statistic {self.statistic:.3g}, must pass {self.critical:.3g})"
        if self.size is None or self.size_persistent is None:
            return told
        shares = f"{100 * self.size:.1f} % of equal champions pass it, and {100 * self.size_persistent:.1f} %"
        return f"{told}; simulated, {shares} where neighbouring origins are alike"


def probation(champion: Floats, previous: Floats, policy: ProbationPolicy) -> Probation:
    """Judge a new champion by what its forecasts and those of the one before turned out to be worth.

    Shapes: losses (n,) of the same origins, in order of time and a horizon apart; of more than a probation
    takes the oldest count, so that its result stands.
    """
    mine, theirs = champion[: policy.origins], previous[: policy.origins]
    differences, level = mine - theirs, policy.level
    tests = [paired_test(differences[:n]) for n in range(FEWEST, len(differences) + 1)]
    last = tests[-1] if tests else None
    loss, before = mean(mine), mean(theirs)
    size = simulated_size(last.origins, level) if last is not None else None
    return Probation(
        origins=len(mine),
        of=policy.origins,
        loss=finite(loss),
        previous_loss=finite(before),
        effect=finite(gain(loss, before)),
        level=level,
        statistic=finite(last.statistic) if last is not None else None,
        critical=finite(last.critical(level)) if last is not None else None,
        size=size.independent if size is not None else None,
        size_persistent=size.persistent if size is not None else None,
        # what was found once stays found: later origins do not take an alarm back
        worse=any(test.passes(level) for test in tests),
    )


def spread_from_oldest(steps: Ints, horizon: int) -> Ints:
    """Places of steps a horizon apart, beginning with the oldest, so that later ones change no choice.

    Shapes: steps (n,), rising -> places (k,).
    """
    kept: list[int] = []
    for place, step in enumerate(steps.tolist()):
        if not kept or step - int(steps[kept[-1]]) >= horizon:
            kept.append(place)
    return np.array(kept, dtype=np.int64)
