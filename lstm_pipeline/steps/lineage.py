"""What a stored thing came from: the configuration, what it was made of, and all versions."""

from __future__ import annotations

import platform
from importlib.metadata import version as installed

from lstm_pipeline.steps.desk import Job
from lstm_pipeline.training.config import TrainingConfig
from lstm_pipeline.version import VERSION

LIBRARIES = ("torch", "numpy", "pandas", "pyarrow", "safetensors", "prefect")
"""Recorded in every manifest."""


def lineage(job: Job, training: TrainingConfig, **origins: str) -> dict[str, str]:
    """The record of a manifest: `origins` name what the thing was made of, by id or digest.

    The device is the one asked for; a model's manifest names the one that it was trained on.
    """
    origins |= {"seed": str(training.seed), "threads": str(training.threads), "device": training.device}
    versions = {"lstm_pipeline": VERSION, "python": platform.python_version()}
    # from the metadata: to import prefect for its version would take two CPU-seconds
    return {"config": job.config, **origins, **versions, **{name: installed(name) for name in LIBRARIES}}
