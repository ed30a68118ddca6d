"""Where deceptions are planted: a feed, a pipeline over it, and lines in each of which a champion stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from lstm_pipeline import checkpoints, evaluations
from lstm_pipeline.artifacts import canonical, fingerprint
from lstm_pipeline.errors import PipelineError
from lstm_pipeline.series.table import SeriesTable
from lstm_pipeline.settings.config import parse_pipeline
from lstm_pipeline.settings.environment import Places
from lstm_pipeline.steps.conclusion import conclude
from lstm_pipeline.steps.desk import Job, new_job, open_desk
from lstm_pipeline.steps.outcome import Journal, Outcome
from lstm_pipeline.steps.recipe import Steps, retrain
from lstm_pipeline.steps.refs import ForecastRef, Judged
from lstm_pipeline.storage import open_store, sha256
from lstm_pipeline.storage.parquet import parquet_bytes

Sections = Mapping[str, Mapping[str, Any]]
ALIKE: Sections = {}
"""Nothing that is said otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A pipeline to be deceived, with its feed up to two dates."""

    name: str
    """What the names of its lines begin with."""
    sections: Sections
    """Its pipeline file, without name and source."""
    table: SeriesTable
    """The clean feed, up to the date at which candidates are judged."""
    then: str
    """The earlier date, at which the champion was made: as `--as-of` takes it."""
    young: Sections
    """What the champion's own file says otherwise where a candidate is to be better than it."""
    places: Places
    now: dt.datetime

    def job(self, line: str, table: SeriesTable, sections: Sections, as_of: str | None = None) -> Job:
        """One run of one line on some rows; `sections` override those of the ground key by key."""
        text = {name: dict(keys) for name, keys in self.sections.items()}
        for name, keys in sections.items():
            text[name] = text.get(name, {}) | dict(keys)
        source = {**_kept(table, self.places.store), **text.pop("source", {})}
        document = {"name": line, "source": source, **text}
        config = parse_pipeline(document, folder=Path("/"), named=line)
        return new_job(config, self.places, now=self.now, as_of=as_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the ground: its champion is made at the earlier date, candidates come at the later."""

    ground: Ground
    name: str
    steps: Steps
    champion: Sections
    """What the champion's file says otherwise than the ground."""

    def crown(self) -> Outcome:
        """Make the champion by the recipe as it is.

        Raises:
            PipelineError: the gate did not promote it, so that there is nobody to be deceived.
        """
        ground = self.ground
        made = retrain(ground.job(self.name, ground.table, self.champion, ground.then), self.steps)
        if not made.promoted:
            raise PipelineError(
                f"{self.name}: the honest first model was not promoted ({made.sentence}); take an empty "
                "store, or give it more training.max_steps"
            )
        return made

    def challenge(
        self, sections: Sections = ALIKE, *, table: SeriesTable | None = None, steps: Steps | None = None
    ) -> Outcome:
        """Walk the recipe at the later date, on these rows and with these steps, or the clean ones."""
        rows = self.ground.table if table is None else table
        return retrain(self.ground.job(self.name, rows, sections), steps or self.steps)

    def standing(self) -> str:
        """sha256 over every byte of the champion's package and over the whole log of promotions."""
        desk = open_desk(self.ground.job(self.name, self.ground.table, self.champion))
        log = desk.registry.promotions(self.name)
        files = desk.store.list(checkpoints.key_of(log[-1].model)) if log else ()
        return fingerprint([canonical(log), [[key, sha256(desk.store.read(key) or b"")] for key in files]])


def without_page(job: Job, judged: Judged, forecasts: ForecastRef, journal: Journal) -> Outcome:
    """In the place of the report: the outcome alone, where nobody will read the page."""
    desk = open_desk(job)
    scores = evaluations.load(desk.store, judged.trial.evaluation.id)
    return conclude(desk, judged, forecasts, scores).noting(journal)


def _kept(table: SeriesTable, store: str) -> Mapping[str, Any]:
    """Put the observed rows of a table into the store; returns the section that reads them."""
    rows, stamps = table.observed, table.grid.stamp(table.steps)
    names = np.array(table.ids, dtype=object)[table.series_of_row]
    times = stamps.astype("datetime64[us]") if table.grid.timed else stamps
    frame = pa.table({"unique_id": pa.array(names[rows]), "ds": times[rows], "y": table.y[rows]})
    data = parquet_bytes(frame)
    key = f"sources/{sha256(data)}/frame.parquet"
    place = open_store(store)
    place.create(key, data)
    return {"kind": "files", "path": place.uri(key), "id": "unique_id", "time": "ds", "value": "y"}
