"""The Python API: a pipeline from a frame or a file, run in this process."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from lstm_pipeline.artifacts import plain
from lstm_pipeline.errors import BadInput, UsageError
from lstm_pipeline.first_use import guess_of, stem_of
from lstm_pipeline.settings.config import PipelineConfig, parse_pipeline, read_pipeline
from lstm_pipeline.settings.environment import places
from lstm_pipeline.settings.names import name_of
from lstm_pipeline.steps import PLAIN, retrain
from lstm_pipeline.steps.desk import new_job
from lstm_pipeline.steps.outcome import Outcome
from lstm_pipeline.storage import Store, open_store, parquet_bytes, read_parquet, sha256
from lstm_pipeline.storage.address import above
from lstm_pipeline.storage.parquet import table_of

SECTIONS = ("series", "windows", "split", "model", "training", "gate", "publish")
SHORTHANDS = {
    "horizon": "windows",
    "input_size": "windows",
    "freq": "series",
    "season_length": "series",
    "seed": "training",
}
"""Keywords of `Pipeline` that stand for a key of a section."""
MEANINGS = {"ds": "times", "y": "values"}
"""What the columns hold that a frame must have."""


@dataclass(frozen=True, slots=True)
class Run:
    """What became of a run."""

    outcome: Outcome
    """Everything the command's JSON holds."""
    store: Store = field(repr=False)
    """Where its addresses lead."""

    @property
    def verdict(self) -> str:
        """PROMOTE, REJECT, INCONCLUSIVE or HOLD."""
        return self.outcome.verdict

    @property
    def metrics(self) -> dict[str, float | None]:
        """Test errors in the units of the series, and skill against the best naive forecast."""
        made = self.outcome
        return {
            "mse": made.mse,
            "champion_mse": made.champion_mse,
            "baseline_mse": made.baseline_mse,
            "skill": made.skill,
        }

    @property
    def forecasts(self) -> pa.Table:
        """The published forecasts; `.to_pandas()` gives a data frame."""
        folder, name = above(self.store.key(self.outcome.forecasts))
        return read_parquet(self.store.read_part(folder, name))

    @property
    def report(self) -> str:
        """Where the report is."""
        return self.outcome.report


class Pipeline:
    """A pipeline: a source, and what a pipeline file may say about it."""

    def __init__(self, source: Any, *, name: str | None = None, **settings: Any) -> None:
        """Describe a pipeline.

        Args:
            source: A path, whose columns are guessed as `init` does; a table of the [source] section; or any
                frame with `__arrow_c_stream__` (pandas, polars, Arrow) with columns unique_id, ds and y;
                without unique_id it is one series.
            name: The line in the registry: each pipeline its own. Default: the file's name, or "pipeline".
            settings: Sections of a pipeline file as mappings (`model={"hidden_size": 64}`), and the
                shorthands horizon, input_size, freq, season_length and seed.

        Raises:
            UsageError: a keyword is neither a section nor a shorthand, or a section is no mapping.
        """
        self._frame = table_of(source) if hasattr(source, "__arrow_c_stream__") else None
        self._source = source
        self._table: dict[str, Any] = ({"name": name} if name else {}) | _sections(settings)
        self._config: PipelineConfig | None = None

    @classmethod
    def read(cls, path: str | Path) -> Pipeline:
        """The pipeline that a pipeline file describes.

        Raises:
            BadInput, BadConfig: the file cannot be used.
        """
        config = read_pipeline(path)
        pipeline = cls({"kind": config.source.kind}, name=config.name)
        pipeline._config = config
        return pipeline

    def retrain(
        self, store: str | Path | None = None, *, as_of: str | dt.datetime | int | None = None
    ) -> Run:
        """Run the pipeline in this process: train, judge, promote, publish, report.

        Args:
            store: Folder or s3:// address of the store. Default: LSTM_PIPELINE_STORE, else ./store.
            as_of: Logical date. Default: now.
        """
        chosen = places(str(store) if store is not None else None)
        config = self._config or self._parse(chosen.store)
        moment = (
            as_of.isoformat() if isinstance(as_of, dt.datetime) else None if as_of is None else str(as_of)
        )
        job = new_job(config, chosen, now=dt.datetime.now(dt.UTC).replace(microsecond=0), as_of=moment)
        return Run(retrain(job, PLAIN), open_store(chosen.store))

    def _parse(self, store: str) -> PipelineConfig:
        if isinstance(self._source, (str, Path)):
            proof = guess_of(self._source)
            sections = {"name": name_of(stem_of(str(self._source))), "source": _given(proof.source)}
            rules = _given(proof.rules) | self._table.get("series", {})
            table = sections | self._table | {"series": rules}
        else:
            table = {"name": "pipeline", "source": self._source_section(store), **self._table}
        return parse_pipeline(table, folder=Path.cwd(), named="Pipeline(...)")

    def _source_section(self, store: str) -> Mapping[str, Any]:
        if self._frame is not None:
            return _keep_frame(self._frame, store)
        if isinstance(self._source, Mapping):
            return self._source
        raise UsageError(
            f"Pipeline: got a source of type {type(self._source).__name__}, expected a path, a [source] "
            "section, or a frame with columns ds and y"
        )


def _given(section: object) -> dict[str, Any]:
    """A section as a table, without what is not set."""
    return {name: value for name, value in plain(section).items() if value is not None}


def _sections(settings: Mapping[str, Any]) -> dict[str, Any]:
    for name, value in settings.items():
        if name in SECTIONS and not isinstance(value, Mapping):
            raise UsageError(
                f"Pipeline: {name}: got {type(value).__name__}, expected a mapping, such as "
                'model = {"kind": "lstm"}'
            )
    sections: dict[str, Any] = {name: dict(value) for name, value in settings.items() if name in SECTIONS}
    for name, value in settings.items():
        if name in SHORTHANDS:
            section = sections.setdefault(SHORTHANDS[name], {})
            if section.setdefault(name, value) != value:
                raise UsageError(
                    f"Pipeline: {name} is given twice, as {value!r} and in {SHORTHANDS[name]} as "
                    f"{section[name]!r}: give one"
                )
        elif name not in SECTIONS:
            raise UsageError(
                f"Pipeline: got the keyword {name!r}, expected name, {', '.join(SHORTHANDS)}, or a section: "
                f"{', '.join(SECTIONS)}"
            )
    return sections


def _keep_frame(frame: pa.Table, store: str) -> Mapping[str, Any]:
    """Put a frame into the store under its digest, so that the run can be repeated without it."""
    missing = [name for name in MEANINGS if name not in frame.column_names]
    if missing:
        advice = " and ".join(f"the column of its {MEANINGS[name]} to {name}" for name in missing)
        raise BadInput(
            f"the frame has columns {', '.join(frame.column_names)}; expected ds and y, and unique_id where "
            f"it holds several series: rename {advice}"
        )
    data = parquet_bytes(frame)
    key = f"sources/{sha256(data)}/frame.parquet"
    place = open_store(store)
    place.create(key, data)
    section = {"kind": "files", "path": place.uri(key), "time": "ds", "value": "y"}
    return section | ({"id": "unique_id"} if "unique_id" in frame.column_names else {})
