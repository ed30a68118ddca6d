"""What a report draws, as values: a series, a loss curve, the gate activations of an LSTM."""

from __future__ import annotations

from dataclasses import dataclass

Stamps = tuple[str, ...]
Values = tuple[float | None, ...]
"""Numbers for a picture; None is a hole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesPicture:
    """One series to draw: its recent past, the test part, and the published forecast."""

    id: str
    past_ds: Stamps
    past: Values
    """Observed values up to the cutoff; None where nobody observed."""
    test_ds: Stamps
    """Targets of the compared origins, end to end."""
    test_actual: Values
    test_candidate: Values
    test_champion: Values
    """Empty without a champion."""
    test_baseline: Values
    forecast_ds: Stamps
    forecast: Values


@dataclass(frozen=True, slots=True, kw_only=True)
class LossCurve:
    """Mean loss per round of training, in scaled units."""

    steps: tuple[int, ...]
    training: Values
    validation: Values
    best_step: int
    ended: str
    """Why training stopped, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePicture:
    """LSTM gate activations of the top layer on one window: each (T, hidden), oldest step first."""

    series: str
    ds: Stamps
    values: Values
    """The window itself, in the units of the series: (T,)."""
    forget: tuple[Values, ...]
    input: tuple[Values, ...]
    output: tuple[Values, ...]
    cell: tuple[Values, ...]
