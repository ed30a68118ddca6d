"""Processes that are kept up: started, watched, started again when they end, stopped in order."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

STOP_SECONDS = 20.0
"""How long a process may take to end when it is asked to, before it is made to."""
LONGEST_PAUSE = 60.0
"""Between two starts of a process that keeps ending."""
STEADY_SECONDS = 60.0
"""After which a process that ends is taken for a sound one, and started again at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What a process runs."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    """Gets all that it prints."""


@dataclass(slots=True)
class Process:
    """A program that is kept up."""

    program: Program
    clock: Callable[[], float] = time.monotonic
    _running: subprocess.Popen[bytes] | None = None
    _started: float = 0.0
    _ends: int = 0
    """How often it has ended in a row without having run for long."""

    @property
    def pid(self) -> int | None:
        """Of the process that runs now."""
        return self._running.pid if self._running is not None and self._running.poll() is None else None

    def start(self) -> None:
        """Start it in a group of its own: what it starts ends with it, and Ctrl-C is ours to pass on."""
        self._started = self.clock()
        with self.program.log.open("ab") as log:
            self._running = subprocess.Popen(
                list(self.program.command),
                env=dict(self.program.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def keep_up(self) -> str:
        """Start it again if it has ended; returns what happened in words, or nothing."""
        running = self._running
        if running is None or running.poll() is None:
            return ""
        steady = self.clock() - self._started >= STEADY_SECONDS
        self._ends = 0 if steady else self._ends
        if self.clock() - self._started < min(2.0**self._ends - 1.0, LONGEST_PAUSE):
            return ""
        self._ends += 1
        # what it had started goes on, and ends by itself
        self.start()
        return f"{self.program.name} ended ({_ended(running.returncode)}) and was started again"

    def ask_to_stop(self) -> None:
        """Ask it, and what it has started, to end."""
        # as a terminal does: to SIGTERM a worker of prefect lets go of its runs without a word
        self._signal(signal.SIGINT)

    def stop(self) -> None:
        """Ask it to end, and make it where it does not."""
        if self._running is None:
            return
        self.ask_to_stop()
        with suppress(subprocess.TimeoutExpired):
            self._running.wait(STOP_SECONDS)
        self._signal(signal.SIGKILL)
        self._running.wait()
        self._running = None

    def _signal(self, number: signal.Signals) -> None:
        if self._running is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._running.pid, number)


@dataclass(slots=True)
class Crew:
    """Processes in the order in which they are started; they are stopped in the reverse one."""

    processes: list[Process] = field(default_factory=list[Process])

    def start(self, program: Program) -> Process:
        """Start a program, and keep it up from now on."""
        process = Process(program)
        process.start()
        self.processes.append(process)
        return process

    def keep_up(self) -> tuple[str, ...]:
        """Start again what has ended; returns what happened, in words."""
        return tuple(told for process in self.processes if (told := process.keep_up()))

    def stop(self) -> None:
        """Stop all, the last one first."""
        while self.processes:
            self.processes.pop().stop()


def _ended(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"status {code}"
