"""The library's steps as Prefect tasks: they pass references, never arrays; nothing is pickled."""

from __future__ import annotations

from functools import partial
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task

from lstm_flows.pool import in_pool
from lstm_flows.progress import training_progress
from lstm_pipeline import steps
from lstm_pipeline.artifacts import Ref
from lstm_pipeline.errors import PipelineError, Unreachable
from lstm_pipeline.steps.desk import Job
from lstm_pipeline.steps.fitting import Shop
from lstm_pipeline.steps.refs import DatasetRef, GateRef, PromotionRef, Trial


def may_heal(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Retry what another try can mend: a service that did not answer, not a fault of the data."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, Unreachable) or not isinstance(error, PipelineError)


# never cached by prefect: the store knows itself what is there, and the default policy hashes every argument
patient = partial(task, retries=2, retry_delay_seconds=5, retry_condition_fn=may_heal, cache_policy=NO_CACHE)
"""A task that tries three times where that can help."""


@patient(name="train")
def train(job: Job, dataset: DatasetRef) -> Ref:
    """Fit the network, with a progress bar in the UI; a retry resumes where the last try stood."""
    with training_progress() as show:
        return steps.train(job, dataset, Shop(show=show, elsewhere=in_pool))


@patient(name="train stand-in")
def train_stand_in(job: Job, dataset: DatasetRef, champion: str) -> Ref:
    """Fit the champion's recipe anew, where the champion has learnt from the windows it is judged on."""
    with training_progress() as show:
        return steps.train_stand_in(job, dataset, champion, Shop(show=show, elsewhere=in_pool))


@patient(name="refit")
def refit(job: Job, trial: Trial, made: GateRef, promotion: PromotionRef) -> PromotionRef:
    """Train the promoted recipe to the end of its data, where the pipeline asks for it."""
    with training_progress() as show:
        return steps.refit(job, trial, made, promotion, Shop(show=show, elsewhere=in_pool))


TASKS = steps.Steps(
    build_dataset=patient(name="build dataset")(steps.build_dataset),
    watch=patient(name="watch")(steps.watch),
    train=train,
    recall=patient(name="recall")(steps.recall),
    train_stand_in=train_stand_in,
    evaluate=patient(name="evaluate")(steps.evaluate),
    decide=patient(name="decide")(steps.decide),
    promote=patient(name="promote")(steps.promote),
    refit=refit,
    publish=patient(name="publish")(steps.publish),
    report=patient(name="report")(steps.report),
    report_forecast=patient(name="report forecast")(steps.report_forecast),
)
"""The recipe's steps as tasks."""
