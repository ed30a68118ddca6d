"""Which texts are times, and in which ways they can be read where they do not say it themselves."""

from __future__ import annotations

from itertools import product

import pandas as pd

from lstm_pipeline.errors import BadConfig, BadInput
from lstm_pipeline.series.timetext import DAYTIMES, read_moments

Readings = tuple[str | None, ...]
"""strptime formats in which a column can be read; None stands for what the door finds out by itself."""

IN_FIGURES = r"^\d{1,2}[/.\-]\d{1,2}[/.\-](?:\d{2}|\d{4})(?:[ T,].*)?$"
"""Day, month and year in figures, the year last."""
MOST = 0.9
"""Share of the texts that must be times."""
HALF = 0.5
"""Share of the tried texts that must be times: with fewer a format is not tried on the whole column."""
TRIED = 20
"""Texts by which a format is ruled out."""


def readings_of(texts: pd.Series) -> Readings:
    """The ways in which different texts can be read as times: none, one, or day first and month first."""
    if not texts.str.contains(r"\d").mean() > MOST:
        return ()
    if _reads(texts, None):
        return (None,)
    figures = texts.loc[texts.str.match(IN_FIGURES)]
    if not len(figures) > MOST * len(texts):
        return ()
    few = figures.iloc[:: -(-len(figures) // TRIED)]
    formats = (written for written in _formats(str(figures.iloc[0])) if _reads(few, written, HALF))
    return tuple(written for written in formats if _reads(texts, written))


def is_daytime(texts: pd.Series) -> bool:
    """True where texts are times of day without a date."""
    return bool(texts.str.fullmatch(r"\d{1,2}:\d\d(?::\d\d)?").mean() > MOST)


def _formats(text: str) -> list[str]:
    """Formats that texts such as this one could have, day first, then month first."""
    mark = next(sign for sign in "/.-" if sign in text)
    return [
        mark.join((*order, year)) + daytime
        for order, year, daytime in product((("%d", "%m"), ("%m", "%d")), ("%Y", "%y"), DAYTIMES)
    ]


def _reads(texts: pd.Series, written: str | None, share: float = MOST) -> bool:
    """True where so many texts are times in this format, or by what the door finds out itself."""
    try:
        return bool((~read_moments(texts, written).bad).mean() > share)
    # also where day and month cannot be told apart: each order is then tried as a format of its own
    except (BadInput, BadConfig):
        return False
