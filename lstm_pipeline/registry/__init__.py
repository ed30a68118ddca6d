"""Versions, gate reports and the append-only promotion log, in SQL."""
