"""What is wrong with a pipeline file, in words: the key, what was got, what was expected."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

Keys = Mapping[str, tuple[str, ...]]
"""Sections of a pipeline file with their keys; a key without a section has none."""


def faults_of(error: ValidationError, keys: Keys) -> list[str]:
    """Each fault as `key.path: got …; expected …`, in the order of the file, one line per key."""
    by_key: dict[str, list[str]] = {}
    for item in error.errors():
        by_key.setdefault(_key_path(item["loc"]), []).append(_complaint(dict(item), keys))
    return [f"{key}: {_joined(complaints)}" for key, complaints in by_key.items()]


def _joined(complaints: list[str]) -> str:
    """Complaints about one key in one line: what was got is said once."""
    got, separator, first = complaints[0].partition("; input should be ")
    if not separator:
        return complaints[0]
    expected = [first, *(text.partition("; input should be ")[2] for text in complaints[1:])]
    return f"{got}; expected {' or '.join(dict.fromkeys(filter(None, expected)))}"


def _key_path(location: tuple[int | str, ...]) -> str:
    """section.key, with the place in a list; what pydantic adds after it is the type it tried, no key."""
    section, *rest = location or ("(top)",)
    if section in ("source", "model"):
        rest = rest[1:]  # the kind of it
    return ".".join(str(part) for part in [section, *rest[:1], *(p for p in rest[1:] if isinstance(p, int))])


WORDS: Mapping[str, str] = {
    "model_attributes_type": "a table of keys, such as [source] with path below it",
    "dataclass_type": "a table of keys, as under its [name]",
    "dict_type": "a table of keys, as under its [name]",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_parsing": "a number",
    "float_type": "a number",
    "string_type": "a text in quotes",
    "tuple_type": "a list of texts in brackets",
}
"""What should have stood there, by pydantic's name of the fault."""


def _complaint(error: Mapping[str, Any], keys: Keys) -> str:
    kind = error["type"]
    if kind == "missing":
        return "missing; it must be given"
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        return f"unknown key; {_suggestion(error['loc'], keys)}"
    if kind == "value_error":
        # what our own checks say, before which pydantic would put words of its own
        return str(error["ctx"]["error"])
    if kind == "union_tag_invalid":
        return f"got kind {error['ctx']['tag']!r}; expected {error['ctx']['expected_tags']}"
    if kind in WORDS:
        return f"got {error.get('input')!r}; input should be {WORDS[kind]}"
    return f"got {error.get('input')!r}; {str(error['msg'])[0].lower()}{str(error['msg'])[1:]}"


def _suggestion(location: tuple[int | str, ...], keys: Keys) -> str:
    """What an unknown key was probably meant to be: the nearest one beside it, or its namesake elsewhere."""
    name, beside = str(location[-1]), keys.get(str(location[0]), ()) if len(location) > 1 else tuple(keys)
    close = get_close_matches(name, beside, n=1)
    if close:
        return f"did you mean {close[0]}?"
    homes = [f"[{section}]" for section, there in keys.items() if name in there]
    if homes:
        return f"there is one in {' and '.join(homes)}"
    return "`lstm-pipeline schema` lists the keys there are"
