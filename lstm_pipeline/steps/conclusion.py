"""What became of a run, gathered from its door, its scores and its decision into one outcome."""

from __future__ import annotations

from dataclasses import dataclass

from lstm_pipeline import checkpoints
from lstm_pipeline.artifacts import Ref
from lstm_pipeline.evaluations import MODELS, Evaluation
from lstm_pipeline.gate import skill
from lstm_pipeline.series.grid import stamp_text
from lstm_pipeline.steps.desk import Desk
from lstm_pipeline.steps.gate_report import recorded
from lstm_pipeline.steps.outcome import ALERT, PASSED, WAITING, WAITS, Outcome, SeriesCount
from lstm_pipeline.steps.refs import DatasetRef, ForecastRef, Judged

NOBODY_STANDS_IN = (
    "the champion has learnt from too much of this test part, and its recipe could not be run on these data: "
    "the log of this run says why"
)


def conclude(desk: Desk, judged: Judged, forecasts: ForecastRef, scores: Evaluation) -> Outcome:
    """The outcome of a run that has been judged and published; nobody has noted yet what it took."""
    trial, dataset, errors = judged.trial, judged.trial.dataset, _errors(scores)
    return Outcome(
        pipeline=desk.config.name,
        run=judged.gate.run,
        as_of=dataset.as_of,
        verdict=judged.gate.verdict,
        reasons=judged.gate.reasons,
        sentence=_sentence(judged),
        promoted=judged.promotion.promoted,
        awaits=judged.promotion.awaits,
        champion=judged.promotion.id or None,
        mse=errors.mse,
        champion_mse=errors.champion_mse,
        baseline_mse=errors.baseline_mse,
        baseline=errors.baseline,
        skill=skill(errors.mse, errors.baseline_mse),
        gate=recorded(desk, judged.gate.id).decision.figures,
        rows_in=dataset.counts.rows_in,
        rows_kept=dataset.counts.rows_kept,
        rows_set_aside=dataset.counts.rows_set_aside,
        rows_filled=dataset.counts.rows_filled,
        rows_missing=dataset.counts.rows_missing,
        series=SeriesCount(ok=dataset.series, failed=dataset.failed),
        windows=dataset.windows,
        dataset=dataset.uri,
        model=trial.model.uri if trial.model else None,
        weights_sha256=checkpoints.card(desk.store, trial.model.id).weights_sha256 if trial.model else None,
        forecasts=forecasts.uri,
        report=desk.store.part_uri(report_key(judged), "report.html"),
        published_by=forecasts.published_by,
        notes=(*dataset.notes, *_notes(desk, judged, scores), *forecasts.notes),
        seconds={},
    )


def report_key(judged: Judged) -> str:
    """Where the report lies: by the run and its decision, so that a page never tells of another verdict."""
    return f"reports/{judged.gate.run[:16]}-{judged.gate.id[:8]}"


def _sentence(judged: Judged) -> str:
    """What the gate said; of a promotion that a person has to approve it would say too much."""
    if judged.promotion.promoted or judged.gate.verdict != "PROMOTE":
        return judged.gate.sentence
    return (
        f"{WAITING if judged.promotion.awaits else PASSED}{judged.gate.sentence.removeprefix('Promoted: ')}"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Errors:
    """Over all test windows, in squared units of the series; None where nothing was scored."""

    mse: float | None
    champion_mse: float | None
    baseline_mse: float | None
    baseline: str | None
    """The best naive forecast on these windows."""


def _errors(scores: Evaluation) -> _Errors:
    overall = {name: score.mse for name, score in scores.overall.items()}
    naive = {name: mse for name, mse in overall.items() if name not in MODELS and mse is not None}
    best = min(naive, key=lambda name: naive[name]) if naive else None
    return _Errors(
        mse=overall.get("candidate"),
        champion_mse=overall.get("champion") if scores.champion_is_fair else None,
        baseline_mse=None if best is None else naive[best],
        baseline=best,
    )


def _notes(desk: Desk, judged: Judged, scores: Evaluation) -> tuple[str, ...]:
    """What this run noticed after its door."""
    late = _overtaken_notes(desk, judged.trial.dataset) if "not_newest" in judged.gate.reasons else ()
    waits = waiting_notes(desk.pipeline, judged.promotion.awaits)
    refit = (judged.promotion.refit,) if judged.promotion.refit else ()
    budget = (*_budget_notes(desk, judged.trial.model), *_place_notes(desk, judged.trial.model))
    # a stand-in was wanted, asked for, and there is none
    alone = (NOBODY_STANDS_IN,) if scores.wants_refit else ()
    return (*judged.watched.notes, *waits, *budget, *_champion_notes(scores), *alone, *refit, *late)


def waiting_notes(pipeline: str, awaits: str | None) -> tuple[str, ...]:
    """How to approve a promotion that waits."""
    if awaits is None:
        return ()
    return (
        f"{WAITS} until {awaits}: `lstm-pipeline models approve {pipeline}`, or refuse; what became of it "
        f"is told by `models log {pipeline}` and by the next run",
    )


def _overtaken_notes(desk: Desk, dataset: DatasetRef) -> tuple[str, ...]:
    """Which forecast stands in the way of a run with older data, and what to do if it should not."""
    live = desk.registry.newest_cutoff(desk.config.name, "live")
    if live is None:
        return ()
    theirs, ours = (stamp_text(stamp, timed=dataset.timed) for stamp in (live, dataset.cutoff))
    return (
        f"a live forecast follows on {theirs}, and these data end on {ours}: if the later stamp was a "
        "mistake, give the pipeline a new name",
    )


def _budget_notes(desk: Desk, model: Ref | None) -> tuple[str, ...]:
    """The budget that was settled where nobody set one."""
    training = desk.config.training
    if model is None or training.max_steps is not None or training.epochs is not None:
        return ()
    steps = checkpoints.card(desk.store, model.id).recipe.training.max_steps
    if steps is None:
        # a command trains by its own rules
        return ()
    return (f"training.max_steps = {steps}: by an estimate of what a step costs",)


def _place_notes(desk: Desk, model: Ref | None) -> tuple[str, ...]:
    """Where the candidate was trained, if that was not in the run itself, or not where its file wants it."""
    if model is None:
        return ()
    card = checkpoints.card(desk.store, model.id)
    wanted, device = card.recipe.training.device, card.record.device
    notes = [f"trained by {card.trained_by}, on {device}"] if card.trained_by else []
    if wanted.startswith("cuda") and device == "cpu":
        notes.append(
            f'{ALERT}training.device is "{wanted}", no such GPU was there, and on_missing_gpu = "cpu" let it '
            "train on the CPU"
        )
    return tuple(notes)


def _champion_notes(scores: Evaluation) -> tuple[str, ...]:
    """What the champion's error does not tell: series it never saw, windows it has learnt from."""
    origins = scores.origins
    if origins is None or "champion" not in scores.overall:
        return ()
    notes: list[str] = []
    if origins.left_out:
        notes.append(
            f"the champion does not know {len(origins.left_out)} series, such as {origins.left_out[0]}: "
            "the gate compares the others only, and champion_mse is empty"
        )
    known = int((~origins.clean).sum())
    if 0 < known < len(origins.clean):
        notes.append(
            f"champion_mse flatters the champion: it has learnt from {known} of {len(origins.clean)} test "
            "origins; the gate compares the others only"
        )
    return tuple(notes)
