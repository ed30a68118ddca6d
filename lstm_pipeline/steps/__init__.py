"""One function per step: load, call the middle, save, return a Ref; and the recipe that orders them."""

from dataclasses import replace
from functools import partial

from lstm_pipeline.steps.data import build_dataset
from lstm_pipeline.steps.evaluation import evaluate
from lstm_pipeline.steps.fitting import OnProgress, Shop, train, train_stand_in
from lstm_pipeline.steps.forecast_report import report_forecast
from lstm_pipeline.steps.probation import watch
from lstm_pipeline.steps.publication import publish
from lstm_pipeline.steps.recall import recall
from lstm_pipeline.steps.recipe import Steps, forecast_only, retrain
from lstm_pipeline.steps.refitting import refit
from lstm_pipeline.steps.reporting import report
from lstm_pipeline.steps.slots import SPENT, fill
from lstm_pipeline.steps.verdict import decide, promote

PLAIN = Steps(
    build_dataset=build_dataset,
    watch=watch,
    train=train,
    recall=recall,
    train_stand_in=train_stand_in,
    evaluate=evaluate,
    decide=decide,
    promote=promote,
    refit=refit,
    publish=publish,
    report=report,
    report_forecast=report_forecast,
)
"""The steps as they are, for a run in this process."""


def showing(show: OnProgress) -> Steps:
    """The same steps, which show how far each training is."""
    shown = {"shop": Shop(show=show)}
    return replace(
        PLAIN,
        train=partial(train, **shown),
        train_stand_in=partial(train_stand_in, **shown),
        refit=partial(refit, **shown),
    )


__all__ = [
    "PLAIN",
    "SPENT",
    "Steps",
    "build_dataset",
    "decide",
    "evaluate",
    "fill",
    "forecast_only",
    "promote",
    "publish",
    "recall",
    "refit",
    "report",
    "report_forecast",
    "retrain",
    "showing",
    "train",
    "train_stand_in",
    "watch",
]
