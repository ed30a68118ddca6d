"""The pipeline file: TOML in, one frozen PipelineConfig out, or every fault at once by its key path."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shlex
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from lstm_pipeline.errors import SHOWN, BadConfig, BadInput, UsageError
from lstm_pipeline.gate import ApprovalPolicy, GatePolicy, ProbationPolicy
from lstm_pipeline.model.config import ExternalConfig, ModelConfig
from lstm_pipeline.schedule import ScheduleConfig
from lstm_pipeline.series.rules import SeriesRules
from lstm_pipeline.settings.faults import faults_of
from lstm_pipeline.settings.kinds import quoted_numbers, truths
from lstm_pipeline.settings.meaning import meaningless
from lstm_pipeline.settings.names import COLUMN, NAME, checked_column, checked_name
from lstm_pipeline.sources.config import FilesSource, GeneratorSource
from lstm_pipeline.sources.listing import SUFFIXES
from lstm_pipeline.training.config import TrainingConfig
from lstm_pipeline.windows.config import SplitConfig, WindowsConfig

STRICT = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)
"""Nothing unknown, nothing that JSON cannot carry to another machine."""


USUAL = {"source": "files", "model": "lstm"}
"""The kind of a section that names none."""


class PublishConfig(BaseModel):
    """[publish]: what a published forecast looks like."""

    model_config: ClassVar[ConfigDict] = STRICT

    column: Annotated[str, AfterValidator(checked_column), Field(json_schema_extra={"pattern": COLUMN})] = (
        "LSTM"
    )
    """Name of the forecast column, stable across kinds of model."""


class PipelineConfig(BaseModel):
    """One pipeline: a line in the registry, fed from one source. `name` and `source` suffice."""

    model_config: ClassVar[ConfigDict] = STRICT

    name: Annotated[str, AfterValidator(checked_name), Field(json_schema_extra={"pattern": NAME})]
    """The line in the registry: letters a-z, digits, _ and -."""
    source: Annotated[FilesSource | GeneratorSource, Field(discriminator="kind")]
    """Where the series come from."""
    series: SeriesRules = SeriesRules()
    """What a series is, and what becomes of faulty rows."""
    windows: WindowsConfig = WindowsConfig()
    """Look-back, horizon and stride."""
    split: SplitConfig = SplitConfig()
    """Which windows train, which choose, which judge."""
    model: Annotated[ModelConfig | ExternalConfig, Field(discriminator="kind")] = ModelConfig()
    """The network, or the command that forecasts in its place."""
    training: TrainingConfig = TrainingConfig()
    """How long and how to train."""
    gate: GatePolicy = GatePolicy()
    """What a candidate must show."""
    approval: ApprovalPolicy = ApprovalPolicy()
    """Which promotions wait for a person."""
    probation: ProbationPolicy = ProbationPolicy()
    """How long a new champion is watched."""
    publish: PublishConfig = PublishConfig()
    """What a published forecast looks like."""
    schedule: ScheduleConfig = ScheduleConfig()
    """When a deployed pipeline runs, and on which rows."""

    @property
    def refits(self) -> bool:
        """A promoted recipe is trained to the end of its data; nothing is, where a command forecasts."""
        return self.gate.refit != "none" and not isinstance(self.model, ExternalConfig)


def read_pipeline(path: str | Path) -> PipelineConfig:
    """Read a pipeline file, or a configuration kept as JSON; source paths are relative to the file.

    Raises:
        UsageError: it is data, which need a pipeline file first.
        BadInput: there is no such file.
        BadConfig: it is not TOML, or keys or values are wrong; every fault is listed by its key path.
    """
    path = Path(path)
    _refuse_data(path)
    try:
        text = path.read_text(encoding="utf-8")
        table = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except FileNotFoundError as error:
        raise BadInput(f"{path}: there is no such pipeline file; {_way_to_one(path)}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            f"{path}: cannot be read as text ({error}); expected a pipeline file in TOML"
        ) from error
    except (tomllib.TOMLDecodeError, json.JSONDecodeError) as error:
        raise BadConfig(f"{path}: not a pipeline file in TOML: {error}") from error
    return parse_pipeline(table, folder=path.parent.resolve(), named=str(path))


def _refuse_data(path: Path) -> None:
    """Refuse what is to be looked at first.

    Raises:
        UsageError: a data file, or a folder.
    """
    if path.is_dir() or (path.name.endswith(SUFFIXES) and path.exists()):
        what = "a folder" if path.is_dir() else "data"
        raise UsageError(
            f"{path}: this is {what}, not a pipeline file: run `lstm-pipeline init {shlex.quote(str(path))}` "
            "first, which writes one"
        )


def _way_to_one(path: Path) -> str:
    """How to come by a pipeline file that is not there: from data of its name, or as one that lies beside."""
    stem = path.name.removesuffix(".toml")
    data = [path.with_name(stem + suffix) for suffix in SUFFIXES]
    found = next((str(file) for file in data if file.exists()), None)
    if found is not None:
        return f"`lstm-pipeline init {shlex.quote(found)} --out {shlex.quote(str(path))}` writes it"
    beside = sorted(file.name for file in path.parent.glob("*.toml"))
    few = ", ".join(beside[:SHOWN]) + (f" and {len(beside) - SHOWN} more" if len(beside) > SHOWN else "")
    there = f"{path.parent.absolute()} holds {few or 'none'}"
    return f"{there}: check the path, or have `lstm-pipeline init` write one for your data file"


def parse_pipeline(table: Mapping[str, Any], *, folder: Path, named: str) -> PipelineConfig:
    """Check a pipeline given as a table; `named` names it in errors, `folder` is where relative paths begin.

    Raises:
        BadConfig: keys or values are wrong; every fault is listed by its key path.
    """
    # asked of the table as it stands in the file: pydantic would have turned "7" into 7, and true into 1
    mistaken, faults = [*quoted_numbers(table, _sections()), *truths(table, _sections())], meaningless(table)
    for section, usual in USUAL.items():
        given = table.get(section)
        if isinstance(given, Mapping) and "kind" not in given:
            # pydantic tells kinds apart by this key, and knows no default for it
            table = {**table, section: {"kind": usual, **given}}
    try:
        config = PipelineConfig.model_validate(table)
    except ValidationError as error:
        raise _refusal(named, [*faults_of(error, _keys()), *faults], mistaken) from error
    if mistaken or faults:
        raise _refusal(named, faults, mistaken)
    source = config.source
    if isinstance(source, FilesSource) and "://" not in source.path:
        # absolute, as a stored configuration is read where nobody knows this folder any more
        absolute = dataclasses.replace(source, path=str((folder / source.path).absolute()))
        config = config.model_copy(update={"source": absolute})
    if isinstance(config.model, ExternalConfig):
        config = config.model_copy(update={"model": _pinned(config.model, folder)})
    return config


def _pinned(model: ExternalConfig, folder: Path) -> ExternalConfig:
    """The same command with the files it names by their absolute paths, and with what they hold.

    So a stored configuration finds them, and an edited script is another model.
    """
    if model.files:
        return model
    # a program without a folder is one of the machine's, whatever lies beside the pipeline file
    named = [part for nth, part in enumerate(model.command) if nth or "/" in part]
    places = {part: folder / part for part in named if (folder / part).is_file()}
    digests = {str(place): hashlib.sha256(place.read_bytes()).hexdigest() for place in places.values()}
    command = tuple(str(places.get(part, part)) for part in model.command)
    return dataclasses.replace(model, command=command, files=digests)


def _refusal(named: str, faults: list[str], better: list[str]) -> BadConfig:
    """The faults in their order, one for each key: the first, or what is better said of it."""
    each: dict[str, str] = {}
    for fault in faults:
        each.setdefault(fault.partition(": ")[0], fault)
    each |= {fault.partition(": ")[0]: fault for fault in better}
    return BadConfig(f"{named}: {len(each)} fault{'s' * (len(each) != 1)}", [*each.values()])


def _sections() -> dict[str, Any]:
    """The type of each section."""
    return {name: field.annotation for name, field in PipelineConfig.model_fields.items()}


def _keys() -> dict[str, tuple[str, ...]]:
    """The keys of each section, of [source] those of every kind; a key without a section has none."""
    return {name: _keys_of(kind) for name, kind in _sections().items()}


def _keys_of(kind: Any) -> tuple[str, ...]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return tuple(kind.model_fields)
    kinds = [one for one in (kind, *get_args(kind)) if dataclasses.is_dataclass(one)]
    return tuple(dict.fromkeys(field.name for one in kinds for field in dataclasses.fields(one)))
