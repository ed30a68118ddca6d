"""A flow run that waits for a person: the form in the Prefect UI, and what follows its answer."""

from __future__ import annotations

from typing import Literal

from prefect.flow_runs import suspend_flow_run
from prefect.input import RunInput
from prefect.runtime import deployment
from pydantic import Field

from lstm_flows.tasks import TASKS
from lstm_pipeline import steps
from lstm_pipeline.steps.answers import Word, answer, form_of
from lstm_pipeline.steps.desk import Job
from lstm_pipeline.steps.outcome import Outcome

ACTOR = "prefect UI"
"""Who answers in the log: the open-source server knows no names."""


class Answer(RunInput):
    """The form that the UI shows."""

    decision: Literal["approve", "refuse"]
    reason: str = Field(default="", description="Why: kept in the log.")


def answered(job: Job, outcome: Outcome) -> Outcome:
    """The outcome once a person has answered, where the pipeline waits for one here.

    The process ends meanwhile. Once answered the flow begins anew, which is cheap: all is stored.
    """
    form = form_of(job, outcome)
    # a run without a deployment cannot be taken up again: the command line is left
    if form is None or deployment.get_id() is None:
        return outcome
    shown = Answer.with_initial_data(description=form.text)
    given = suspend_flow_run(wait_for_input=shown, key=form.key, timeout=form.seconds)
    word = Word(actor=ACTOR, reason=given.reason, model=form.model)
    answer(job, word, approved=given.decision == "approve", steps=steps.PLAIN)
    # once more through the recipe: who was approved publishes, who was refused is told so
    return steps.retrain(job, TASKS)
