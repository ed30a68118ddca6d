"""The comparison that a decision goes by: who loses how much over which origins, and the test on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lstm_pipeline.gate.comparison import Comparison, compare
from lstm_pipeline.gate.evidence import Evidence, OriginLosses
from lstm_pipeline.gate.paired import PairedTest, paired_test
from lstm_pipeline.gate.policy import FEWEST, Mode, Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A comparison and the test on it."""

    compared: Comparison
    used: Mode
    test: PairedTest | None
    """None where the plain rule decides, or too few origins are left to test on."""
    level: float
    """Of the test."""


def case_of(evidence: Evidence, rules: Rules) -> Case:
    """Compare the rivals, and test the differences where there are origins enough."""
    losses, compared = evidence.losses, compare(evidence.losses)
    # a test part too short for any test: better a plain rule that says so than none for ever
    short = losses is not None and int(np.count_nonzero(losses.scored)) < FEWEST
    used: Mode = "plain" if short else rules.mode
    tested = used != "plain" and compared.origins >= FEWEST
    return Case(
        compared=compared,
        used=used,
        test=_test(losses, rules) if tested and losses is not None else None,
        level=rules.level(compared.origins, evidence.looks),
    )


def may_refresh(evidence: Evidence, rules: Rules) -> bool:
    """The candidate need only be noninferior: the champion's recipe on newer data, or an old champion."""
    # beside a stand-in recipes are compared, on the same data: that tells nothing of newer ones
    if evidence.source == "refit":
        return False
    recipe = evidence.refresh and rules.refresh == "noninferior" and evidence.age > 0
    return recipe or rules.is_old(evidence.age, evidence.span)


def _test(losses: OriginLosses, rules: Rules) -> PairedTest | None:
    """Candidate against champion; without one against what the floor asks of it. None where not finite."""
    # what passes the range of a float is no finite difference, and is told below
    with np.errstate(over="ignore", invalid="ignore"):
        rival = (1 - rules.min_skill) * losses.baseline if losses.champion is None else losses.champion
        differences = (rival - losses.candidate)[losses.compared]
    return paired_test(differences) if np.isfinite(differences).all() else None
