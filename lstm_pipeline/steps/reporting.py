"""Write the report of a run, and keep its outcome."""

from __future__ import annotations

import shlex

from lstm_pipeline import evaluations
from lstm_pipeline.registry import RunRow
from lstm_pipeline.report.page import render
from lstm_pipeline.report.pictures import pictures
from lstm_pipeline.settings.environment import registry_in
from lstm_pipeline.steps.conclusion import conclude, report_key
from lstm_pipeline.steps.desk import Desk, Job, open_desk, this_moment
from lstm_pipeline.steps.gate_report import GATE_PART, recorded_row
from lstm_pipeline.steps.lineage import lineage
from lstm_pipeline.steps.outcome import Journal, Outcome
from lstm_pipeline.steps.page.content import report_content
from lstm_pipeline.steps.page.material import RunFindings
from lstm_pipeline.steps.refs import ForecastRef, Judged


def report(job: Job, judged: Judged, forecasts: ForecastRef, journal: Journal) -> Outcome:
    """Draw the page of a run and publish it; the outcome is kept last, so that it always has its report."""
    desk = open_desk(job)
    scores = evaluations.load(desk.store, judged.trial.evaluation.id)
    outcome = conclude(desk, judged, forecasts, scores).noting(journal)
    found = RunFindings(
        judged=judged,
        forecasts=forecasts,
        scores=scores,
        outcome=outcome,
        command=_command(desk, job, outcome),
    )
    desk.store.publish(report_key(judged), _parts(desk, found), _facts(desk, job, judged), "report")
    desk.registry.add_run(_row(desk, judged, outcome))
    return outcome


def _command(desk: Desk, job: Job, outcome: Outcome) -> str:
    """What to type to reproduce the run; a password is not shown."""
    words = [
        "lstm-pipeline",
        "run",
        desk.store.uri(job.config),
        "--as-of",
        outcome.as_of,
        "--store",
        job.store,
    ]
    elsewhere = job.registry != registry_in(job.store)
    # not quoted as a whole: a shell would take it for a command
    setting = f"LSTM_PIPELINE_REGISTRY={shlex.quote(desk.registry.address)} " if elsewhere else ""
    return setting + shlex.join(words)


def _parts(desk: Desk, found: RunFindings) -> dict[str, bytes]:
    """The page, the outcome and the pictures, as files by their names."""
    content = report_content(desk, found)
    page, record = render(content).encode(), found.outcome.to_json().encode()
    # the very text whose sha256 is its id: the decision can be made again from this folder alone
    decision = recorded_row(desk, found.judged.gate.id).body.encode()
    return {"report.html": page, "report.json": record, GATE_PART: decision, **pictures(content)}


def _facts(desk: Desk, job: Job, judged: Judged) -> dict[str, object]:
    """What the report's manifest says of it."""
    dataset, evaluation = judged.trial.dataset, judged.trial.evaluation.id
    ancestry = lineage(
        job, desk.config.training, source=dataset.source, dataset=dataset.id, evaluation=evaluation
    )
    return {
        "run": judged.gate.run,
        "pipeline": desk.config.name,
        "gate_report": judged.gate.id,
        "lineage": ancestry,
    }


def _row(desk: Desk, judged: Judged, outcome: Outcome) -> RunRow:
    return RunRow(
        run=outcome.run,
        pipeline=desk.config.name,
        gate_report=judged.gate.id,
        report_uri=desk.store.key(outcome.report),
        # as keys, so that a store may be copied or moved
        outcome=outcome.placed(desk.store.key).to_json(),
        at=this_moment(),
    )
