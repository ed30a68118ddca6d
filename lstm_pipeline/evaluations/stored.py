"""Evaluations in the store: Parquet for the tables, safetensors for the gates, the rest in the manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from pydantic import TypeAdapter
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from lstm_pipeline.artifacts import Ref, exact, plain
from lstm_pipeline.evaluations.records import (
    MODELS,
    Evaluation,
    GateTraceTable,
    OriginTable,
    Rivalry,
    Score,
    Trace,
)
from lstm_pipeline.gate import Pair, SliceLosses, WideErrors
from lstm_pipeline.storage import Store, parquet_bytes, read_parquet

RIVALRY = ("source", "refresh", "age", "span", "tail", "bias")
"""What the manifest holds of a rivalry; its slices are a table."""


def key_of(evaluation_id: str) -> str:
    """Where an evaluation lies in the store."""
    return f"evaluations/{evaluation_id}"


def find(store: Store, evaluation_id: str) -> Ref | None:
    """The evaluation, where there is one."""
    key = key_of(evaluation_id)
    return Ref(uri=store.uri(key), id=evaluation_id, reused=True) if store.manifest(key) else None


def save(store: Store, evaluation_id: str, evaluation: Evaluation, lineage: Mapping[str, str]) -> Ref:
    """Publish an evaluation; the first complete one under its id stays."""
    parts: dict[str, bytes] = {}
    facts: dict[str, Any] = {
        "id": evaluation_id,
        "lineage": dict(lineage),
        "steps": evaluation.steps,
        "overall": evaluation.overall,
        "fallback": evaluation.fallback,
        "finite": evaluation.finite,
        "twin": evaluation.twin,
        "wide": exact(evaluation.wide),
        "wants_refit": evaluation.wants_refit,
    }
    if evaluation.series is not None:
        parts["series.parquet"] = parquet_bytes(evaluation.series)
    if evaluation.trace is not None:
        parts["trace.parquet"] = parquet_bytes(evaluation.trace.frame)
    if (origins := evaluation.origins) is not None:
        parts["origins.parquet"] = parquet_bytes(_origin_frame(origins))
        facts["origins"] = {"windows_id": origins.windows_id, "left_out": origins.left_out}
    if (rivalry := evaluation.rivalry) is not None:
        parts["slices.parquet"] = parquet_bytes(_slice_frame(rivalry.slices))
        facts["rivalry"] = exact({name: getattr(rivalry, name) for name in RIVALRY})
    if (gates := evaluation.gates) is not None:
        names = ("ds", "values", "forget", "input", "output", "cell")
        parts["gates.safetensors"] = save_tensors(
            {name: np.ascontiguousarray(getattr(gates, name)) for name in names}
        )
        facts["gates"] = gates.series
    published = store.publish(key_of(evaluation_id), parts, plain(facts), "evaluation")
    return Ref(uri=published.uri, id=evaluation_id, reused=published.reused)


def wants_refit(store: Store, evaluation_id: str) -> bool:
    """Whether a stored evaluation waits for a stand-in, by its manifest alone.

    Raises:
        BrokenArtifact: it is not there, altered, or of a newer format.
    """
    return bool(store.require(key_of(evaluation_id))["wants_refit"])


def load(store: Store, evaluation_id: str) -> Evaluation:
    """Read an evaluation back.

    Raises:
        BrokenArtifact: it is not there, altered, or of a newer format.
    """
    key = key_of(evaluation_id)
    facts = store.require(key)

    def frame(name: str) -> pa.Table | None:
        if name not in facts["parts"]:
            return None
        return read_parquet(store.read_part(key, name))

    trace = frame("trace.parquet")
    return Evaluation(
        series=frame("series.parquet"),
        steps={name: tuple(values) for name, values in facts["steps"].items()},
        overall=TypeAdapter(dict[str, Score]).validate_python(facts["overall"]),
        origins=_origin_table(frame("origins.parquet"), facts.get("origins")),
        wide=TypeAdapter(WideErrors | None).validate_python(facts["wide"]),
        rivalry=_rivalry(frame("slices.parquet"), facts.get("rivalry")),
        wants_refit=facts["wants_refit"],
        trace=Trace(frame=trace) if trace is not None else None,
        gates=_gates(store, key, facts.get("gates")),
        fallback=facts["fallback"],
        finite=facts["finite"],
        twin=facts["twin"],
    )


def _origin_frame(origins: OriginTable) -> pa.Table:
    columns: dict[str, Any] = {"target_end": pa.array(origins.target_end), "clean": pa.array(origins.clean)}
    return pa.table(columns | {name: pa.array(loss) for name, loss in origins.pooled.items()})


def _origin_table(frame: pa.Table | None, facts: Mapping[str, Any] | None) -> OriginTable | None:
    if frame is None or facts is None:
        return None
    rivals = [name for name in frame.column_names if name not in ("target_end", "clean")]
    return OriginTable(
        target_end=frame["target_end"].to_numpy(),
        pooled={name: frame[name].to_numpy() for name in rivals},
        clean=frame["clean"].to_numpy(),
        windows_id=str(facts["windows_id"]),
        left_out=tuple(facts["left_out"]),
    )


def _slice_frame(slices: Mapping[str, SliceLosses]) -> pa.Table:
    columns = {
        f"{rival}: {name}": pa.array(getattr(losses, rival))
        for name, losses in slices.items()
        for rival in MODELS
    }
    return pa.table(columns)


def _rivalry(frame: pa.Table | None, facts: Mapping[str, Any] | None) -> Rivalry | None:
    if frame is None or facts is None:
        return None
    names = dict.fromkeys(column.partition(": ")[2] for column in frame.column_names)
    slices = {
        name: SliceLosses(**{rival: frame[f"{rival}: {name}"].to_numpy() for rival in MODELS})
        for name in names
    }
    return Rivalry(
        source=facts["source"],
        refresh=facts["refresh"],
        age=facts["age"],
        span=facts["span"],
        slices=slices,
        tail=TypeAdapter(Pair).validate_python(facts["tail"]),
        bias=TypeAdapter(Pair).validate_python(facts["bias"]),
    )


def _gates(store: Store, key: str, series: str | None) -> GateTraceTable | None:
    if series is None:
        return None
    arrays = load_tensors(store.read_part(key, "gates.safetensors"))
    return GateTraceTable(series=series, **arrays)  # pyright: ignore[reportArgumentType] # written by save, by name
