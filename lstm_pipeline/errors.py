"""The tree of exceptions, each with the code and exit status a user sees.

```
PipelineError            unexpected      1
├── UsageError           usage           2
├── BadInput             bad_input       4
├── BadConfig            bad_config      5
├── BrokenArtifact       integrity       6
├── Conflict             conflict        7
└── Unreachable          unreachable     8
```
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

SHOWN = 5
"""How many faults a message lists; the rest are counted."""


class PipelineError(Exception):
    """Something went wrong that a person can act on: a sentence, and each fault found.

    The message says what was got, what was expected and what to do; `faults` holds every fault of the
    input, gathered before raising, of which the text shows at most five.
    """

    code: ClassVar[str] = "unexpected"
    exit_status: ClassVar[int] = 1

    def __init__(self, message: str, faults: Sequence[str] = ()) -> None:
        self.message = message
        self.faults = tuple(faults)
        super().__init__(message)

    def __str__(self) -> str:
        shown = [f"  - {fault}" for fault in self.faults[:SHOWN]]
        if len(self.faults) > SHOWN:
            shown.append(f"  … and {len(self.faults) - SHOWN} more")
        return "\n".join([self.message, *shown])


class UsageError(PipelineError):
    """A command was called with words that do not fit together."""

    code, exit_status = "usage", 2


class BadInput(PipelineError):
    """The data cannot be used as they are; the message names file, row, column or series."""

    code, exit_status = "bad_input", 4


class BadConfig(PipelineError):
    """The pipeline file asks for something that cannot be; each fault names its key path."""

    code, exit_status = "bad_config", 5


class BrokenArtifact(PipelineError):
    """A stored file is missing, altered, or of a format this version cannot read."""

    code, exit_status = "integrity", 6


class Conflict(PipelineError):
    """Someone else changed what this step was about to change."""

    code, exit_status = "conflict", 7


class Unreachable(PipelineError):
    """A service or store does not answer."""

    code, exit_status = "unreachable", 8


NAMES: Mapping[str, type[PipelineError]] = {
    kind.code: kind for kind in (UsageError, BadInput, BadConfig, BrokenArtifact, Conflict, Unreachable)
}
"""By code: what was refused on another machine is raised here again."""
