"""Write a pipeline file for data that nobody has configured."""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from lstm_pipeline.errors import BadInput, UsageError
from lstm_pipeline.first_use.admission import Proof
from lstm_pipeline.first_use.document import Guesses, text_of
from lstm_pipeline.first_use.proof import prove
from lstm_pipeline.first_use.roles import guess_roles
from lstm_pipeline.first_use.sample import look_at
from lstm_pipeline.first_use.sizes import sizes_of
from lstm_pipeline.first_use.told import guesses_of
from lstm_pipeline.settings.names import name_of
from lstm_pipeline.sources.listing import without_suffix

WILDCARD = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A pipeline file, and what was guessed for it."""

    path: Path
    guesses: tuple[str, ...]
    """In sentences."""


def write_pipeline(file: Path | str, out: Path | None, *, overwrite: bool) -> Written:
    """Guess what a file, a folder or a glob holds, prove it at the door, write a pipeline file.

    `out` is `<stem>.toml` in the current folder unless given; `file` may be an s3:// address, given as text.

    Raises:
        BadInput: there is nothing that could be forecast.
        UsageError: the pipeline file is already there.
    """
    data = _address(file)
    stem = stem_of(data)
    out = out or Path(f"{stem}.toml")
    if out.exists() and not overwrite:
        raise UsageError(
            f"{out}: this pipeline file is already there; expected a new one: run it with "
            f"`lstm-pipeline run {shlex.quote(str(out))}`, name another with --out, or overwrite it with "
            "--force"
        )
    found = _find(data, name_of(stem), out)
    try:
        out.write_text(text_of(found, str(out)), encoding="utf-8")
    except OSError as error:
        raise BadInput(
            f"{out}: cannot be written ({error.strerror}); expected a place in a folder that is there: "
            "choose another with --out"
        ) from error
    return Written(path=out, guesses=guesses_of(found))


def guess_of(file: Path | str) -> Proof:
    """What a file, a folder or a glob holds, guessed and proved at the door.

    Raises:
        BadInput: there is nothing that could be forecast.
    """
    data = _address(file)
    sample = look_at(data)
    return prove(data, sample, guess_roles(sample))


def _address(file: Path | str) -> str:
    """The data's absolute path, or its address in a store.

    Raises:
        BadInput: there is nothing at a local path.
    """
    if "://" in str(file):
        return str(file)
    data = os.path.normpath(Path(file).absolute())
    if not WILDCARD.search(data) and not Path(data).exists():
        raise BadInput(
            f"{file}: there is no such file or folder; expected CSV or Parquet: check the path, which begins "
            "in the current folder"
        )
    return data


def stem_of(data: str) -> str:
    """What to call the data at a path: the file's name without suffix; of a glob the folder's name."""
    parts = [part for part in data.rstrip("/").split("/") if part and not WILDCARD.search(part)]
    return without_suffix(parts[-1]) if parts else "pipeline"


def _find(data: str, name: str, out: Path) -> Guesses:
    """Look, guess and prove.

    Raises:
        BadInput: there is nothing that could be forecast.
    """
    sample = look_at(data)
    guess = guess_roles(sample)
    proof = prove(data, sample, guess)
    return Guesses(
        name=name,
        # from the resolved folder, as whoever reads the pipeline file resolves it
        path=data
        if "://" in data
        else Path(os.path.relpath(data, out.absolute().parent.resolve())).as_posix(),
        guess=guess,
        proof=proof,
        sizes=sizes_of(proof.arrived),
    )
