"""Models of other tools: a command is asked for forecasts, and writes a frame as a cross-validation does."""

from lstm_pipeline.external.asking import forecasts_of, question_of
from lstm_pipeline.external.command import Files, files_of
from lstm_pipeline.external.question import Answer, Question
from lstm_pipeline.external.quoted import Quoted, quoted_of, tensors_of

__all__ = [
    "Answer",
    "Files",
    "Question",
    "Quoted",
    "files_of",
    "forecasts_of",
    "question_of",
    "quoted_of",
    "tensors_of",
]
