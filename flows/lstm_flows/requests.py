"""What a person, a schedule or another run asks of a flow: the form in the UI, which refuses nonsense."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from lstm_pipeline.settings.names import NAME

LOGICAL_DATE = r"^(-?\d+|\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?([Zz]|[+-]\d\d:?\d\d)?)$"
CONFIG = r"^configs/[0-9a-f]{64}\.json$"


class RunRequest(BaseModel):
    """One run of one pipeline."""

    # the server checks the schema, and answers 409 to an unknown key or a text that does not match
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    pipeline: str = Field(pattern=NAME, description="Name of the pipeline.")
    config: str = Field(
        pattern=CONFIG,
        description="Key of its configuration in the store: `lstm-pipeline deploy` fills it in.",
    )
    as_of: str | None = Field(
        default=None,
        pattern=LOGICAL_DATE,
        description="Logical date: only rows up to it exist. An ISO time such as 2018-06-26T19:00, or a step "
        "where series count steps. Empty: now, or the slot of the schedule.",
    )
    store: str | None = Field(
        default=None, description="Folder or s3:// address of the store. Empty: the worker's own."
    )


class TrainRequest(BaseModel):
    """A training that another run ordered."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    pipeline: str = Field(pattern=NAME, description="Name of the pipeline.")
    model: str = Field(pattern="^[0-9a-f]{64}$", description="Id of the model package that is to be made.")
    config: str = Field(pattern=CONFIG, description="Key of the configuration in the store.")
    recipe: str = Field(
        pattern=r"^recipes/[0-9a-f]{64}\.json$", description="Key of the recipe in the store."
    )
    source: str = Field(description="Digest of what the dataset was read from.")
    where: str = Field(pattern="^(auto|pool|here)$", description="As in [training].")
    store: str = Field(
        description="Where the run that orders keeps them; the worker's store must be the same."
    )

    @property
    def short(self) -> str:
        """The beginning of the model's id, for people."""
        return self.model[:12]
