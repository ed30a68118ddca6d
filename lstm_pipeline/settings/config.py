"""The pipeline file: TOML in, one frozen PipelineConfig out, or every fault at once by its key path."""

from __future__ import annotations

import dataclasses
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from lstm_pipeline.errors import BadConfig, BadInput
from lstm_pipeline.gate import GatePolicy
from lstm_pipeline.model.config import ModelConfig
from lstm_pipeline.series.rules import SeriesRules
from lstm_pipeline.sources.config import FilesSource, GeneratorSource
from lstm_pipeline.training.config import TrainingConfig
from lstm_pipeline.windows.config import SplitConfig, WindowsConfig

STRICT = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)
"""Nothing unknown, nothing that JSON cannot carry to another machine."""
TAKEN = ("unique_id", "ds", "cutoff", "y", "model", "model_version", "purpose", "source", "reason")
"""Names that a forecast's column may not have: frames use them."""


def _free(column: str) -> str:
    if column in TAKEN:
        raise ValueError(
            f"got {column!r}; expected a name that forecasts do not use already: not {', '.join(TAKEN)}"
        )
    return column


class PublishConfig(BaseModel):
    """[publish]: what a published forecast looks like."""

    model_config: ClassVar[ConfigDict] = STRICT

    column: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$"), AfterValidator(_free)] = "LSTM"
    """Name of the forecast column, stable across kinds of model."""


class PipelineConfig(BaseModel):
    """One pipeline: a line in the registry, fed from one source. `name` and `source` suffice."""

    model_config: ClassVar[ConfigDict] = STRICT

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=64)]
    """The line in the registry: letters a-z, digits, _ and -."""
    source: Annotated[FilesSource | GeneratorSource, Field(discriminator="kind")]
    """Where the series come from."""
    series: SeriesRules = SeriesRules()
    """What a series is, and what becomes of faulty rows."""
    windows: WindowsConfig = WindowsConfig()
    """Look-back, horizon and stride."""
    split: SplitConfig = SplitConfig()
    """Which windows train, which choose, which judge."""
    model: ModelConfig = ModelConfig()
    """The network."""
    training: TrainingConfig = TrainingConfig()
    """How long and how to train."""
    gate: GatePolicy = GatePolicy()
    """What a candidate must show."""
    publish: PublishConfig = PublishConfig()
    """What a published forecast looks like."""


def read_pipeline(path: str | Path) -> PipelineConfig:
    """Read a pipeline file, or a configuration kept as JSON; source paths are relative to the file.

    Raises:
        BadInput: there is no such file.
        BadConfig: it is not TOML, or keys or values are wrong; every fault is listed by its key path.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
        table = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except FileNotFoundError as error:
        raise BadInput(
            f"{path}: there is no such pipeline file; `lstm-pipeline init mydata.csv` writes one"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            f"{path}: cannot be read as text ({error}); expected a pipeline file in TOML"
        ) from error
    except (tomllib.TOMLDecodeError, json.JSONDecodeError) as error:
        raise BadConfig(f"{path}: not a pipeline file in TOML: {error}") from error
    return parse_pipeline(table, folder=path.parent.resolve(), origin=str(path))


def parse_pipeline(table: Mapping[str, Any], *, folder: Path, origin: str) -> PipelineConfig:
    """Check a pipeline given as a table; `origin` names it in errors, `folder` is where relative paths begin.

    Raises:
        BadConfig: keys or values are wrong; every fault is listed by its key path.
    """
    given = table.get("source")
    if isinstance(given, Mapping) and "kind" not in given:
        table = {**table, "source": {"kind": "files", **given}}
    try:
        config = PipelineConfig.model_validate(table)
    except ValidationError as error:
        faults = _faults(error)
        raise BadConfig(f"{origin}: {len(faults)} fault{'s' * (len(faults) != 1)}", faults) from error
    source = config.source
    if isinstance(source, FilesSource) and "://" not in source.path:
        absolute = dataclasses.replace(source, path=str((folder / source.path).absolute()))
        config = config.model_copy(update={"source": absolute})
    return config


def _faults(error: ValidationError) -> list[str]:
    """Each fault as `key.path: got …; expected …`, in the order of the file, one line per key."""
    by_key: dict[str, list[str]] = {}
    for item in error.errors():
        by_key.setdefault(_key_path(item["loc"]), []).append(_complaint(dict(item)))
    return [f"{key}: {_joined(complaints)}" for key, complaints in by_key.items()]


def _joined(complaints: list[str]) -> str:
    """Complaints about one key in one line: what was got is said once."""
    got, separator, first = complaints[0].partition("; input should be ")
    if not separator:
        return complaints[0]
    expected = [first, *(text.partition("; input should be ")[2] for text in complaints[1:])]
    return f"{got}; expected {' or '.join(dict.fromkeys(filter(None, expected)))}"


def _key_path(location: tuple[int | str, ...]) -> str:
    """section.key, with the place in a list; what pydantic adds after it is the type it tried, no key."""
    section, *rest = location or ("(top)",)
    if section == "source":
        rest = rest[1:]  # the kind of source
    return ".".join(str(part) for part in [section, *rest[:1], *(p for p in rest[1:] if isinstance(p, int))])


def _complaint(error: Mapping[str, Any]) -> str:
    kind = error["type"]
    if kind == "missing":
        return "missing; it must be given"
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        return "unknown key; `lstm-pipeline schema` lists the keys there are"
    if kind == "value_error":
        return str(error["ctx"]["error"])
    if kind == "union_tag_invalid":
        return f"got kind {error['ctx']['tag']!r}; expected {error['ctx']['expected_tags']}"
    return f"got {error.get('input')!r}; {str(error['msg'])[0].lower()}{str(error['msg'])[1:]}"
