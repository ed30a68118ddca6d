"""`report`, `runs` and `windows show`: look at what is in store and registry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from lstm_pipeline.artifacts import canonical, plain
from lstm_pipeline.cli.console import answer, errors_told, say
from lstm_pipeline.cli.known import registry_to_read, utc
from lstm_pipeline.cli.run import JSON, STORE
from lstm_pipeline.errors import BadInput

if TYPE_CHECKING:
    from lstm_pipeline.steps.outcome import Outcome

SHOWN = 8
"""Values of a context and of a target that fit on a line."""


def report(
    pipeline: str = typer.Argument(help="Name of the pipeline."),
    store: str | None = STORE,
    as_json: bool = JSON,
) -> None:
    """Print where the newest report of a pipeline is."""
    with errors_told(as_json=as_json):
        _, newest = _outcomes(pipeline, store)[-1]
        answer(canonical({"pipeline": pipeline, "report": newest.report}) if as_json else newest.report)


def runs(
    pipeline: str | None = typer.Argument(None, help="Name of the pipeline. Default: all."),
    store: str | None = STORE,
    as_json: bool = JSON,
) -> None:
    """List concluded runs with their verdicts, oldest first."""
    with errors_told(as_json=as_json):
        from lstm_pipeline.steps.summary import headline

        outcomes = _outcomes(pipeline, store)
        if as_json:
            answer(canonical({"runs": [{"at": at, **plain(outcome)} for at, outcome in outcomes]}))
            return
        for at, outcome in outcomes:
            answer(f"{utc(at)}  as of {outcome.as_of}  {headline(outcome)}")


def show_windows(
    dataset: str = typer.Argument(help="Folder or address of a dataset, as `run --json` prints it."),
    series: str | None = typer.Option(None, "--series", help="Id of the series. Default: all."),
    n: int = typer.Option(5, "--n", min=1, help="How many windows."),
    part: str = typer.Option("train", "--part", help="train, validation or test."),
    as_json: bool = JSON,
) -> None:
    """Print actual windows: what a forecast looks back on, and what it has to say."""
    with errors_told(as_json=as_json):
        from lstm_pipeline.frames import window_table

        failed = _left_out(dataset)
        # a series that was refused has no row in the table: it would be called unknown
        chosen = None if series in failed else series
        table = window_table(dataset, series=chosen, part=part, limit=0 if series in failed else n)
        rows = [plain(row) for row in table.to_pylist()]
        lines = [_window_line(row) for row in rows]
        if not rows:
            parts = [] if series in failed else window_table(dataset, series=series)["split"].unique()
            lines = [_none(series, failed, part, [str(name) for name in parts])]
        if not as_json:
            answer("\n".join(lines))
            return
        if not rows:
            say(lines[0])
        answer(canonical({"windows": rows}))


def _left_out(dataset: str) -> Mapping[str, str]:
    """The series without windows, with the reason, by the manifest of a dataset."""
    from lstm_pipeline.frames import dataset_place

    store, identity = dataset_place(dataset)
    return store.require(f"datasets/{identity}")["failed"]


def _none(series: str | None, failed: Mapping[str, str], part: str, others: Sequence[str]) -> str:
    """Why no window is shown: the series was left out, or this part has none."""
    if series is not None and series in failed:
        return f"series {series} has no window: {failed[series]}"
    whose = "no series" if series is None else f"series {series}"
    has = "has one" if series is None else "has none"
    there = f"there are windows in --part {' and '.join(others)}" if others else "nor in another part"
    reasons = "".join(f"; {name}: {reason}" for name, reason in list(failed.items())[:1] if not others)
    return f"{whose} {has} in the part {part}, {there}{reasons}"


def _window_line(row: Mapping[str, Any]) -> str:
    """One window: series, cutoff, the newest values looked back on, and the target."""
    past = " ".join(_value(v) for v in row["context"][-SHOWN:])
    more = f"({len(row['context']) - SHOWN} more) " if len(row["context"]) > SHOWN else ""
    ahead = " ".join(_value(v) for v in row["target"][:SHOWN])
    rest = f" ({len(row['target']) - SHOWN} more)" if len(row["target"]) > SHOWN else ""
    return f"{row['unique_id']}  cutoff {row['cutoff']}  {more}{past}  ->  {ahead}{rest}"


def _value(value: float | None) -> str:
    return "." if value is None else f"{value:.5g}"


def _outcomes(pipeline: str | None, store: str | None) -> list[tuple[dt.datetime, Outcome]]:
    """When each run ended and with what outcome, oldest first."""
    from lstm_pipeline.settings.environment import places
    from lstm_pipeline.steps.outcome import outcome_of
    from lstm_pipeline.storage import open_store

    registry = registry_to_read(store)
    rows = registry.runs(pipeline)
    if not rows:
        known = ", ".join(registry.pipelines()) or "none"
        raise BadInput(
            f"{pipeline or 'any pipeline'}: no run of it is in this store; pipelines with runs: {known}"
        )
    # the registry keeps keys, so that a store may be copied or moved
    place = open_store(places(store).store).uri
    return [(row.at, outcome_of(row.outcome).placed(place)) for row in rows]
