"""The library's steps as Prefect tasks: they pass references, never arrays; nothing is pickled."""

from __future__ import annotations

from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task

from lstm_flows.progress import training_progress
from lstm_pipeline import steps
from lstm_pipeline.artifacts import Ref
from lstm_pipeline.errors import PipelineError, Unreachable
from lstm_pipeline.steps.desk import Job
from lstm_pipeline.steps.refs import DatasetRef


def may_heal(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Retry what another try can mend: a service that did not answer, not a fault of the data."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, Unreachable) or not isinstance(error, PipelineError)


@task(name="train", retries=2, retry_delay_seconds=5, retry_condition_fn=may_heal, cache_policy=NO_CACHE)
def train(job: Job, dataset: DatasetRef) -> Ref:
    """Fit the network, with a progress bar in the UI; a retry resumes where the last try stood."""
    return steps.train(job, dataset, training_progress())


build_dataset = task(
    name="build dataset", retries=2, retry_delay_seconds=5, retry_condition_fn=may_heal, cache_policy=NO_CACHE
)(steps.build_dataset)
recall = task(name="recall", cache_policy=NO_CACHE)(steps.recall)
evaluate = task(
    name="evaluate", retries=2, retry_delay_seconds=5, retry_condition_fn=may_heal, cache_policy=NO_CACHE
)(steps.evaluate)
decide = task(name="decide", cache_policy=NO_CACHE)(steps.decide)
promote = task(name="promote", cache_policy=NO_CACHE)(steps.promote)
publish = task(
    name="publish", retries=2, retry_delay_seconds=5, retry_condition_fn=may_heal, cache_policy=NO_CACHE
)(steps.publish)
report = task(
    name="report", retries=2, retry_delay_seconds=5, retry_condition_fn=may_heal, cache_policy=NO_CACHE
)(steps.report)

TASKS = steps.Steps(
    build_dataset=build_dataset,
    train=train,
    recall=recall,
    evaluate=evaluate,
    decide=decide,
    promote=promote,
    publish=publish,
    report=report,
)
"""The recipe's steps as tasks."""
