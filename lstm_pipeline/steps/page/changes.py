"""What changed since the pipeline's run before."""

from __future__ import annotations

import json
from typing import Any

from lstm_pipeline.artifacts import plain
from lstm_pipeline.errors import SHOWN
from lstm_pipeline.report.content import Change
from lstm_pipeline.steps.desk import Desk
from lstm_pipeline.steps.line import not_later
from lstm_pipeline.steps.outcome import Outcome

COMPARED = (
    ("as of", ("as_of",)),
    ("verdict", ("verdict",)),
    ("champion", ("champion",)),
    ("published by", ("published_by",)),
    ("test MSE", ("mse",)),
    ("best naive's MSE", ("baseline_mse",)),
    ("best naive", ("baseline",)),
    ("rows in", ("rows_in",)),
    ("rows kept", ("rows_kept",)),
    ("rows set aside", ("rows_set_aside",)),
    ("rows missing", ("rows_missing",)),
    ("series trained", ("series", "ok")),
    ("series failed", ("series", "failed")),
    ("windows", ("windows",)),
)
"""Name in the report, and where it stands in the outcome."""


def changes_since(desk: Desk, outcome: Outcome) -> tuple[Change, ...] | None:
    """What differs from the run of the same pipeline as of the date before; None where there is none."""
    before = _before(desk, outcome)
    if before is None:
        return None
    now = plain(outcome)
    pairs = [(name, _at(before, path), _at(now, path)) for name, path in COMPARED]
    return tuple(_change(name, old, new) for name, old, new in pairs if old != new)


def _before(desk: Desk, outcome: Outcome) -> Any:
    """The outcome of the run with the newest logical date that is not later, the last of equals."""
    found = None
    for row in desk.registry.runs(outcome.pipeline):
        then = json.loads(row.outcome)
        # a run that is judged or reported again is no change against itself
        if row.run == outcome.run or not not_later(then["as_of"], outcome.as_of):
            continue
        if found is None or not_later(found["as_of"], then["as_of"]):
            found = then
    return found


def _change(name: str, old: Any, new: Any) -> Change:
    """One difference; of failed series the number, and which ones came and went."""
    if name != "series failed":
        return Change(what=name, before=_text(old), now=_text(new))
    came, went = sorted(set(new) - set(old)), sorted(set(old) - set(new))
    told = [f"{len(new)}"]
    told += [f"new: {_some(came)}"] if came else []
    told += [f"gone: {_some(went)}"] if went else []
    told += [] if came or went else ["the same for other reasons"]
    return Change(what=name, before=f"{len(old)}", now="; ".join(told))


def _some(names: list[str]) -> str:
    """The first names of a list, and how many more there are."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _at(record: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        record = record.get(key)
    return record


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {item}" for key, item in value.items()) or "none"
    if isinstance(value, float):
        return f"{value:.4g}"
    return "none" if value is None else str(value)
