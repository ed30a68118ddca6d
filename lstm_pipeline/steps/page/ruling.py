"""The gate report of a run, read for its page: what was asked for, what was found, and who was the naive."""

from __future__ import annotations

from lstm_pipeline.report.content import Ruling
from lstm_pipeline.steps.desk import Desk
from lstm_pipeline.steps.page.material import RunFindings
from lstm_pipeline.steps.verdict import recorded


def ruling_of(desk: Desk, found: RunFindings) -> Ruling:
    """The verdict of the promotion gate, what it asked for, and what it went by."""
    body, outcome = recorded(desk, found.judged.gate.id), found.outcome
    policy, decision = body["policy"], body["decision"]
    return Ruling(
        verdict=outcome.verdict,
        sentence=outcome.sentence,
        promoted=outcome.promoted,
        crowned=outcome.champion is not None,
        reasons=tuple(decision["reasons"]),
        mode=decision["mode"],
        used=decision["used"],
        min_effect=policy["min_effect"],
        min_skill=policy["min_skill"],
        cap=policy["cap"],
        origins=decision["origins"],
        mse=decision["mse"],
        champion_mse=decision["champion_mse"],
        naive=body["baseline"],
        naive_mse=decision["baseline_mse"],
        effect=decision["effect"],
        low=decision["low"],
        high=decision["high"],
    )
