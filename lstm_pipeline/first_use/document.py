"""The pipeline file as text: each key with its meaning, why this value was guessed, what else it could be."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from lstm_pipeline.first_use.admission import Proof
from lstm_pipeline.first_use.roles import RoleGuess
from lstm_pipeline.first_use.seasons import alternatives
from lstm_pipeline.first_use.sizes import Sizes
from lstm_pipeline.first_use.toml import hint, line, remark, toml
from lstm_pipeline.gate import GatePolicy
from lstm_pipeline.model.config import ModelConfig
from lstm_pipeline.settings.config import PublishConfig
from lstm_pipeline.sources.config import FilesSource
from lstm_pipeline.training.config import TrainingConfig

WIDE = 30
"""Columns that are listed by name even where all of them are series."""
LAYOUTS = {
    "long": "guessed: one row for each series and time",
    "wide": "guessed: each column beside the time is a series",
    "rows": "guessed: each row is a series, its id first, then its values",
}
DIALECT = {
    "encoding": "guessed: not all of the file is utf-8",
    "delimiter": "guessed: what separates the columns",
    "decimal": "guessed: the decimal mark",
}
"""Keys that are written where they are not the usual ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guesses:
    """All that was guessed and proved about a source."""

    name: str
    path: str
    """As the pipeline file names it."""
    guess: RoleGuess
    proof: Proof
    sizes: Sizes


def text_of(found: Guesses, file: str) -> str:
    """The pipeline file, which is called `file`, in TOML."""
    sections = [
        _top(found, file),
        _source(found),
        _series(found),
        _windows(found.sizes),
        _split(found.sizes),
        ["[model]", line("kind", ModelConfig().kind, "the network that is trained")],
        _training(found.sizes),
        ["[gate]", line("mode", GatePolicy().mode, "how a new model is judged: plain, standard or strict")],
        ["[publish]", line("column", PublishConfig().column, "name of the column of forecasts")],
    ]
    return "\n\n".join("\n".join(section) for section in sections) + "\n"


def _top(found: Guesses, file: str) -> list[str]:
    return [
        remark("Written by `lstm-pipeline init`. What is marked “guessed” was read from the data:"),
        remark("correct what you know better. `lstm-pipeline schema` lists all keys."),
        remark(f"Next: lstm-pipeline run {shlex.quote(file)}"),
        line("name", found.name, "models and forecasts are kept under it: do not change it between runs"),
    ]


def _source(found: Guesses) -> list[str]:
    source = found.proof.source
    return [
        "[source]",
        line("kind", source.kind, "files, or generator for made-up series"),
        line("path", found.path, "a file, a glob or a folder; relative to this file"),
        line("layout", source.layout, LAYOUTS[source.layout]),
        *_time(source, found),
        *_identity(source, found),
        *_values(source, found),
        *_dialect(source),
        *_left_out(found.guess),
    ]


def _time(source: FilesSource, found: Guesses) -> list[str]:
    if source.time is None:
        return [hint("time", "…", "no column of times was found: the rows of each series count steps")]
    together = "guessed: together they give the time"
    lines = [line("time", source.time, "guessed" if isinstance(source.time, str) else together)]
    if source.time_format is not None:
        sure = len(found.guess.time.readings) == 1
        why = "in strptime's letters" if sure else "only this order of day and month gives equal steps"
        lines.append(line("time_format", source.time_format, f"guessed: {why}"))
    if isinstance(found.sizes.freq, str):
        lines.append(
            hint("timezone", "Europe/Berlin", "the zone of these times, if they have one: ds is UTC then")
        )
    return lines


def _identity(source: FilesSource, found: Guesses) -> list[str]:
    if source.id is not None:
        return [line("id", source.id, "guessed: the column that names the series of a row")]
    if source.layout == "long" and len(found.proof.arrived.table.ids) > 1:
        return [hint("id", "…", "without it each file is a series, called by the file's name")]
    return []


def _values(source: FilesSource, found: Guesses) -> list[str]:
    why = f"guessed: {found.guess.why}"
    if source.value is not None:
        return [line("value", source.value, why), *_other_values(source, found.guess)]
    if source.values is None:
        return []
    if len(source.values) > WIDE and not found.guess.left_out:
        return [remark(f"{why} ({len(source.values)} series)")]
    return [remark(f"{why}; take out what need not be forecast"), f"values = {toml(source.values)}"]


def _other_values(source: FilesSource, guess: RoleGuess) -> list[str]:
    """How to forecast the other columns of numbers too."""
    others = [column.name for column in guess.left_out if column.why == "numbers, not forecast"]
    if not others or source.id is not None:
        return []
    return [
        remark(
            'To forecast the other columns of numbers too, set layout = "wide" and, in the place of value:'
        ),
        remark(f"values = {toml([source.value, *others])}"),
    ]


def _left_out(guess: RoleGuess) -> list[str]:
    """The columns that are not read, by reason."""
    reasons = dict.fromkeys(column.why for column in guess.left_out)
    return [
        remark(f"not read ({why}): " + ", ".join(toml(c.name) for c in guess.left_out if c.why == why))
        for why in reasons
    ]


def _dialect(source: FilesSource) -> list[str]:
    """What differs from a CSV file in utf-8, with commas between columns."""
    usual = FilesSource(path=source.path)
    return [
        line(key, getattr(source, key), meaning)
        for key, meaning in DIALECT.items()
        if getattr(source, key) != getattr(usual, key)
    ]


def _series(found: Guesses) -> list[str]:
    sizes, rules = found.sizes, found.proof.rules
    freq = "guessed: the most frequent step" if isinstance(sizes.freq, str) else "rows count steps"
    if found.proof.rounded:
        freq = "guessed: rows follow no step; the round one next above their median distance"
    season = alternatives(sizes.freq, sizes.season, sizes.repeats)
    lines = [
        "[series]",
        line("freq", sizes.freq, freq),
        line("season_length", sizes.season, season),
        line(
            "missing", rules.missing, "steps without a value: mask, gap (no window touches them), fill, fail"
        ),
    ]
    if rules.regularise is not None:
        lines += [
            remark(f"Without the next line: {found.proof.because}"),
            *([remark(found.proof.averaged)] if found.proof.averaged else []),
            line(
                "regularise", rules.regularise, "off-grid rows: the mean, or the last, of the rows of a step"
            ),
        ]
    return lines


def _windows(sizes: Sizes) -> list[str]:
    size = sizes.settled.size
    horizon = "one season" if size.horizon == sizes.season else "a tenth of the series"
    if sizes.shortened:
        horizon = "shorter than a season, to fit between the gaps"
    return [
        "[windows]",
        line(
            "input_size", size.input_size, "guessed: steps looked back on; more sees more and trains slower"
        ),
        line("horizon", size.horizon, f"guessed: steps to forecast, {horizon}; set what you need to know"),
        line("stride", size.stride, "steps between windows; more trains on fewer of them"),
    ]


def _split(sizes: Sizes) -> list[str]:
    return [
        "[split]",
        line("kind", "chronological", "train on the past, judge on the newest; random leaks"),
        line("validation", sizes.settled.validation, "guessed: steps that tell when to stop training"),
        line("test", sizes.settled.test, "guessed: the newest steps, which judge; also 0.2, or a date"),
    ]


def _training(sizes: Sizes) -> list[str]:
    return [
        "[training]",
        line(
            "max_steps",
            sizes.max_steps,
            f"guessed: some {sizes.seconds:.0f} s on one core; more may learn more",
        ),
        line("seed", TrainingConfig().seed, "the same seed and data give the same model"),
    ]
