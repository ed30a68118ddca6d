"""What the door refuses as a whole: rows whose fate is "fail", gaps that may not be, nothing left."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from lstm_pipeline.errors import BadInput
from lstm_pipeline.series.raw import Checked
from lstm_pipeline.series.rules import SeriesRules
from lstm_pipeline.series.table import SeriesTable

LISTED = 1000
"""Faults that one error carries at most; its message counts them all."""
EXPECTED = {
    "duplicate": "each series and time once",
    "conflict": "one value for each series and time",
    "off_grid": "a time on the grid of the others",
    "missing": "a value",
    "not_number": "a number",
    "infinite": "a finite number",
}
"""What a row should have had, by the reason for which it may be refused."""


def refuse_rows(set_aside: pa.Table, rules: SeriesRules) -> None:
    """Refuse the source where a row was set aside for a reason whose fate is "fail".

    Raises:
        BadInput: there is one; each is listed with its place.
    """
    # bad_time and bad_id are not among them: [series] has no fate for these
    strict = [reason for reason in EXPECTED if getattr(rules, reason) == "fail"]
    chosen = np.isin(set_aside.column("reason").to_numpy(), strict)
    rows = set_aside.filter(pa.array(chosen))
    if not rows.num_rows:
        return
    named = ", ".join(reason for reason in strict if reason in set(rows.column("reason").to_pylist()))
    raise BadInput(
        f'{rows.num_rows} rows are refused ({named}), as [series] sets their fate to "fail"; '
        'correct them, or set it to "set_aside" (missing: to "mask", "gap" or "fill")',
        [_fault(row) for row in rows.slice(0, LISTED).to_pylist()],
    )


def refuse_gaps(table: SeriesTable, rules: SeriesRules) -> None:
    """Refuse steps without a value where missing = "fail".

    Raises:
        BadInput: there is one; each is listed.
    """
    gaps = np.flatnonzero(~table.observed)
    if rules.missing != "fail" or not len(gaps):
        return
    listed = gaps[:LISTED]
    stamps = table.grid.stamp(table.steps[listed])
    names = [table.ids[i] for i in table.series_of_row[listed]]
    raise BadInput(
        f'{len(gaps)} steps have no value, and [series] missing = "fail"; expected a row for each step of '
        f'{table.grid.freq}: add them, or set missing = "mask", "gap" or "fill"',
        [f"{name}: nothing at {table.grid.label(stamp)}" for name, stamp in zip(names, stamps, strict=True)],
    )


def refuse_all_failed(checked: Checked) -> None:
    """Refuse a source of which no series is left.

    Raises:
        BadInput: every series failed; each is listed with its reason.
    """
    if len(checked.failed) == len(checked.per_series.ids):
        faults = [f"{name}: {sentence}" for name, sentence in checked.failed.items()]
        raise BadInput("no series can be used; correct the source as said for each", faults)


def _fault(row: dict[str, str]) -> str:
    """A set-aside row as a sentence."""
    of = f" of {row['unique_id']}" if row["unique_id"] else ""
    at = f" at {row['ds']}" if row["ds"] else ""
    return (
        f'{row["file"]}, row {row["row"]}, column {row["column"]}: got "{row["value"]}"{of}{at} '
        f"({row['reason']}), expected {EXPECTED[row['reason']]}"
    )
