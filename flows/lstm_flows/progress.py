"""Training progress as an artifact of the task run."""

from __future__ import annotations

from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact

from lstm_pipeline.steps.fitting import OnProgress, Progress


def training_progress() -> OnProgress:
    """A callback that moves a new progress artifact from 0 to 100 per cent."""
    artifact = create_progress_artifact(progress=0.0, description="training steps done")

    def show(progress: Progress) -> None:
        if isinstance(artifact, UUID):
            update_progress_artifact(artifact, progress=100.0 * progress.step / progress.of)

    return show
