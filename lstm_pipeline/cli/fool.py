"""`demo --fool-me`: deceptions planted into a demo pipeline, line by line what the gate said of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from lstm_pipeline.artifacts import canonical
from lstm_pipeline.cli.console import answer, progress, say

if TYPE_CHECKING:
    from lstm_pipeline.steps.fooling import Attempt, Tally


def fool_me(store: str | None, *, as_json: bool) -> None:
    """Plant every deception, tell each, and end with status 1 where the gate was fooled."""
    from lstm_pipeline.settings.environment import places
    from lstm_pipeline.steps import showing
    from lstm_pipeline.steps.fooling import DECEPTIONS, HONEST, Tally, attempt, demo_ground

    ground = demo_ground(places(store), dt.datetime.now(dt.UTC).replace(microsecond=0))
    made: list[Attempt] = []
    with progress() as show:
        steps = showing(show)
        for deception in (HONEST, *DECEPTIONS):
            say(f"{deception.name}: {deception.planted}")
            made.append(attempt(ground, deception, steps))
    tally = Tally(control=made[0], attempts=tuple(made[1:]))
    answer(canonical({**tally.figures, "attempts": made}) if as_json else "\n".join(lines(tally)))
    if tally.fooled:
        raise typer.Exit(1)


def lines(tally: Tally) -> Iterator[str]:
    """Two lines for each: what the gate and the usual rule make of it, and the gate's sentence."""
    for one in (tally.control, *tally.attempts):
        yield f"{one.name:<30}  {one.verdict} ({', '.join(one.reasons)}); lower MSE {_naive(one)}"
        yield f"    {_mark(one)}{one.sentence}"
    figures = tally.figures
    champion = "unchanged to the byte" if figures["unchanged"] else "NOT UNCHANGED"
    yield (
        f"{figures['caught']} of {figures['planted']} deceptions caught, lower MSE would have shipped "
        f"{figures['shipped']} of them; the champion is {champion} after each. {figures['beyond']} more are "
        f"beyond any gate: {figures['beyond_promoted']} went through. The honest candidate was "
        f"{'promoted' if tally.control.promoted else 'NOT PROMOTED'}."
    )


def _naive(one: Attempt) -> str:
    """What "lower MSE wins" would have done, with the figures it goes by."""
    if one.verdict == "REFUSED":
        return "was not asked"
    mine, theirs = ("no number" if mse is None else f"{mse:.4g}" for mse in (one.mse, one.champion_mse))
    against = f"against {'its stored ' if one.stored else ''}{theirs}"
    return f"{'ships it' if one.ships else 'keeps the champion'} ({mine} {against})"


def _mark(one: Attempt) -> str:
    if not one.beyond:
        return "FOOLED. " if one.fooled else ""
    return "Not caught, as no gate can. " if one.promoted else "By luck, as no gate can tell: "
