"""Is what arrived in the held-out part still the feed it was? Each series against its own past. Pure."""

from lstm_pipeline.health.examine import examine, verdict_on
from lstm_pipeline.health.feed import Feed, Kind, Suspicion

__all__ = ["Feed", "Kind", "Suspicion", "examine", "verdict_on"]
