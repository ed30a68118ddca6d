"""What commands say: results on standard output, everything else on standard error, errors in one object."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import typer

from lstm_pipeline.artifacts import canonical
from lstm_pipeline.errors import PipelineError

if TYPE_CHECKING:
    from lstm_pipeline.steps.fitting import OnProgress, Progress

INTERRUPTED = 130
BAR = 30
"""Characters of the progress bar."""
TENTHS = 10
"""Lines that a training takes at most where there is no bar."""


def answer(text: str) -> None:
    """A command's result, on standard output."""
    typer.echo(text)


def say(text: str) -> None:
    """What is not the result, on standard error."""
    typer.echo(text, err=True)


@contextmanager
def errors_told(*, as_json: bool) -> Generator[None]:
    """Turn whatever goes wrong into one message and the exit status that the contract gives it."""
    try:
        yield
    # to typer an exit is a RuntimeError: the last clause would call it unexpected
    except typer.Exit:
        raise
    except PipelineError as error:
        _fail(error.code, str(error), error.exit_status, faults=error.faults, as_json=as_json)
    # before ConnectionError, of which it is one, and that before OSError: who stops reading did nothing wrong
    except BrokenPipeError:
        _close_quietly()
    except (ConnectionError, TimeoutError) as error:
        what = f"got no answer ({type(error).__name__}: {error}): check the address and the network"
        _fail("unreachable", what, 8, as_json=as_json)
    except OSError as error:
        _refused(error, as_json=as_json)
    except KeyboardInterrupt:
        what = "interrupted; the same command goes on where it stopped"
        _fail("interrupted", what, INTERRUPTED, as_json=as_json)
    except Exception as error:
        what = f"unexpected {type(error).__name__}: {error}. Please report it with the command and its input"
        _fail("unexpected", what, 1, as_json=as_json)


def _refused(error: OSError, *, as_json: bool) -> NoReturn:
    """End with what the system refused: a file that was named, or else the result on its way out."""
    why = error.strerror or str(error)
    if error.filename is None:
        # no json: it would go where the result could not
        _fail("unreachable", f"the result cannot be written: {why}: check the disk", 8, as_json=False)
    _fail("bad_input", f"{error.filename}: {why}: check the path and its permissions", 4, as_json=as_json)


def _close_quietly() -> NoReturn:
    """End where the reader of the result went away, as `head` does: nothing is left to say to anyone."""
    # Python would complain at exit about what it could not flush
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise typer.Exit


def _fail(code: str, message: str, status: int, *, faults: tuple[str, ...] = (), as_json: bool) -> NoReturn:
    say(f"error: {message}")
    if as_json:
        # the other lines are faults, which stand beside the message, all of them
        answer(canonical({"error": {"code": code, "message": message.splitlines()[0], "faults": faults}}))
    raise typer.Exit(status)


@contextmanager
def progress() -> Generator[OnProgress]:
    """Show how far a run is, on standard error: a bar on a terminal, lines where nobody can see one move."""
    with (_bar if sys.stderr.isatty() else _lines)() as show:
        yield show


@contextmanager
def _bar() -> Generator[OnProgress]:
    """A line that counts training steps; a second training gets a line of its own."""
    shown: list[str] = []

    def show(progress: Progress) -> None:
        what = _what(progress)
        begin = "\r" if shown[-1:] in ([], [what]) else "\n\r"
        done = BAR * progress.step // progress.of
        bar = f"[{'#' * done:.<{BAR}}]"
        count = f"{progress.step}/{progress.of}"
        sys.stderr.write(f"{begin}  {what} {bar} {count}  loss {_loss(progress):.4g}   ")
        sys.stderr.flush()
        shown.append(what)

    try:
        yield show
    finally:
        if shown:
            sys.stderr.write("\n")


@contextmanager
def _lines() -> Generator[OnProgress]:
    """A line for each step of a run once it is done, and for each tenth of its training."""
    from lstm_pipeline.steps.recipe import LOG

    told = [0]

    def show(progress: Progress) -> None:
        tenths = TENTHS * progress.step // progress.of
        # of a second training they begin again
        if tenths not in (0, told[-1]):
            say(f"  {_what(progress)} {progress.step}/{progress.of}  loss {_loss(progress):.4g}")
        told.append(tenths)

    lines, usual = _Lines(), LOG.level
    LOG.addHandler(lines)
    LOG.setLevel(logging.INFO)
    try:
        yield show
    finally:
        LOG.removeHandler(lines)
        LOG.setLevel(usual)


class _Lines(logging.Handler):
    """Says each record on a line of its own."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say it."""
        say(f"  {record.getMessage()}")


def _what(progress: Progress) -> str:
    return "refit" if progress.refit else "training"


def _loss(progress: Progress) -> float:
    """What a training is told by: its validation loss, where it has one."""
    return progress.training_loss if progress.validation_loss is None else progress.validation_loss
