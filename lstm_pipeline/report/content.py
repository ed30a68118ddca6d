"""Everything a report shows, as values: the page is drawn from this record alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lstm_pipeline.gate import Alternative, Finding, GateFigures, Rules
from lstm_pipeline.report.drawn import GatePicture, LossCurve, SeriesPicture, Values

EMBEDDED = 500
"""A page embeds at most this many series, the worst and the best among them."""

Role = Literal["candidate", "champion", "baseline"]
"""The part a rival plays; each has one colour throughout the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesRow:
    """One line of the table of all series."""

    id: str
    mse: float | None
    mae: float | None
    rmse: float | None
    smape: float | None
    mase: float | None
    """This and the errors above: over all test windows."""
    naive_mse: float | None
    """Of the naive forecast that the page holds the candidate against."""
    skill: float | None
    """1 - mse / naive_mse."""
    scaled_mse: float | None
    """Over the compared origins, divided by the variance of the training part: what the gate weighs.

    None where the gate leaves the series out.
    """
    scaled_champion_mse: float | None
    """The same of the champion."""
    scaled_naive_mse: float | None
    """The same of the naive forecast."""
    observed: int
    """Steps with a value that counts; several rows may make one."""
    windows: int
    """Test windows."""
    source: str
    """Who made the published forecast: champion, a baseline, last_value or none."""
    reason: str
    """Why it was not the champion; empty where it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RivalScore:
    """One rival's errors on all test windows, all series pooled, each in its own units."""

    name: str
    role: Role
    mse: float | None
    mae: float | None
    rmse: float | None
    smape: float | None
    """In per cent, 0 to 200."""
    mase: float | None
    mse_by_step: Values
    """(H,)"""


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
class OriginLoss:
    """Scaled errors of the rivals at one compared origin."""

    ds: str
    """Stamp of its last target."""
    candidate: float
    rival: float
    """The champion's; without one the naive forecast's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceLoss:
    """Scaled errors of a part of what was compared."""

    name: str
    candidate: float
    champion: float
    origins: int
    """Origins that hold anything of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastDelta:
    """How far the candidate's forecast of the steps ahead lies from the champion's, from the same cutoff."""

    mean: float
    """Mean absolute difference over the series that both can forecast, each in deviations of its training
    part."""
    worst: str
    """The series that differs most."""
    worst_mean: float
    series: int
    """Series that both can forecast."""
    published: bool
    """The candidate's forecast is the one that was published; else the champion's stayed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """The verdict of the promotion gate, and what it rests on: scaled errors over the compared origins."""

    verdict: str
    sentence: str
    """The verdict as a sentence, with its reason."""
    promoted: bool
    """The candidate became champion."""
    crowned: bool
    """There is a champion after this run."""
    reasons: tuple[str, ...]
    """Codes; the first one decided."""
    figures: GateFigures
    rules: Rules
    guards: tuple[Finding, ...]
    """What stood watch over a promotion; empty where none was due."""
    alternatives: tuple[Alternative, ...]
    """What other thresholds would have said."""
    origins: tuple[OriginLoss, ...]
    """The compared origins, oldest first; not the champion's where there is none."""
    slices: tuple[SliceLoss, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSteps:
    """What one step is, and how many make up what."""

    freq: str
    season_length: int
    input_size: int
    horizon: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the split."""

    name: str
    reach: tuple[str, str] | None
    """First and last stamp; None where no one stretch of time holds the part, or nothing."""
    windows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """The published forecasts: by whom, and where they lie."""

    by: str
    column: str
    run: str
    """URI of this run's file."""
    latest: str
    """URI of the pipeline's newest forecasts."""
    live: bool
    """This run's forecasts were published as the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportContent:
    """A whole report."""

    pipeline: str
    as_of: str
    steps: TimeSteps
    ruling: Ruling
    naive: str | None
    """The naive forecast it is held against: the gate's, else the best on all test windows."""
    leak: str | None
    """What a leaky split means here and what the chronological one gives; None where the split is honest."""
    scores: tuple[RivalScore, ...]
    """Candidate first, then champion where there is one, then the baselines."""
    rows: tuple[SeriesRow, ...]
    pictures: tuple[SeriesPicture, ...]
    """At most `EMBEDDED`."""
    delta: ForecastDelta | None
    """Against the champion before this run; None where there was none to compare with."""
    loss_curve: LossCurve | None
    gates: GatePicture | None
    publication: Publication
    parts: tuple[Part, ...]
    quality: DataQuality
    changes: tuple[Change, ...] | None
    """None where no run came before."""
    lineage: tuple[tuple[str, str], ...]
    """Name and value, in order."""
    command: str
    """What to type to reproduce the run."""
    run_json: str
    """The run's JSON object, as the command prints it, indented."""
