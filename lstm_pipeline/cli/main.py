"""The command `lstm-pipeline`: its subcommands, each in the file of its topic."""

from __future__ import annotations

import typer

from lstm_pipeline.cli import approvals, demo, deploy, doctor, first, gate, gc, look, models, run, status, up
from lstm_pipeline.version import VERSION

app = typer.Typer(
    name="lstm-pipeline",
    help="Retrain LSTM forecasters, and let a new model into production only when it is honestly better.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    # rich would swallow the names of sections in help texts: it takes [source] for markup
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
windows = typer.Typer(help="Look at the windows of a dataset.", no_args_is_help=True, rich_markup_mode=None)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(VERSION)
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Retrain LSTM forecasters, and let a new model into production only when it is honestly better."""


app.command("init", epilog="Example: lstm-pipeline init mydata.csv")(first.init)
app.command("demo", epilog="Example: lstm-pipeline demo --fool-me --store fooled")(demo.demo)
app.command("run", epilog="Example: lstm-pipeline run mydata.toml --as-of 2018-06-26")(run.run)
app.command("ingest", epilog="Example: lstm-pipeline ingest load.csv --time date --value load --out checked")(
    first.ingest
)
app.command("forecast", epilog="Example: lstm-pipeline forecast mydata.toml")(run.forecast)
app.command("report", epilog="Example: lstm-pipeline report mydata")(look.report)
app.command("runs", epilog="Example: lstm-pipeline runs mydata")(look.runs)
app.command("up", epilog="Example: lstm-pipeline up mydata.toml")(up.up)
app.command("status", epilog="Example: lstm-pipeline status")(status.status)
app.command("deploy", epilog="Example: lstm-pipeline deploy mydata.toml other.toml")(deploy.deploy)
app.command("server", epilog="Example: lstm-pipeline server --port 4200")(deploy.server)
app.command("worker", epilog="Example: lstm-pipeline worker gpu --device 0")(deploy.worker)
app.command("pages", epilog="Example: lstm-pipeline pages --port 4201")(deploy.pages)
app.command("doctor", epilog="Example: lstm-pipeline doctor")(doctor.doctor)
app.command("gc", epilog="Example: lstm-pipeline gc --dry-run --older-than 30d")(gc.gc)
app.command("schema", epilog="Example: lstm-pipeline schema > pipeline.schema.json")(first.schema)
windows.command("show", epilog="Example: lstm-pipeline windows show store/datasets/0f3c… --series OT --n 5")(
    look.show_windows
)
app.add_typer(windows, name="windows")
models.app.command("pending", epilog="Example: lstm-pipeline models pending mydata")(approvals.pending)
models.app.command("approve", epilog="Example: lstm-pipeline models approve mydata --model 3f9c2a")(
    approvals.approve
)
models.app.command("refuse", epilog='Example: lstm-pipeline models refuse mydata --reason "audit first"')(
    approvals.refuse
)
models.app.command("probation", epilog="Example: lstm-pipeline models probation mydata")(approvals.probation)
app.add_typer(models.app, name="models")
app.add_typer(gate.app, name="gate")


def main() -> None:
    """Run the command."""
    app()
