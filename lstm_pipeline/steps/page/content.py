"""From findings to the record that a page is drawn from."""

from __future__ import annotations

from typing import Any

from lstm_pipeline.artifacts import plain
from lstm_pipeline.baselines import BASELINES
from lstm_pipeline.checkpoints import ModelPackage
from lstm_pipeline.evaluations import Evaluation, GateTraceTable
from lstm_pipeline.report.content import (
    DataQuality,
    GatePicture,
    LossCurve,
    ReportContent,
    RivalScore,
    Role,
    Values,
)
from lstm_pipeline.series.grid import Grid
from lstm_pipeline.steps.desk import Desk
from lstm_pipeline.steps.page.changes import changes_since
from lstm_pipeline.steps.page.material import Material, RunFindings, champion_is_fair, gather, numbers
from lstm_pipeline.steps.page.series import embedded, embedded_note, series_picture, series_rows

EXAMPLES = 10
"""Set-aside rows shown."""


def report_content(desk: Desk, found: RunFindings) -> ReportContent:
    """Gather everything that the page of a run shows."""
    material = gather(desk, found)
    spec, column = material.dataset.spec, desk.config.publish.column
    rows, dataset = series_rows(material), material.dataset
    drawn = embedded(material, rows)
    return ReportContent(
        pipeline=desk.config.name,
        as_of=f"{dataset.table.grid.label(dataset.cutoff)}, run as of {found.outcome.as_of}",
        verdict=found.outcome.verdict,
        sentence=found.outcome.sentence,
        published_by=_publisher(found),
        column=column,
        unit_note=(
            f"step {spec.freq}, season {spec.season_length}, look-back {spec.size.input_size}, "
            f"horizon {spec.size.horizon}"
        ),
        outcome=plain(found.outcome),
        leak=_leak(found),
        scores=_rivals(found.scores),
        per_step_label="MSE, squared units of the series",
        rows=rows,
        pictures=tuple(series_picture(material, name, column) for name in drawn),
        embedded_note=embedded_note(drawn, material),
        loss_curve=_loss_curve(material.package),
        gates=_gates(found.scores.gates, material.dataset.table.grid),
        quality=_quality(material),
        changes=changes_since(desk, found.outcome),
        lineage=_lineage(desk, material),
        command=found.command,
    )


def _publisher(found: RunFindings) -> str:
    by = found.forecasts.published_by
    return f"the baseline {by}" if by in BASELINES else f"champion {by[:12]}"


def _leak(found: RunFindings) -> str | None:
    if not found.judged.trial.dataset.leaky:
        return None
    honest, leaky = found.scores.twin, found.outcome.mse
    figures = f"Here it gives a test MSE of {leaky:.4g}" if leaky is not None else "Here it gives no test MSE"
    if honest is not None:
        figures += f"; the same recipe on the chronological split, on other test windows, gives {honest:.4g}"
    return (
        "This split leaks: its windows were dealt at random, so nearly every test target also stands inside "
        f"some training window, and the score says little about the future. {figures}. "
        "A leaky score is never promoted."
    )


def _rivals(scores: Evaluation) -> tuple[RivalScore, ...]:
    roles: dict[str, Role] = {"candidate": "candidate", "champion": "champion"}
    roles.update(dict.fromkeys(BASELINES, "baseline"))
    if not champion_is_fair(scores):
        del roles["champion"]
    return tuple(
        RivalScore(
            name=name,
            role=role,
            mse=scores.overall[name].mse,
            mae=scores.overall[name].mae,
            rmse=scores.overall[name].rmse,
            smape=scores.overall[name].smape,
            mase=scores.overall[name].mase,
            mse_by_step=scores.steps[name],
        )
        for name, role in roles.items()
        if name in scores.overall
    )


def _loss_curve(package: ModelPackage | None) -> LossCurve | None:
    if package is None:
        return None
    rounds = package.record.rounds
    return LossCurve(
        steps=tuple(r.step for r in rounds),
        training=tuple(r.training_loss for r in rounds),
        validation=tuple(r.validation_loss for r in rounds),
        best_step=package.record.best_step,
        ended=package.record.sentence,
    )


def _gates(gates: GateTraceTable | None, grid: Grid) -> GatePicture | None:
    if gates is None:
        return None

    def rows(values: Any) -> tuple[Values, ...]:
        return tuple(numbers(row) for row in values.tolist())

    return GatePicture(
        series=gates.series,
        ds=tuple(grid.label(int(stamp)) for stamp in gates.ds),
        values=numbers(gates.values),
        forget=rows(gates.forget),
        input=rows(gates.input),
        output=rows(gates.output),
        cell=rows(gates.cell),
    )


def _quality(material: Material) -> DataQuality:
    outcome = material.findings.outcome
    examples = material.set_aside.slice(0, EXAMPLES).to_pylist()
    return DataQuality(
        rows_in=outcome.rows_in,
        rows_kept=outcome.rows_kept,
        rows_set_aside=dict(outcome.rows_set_aside),
        rows_missing=outcome.rows_missing,
        rows_filled=outcome.rows_filled,
        series_ok=outcome.series.ok,
        failed=dict(outcome.series.failed),
        examples=tuple({key: "" if v is None else str(v) for key, v in row.items()} for row in examples),
        notes=outcome.notes,
    )


def _lineage(desk: Desk, material: Material) -> tuple[tuple[str, str], ...]:
    found = material.findings
    entries = {
        "run": found.outcome.run,
        "source": found.judged.trial.dataset.source,
        "dataset": found.judged.trial.dataset.id,
        "evaluation": found.judged.trial.evaluation.id,
        "gate report": found.judged.gate.id,
        "forecasts": found.forecasts.id,
    }
    if material.package is not None:
        training = material.package.recipe.training
        entries |= {
            "model": material.package.id,
            "weights": found.outcome.weights_sha256 or "",
            "parameters": str(material.package.record.parameters),
            "seed": str(training.seed),
            "threads": str(training.threads),
        }
        entries = dict(material.package.lineage) | entries  # what this run read counts, not what taught it
    champion = desk.registry.champion(desk.config.name)
    entries["promotion log"] = (
        f"{champion.seq}: {champion.hash}" if champion is not None else "no promotion yet"
    )
    return tuple(entries.items())
