"""`status`: how every pipeline of an installation stands."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from lstm_pipeline.artifacts import canonical
from lstm_pipeline.cli.console import answer, errors_told
from lstm_pipeline.cli.known import known_places, utc
from lstm_pipeline.cli.run import JSON, STORE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lstm_pipeline.steps.status import Standing


def status(store: str | None = STORE, as_json: bool = JSON) -> None:
    """Tell how each pipeline stands.

    Champion, verdicts, newest rows, next slot, forecasts, live accuracy.
    """
    with errors_told(as_json=as_json):
        from lstm_pipeline.registry import read_registry
        from lstm_pipeline.steps.status import standings
        from lstm_pipeline.storage import open_store

        where, now = known_places(store), dt.datetime.now(dt.UTC)
        found = standings(open_store(where.store), read_registry(where.registry), now)
        answer(canonical({"pipelines": found}) if as_json else "\n".join(_lines(found, now)))


def _lines(found: tuple[Standing, ...], now: dt.datetime) -> Iterator[str]:
    from lstm_pipeline.report.numerals import number
    from lstm_pipeline.service.status_page import headline, name, span

    yield headline(found)
    for one in found:
        yield f"{one.pipeline}{'' if one.deployed else '  (not deployed)'}"
        who = one.champion
        yield f"  champion   {f'{name(who.model)}, {who.kind} {utc(who.since)}' if who else 'none yet'}"
        for run in one.verdicts[:1]:
            yield f"  last run   {utc(run.at)}  {run.verdict} ({', '.join(run.reasons)})"
        if one.forecast is not None:
            age = "" if one.forecast.age_seconds is None else f", {span(one.forecast.age_seconds)} old"
            yield f"  newest row {one.forecast.cutoff}{age}"
            since = span((now - one.forecast.at).total_seconds())
            yield f"  forecast   {since} ago by {name(one.forecast.published_by)}  {one.forecast.uri}"
        for task, due in one.next_slots.items():
            yield f"  next slot  {task} {utc(due)}"
        if one.live is not None:
            loss, naive = number(one.live.whole.loss), number(one.live.whole.naive_loss)
            yield f"  live       scaled error {loss}, naive {naive}, over {one.live.forecasts} forecasts"
        if one.waits is not None:
            how = f"lstm-pipeline models approve {one.pipeline}"
            yield f"  WAITS      for a person until {utc(one.waits)}: {how}"
        for alert in one.alerts:
            yield f"  WARNING    {alert}"
