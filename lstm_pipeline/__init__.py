"""Retrains LSTM forecasters on a schedule and promotes a new model only when it is honestly better.

```python
from lstm_pipeline import Pipeline

run = Pipeline(source=frame, horizon=24).retrain(store="store")
run.verdict, run.metrics, run.forecasts.to_pandas(), run.report
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lstm_pipeline import version

if TYPE_CHECKING:
    from lstm_pipeline.api import Pipeline, Run
    from lstm_pipeline.frames import window_table

__version__ = version.VERSION
__all__ = ["Pipeline", "Run", "__version__", "window_table"]


def __getattr__(name: str) -> Any:
    """Import the API when it is first used: `import lstm_pipeline` alone stays light."""
    if name in ("Pipeline", "Run"):
        from lstm_pipeline import api

        return getattr(api, name)
    if name == "window_table":
        from lstm_pipeline.frames import window_table

        return window_table
    raise AttributeError(f"module 'lstm_pipeline' has no attribute {name!r}")
