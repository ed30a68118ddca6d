"""What commands say: results on standard output, everything else on standard error, errors in one object."""

from __future__ import annotations

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


def answer(text: str) -> None:
    """A command's result, on standard output."""
    typer.echo(text)


def say(text: str) -> None:
    """What is not the result, on standard error."""
    typer.echo(text, err=True)


@contextmanager
def explained(*, as_json: bool) -> Generator[None]:
    """Turn whatever goes wrong into one message and the exit status that the contract gives it."""
    try:
        yield
    except typer.Exit:
        raise
    except PipelineError as error:
        _fail(error.code, str(error), error.exit_status, faults=error.faults, as_json=as_json)
    except BrokenPipeError:
        _close_quietly()
    except (ConnectionError, TimeoutError) as error:
        what = f"got no answer ({type(error).__name__}: {error}): check the address and the network"
        _fail("unreachable", what, 8, as_json=as_json)
    except OSError as error:
        what = f"{error.filename or 'a file'}: {error.strerror or error}: check the path and its permissions"
        _fail("bad_input", what, 4, as_json=as_json)
    except KeyboardInterrupt:
        what = "interrupted; the same command goes on where it stopped"
        _fail("interrupted", what, INTERRUPTED, as_json=as_json)
    except Exception as error:
        what = f"unexpected {type(error).__name__}: {error}. Please report it with the command and its input"
        _fail("unexpected", what, 1, as_json=as_json)


def _close_quietly() -> NoReturn:
    """End where the reader of the result went away, as `head` does: nothing is left to say to anyone."""
    # Python would complain at exit about what it could not flush
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise typer.Exit


def _fail(code: str, message: str, status: int, *, faults: tuple[str, ...] = (), as_json: bool) -> NoReturn:
    say(f"error: {message}")
    if as_json:
        answer(canonical({"error": {"code": code, "message": message.splitlines()[0], "faults": faults}}))
    raise typer.Exit(status)


@contextmanager
def progress_bar() -> Generator[OnProgress]:
    """A line that counts training steps where standard error is a terminal; else nothing."""
    from lstm_pipeline.steps.fitting import silent

    if not sys.stderr.isatty():
        yield silent
        return
    shown: list[int] = []

    def show(progress: Progress) -> None:
        done = BAR * progress.step // progress.of
        loss = progress.validation_loss if progress.validation_loss is not None else progress.training_loss
        sys.stderr.write(
            f"\r  training [{'#' * done:.<{BAR}}] {progress.step}/{progress.of}  loss {loss:.4g}   "
        )
        sys.stderr.flush()
        shown.append(progress.step)

    yield show
    if shown:
        sys.stderr.write("\n")
