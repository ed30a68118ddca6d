"""Lines of a TOML file: a key, its value, and a comment that stays a comment whatever it holds."""

from __future__ import annotations

import json
from collections.abc import Sequence

COLUMN = 28
"""Where comments begin."""


def line(key: str, value: object, comment: str) -> str:
    """A key with its value and what there is to say about it."""
    setting = f"{key} = {toml(value)}"
    return f"{setting:<{COLUMN - 2}}  # {printable(comment)}"


def hint(key: str, value: object, comment: str) -> str:
    """A key that is not set."""
    setting = f"# {key} = {toml(value)}"
    return f"{setting:<{COLUMN - 2}}  # {printable(comment)}"


def remark(text: str) -> str:
    """A line that is all comment."""
    return f"# {printable(text)}"


def toml(value: object) -> str:
    """Text, a number or a list in TOML; its strings are escaped as JSON's, but for the delete character."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(map(toml, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def printable(text: str) -> str:
    """The text on one line, blanks in the place of whatever cannot be printed."""
    return "".join(sign if sign.isprintable() else " " for sign in text)
