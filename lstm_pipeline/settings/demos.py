"""The demo pipelines and their data, which travel inside the package."""

from __future__ import annotations

from pathlib import Path

DEMOS = ("sine.toml", "wikipedia.toml", "shops.toml")
"""One generated series, one real one, several at once."""


def demo_folder() -> Path:
    """Where the demo pipelines are: in an installed package, or in a checkout's data/."""
    package = Path(__file__).parents[1]
    installed = package / "demo_data"
    return installed if installed.is_dir() else package.parent / "data"
