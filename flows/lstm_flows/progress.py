"""Training progress as an artifact of the task run."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import cast
from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact

from lstm_pipeline.steps.fitting import OnProgress, Progress

DESCRIPTION = "training steps done"


@contextmanager
def training_progress() -> Generator[OnProgress]:
    """A callback that moves a new progress artifact, which ends at 100 also where training stops early.

    Where nothing is trained there is none.
    """
    made: list[UUID] = []

    def show(progress: Progress) -> None:
        if not made:
            # prefect types it as an awaitable too, which it is only where it is called from a coroutine
            made.append(cast(UUID, create_progress_artifact(progress=0.0, description=DESCRIPTION)))
        update_progress_artifact(made[0], progress=progress.percent)

    yield show
    for artifact in made:
        update_progress_artifact(artifact, progress=100.0)
