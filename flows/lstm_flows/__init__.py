"""Prefect flows around the library's steps: order, retries, artifacts."""
