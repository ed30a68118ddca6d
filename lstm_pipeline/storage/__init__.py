"""The one door to any file system: read, publish atomically, list."""

from lstm_pipeline.storage.store import Published, Store, open_store

__all__ = ["Published", "Store", "open_store"]
