"""The types that a key of a pipeline file takes, and values that pydantic would turn into numbers."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints


def plain_kinds(kind: Any) -> set[Any]:
    """The types that a type allows: of `str | tuple[str, ...] | None` str, tuple and NoneType."""
    family = get_origin(kind)
    if family is Annotated:
        return plain_kinds(get_args(kind)[0])
    if family in (Union, UnionType):
        return set().union(*(plain_kinds(one) for one in get_args(kind)))
    return {family or kind}


def quoted_numbers(table: Mapping[str, Any], sections: Mapping[str, Any]) -> list[str]:
    """Each text that stands where only a number is meant; `sections`: the type of each section."""
    return [
        f"{section}.{key}: got {value!r}; expected a {number}, without quotes"
        for section, given in table.items()
        if isinstance(given, Mapping) and section in sections
        for key, value in given.items()  # pyright: ignore[reportUnknownVariableType]
        if isinstance(value, str) and (number := _only_number(sections[section], str(key)))
    ]


def truths(table: Mapping[str, Any], sections: Mapping[str, Any]) -> list[str]:
    """Each true or false where none is meant: as numbers they would pass for 1 and 0."""
    given = {section: keys for section, keys in table.items() if isinstance(keys, Mapping)}
    return [
        f"{section}.{key}: got {str(value).lower()}; expected a number or a text: it is no true or false"
        for section, keys in given.items()
        for key, value in keys.items()
        if isinstance(value, bool) and bool not in _kinds_of(sections.get(section), str(key))
    ]


def _only_number(section: Any, key: str) -> str | None:
    """The kind of number that stands under this key, in words; None where a text may stand there too."""
    kinds = _kinds_of(section, key)
    if str in kinds or not kinds & {int, float}:
        return None
    return "number" if float in kinds else "whole number"


def _kinds_of(section: Any, key: str) -> set[Any]:
    """The types that a key of a section takes; none where the section has no such key."""
    records = [one for one in plain_kinds(section) if dataclasses.is_dataclass(one)]
    hints = [get_type_hints(one, include_extras=True).get(key) for one in records]
    return set[Any]().union(*(plain_kinds(hint) for hint in hints if hint is not None))
