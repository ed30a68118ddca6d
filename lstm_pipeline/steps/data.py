"""From the source to a stored dataset: ingest, settle what is open, cut, index, publish."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from lstm_pipeline import datasets
from lstm_pipeline.errors import BadConfig, UsageError
from lstm_pipeline.registry import Version
from lstm_pipeline.scaling import training_stats
from lstm_pipeline.series.freq import parse_freq
from lstm_pipeline.series.rules import SeriesRules
from lstm_pipeline.series.table import SeriesTable
from lstm_pipeline.settings.config import PipelineConfig
from lstm_pipeline.sources.door import Ingested, ingest
from lstm_pipeline.steps.desk import Desk, Job, as_of_of, open_desk
from lstm_pipeline.steps.feed import ends_apart, feed_findings
from lstm_pipeline.steps.lineage import lineage
from lstm_pipeline.steps.refs import DatasetRef
from lstm_pipeline.steps.slots import pinned
from lstm_pipeline.windows.config import Extent
from lstm_pipeline.windows.dataset import Dataset, DatasetSpec, Failure, boundaries, trusted
from lstm_pipeline.windows.defaults import Settled, known_rows, settle
from lstm_pipeline.windows.index import (
    COMPLETENESS,
    PARTS,
    TRAIN,
    Completeness,
    WindowRuns,
    existing,
    index_by_time,
    runs_of,
)
from lstm_pipeline.windows.split import random_parts


def build_dataset(job: Job) -> DatasetRef:
    """Read the source up to as_of, check it, cut it into windows, and publish the dataset.

    Raises:
        BadInput: the source cannot be used; BadConfig: the line's horizon or freq would change.
    """
    desk = open_desk(job)
    return pinned(job, desk, lambda: _built(job, desk))


def _built(job: Job, desk: Desk) -> DatasetRef:
    """The dataset of what the source holds now."""
    newest = desk.registry.newest_version(desk.config.name)
    config = desk.config if newest is None else _continued(desk.config, newest)
    # before anything is read: at another step most rows would be off the grid, and be told as the fault
    if newest is not None:
        _check_line(newest, config)
    known = partial(known_rows, windows=config.windows, split=config.split)
    arrived = ingest(config.source, config.series, as_of_of(job), known)
    _refuse_time_of_steps(job, arrived)
    dataset = cut(arrived, config, lineage(job, config.training, source=arrived.digest))
    return _kept(desk, dataset, arrived)


def _kept(desk: Desk, dataset: Dataset, arrived: Ingested) -> DatasetRef:
    """Publish a dataset with what this run's door set aside, and tell what it let in, and how that looks."""
    ref = datasets.save(desk.store, dataset, arrived.set_aside)
    # found anew by each run: it follows from rows and split, which the dataset's id names already
    found = feed_findings(dataset)
    return DatasetRef(
        uri=ref.uri,
        id=ref.id,
        reused=ref.reused,
        source=arrived.digest,
        set_aside=datasets.keep_set_aside(desk.store, ref.id, arrived.set_aside, dataset.lineage),
        counts=dataset.counts,
        failed=dataset.reasons,
        series=sum(name not in dataset.failed for name in dataset.table.ids),
        windows={name: dataset.runs.total(part) for part, name in enumerate(PARTS)},
        stale=_stale(dataset, arrived.as_of, desk.config.series),
        leaky=dataset.spec.split == "random",
        as_of=_logical_date(dataset, arrived.as_of),
        cutoff=dataset.cutoff,
        notes=(*dataset.notes, *found.notes),
        suspect=found.suspect,
        unfit=found.unfit,
    )


def cut(arrived: Ingested, config: PipelineConfig, ancestry: Mapping[str, str]) -> Dataset:
    """Settle sizes and split, leave out series that cannot be trained, index the windows of the others."""
    broken = {name: Failure(kind="broken", sentence=why) for name, why in arrived.failed.items()}
    table = trusted(arrived.table, broken)
    settled = settle(table, arrived.season_length, config.windows, config.split)
    spec = _spec(arrived, settled, config)
    runs = _runs(table, spec, COMPLETENESS[config.series.missing])
    # refused at the door goes before all else: such a series may be too short as well
    failed = _untrainable(table, runs, spec) | broken
    return Dataset(
        spec=spec,
        table=table,
        runs=_without(runs, table, failed),
        counts=arrived.rows,
        failed=failed,
        notes=(*arrived.notes, *settled.notes, *ends_apart(table, spec)),
        lineage=ancestry,
    )


def _runs(table: SeriesTable, spec: DatasetSpec, need: Completeness) -> WindowRuns:
    if spec.split == "chronological":
        return index_by_time(table, spec.size, boundaries(table, spec), need)
    windows = existing(table, spec.size, need)
    windows = windows.where((windows.start - table.offsets[windows.series]) % spec.size.stride == 0)
    part = random_parts(len(windows), spec.validation, spec.test, spec.split_seed)
    return runs_of(windows, part, spec.size.stride)


