"""The names that deployments, pools, queues and tags have on the server."""

from __future__ import annotations

CPU = "cpu"
"""The pool in which flows run."""
GPU = "gpu"
"""The pool in which models are trained."""
BACKFILLS = "backfill"
"""The queue of the pool cpu that waits for all others."""
TRAIN = f"train/{GPU}"
"""The deployment that takes orders of trainings."""
MARK = "lstm-pipeline"
"""Tag of the runs that are started again when they crash."""
WORKED = "lstm-pipeline-worker"
"""Tag of all our runs, of ordered trainings too, which whoever ordered them orders again."""
