"""Training progress as an artifact of the task run."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import cast
from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact

from lstm_pipeline.steps.fitting import OnProgress


@contextmanager
def training_progress() -> Generator[OnProgress]:
    """A callback that moves a new progress artifact, which ends at 100 also where training stops early."""
    made = create_progress_artifact(progress=0.0, description="training steps done")
    # prefect types it as an awaitable too, which it is only where it is called from a coroutine
    artifact = cast(UUID, made)
    yield lambda progress: _move(artifact, progress.percent)
    _move(artifact, 100.0)


def _move(artifact: UUID, percent: float) -> None:
    update_progress_artifact(artifact, progress=percent)
