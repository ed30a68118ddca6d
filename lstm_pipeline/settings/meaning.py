"""Values that have the right type and mean nothing: no such zone, encoding, step, device or time."""

from __future__ import annotations

import codecs
import dataclasses
import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from lstm_pipeline.errors import BadConfig
from lstm_pipeline.series.freq import parse_freq
from lstm_pipeline.training.config import TrainingConfig


def meaningless(table: Mapping[str, Any]) -> list[str]:
    """Each such value as `section.key: got …; expected …`; values of another type are not looked at."""
    faults: list[str] = []
    for key, complain in CHECKS.items():
        section, _, name = key.partition(".")
        given = table.get(section)
        value = given.get(name) if isinstance(given, Mapping) else None  # pyright: ignore[reportUnknownMemberType]
        expected = complain(value) if value is not None else None
        if expected:
            faults.append(f"{key}: got {value!r}; expected {expected}")
    return [*faults, *_idle(table)]


def _idle(table: Mapping[str, Any]) -> list[str]:
    """What is said of training where nothing is trained here."""
    given = {name: keys for name, keys in table.items() if isinstance(keys, Mapping)}
    if given.get("model", {}).get("kind") != "external":
        return []
    usual = {("training", name): value for name, value in dataclasses.asdict(TrainingConfig()).items()}
    usual["gate", "refit"] = "none"
    # a stored configuration has every key
    return [
        f"{section}.{key}: got {value!r}; expected none, as the command of [model] trains by its own rules"
        for section in ("training", "gate")
        for key, value in given.get(section, {}).items()
        if value is not None and value != usual.get((section, key), value)
    ]


def _zone(value: object) -> str | None:
    try:
        ZoneInfo(value) if isinstance(value, str) else None
    except (KeyError, ValueError, OSError):
        return 'a time zone such as "UTC" or "Europe/Berlin"'
    return None


def _encoding(value: object) -> str | None:
    try:
        codecs.lookup(value) if isinstance(value, str) else None
    except LookupError:
        return 'an encoding such as "utf-8" or "latin-1"'
    return None


def _delimiter(value: object) -> str | None:
    return "one character" if isinstance(value, str) and len(value) != 1 else None


def _freq(value: object) -> str | None:
    try:
        parse_freq(value) if isinstance(value, str) else None
    except BadConfig as error:
        return error.message.partition("; write ")[2]
    return None


def _device(value: object) -> str | None:
    known = not isinstance(value, str) or re.fullmatch(r"auto|cpu|cuda(:\d+)?", value)
    return None if known else "auto, cpu, cuda or cuda:N, such as cuda:1"


def _extent(value: object) -> str | None:
    if isinstance(value, str):
        try:
            dt.datetime.fromisoformat(value)
        except ValueError:
            return "steps, a fraction below 1, or a timestamp such as 2018-01-01"
    elif isinstance(value, (int, float)) and not (value >= 0 and (isinstance(value, int) or value < 1)):
        return "a whole number from 0, or a fraction below 1"
    return None


CHECKS: Mapping[str, Callable[[object], str | None]] = {
    "source.timezone": _zone,
    "schedule.timezone": _zone,
    "source.encoding": _encoding,
    "source.delimiter": _delimiter,
    "series.freq": _freq,
    "split.validation": _extent,
    "split.test": _extent,
    "training.device": _device,
}
"""By key: what should stand there, where it does not."""
