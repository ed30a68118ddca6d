"""The gate report of a run, read for its page: what was asked for, what was found, and who was the naive."""

from __future__ import annotations

from lstm_pipeline.report.content import Ruling
from lstm_pipeline.steps.desk import Desk
from lstm_pipeline.steps.gate_report import recorded
from lstm_pipeline.steps.page.material import RunFindings


def ruling_of(desk: Desk, found: RunFindings) -> Ruling:
    """The verdict of the promotion gate, what it asked for, and what it went by."""
    report, outcome = recorded(desk, found.judged.gate.id), found.outcome
    policy, figures = report.policy, report.figures
    return Ruling(
        verdict=outcome.verdict,
        sentence=outcome.sentence,
        promoted=outcome.promoted,
        crowned=outcome.champion is not None,
        reasons=report.reasons,
        mode=figures.mode,
        used=figures.used,
        min_effect=policy.min_effect,
        min_skill=policy.min_skill,
        cap=policy.cap,
        origins=figures.origins,
        mse=figures.mse,
        champion_mse=figures.champion_mse,
        naive=report.baseline,
        naive_mse=figures.baseline_mse,
        effect=figures.effect,
        low=figures.low,
        high=figures.high,
    )
