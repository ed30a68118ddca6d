"""`gate`: the promotion gate by itself, on a run that it has judged or on forecasts that anyone has made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from lstm_pipeline.cli import replay
from lstm_pipeline.cli.console import answer, errors_told, say
from lstm_pipeline.cli.run import JSON
from lstm_pipeline.errors import UsageError

if TYPE_CHECKING:
    from lstm_pipeline.gate import GatePolicy, Mode

app = typer.Typer(
    help="Ask the promotion gate again, or about anyone's forecasts.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
MODEL = typer.Option(
    [],
    "--model",
    help="Column of forecasts; twice: the champion's, then the candidate's. Default: the only one.",
)
MODES: tuple[Mode, ...] = ("plain", "standard", "strict")


@app.callback()
def gate() -> None:
    """Ask the promotion gate again, or about anyone's forecasts."""


app.command("replay", epilog="Example: lstm-pipeline gate replay mydata --deep")(replay.replay)


@app.command(
    "compare",
    epilog="Example: lstm-pipeline gate compare champion.parquet candidate.parquet --baseline SeasonalNaive",
)
def compare(
    champion: str = typer.Argument(
        help="Forecasts of the champion: Parquet or CSV with unique_id, ds, cutoff, y and the model's column."
    ),
    candidate: str = typer.Argument(help="The same of the candidate."),
    model: list[str] = MODEL,
    baseline: str | None = typer.Option(
        None, "--baseline", help="Column, or file, of a naive model for the floor. Default: no floor."
    ),
    history: str | None = typer.Option(
        None,
        "--history",
        help="File with unique_id, ds, y, for the scale. Default: y of the windows.",
    ),
    mode: str = typer.Option("standard", "--mode", help="plain, standard or strict."),
    alpha: float | None = typer.Option(None, "--alpha", help="Level of the test. Default: the mode's."),
    min_effect: float | None = typer.Option(
        None, "--min-effect", help="Share by which it must be better. Default: the mode's."
    ),
    champion_data_end: str | None = typer.Option(
        None,
        "--champion-data-end",
        help="Newest step that the champion knew. Default: its column data_end.",
    ),
    candidate_data_end: str | None = typer.Option(
        None, "--candidate-data-end", help="The same of the candidate."
    ),
    out: str | None = typer.Option(None, "--out", help="Write a page there, FILE.html."),
    as_json: bool = JSON,
) -> None:
    """Judge two models by their forecasts of the same windows, whichever library made them."""
    with errors_told(as_json=as_json):
        from lstm_pipeline.comparing import Question, answer_of, write_page
        from lstm_pipeline.comparing import compare as compare_files

        found = compare_files(
            Question(
                champion=champion,
                candidate=candidate,
                models=tuple(model),
                baseline=baseline,
                history=history,
                champion_data_end=champion_data_end,
                candidate_data_end=candidate_data_end,
                policy=_policy(mode, alpha, min_effect),
            )
        )
        page = None if out is None else write_page(found, out)
        say("\n".join([f"{found.decision.verdict}  {found.decision.sentence}", *found.notes]))
        if page is not None:
            say(f"report: {page}")
        if as_json:
            answer(answer_of(found, page))


def _policy(mode: str, alpha: float | None, min_effect: float | None) -> GatePolicy:
    """The rules that the options come to.

    Raises:
        UsageError: one of them cannot be.
    """
    from lstm_pipeline.gate import GatePolicy

    if mode not in MODES:
        raise UsageError(f"--mode: got {mode!r}, expected {', '.join(MODES)}")
    if alpha is not None and not 0 < alpha < 0.5:
        raise UsageError(f"--alpha: got {alpha:g}, expected a share between 0 and 0.5, such as 0.1")
    if min_effect is not None and not 0 <= min_effect < 1:
        raise UsageError(
            f"--min-effect: got {min_effect:g}, expected a share from 0 to below 1, such as 0.005"
        )
    return GatePolicy(mode=mode, alpha=alpha, min_effect=min_effect)
