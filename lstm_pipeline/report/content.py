"""Everything a report shows, as values: the page is drawn from this record alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

EMBEDDED = 500
"""A page embeds at most this many series, the worst and the best among them."""

Stamps = tuple[str, ...]
Values = tuple[float | None, ...]
"""Numbers for a picture; None is a hole."""
Role = Literal["candidate", "champion", "baseline"]
"""The part a rival plays; each has one colour throughout the page."""


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
class SeriesRow:
    """One line of the table of all series."""

    id: str
    mse: float | None
    mae: float | None
    rmse: float | None
    smape: float | None
    mase: float | None
    baseline_mse: float | None
    skill: float | None
    """1 - mse / baseline_mse."""
    rows: int
    """Rows kept."""
    windows: int
    """Test windows."""
    source: str
    """Who made the published forecast: champion, a baseline, last_value or none."""
    reason: str
    """Why it was not the champion; empty where it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RivalScore:
    """One rival's errors on the test windows, all series together, in the units of the series."""

    name: str
    role: Role
    mse: float | None
    mae: float | None
    rmse: float | None
    smape: float | None
    """In per cent, 0 to 200."""
    mase: float | None
    mse_by_step: Values
    """(H,), as `ReportContent.per_step_label` says."""


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
    """Gate activations of the top layer on one window: each (T, hidden), oldest step first."""

    series: str
    ds: Stamps
    values: Values
    """The window itself, in the units of the series: (T,)."""
    forget: tuple[Values, ...]
    input: tuple[Values, ...]
    output: tuple[Values, ...]
    cell: tuple[Values, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataQuality:
    """What came in at the door and what became of it."""

    rows_in: int
    rows_kept: int
    rows_set_aside: dict[str, int]
    rows_missing: int
    rows_filled: int
    series_ok: int
    failed: dict[str, str]
    examples: tuple[dict[str, str], ...]
    """A few set-aside rows: file, row, column, unique_id, ds, value, reason."""
    notes: tuple[str, ...]
    """What was inferred and how, in sentences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that differs from the run before."""

    what: str
    before: str
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportContent:
    """A whole report."""

    pipeline: str
    as_of: str
    verdict: str
    sentence: str
    """The verdict as a sentence, with its reason."""
    published_by: str
    column: str
    unit_note: str
    """What one step is, e.g. "hourly (h), season 24, horizon 24"."""
    outcome: dict[str, Any]
    """The run's JSON object, as the command prints it."""
    leak: str | None
    """What a leaky split means here and what the chronological one gives; None where the split is honest."""
    scores: tuple[RivalScore, ...]
    """Candidate first, then champion where there is one, then the baselines."""
    per_step_label: str
    """What the errors by step are, e.g. "MSE, squared units of the series"."""
    rows: tuple[SeriesRow, ...]
    pictures: tuple[SeriesPicture, ...]
    embedded_note: str | None
    """Which series are embedded where there are more than the page holds."""
    loss_curve: LossCurve | None
    gates: GatePicture | None
    quality: DataQuality
    changes: tuple[Change, ...]
    lineage: tuple[tuple[str, str], ...]
    """Name and value, in order."""
    command: str
    """What to type to reproduce the run."""
