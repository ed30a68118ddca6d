"""The one door to any file system: read, publish atomically, list."""

from lstm_pipeline.storage.manifest import MANIFEST
from lstm_pipeline.storage.parquet import parquet_bytes, read_parquet
from lstm_pipeline.storage.store import Published, Store, open_store, sha256

__all__ = ["MANIFEST", "Published", "Store", "open_store", "parquet_bytes", "read_parquet", "sha256"]