def _untrainable(table: SeriesTable, runs: WindowRuns, spec: DatasetSpec) -> dict[str, Failure]:
    """Series without a training window, or with nothing to learn a scale from: id -> reason."""
    has_window = np.zeros(len(table.ids), dtype=bool)
    has_window[runs.series[runs.part == TRAIN]] = True
    training_end = boundaries(table, spec).validation
    stats = training_stats(table, training_end)
    moves = (stats.variance > 0) & np.isfinite(stats.variance)
    reasons: dict[str, Failure] = {}
    for series in np.flatnonzero(~(has_window & moves)):
        if not has_window[series]:
            reason = _too_short(
                int(stats.count[series]), int(training_end[series] - table.offsets[series]), spec
            )
        elif stats.variance[series] == 0:
            reason = Failure(
                kind="constant", sentence=f"every value of its training part is {stats.mean[series]:g}"
            )
        else:
            reason = Failure(
                kind="too_large",
                sentence="the squares of its values overflow, or vanish; take another unit",
            )
        reasons[table.ids[series]] = reason
    return reasons


def _too_short(observed: int, steps: int, spec: DatasetSpec) -> Failure:
    """Why a training part of so many steps holds no window, and what to do."""
    size = spec.size
    advice = "lower windows.input_size or windows.horizon, or hold out less in [split]"
    if steps >= size.total and not 2 * observed >= steps:
        advice = f"most of its {steps} steps of {spec.freq} have no row: does series.freq fit?"
    held = f"{observed} observed steps in its training part hold no window"
    return Failure(kind="too_short", sentence=f"{held} of {size.input_size} + {size.horizon} steps; {advice}")


def _without(runs: WindowRuns, table: SeriesTable, failed: Mapping[str, Failure]) -> WindowRuns:
    return runs.among(np.array([name not in failed for name in table.ids], dtype=bool))


def _spec(arrived: Ingested, settled: Settled, config: PipelineConfig) -> DatasetSpec:
    rules = config.series
    return DatasetSpec(
        freq=arrived.table.grid.freq,
        phase=arrived.table.grid.phase,
        season_length=arrived.season_length,
        size=settled.size,
        split=config.split.kind,
        validation=_plain_extent(settled.validation),
        test=_plain_extent(settled.test),
        split_seed=config.split.seed,
        missing=rules.missing,
        fill=rules.fill if rules.missing == "fill" else None,
    )


def _plain_extent(extent: Extent) -> int | float | str:
    return extent.isoformat() if isinstance(extent, (dt.datetime, dt.date)) else extent


def _logical_date(dataset: Dataset, as_of: dt.datetime | int | None) -> str:
    """as_of in the source's clock; where steps are counted the step, by default the newest."""
    if not dataset.table.grid.timed:
        return str(as_of if isinstance(as_of, int) else dataset.cutoff)
    return as_of.isoformat() if isinstance(as_of, dt.datetime) else str(as_of)


def _stale(dataset: Dataset, as_of: dt.datetime | int | None, rules: SeriesRules) -> bool:
    """The newest step lies more than `max_stale` steps before as_of."""
    grid = dataset.table.grid
    if rules.max_stale is None or not isinstance(as_of, dt.datetime) or not grid.timed:
        return False
    now, _ = grid.step(np.array([as_of], dtype="datetime64[us]").astype(np.int64))
    return int(now[0]) - dataset.table.newest > rules.max_stale


def _refuse_time_of_steps(job: Job, arrived: Ingested) -> None:
    """Refuse an as_of in time where the series count steps: it would be taken for nothing.

    Raises:
        UsageError: it was asked for.
    """
    if job.as_of is not None and not arrived.table.grid.timed and not isinstance(as_of_of(job), int):
        raise UsageError(
            f"as_of: got the time {job.as_of}, but these series count steps; give a step such as "
            f"{arrived.table.newest}"
        )


def _continued(config: PipelineConfig, newest: Version) -> PipelineConfig:
    """The configuration with horizon and freq of the line's models, where the file leaves them open.

    Inferred anew they might change as the data grow, and no model could be compared with the one before.
    """
    series, windows = config.series, config.windows
    if series.freq is None:
        series = replace(series, freq=_freq_of(newest))
    if windows.horizon is None:
        windows = replace(windows, horizon=newest.horizon)
    return config.model_copy(update={"series": series, "windows": windows})


def _freq_of(version: Version) -> str | int:
    return int(version.freq) if version.freq.isdecimal() else version.freq


def _check_line(newest: Version, config: PipelineConfig) -> None:
    """Refuse a changed horizon or freq under an old name: its champion could not be compared."""
    freq, horizon, asked = _freq_of(newest), config.windows.horizon, config.series.freq
    if newest.horizon == horizon and asked is not None and _same_step(freq, asked):
        return
    written = freq if isinstance(freq, int) else f'"{freq}"'
    raise BadConfig(
        f"pipeline {newest.pipeline}: its models forecast {newest.horizon} steps of {freq}, this file "
        f"asks for {horizon} steps of {asked}: give the pipeline a new name, or set "
        f"windows.horizon = {newest.horizon} and series.freq = {written}"
    )


def _same_step(old: str | int, new: str | int) -> bool:
    """True where two frequencies mean the same, however they are spelled."""
    if isinstance(old, int) or isinstance(new, int):
        return old == new
    # 60min and h, or 3MS and QS, differ in their unit alone
    return replace(parse_freq(old), unit="") == replace(parse_freq(new), unit="")
