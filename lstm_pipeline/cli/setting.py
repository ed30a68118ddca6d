"""`--set SECTION.KEY=VALUE`: words of the command line as values of the kind that their key has."""

from __future__ import annotations

import tomllib
from typing import Any, get_type_hints

from lstm_pipeline.errors import UsageError
from lstm_pipeline.series.rules import SeriesRules
from lstm_pipeline.settings.kinds import plain_kinds
from lstm_pipeline.sources.config import FilesSource

SECTIONS = {"source": FilesSource, "series": SeriesRules}


def setting_of(text: str) -> tuple[str, str, Any]:
    """Section, key and value of such as `source.delimiter=;`; the value in TOML, or plain as it stands.

    Lists may be given with commas alone. Nothing but a list or a number becomes one where its key allows it.

    Raises:
        UsageError: it is not of this form.
    """
    path, equals, value = text.partition("=")
    section, _, key = path.partition(".")
    if section not in SECTIONS or not key or not equals:
        raise UsageError(f"--set: got {text!r}, expected source.KEY=VALUE or series.KEY=VALUE")
    kind = get_type_hints(SECTIONS[section]).get(key, str)
    return section, key, _value(value, plain_kinds(kind))


def _value(text: str, kinds: set[Any]) -> Any:
    """The text as a value of one of these kinds; where it is none, the text, of which the door complains."""
    said = _in_toml(text)
    if isinstance(said, list) and tuple in kinds:
        return tuple(said)
    if tuple in kinds and (str not in kinds or "," in text):
        return tuple(part.strip() for part in text.split(","))
    # by the exact type: to isinstance true is an int
    return said if type(said) in kinds else text


def _in_toml(text: str) -> Any:
    """What the text says in TOML; the text itself where it says nothing."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
