"""Fool me: deceptions planted into a pipeline with an honest champion, and what the gate says of each."""

from lstm_pipeline.steps.fooling.attempt import Attempt, Tally, attempt
from lstm_pipeline.steps.fooling.deceptions import DECEPTIONS, HONEST, Deception
from lstm_pipeline.steps.fooling.ground import Ground, Line, without_page
from lstm_pipeline.steps.fooling.shop import demo_ground

__all__ = [
    "DECEPTIONS",
    "HONEST",
    "Attempt",
    "Deception",
    "Ground",
    "Line",
    "Tally",
    "attempt",
    "demo_ground",
    "without_page",
]
