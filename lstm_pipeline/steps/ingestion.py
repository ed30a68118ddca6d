"""The door alone: read and check a source that nobody has configured, and keep what came through."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lstm_pipeline import datasets
from lstm_pipeline.artifacts import fingerprint, plain
from lstm_pipeline.errors import BadInput, BrokenArtifact
from lstm_pipeline.settings.config import parse_pipeline
from lstm_pipeline.sources.door import Ingested, ingest
from lstm_pipeline.steps.outcome import SeriesCount
from lstm_pipeline.storage import MANIFEST, open_store, parquet_bytes, sha256
from lstm_pipeline.storage.durable import explained

KIND = "ingest"
"""Of the manifest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestOutcome:
    """What came through the door: the keys of a run's outcome that apply."""

    rows_in: int
    rows_kept: int
    rows_set_aside: Mapping[str, int]
    rows_filled: int
    rows_missing: int
    series: SeriesCount
    dataset: str
    notes: tuple[str, ...]
    reused: tuple[str, ...]

    def text(self) -> str:
        """A few lines for a person."""
        reasons = (
            ", ".join(f"{name} {count}" for name, count in self.rows_set_aside.items() if count) or "none"
        )
        return "\n".join(
            [
                f"rows {self.rows_in:,} in = {self.rows_kept:,} kept + "
                f"{sum(self.rows_set_aside.values()):,} set aside ({reasons}); {self.rows_missing:,} missing",
                f"series {self.series.ok:,}, refused {len(self.series.failed):,}",
                *(f"  {name}: {reason}" for name, reason in list(self.series.failed.items())[:5]),
                *(f"  {note}" for note in self.notes),
                f"wrote {self.dataset}",
            ]
        )


def ingest_alone(section: Mapping[str, Any], rules: Mapping[str, Any], out: Path) -> IngestOutcome:
    """Ingest a [source] section, by the rules of a [series] section, into a folder.

    The folder gets series.parquet, set_aside.parquet and manifest.json.

    Raises:
        BadInput: the source cannot be used, or the folder holds something else, which then stays as it is.
    """
    out = out.absolute()
    _refuse_occupied(out)
    config = parse_pipeline(
        {"name": "ingest", "source": section, "series": rules}, folder=Path.cwd(), named="ingest"
    )
    arrived = ingest(config.source, config.series, dt.datetime.now(dt.UTC))
    # The path is left out: what was read there stands in the digest of the source.
    asked = fingerprint([rules, {key: value for key, value in section.items() if key != "path"}])
    reused = _publish(arrived, out, asked)
    failed = dict(arrived.failed)
    return IngestOutcome(
        rows_in=arrived.rows.rows_in,
        rows_kept=arrived.rows.rows_kept,
        rows_set_aside=arrived.rows.rows_set_aside,
        rows_filled=arrived.rows.rows_filled,
        rows_missing=arrived.rows.rows_missing,
        series=SeriesCount(ok=sum(name not in failed for name in arrived.table.ids), failed=failed),
        dataset=str(out),
        notes=arrived.notes,
        reused=("ingest",) if reused else (),
    )


def _refuse_occupied(out: Path) -> None:
    """Refuse a folder in which there is something, and no ingest.

    Raises:
        BadInput: it is one.
    """
    with explained("look into", out):
        held = sorted(path.name for path in out.iterdir()) if out.is_dir() else []
    if held and not (MANIFEST in held and _holds_ingest(out)):
        few = ", ".join(held[:3]) + (f" and {len(held) - 3} more" if len(held) > 3 else "")
        raise BadInput(
            f"{out}: this folder holds {few}, expected an empty one or an earlier ingest: take another --out"
        )


def _holds_ingest(out: Path) -> bool:
    try:
        return open_store(str(out.parent)).require(out.name)["kind"] == KIND
    except BrokenArtifact:
        return False


def _publish(arrived: Ingested, out: Path, asked: str) -> bool:
    """Publish what came through; True where the very same is there already.

    Raises:
        BadInput: the ingest that is there is another one.
    """
    store = open_store(str(out.parent))
    parts = {
        "series.parquet": parquet_bytes(datasets.series_frame(arrived.table)),
        "set_aside.parquet": parquet_bytes(arrived.set_aside),
    }
    facts = plain(
        {"source": arrived.digest, "asked": asked, "rows": arrived.rows, "failed": dict(arrived.failed)}
    )
    published = store.publish(out.name, parts, facts, KIND)
    # what was published first under this name stays, and may be another ingest
    there = store.require(out.name)
    same = all(there.get(key) == value for key, value in facts.items()) and all(
        there["parts"].get(name, {}).get("sha256") == sha256(data) for name, data in parts.items()
    )
    if not same:
        raise BadInput(f"{out}: this folder holds another ingest; choose another --out, or remove it")
    return published.reused
