"""The colours of the page, for light and dark; each rival has one."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

Ink = Literal["actual", "candidate", "champion", "baseline", "training"]
"""What a line shows; names a colour of the palette."""

DASHES: dict[Ink, tuple[float, ...]] = {"champion": (7, 3), "baseline": (2, 3)}
"""Strokes and gaps in pixels, so that the rivals differ without colour too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """One scheme; every colour as #rrggbb, no two alike, so that a picture can be recoloured by name."""

    paper: str
    wash: str
    """A quiet field on the paper."""
    rule: str
    ink: str
    muted: str
    actual: str
    candidate: str
    champion: str
    baseline: str
    training: str
    gate: str
    """Open gates and positive cell states."""
    below: str
    """Negative cell states."""
    promote: str
    reject: str
    inconclusive: str
    hold: str

    def variables(self) -> str:
        """The scheme as CSS custom properties."""
        return "".join(f"--{field.name}:{getattr(self, field.name)};" for field in fields(self))


LIGHT = Palette(
    paper="#ffffff",
    wash="#f4f6f8",
    rule="#dfe4e9",
    ink="#14181d",
    muted="#5a6470",
    actual="#15191e",
    candidate="#1a5fd0",
    champion="#b85400",
    baseline="#6b7580",
    training="#93b5ea",
    gate="#0e8f86",
    below="#b8336a",
    promote="#13703f",
    reject="#b3261e",
    inconclusive="#855700",
    hold="#5b4b9e",
)

DARK = Palette(
    paper="#12161b",
    wash="#1a2027",
    rule="#2c343d",
    ink="#e7ebef",
    muted="#9ba6b2",
    actual="#e8ecf0",
    candidate="#6ea8ff",
    champion="#f0a04b",
    baseline="#929daa",
    training="#3d639c",
    # as on light paper: heat maps are images, and keep the colours they were painted in
    gate="#0f8f85",
    below="#b7336b",
    promote="#56c88e",
    reject="#ff8b7e",
    inconclusive="#e0b24a",
    hold="#b5a7f5",
)
