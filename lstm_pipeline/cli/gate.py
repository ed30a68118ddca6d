"""`gate`: what became of a candidate at the promotion gate, and why."""

from __future__ import annotations

import typer

from lstm_pipeline.cli import replay

app = typer.Typer(
    help="Look again at what the promotion gate decided.", no_args_is_help=True, rich_markup_mode=None
)
app.command("replay", epilog="Example: lstm-pipeline gate replay mydata --deep")(replay.replay)
