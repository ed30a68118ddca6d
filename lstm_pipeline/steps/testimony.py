"""The evidence of a trial: what the gate is shown, gathered from scores, packages and registry."""

from __future__ import annotations

import math
from dataclasses import replace

from lstm_pipeline import checkpoints
from lstm_pipeline.evaluations import Evaluation, OriginTable, Rivalry
from lstm_pipeline.gate import Evidence, OriginLosses
from lstm_pipeline.registry import undone
from lstm_pipeline.steps.desk import Desk, this_moment
from lstm_pipeline.steps.line import is_newest
from lstm_pipeline.steps.refs import Trial


def evidence_of_trial(desk: Desk, trial: Trial, scores: Evaluation) -> Evidence:
    """Everything the gate goes by; the candidate is counted among those held against its windows."""
    candidate, model, origins = scores.overall.get("candidate"), trial.model, scores.origins
    evidence = Evidence(
        losses=_losses(origins) if origins is not None else None,
        intact=model is None or checkpoints.load_if_whole(desk.store, model.id) is not None,
        sound=model is None or checkpoints.card(desk.store, model.id).record.sound,
        finite=scores.finite,
        test_mse=candidate.mse if candidate is not None and candidate.mse is not None else math.nan,
        leaky=trial.dataset.leaky,
        stale=trial.dataset.stale,
        newest=is_newest(desk, trial.dataset),
        unfit=trial.dataset.unfit,
        stranger=_is_stranger(trial, scores),
        windows_id=origins.windows_id if origins is not None else None,
        baseline=origins.best_baseline if origins is not None else None,
        looks=_looks(desk, trial, origins),
        rolled_back=model is not None and model.id in undone(desk.registry.promotions(desk.pipeline)),
        wide=scores.wide,
        told=_told(desk, trial),
    )
    return evidence if scores.rivalry is None else _beside(evidence, scores.rivalry)


def _beside(evidence: Evidence, rivalry: Rivalry) -> Evidence:
    """The same evidence with what is known of both models."""
    return replace(
        evidence,
        source=rivalry.source,
        refresh=rivalry.refresh,
        age=rivalry.age,
        span=rivalry.span,
        slices=rivalry.slices,
        tail=rivalry.tail,
        bias=rivalry.bias,
    )


def _told(desk: Desk, trial: Trial) -> bool:
    """Candidate and champion say what they have learnt from."""
    models = [trial.model.id if trial.model is not None else None, trial.evaluation.champion]
    return all(checkpoints.card(desk.store, model).told for model in models if model is not None)


def _looks(desk: Desk, trial: Trial, origins: OriginTable | None) -> int:
    """Which distinct candidate this is on its windows: who tries often enough wins by luck."""
    if origins is None or trial.model is None:
        return 1
    return desk.registry.look(desk.config.name, origins.windows_id, trial.model.id, this_moment())


def _is_stranger(trial: Trial, scores: Evaluation) -> bool:
    """There is a champion, and it was not scored: it knows none of the candidate's series."""
    return bool(scores.overall) and trial.evaluation.champion is not None and "champion" not in scores.overall


def _losses(origins: OriginTable) -> OriginLosses:
    champion = origins.pooled.get("champion")
    return OriginLosses(
        candidate=origins.pooled["candidate"],
        baseline=origins.pooled[origins.best_baseline],
        champion=champion,
        clean=origins.clean if champion is not None else None,
    )
