"""From findings to the record that a page is drawn from."""

from __future__ import annotations

import json
from typing import Any

from lstm_pipeline.artifacts import plain
from lstm_pipeline.baselines import BASELINES
from lstm_pipeline.checkpoints import ModelPackage
from lstm_pipeline.evaluations import MODELS, Evaluation, GateTraceTable
from lstm_pipeline.report.content import (
    DataQuality,
    Publication,
    ReportContent,
    RivalScore,
    Role,
    TimeSteps,
)
from lstm_pipeline.report.drawn import GatePicture, LossCurve, Values
from lstm_pipeline.series.grid import Grid
from lstm_pipeline.steps.desk import Desk
from lstm_pipeline.steps.forecast_delta import forecast_delta
from lstm_pipeline.steps.page.changes import changes_since
from lstm_pipeline.steps.page.material import Material, RunFindings, gather, numbers
from lstm_pipeline.steps.page.parts import parts_of
from lstm_pipeline.steps.page.ruling import ruling_of
from lstm_pipeline.steps.page.series import series_pictures, series_rows
from lstm_pipeline.steps.publication import latest_key
from lstm_pipeline.windows.dataset import DatasetSpec

EXAMPLES = 10
"""Set-aside rows shown."""


def report_content(desk: Desk, found: RunFindings) -> ReportContent:
    """Gather everything that the page of a run shows."""
    material = gather(desk, found)
    ruling = ruling_of(desk, found, material.dataset.table.grid)
    dataset, outcome, column = material.dataset, found.outcome, desk.config.publish.column
    naive = ruling.figures.baseline or outcome.baseline
    rows = series_rows(material, naive)
    return ReportContent(
        pipeline=desk.config.name,
        as_of=f"{dataset.table.grid.label(dataset.cutoff)}, run as of {outcome.as_of}",
        steps=_steps(dataset.spec),
        ruling=ruling,
        naive=naive,
        leak=_leak(found),
        scores=_rivals(found.scores),
        rows=rows,
        pictures=series_pictures(material, rows, column, naive),
        delta=forecast_delta(desk, found.judged, dataset, material.package),
        loss_curve=_loss_curve(material.package),
        gates=_gates(found.scores.gates, dataset.table.grid),
        publication=_publication(desk, material),
        parts=parts_of(dataset),
        quality=_quality(material),
        changes=changes_since(desk, outcome),
        lineage=_lineage(desk, material),
        command=found.command,
        run_json=json.dumps(plain(outcome), indent=2, ensure_ascii=False, allow_nan=False),
    )


def _steps(spec: DatasetSpec) -> TimeSteps:
    return TimeSteps(
        freq=str(spec.freq),
        season_length=spec.season_length,
        input_size=spec.size.input_size,
        horizon=spec.size.horizon,
    )


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
    roles.update(dict.fromkeys([name for name in scores.overall if name not in MODELS], "baseline"))
    if not scores.champion_is_fair:
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
    # a command's model was not trained here
    if package is None or not package.record.rounds:
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


def _publication(desk: Desk, material: Material) -> Publication:
    by = material.findings.forecasts.published_by
    whose = ", the tested recipe trained to the end of its data" if by == _refitted(material) else ""
    return Publication(
        by=f"the baseline {by}" if by in BASELINES else f"champion {by[:12]}{whose}",
        column=desk.config.publish.column,
        run=material.findings.forecasts.uri,
        latest=desk.store.uri(latest_key(desk)),
        live=material.live,
    )


def _refitted(material: Material) -> str | None:
    """The model that the promoted recipe became, trained to the end of its data; None where it did not."""
    promotion, tested = material.findings.judged.promotion, material.package
    as_tested = tested is None or promotion.id == tested.id
    return promotion.id if promotion.promoted and not as_tested else None


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
    refitted = _refitted(material)
    if refitted is not None:
        entries["refitted model"] = refitted
    champion = desk.registry.champion(desk.config.name)
    entries["promotion log"] = (
        f"{champion.seq}: {champion.hash}" if champion is not None else "no promotion yet"
    )
    return tuple(entries.items())
