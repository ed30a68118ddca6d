"""The table of all series: its columns, its order, and which of the series are drawn."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lstm_pipeline.gate import skill
from lstm_pipeline.report.content import EMBEDDED, ReportContent, SeriesRow
from lstm_pipeline.report.numerals import count, known, number, percent, plural
from lstm_pipeline.report.rivals import candidate_of, naive_of

Write = Callable[[float | None], str]

EXTREMES = 3
"""Series named on either side as the worst and the best."""
SCALED = "Compared origins, scaled: decides"
RAW = "All test windows, unscaled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of numbers over the rows of the table."""

    label: str
    values: tuple[float | None, ...]
    """What it is sorted by."""
    texts: tuple[str, ...]
    together: str
    """The figure of all series together; empty where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Columns side by side that are measured alike."""

    label: str
    columns: tuple[Column, ...]

    @property
    def decides(self) -> bool:
        """These are the errors that the promotion gate goes by."""
        return self.label == SCALED


@dataclass(frozen=True, slots=True, kw_only=True)
class Extremes:
    """The series at either end, the outermost first."""

    worst: tuple[SeriesRow, ...]
    best: tuple[SeriesRow, ...]


def column_groups(content: ReportContent, rows: tuple[SeriesRow, ...]) -> tuple[Group, ...]:
    """The columns of numbers, those that hold any, grouped by what they are measured over."""
    groups = (_scaled(content, rows), _raw(content, rows), _counts(rows))
    shown = [
        Group(label=group.label, columns=tuple(c for c in group.columns if any(map(known, c.values))))
        for group in groups
    ]
    return tuple(group for group in shown if group.columns)


def ranked(rows: tuple[SeriesRow, ...]) -> tuple[SeriesRow, ...]:
    """The series, those that gain least on the naive forecast first, unscored ones last."""
    return tuple(sorted(rows, key=lambda row: (row.skill if known(row.skill) else math.inf, row.id)))


def extremes(rows: tuple[SeriesRow, ...]) -> Extremes | None:
    """The worst and the best series by skill; None where fewer than two were scored."""
    scored = [row for row in ranked(rows) if known(row.skill)]
    many = min(EXTREMES, len(scored) // 2)
    return Extremes(worst=tuple(scored[:many]), best=tuple(scored[-many:][::-1])) if many else None


def drawn_note(content: ReportContent) -> str:
    """How many of the series in the table are drawn and why the others are not; empty where all are."""
    ids, drawn = {row.id for row in content.rows}, len(content.pictures)
    missing = ids - {picture.id for picture in content.pictures}
    if not missing:
        return ""
    refused = len(missing & set(content.quality.failed))
    why: list[str] = []
    if refused:
        why.append(f"{refused} cannot be used, for the reason beside it")
    if len(missing) > refused:
        why.append(
            f"{len(missing) - refused} have only their numbers: a page draws at most {EMBEDDED}, the "
            "worst and the best"
        )
    return f"Of the {plural(len(ids), 'series')} in this table {drawn} can be drawn; {', '.join(why)}."


def _scaled(content: ReportContent, rows: tuple[SeriesRow, ...]) -> Group:
    figures = content.ruling.figures
    together = (
        figures.mse,
        figures.baseline_mse,
        skill(figures.mse, figures.baseline_mse),
    )
    columns = (
        _column("Error", [row.scaled_mse for row in rows], number, together[0]),
        _column("Champion's", [row.scaled_champion_mse for row in rows], number, figures.champion_mse),
        _column("Naive's", [row.scaled_naive_mse for row in rows], number, together[1]),
        _column("Gain", [skill(row.scaled_mse, row.scaled_naive_mse) for row in rows], percent, together[2]),
    )
    return Group(label=SCALED, columns=columns)


def _raw(content: ReportContent, rows: tuple[SeriesRow, ...]) -> Group:
    mine, naive = candidate_of(content), naive_of(content)
    mse, naive_mse = mine.mse if mine else None, naive.mse if naive else None
    columns = [
        _column("Skill", [row.skill for row in rows], percent, skill(mse, naive_mse)),
        _column("MSE", [row.mse for row in rows], number, mse),
        _column("Naive MSE", [row.naive_mse for row in rows], number, naive_mse),
    ]
    for label, name in (("MAE", "mae"), ("RMSE", "rmse"), ("sMAPE %", "smape"), ("MASE", "mase")):
        together = getattr(mine, name) if mine else None
        columns.append(_column(label, [getattr(row, name) for row in rows], number, together))
    return Group(label=RAW, columns=tuple(columns))


def _counts(rows: tuple[SeriesRow, ...]) -> Group:
    def whole(value: float | None) -> str:
        return count(None if value is None else int(value))

    kept, windows = [row.observed for row in rows], [row.windows or None for row in rows]
    columns = (
        _column("Observed", kept, whole, sum(kept)),
        _column("Windows", windows, whole, sum(filter(None, windows))),
    )
    return Group(label="Data", columns=columns)


def _column(label: str, values: Sequence[float | None], write: Write, together: float | None) -> Column:
    texts = tuple(write(value) for value in values)
    return Column(label=label, values=tuple(values), texts=texts, together=write(together))
