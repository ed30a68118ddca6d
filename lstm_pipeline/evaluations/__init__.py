"""Stored evaluations: the scores of all rivals on the same windows, and what a report draws of them."""

from lstm_pipeline.evaluations.records import (
    MODELS,
    Evaluation,
    GateTraceTable,
    OriginTable,
    Rivalry,
    Score,
    Trace,
    nothing_trained,
)
from lstm_pipeline.evaluations.scores import overall_scores, series_scores, step_scores
from lstm_pipeline.evaluations.stored import find, key_of, load, save, wants_refit

__all__ = [
    "MODELS",
    "Evaluation",
    "GateTraceTable",
    "OriginTable",
    "Rivalry",
    "Score",
    "Trace",
    "find",
    "key_of",
    "load",
    "nothing_trained",
    "overall_scores",
    "save",
    "series_scores",
    "step_scores",
    "wants_refit",
]
