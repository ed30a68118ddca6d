"""What a feed looks like beside its own past: series to distrust, and whether it can judge at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lstm_pipeline.errors import SHOWN
from lstm_pipeline.health import Feed, examine, verdict_on
from lstm_pipeline.series.table import SeriesTable
from lstm_pipeline.windows.dataset import Dataset, DatasetSpec, boundaries


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFindings:
    """What was found in the held-out part of a dataset."""

    suspect: Mapping[str, str]
    """Judged series that do not look as they did: id -> "kind: sentence"."""
    unfit: str
    """Why no model can be judged by these data; empty where one can."""

    @property
    def notes(self) -> tuple[str, ...]:
        """The first few series, and how many more there are."""
        shown = [f"{name} is not as it was, {text}" for name, text in list(self.suspect.items())[:SHOWN]]
        more = len(self.suspect) - len(shown)
        return (*shown, f"{more} more series are not as they were") if more else tuple(shown)


def feed_findings(dataset: Dataset) -> FeedFindings:
    """Compare the held-out part of every judged series with its own past."""
    table, cut = dataset.table, boundaries(dataset.table, dataset.spec)
    feed = Feed(table=table, validation=cut.validation, test=cut.test, season=dataset.spec.season_length)
    held_out = cut.validation < table.offsets[1:]
    judged = [
        name for name, held in zip(table.ids, held_out, strict=True) if held and name not in dataset.failed
    ]
    told = {table.ids[found.series]: f"{found.kind}: {found.sentence}" for found in examine(feed)}
    suspect = {name: told[name] for name in judged if name in told}
    return FeedFindings(suspect=suspect, unfit=verdict_on(suspect, judged))


def ends_apart(table: SeriesTable, spec: DatasetSpec) -> tuple[str, ...]:
    """A warning where few series reach the newest step, long after the others: a stray stamp does so."""
    newest, usual = int(table.last.max()), int(np.median(table.last))
    reach = int((table.last == newest).sum())
    if not table.grid.timed or newest - usual <= spec.size.input_size or 2 * reach > len(table.ids):
        return ()
    last, most = (table.grid.label(int(stamp)) for stamp in table.grid.stamp(np.array([newest, usual])))
    return (f"only {reach} of {len(table.ids)} series reach {last}, most end by {most}: is a stamp astray?",)
