"""`init`, `ingest` and `schema`: what a newcomer needs before a first run."""

from __future__ import annotations

import json
import shlex
from typing import Any

import typer

from lstm_pipeline.artifacts import canonical
from lstm_pipeline.cli.console import answer, errors_told, say
from lstm_pipeline.cli.run import JSON
from lstm_pipeline.cli.setting import setting_of


def init(
    file: str = typer.Argument(help="A CSV, gzipped CSV or Parquet file, or a folder of them."),
    out: str | None = typer.Option(
        None, "--out", help="The pipeline file to write. Default: the file's name."
    ),
    force: bool = typer.Option(False, "--force", help="Overwrite the pipeline file where it exists."),
    as_json: bool = JSON,
) -> None:
    """Look at a data file, and write a commented pipeline file."""
    with errors_told(as_json=as_json):
        from lstm_pipeline.first_use import write_pipeline
        from lstm_pipeline.storage.address import local_path

        made = write_pipeline(file, local_path(out) if out else None, overwrite=force)
        for line in made.guesses:
            say(f"  {line}")
        say(f"wrote {made.path}\nnext: lstm-pipeline run {shlex.quote(str(made.path))}")
        if as_json:
            answer(canonical({"pipeline": str(made.path), "guesses": made.guesses}))


MORE = typer.Option(
    [],
    "--set",
    help="Another key of [source] or [series], such as series.regularise=mean or source.values=a,b; "
    "may be repeated.",
)
TIME = typer.Option(
    [],
    "--time",
    help="Column of times; repeat it for columns that together give the time (year, month, day). Without it "
    "the column ds, and where there is none rows count steps.",
)


def ingest(
    source: str = typer.Argument(help="A file, glob or folder."),
    out: str = typer.Option(..., "--out", help="Folder for series, set-aside rows and manifest."),
    time: list[str] = TIME,
    value: str | None = typer.Option(None, "--value", help="Column of values."),
    id: str | None = typer.Option(None, "--id", help="Column of series ids."),  # noqa: A002 - the option's name
    layout: str = typer.Option("long", "--layout", help="long, wide or rows."),
    freq: str | None = typer.Option(None, "--freq", help="Step: h, D, MS, ... or an integer. Default: read."),
    more: list[str] = MORE,
    as_json: bool = JSON,
) -> None:
    """Read and check a data file, without a pipeline file."""
    with errors_told(as_json=as_json):
        from lstm_pipeline.steps.ingestion import ingest_alone
        from lstm_pipeline.storage.address import local_path

        columns = {"time": _columns(time), "value": value, "id": id, "layout": layout}
        given = _sections({"kind": "files", "path": source, **columns}, freq, more)
        result = ingest_alone(given["source"], given["series"], local_path(out))
        say(result.text())
        if as_json:
            answer(canonical(result))
        if result.series.failed:
            raise typer.Exit(3)


def _columns(names: list[str]) -> str | tuple[str, ...] | None:
    """One column by its name, several as a tuple, none as None."""
    return names[0] if len(names) == 1 else tuple(names) or None


def _sections(source: dict[str, Any], freq: str | None, more: list[str]) -> dict[str, dict[str, Any]]:
    """The [source] and [series] sections that the words of the command line make up.

    Raises:
        UsageError: a word of --set is not of its form.
    """
    given: dict[str, dict[str, Any]] = {"source": {}, "series": {}}
    given["source"].update({key: value for key, value in source.items() if value is not None})
    if freq is not None:
        given["series"]["freq"] = int(freq) if freq.isdigit() else freq
    for setting in more:
        section, key, meant = setting_of(setting)
        given[section][key] = meant
    return given


def schema(as_json: bool = JSON) -> None:
    """Print every key of a pipeline file, as a JSON schema."""
    with errors_told(as_json=as_json):
        from lstm_pipeline.settings.config import PipelineConfig

        found = PipelineConfig.model_json_schema()
        answer(canonical(found) if as_json else json.dumps(found, indent=2))
