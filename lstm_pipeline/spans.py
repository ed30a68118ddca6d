"""Spans of time as people write them: 30m, 12h, 7d, 2w."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

UNITS: Mapping[str, dt.timedelta] = {
    "s": dt.timedelta(seconds=1),
    "m": dt.timedelta(minutes=1),
    "h": dt.timedelta(hours=1),
    "d": dt.timedelta(days=1),
    "w": dt.timedelta(weeks=1),
}


def span_of(text: str) -> dt.timedelta:
    """The time that a text such as 7d or 12h means.

    Raises:
        ValueError: it means none.
    """
    found = re.fullmatch(r"([0-9]{1,6})([smhdw])", text)
    if found is None:
        raise ValueError(f"got {text!r}; expected a whole number with its unit: 30m, 12h, 7d or 2w")
    return int(found[1]) * UNITS[found[2]]


def checked_span(text: str) -> str:
    """The text itself, if it means a span that is not empty.

    Raises:
        ValueError: it does not.
    """
    if not span_of(text):
        raise ValueError(f"got {text!r}; expected a whole number above 0 with its unit: 30m, 12h, 7d or 2w")
    return text


def checked_lag(text: str) -> str:
    """The text itself, if it means a span, which may be empty.

    Raises:
        ValueError: it does not.
    """
    span_of(text)
    return text
