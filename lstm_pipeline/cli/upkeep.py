"""What `up` does while a service is up: processes that ended are started again, and runs that died."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from lstm_pipeline.cli.console import say
from lstm_pipeline.service.processes import Crew

WATCH_SECONDS = 1.0
"""Between two looks at the processes."""
MEND_SECONDS = 10.0
"""Between two looks at the runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """The processes of a service that is up."""

    server: Crew
    crew: Crew
    alone: bool
    """Every worker of the server runs on this machine, as nobody else can reach it."""

    def until(self, stop: threading.Event) -> None:
        """Keep everything up until it is to stop."""
        mended = time.monotonic()
        while not stop.wait(WATCH_SECONDS):
            for told in (*self.server.keep_up(), *self.crew.keep_up()):
                say(f"  {told}")
            if time.monotonic() - mended > MEND_SECONDS:
                mended = time.monotonic()
                self.mend()

    def stop(self) -> None:
        """Stop everything; what is cut off goes on with the next `up`."""
        self.crew.stop()
        # while the server still takes it
        if self.server.processes and self.server.processes[0].pid is not None:
            self.mend()
        self.server.stop()

    def mend(self) -> None:
        """See to runs that died; a server that does not answer just now is asked again later."""
        try:
            for told in self._mended():
                say(f"  {told}")
        except Exception as error:
            say(f"  runs could not be looked at ({type(error).__name__})")

    def _mended(self) -> Iterator[str]:
        from lstm_flows.service import crash_the_dead, restart_the_crashed

        # a process is known by its number alone, which on another machine is another's
        for name in crash_the_dead() if self.alone else ():
            yield f"{name}: its process is gone"
        for name in restart_the_crashed(dt.datetime.now(dt.UTC)):
            yield f"{name}: started again"
