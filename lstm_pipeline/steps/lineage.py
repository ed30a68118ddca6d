"""What a stored thing came from: the configuration, what it was made of, and all versions."""

from __future__ import annotations

import platform
from importlib.metadata import version as installed

from lstm_pipeline.steps.desk import Job
from lstm_pipeline.version import VERSION

LIBRARIES = ("torch", "numpy", "pandas", "pyarrow", "safetensors", "prefect")
"""Recorded in every manifest."""


def lineage(job: Job, **origins: str) -> dict[str, str]:
    """The record of a manifest: `origins` name what the thing was made of, by id or digest."""
    versions = {"lstm_pipeline": VERSION, "python": platform.python_version()}
    return {"config": job.config, **origins, **versions, **{name: installed(name) for name in LIBRARIES}}
