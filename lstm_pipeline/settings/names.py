"""Names that a person chooses: of a pipeline, and of the column of its forecasts."""

from __future__ import annotations

import re

NAME = r"^[a-z0-9][a-z0-9_-]{0,63}$"
"""A pipeline."""
COLUMN = r"^[A-Za-z][A-Za-z0-9_]*$"
"""A forecast's column."""
TAKEN = ("unique_id", "ds", "cutoff", "y", "model", "model_version", "purpose", "source", "reason")
"""Names that a forecast's column may not have: frames use them."""


def name_of(text: str) -> str:
    """Any text as the name of a pipeline: letters a-z, digits, _ and -, at most 64."""
    plain = re.sub(r"[^a-z0-9_-]+", "-", text.lower()).strip("-_")
    return plain[:64].rstrip("-_") or "pipeline"


def checked_name(name: str) -> str:
    """The name itself, if a pipeline may have it.

    Raises:
        ValueError: it may not; the message says one that it could have.
    """
    if not re.search(NAME, name):
        raise ValueError(
            f"got {name!r}; expected letters a-z, digits, _ and -, at most 64, e.g. {name_of(name)}"
        )
    return name


def checked_column(column: str) -> str:
    """The name itself, if a forecast's column may have it.

    Raises:
        ValueError: it may not; the message says one that it could have.
    """
    if column in TAKEN:
        raise ValueError(
            f"got {column!r}; expected a name that forecasts do not use already: not {', '.join(TAKEN)}"
        )
    if not re.search(COLUMN, column):
        plain = re.sub(r"\W+", "_", column, flags=re.ASCII).lstrip("_0123456789") or "LSTM"
        raise ValueError(f"got {column!r}; expected a letter, then letters, digits and _, e.g. {plain}")
    return column
