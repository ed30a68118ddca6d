"""One run of a command in a folder of its own: what it is handed, how it ends."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from lstm_pipeline.errors import BadConfig, BadInput
from lstm_pipeline.model.config import ExternalConfig

LAST_LINES = 10
"""Of what a failed command has said, shown."""
Files = Mapping[str, bytes]
"""What the files hold that a command names, by path."""


def files_of(model: ExternalConfig) -> Files:
    """The files that the command names, as they are now.

    Raises:
        BadConfig: one is gone, or is not any more what it was when the pipeline file was read.
    """
    return {path: _unaltered(path, digest) for path, digest in model.files.items()}


def run(model: ExternalConfig, files: Files, folder: Path, places: Mapping[str, str]) -> None:
    """Run the command; `places`: what stands for `{name}` in its arguments.

    A file of it that was altered since runs from a copy in `folder`, as it was.

    Raises:
        BadConfig: there is no such program, or an argument has a place that nobody fills.
        BadInput: it failed, or took too long.
    """
    moved = _as_they_were(files, folder)
    command = [moved.get(part, _filled(part, places)) for part in model.command]
    shown = "model.command " + " ".join(Path(part).name for part in command)
    said = folder / "said.txt"
    try:
        with said.open("wb") as out:
            ended = subprocess.run(
                command,
                cwd=_home(model, moved, folder),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                timeout=model.timeout,
                check=False,
            )
    except OSError as error:
        raise BadConfig(
            f"model.command: got {command[0]!r}, which cannot be run here ({error.strerror}); give "
            "the path of a program, or {python} for the Python that runs lstm-pipeline"
        ) from error
    except subprocess.TimeoutExpired as error:
        advice = "make it faster, or raise model.timeout. Its last lines:"
        took = f"it was stopped after {model.timeout:g} s"
        raise BadInput(f"{shown}: {took}; {advice}", _tail(said)) from error
    if ended.returncode != 0:
        advice = "expected 0 and a frame of forecasts. Its last lines:"
        raise BadInput(f"{shown}: it failed with exit status {ended.returncode}; {advice}", _tail(said))


def _unaltered(path: str, digest: str) -> bytes:
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise BadConfig(
            f"model.command: {path} cannot be read ({error.strerror}), and it is what forecasts: put it back"
        ) from error
    if hashlib.sha256(data).hexdigest() != digest:
        raise BadConfig(f"model.command: {path} was altered while the run was under way; run again")
    return data


def _as_they_were(files: Files, folder: Path) -> dict[str, str]:
    """Copies of the files that are not on this machine as they were: old path -> new one."""
    moved: dict[str, str] = {}
    for nth, (path, data) in enumerate(sorted(files.items())):
        place = Path(path)
        if place.is_file() and place.read_bytes() == data:
            continue
        copy = folder / "as_it_was" / str(nth) / place.name
        copy.parent.mkdir(parents=True)
        copy.write_bytes(data)
        if place.is_file():
            shutil.copymode(place, copy)
        moved[path] = str(copy)
    return moved


def _home(model: ExternalConfig, moved: Mapping[str, str], folder: Path) -> Path:
    """Where it runs: beside the first file that it names, where that is there."""
    there = [Path(path).parent for path in model.files if path not in moved]
    return there[0] if there else folder


def _filled(part: str, places: Mapping[str, str]) -> str:
    for name, value in places.items():
        part = part.replace("{" + name + "}", value)
    return part


def _tail(said: Path) -> list[str]:
    lines = said.read_text(errors="replace").splitlines()
    return [line for line in lines if line.strip()][-LAST_LINES:]
