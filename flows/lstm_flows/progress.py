"""Training progress as an artifact of the task run."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact

from lstm_pipeline.steps.fitting import OnProgress, Progress


@contextmanager
def training_progress() -> Generator[OnProgress]:
    """A callback that moves a new progress artifact, which ends at 100 also where training stops early."""
    artifact = create_progress_artifact(progress=0.0, description="training steps done")

    def move(percent: float) -> None:
        if isinstance(artifact, UUID):
            update_progress_artifact(artifact, progress=percent)

    def show(progress: Progress) -> None:
        move(100.0 * progress.step / progress.of)

    yield show
    move(100.0)
