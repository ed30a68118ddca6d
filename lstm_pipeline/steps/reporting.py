"""Write the report of a run, and keep its outcome."""

from __future__ import annotations

import json
import shlex
from typing import Any

from lstm_pipeline import checkpoints, evaluations
from lstm_pipeline.artifacts import Ref
from lstm_pipeline.baselines import BASELINES
from lstm_pipeline.errors import BrokenArtifact
from lstm_pipeline.evaluations import Evaluation
from lstm_pipeline.registry import RunRow
from lstm_pipeline.report.page import render
from lstm_pipeline.report.pictures import pictures
from lstm_pipeline.steps.desk import Desk, Job, open_desk, this_moment
from lstm_pipeline.steps.lineage import lineage
from lstm_pipeline.steps.outcome import GateFigures, Journal, Outcome, SeriesCount
from lstm_pipeline.steps.page.content import report_content
from lstm_pipeline.steps.page.material import RunFindings, champion_is_fair
from lstm_pipeline.steps.refs import ForecastRef, Judged
from lstm_pipeline.steps.verdict import run_id


def report(job: Job, judged: Judged, forecasts: ForecastRef, journal: Journal) -> Outcome:
    """Draw the page of a run and publish it; the outcome is kept last, so that it always has its report."""
    desk = open_desk(job)
    scores = evaluations.load(desk.store, judged.trial.evaluation.id)
    identity = run_id(desk, judged.trial.dataset, judged.trial.model)
    key = _key(judged)
    outcome = _outcome(desk, judged, forecasts, scores).noting(journal)
    command = shlex.join(
        ["lstm-pipeline", "run", desk.store.uri(job.config), "--as-of", outcome.as_of, "--store", job.store]
    )
    material = RunFindings(
        judged=judged, forecasts=forecasts, scores=scores, outcome=outcome, command=command
    )
    content = report_content(desk, material)
    parts = {
        "report.html": render(content).encode(),
        "report.json": outcome.to_json().encode(),
        **pictures(content),
    }
    origin = lineage(
        job,
        desk.config.training,
        source=judged.trial.dataset.source,
        dataset=judged.trial.dataset.id,
        evaluation=judged.trial.evaluation.id,
    )
    facts = {"run": identity, "pipeline": desk.config.name, "lineage": origin}
    desk.store.publish(key, parts, facts, "report")
    desk.registry.add_run(
        RunRow(
            run=identity,
            pipeline=desk.config.name,
            gate_report=judged.gate.id,
            report_uri=desk.store.key(outcome.report),
            outcome=outcome.placed(desk.store.key).to_json(),
            at=this_moment(),
        )
    )
    return outcome


def _key(judged: Judged) -> str:
    """Where the report lies: by the run and its decision, so that a page never tells of another verdict."""
    return f"reports/{judged.gate.run[:16]}-{judged.gate.id[:8]}"


def _outcome(desk: Desk, judged: Judged, forecasts: ForecastRef, scores: Evaluation) -> Outcome:
    trial, dataset = judged.trial, judged.trial.dataset
    identity = run_id(desk, dataset, trial.model)
    overall = {name: score.mse for name, score in scores.overall.items()}
    baseline = _best_baseline(overall)
    mse, baseline_mse = overall.get("candidate"), overall.get(baseline) if baseline else None
    return Outcome(
        pipeline=desk.config.name,
        run=identity,
        as_of=dataset.as_of,
        verdict=judged.gate.verdict,
        reasons=judged.gate.reasons,
        sentence=judged.gate.sentence,
        promoted=judged.promotion.promoted,
        champion=judged.promotion.id or None,
        mse=mse,
        champion_mse=overall.get("champion") if champion_is_fair(scores) else None,
        baseline_mse=baseline_mse,
        baseline=baseline,
        skill=1 - mse / baseline_mse if mse is not None and baseline_mse else None,
        gate=_gate_figures(desk, judged),
        rows_in=dataset.counts.rows_in,
        rows_kept=dataset.counts.rows_kept,
        rows_set_aside=dataset.counts.rows_set_aside,
        rows_filled=dataset.counts.rows_filled,
        rows_missing=dataset.counts.rows_missing,
        series=SeriesCount(ok=dataset.series, failed=dataset.failed),
        windows=dataset.windows,
        dataset=dataset.uri,
        model=trial.model.uri if trial.model else None,
        weights_sha256=checkpoints.weights_digest(desk.store, trial.model.id) if trial.model else None,
        forecasts=forecasts.uri,
        report=desk.store.part_uri(_key(judged), "report.html"),
        published_by=forecasts.published_by,
        notes=(*dataset.notes, *_budget_notes(desk, trial.model)),
        seconds={},
    )


def _budget_notes(desk: Desk, model: Ref | None) -> tuple[str, ...]:
    """The budget that was settled where nobody set one."""
    training = desk.config.training
    if model is None or training.max_steps is not None or training.epochs is not None:
        return ()
    steps = desk.store.require(checkpoints.key_of(model.id))["recipe"]["training"]["max_steps"]
    return (f"training.max_steps = {steps}: by an estimate of what a step costs",)


def _best_baseline(overall: dict[str, float | None]) -> str | None:
    baselines = {name: mse for name, mse in overall.items() if name in BASELINES and mse is not None}
    return min(baselines, key=lambda name: baselines[name]) if baselines else None


def _gate_figures(desk: Desk, judged: Judged) -> GateFigures:
    row = desk.registry.gate_report(judged.gate.id)
    if row is None:
        raise BrokenArtifact(
            f"gate report {judged.gate.id}: it is not in the registry any more; restore a copy of it"
        )
    decision: dict[str, Any] = json.loads(row.body)["decision"]
    return GateFigures(
        mode=decision["mode"],
        used=decision["used"],
        windows_id=row.windows_id,
        origins=decision["origins"],
        mse=decision["mse"],
        champion_mse=decision["champion_mse"],
        baseline_mse=decision["baseline_mse"],
        effect=decision["effect"],
        low=decision["low"],
        high=decision["high"],
    )
