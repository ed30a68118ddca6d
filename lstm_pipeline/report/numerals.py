"""How numbers, shares and stamps are written for a person."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TypeGuard

ABSENT = "\u2013"
"""What stands where there is no number."""

SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def known(value: float | None) -> TypeGuard[float]:
    """There is a number, and it is finite."""
    return value is not None and math.isfinite(value)


def number(value: float | None) -> str:
    """Four significant digits, whole from a thousand on; powers of ten for the huge and the tiny."""
    if not known(value):
        return ABSENT
    if value == 0:
        return "0"
    # the order after rounding: 999.96 is written as a thousand
    order = int(f"{value:.3e}".split("e")[1])
    if not -4 <= order < 7:
        return power_of_ten(value, order, 3)
    return signed(f"{value:,.{max(0, 3 - order)}f}")


def power_of_ten(value: float, order: int, decimals: int) -> str:
    """A value as a factor times ten to the given order."""
    # scaled in two halves: ten to the order itself may lie outside what a float can hold
    half = order // 2
    factor = value / 10.0**half / 10.0 ** (order - half)
    return signed(f"{factor:.{decimals}f}") + "\u00d710" + str(order).translate(SUPERSCRIPT)


def percent(share: float | None) -> str:
    """A share as per cent with one decimal; whole from a thousand per cent on."""
    if not known(share):
        return ABSENT
    value = 100 * share
    if abs(value) >= 1e7:
        return number(value) + "\u202f%"
    return signed(f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.1f}") + "\u202f%"


def count(value: int | None) -> str:
    """A whole number with thousands separated."""
    return ABSENT if value is None else signed(f"{value:,}")


def signed(text: str) -> str:
    """The text with a true minus sign."""
    return text.replace("-", "\u2212")


def words(name: str | None) -> str:
    """A name of the program as words: seasonal_naive as "seasonal naive"."""
    return (name or "").replace("_", " ")


def plural(many: int, one: str) -> str:
    """A count with its noun: 1 origin, 2 origins."""
    return f"{count(many)} {one}" + ("" if many == 1 or one == "series" else "s")


def short_hashes(text: str) -> str:
    """The text with every sha256 cut to its first twelve digits."""
    return re.sub(r"\b([0-9a-f]{12})[0-9a-f]{52}\b", "\\1…", text)


def short_stamps(stamps: Sequence[str]) -> list[str]:
    """Times without what says nothing: midnight where all are midnight, seconds where all are zero."""
    spaced = [stamp.replace("T", " ") for stamp in stamps]
    times = [stamp for stamp in spaced if len(stamp) == len("2018-06-26 19:00:00")]
    for idle in (" 00:00:00", ":00"):
        if times and all(time.endswith(idle) for time in times):
            whole = len(times[0])
            return [stamp.removesuffix(idle) if len(stamp) == whole else stamp for stamp in spaced]
    return spaced
