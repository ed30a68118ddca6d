"""What a server is told of pipelines: pools, queues, deployments with their schedules, automations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate
from prefect.client.schemas.objects import ConcurrencyLimitStrategy, ConcurrencyOptions
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule
from prefect.exceptions import ObjectNotFound
from prefect.flows import Flow
from prefect.utilities.callables import parameter_schema
from prefect.workers.process import ProcessWorker

from lstm_flows.automations import ship_automations
from lstm_flows.forecast import forecast
from lstm_flows.names import BACKFILLS, CPU, GPU, MARK, WORKED
from lstm_flows.retrain import retrain
from lstm_flows.train import train
from lstm_pipeline.schedule import ANCHOR, Clock
from lstm_pipeline.settings.config import PipelineConfig

ON_TIME = "default"
"""The queue of what a schedule or a person starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A deployment as it is to be."""

    flow: Flow[..., Any]
    name: str
    pool: str
    queue: str = ON_TIME
    parameters: dict[str, Any] = field(default_factory=dict[str, Any])
    clock: Clock | None = None
    description: str
    tags: tuple[str, ...]

    @property
    def title(self) -> str:
        """As people name it: flow/deployment."""
        return f"{self.flow.name}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """What became of a deployment."""

    title: str
    schedule: str
    """Its cron line or interval with its zone; empty without one."""
    change: str
    """created, changed or as it was."""


def deploy(pipelines: Sequence[tuple[PipelineConfig, str]]) -> tuple[Deployed, ...]:
    """Bring a server up to what pipelines and their stored configurations (by key) ask for.

    What is there is changed in place, a schedule that is not wanted any more goes. If the server refuses one,
    those that were new in this call are taken back.
    """
    wanted = [_trainings(), *(one for config, key in pipelines for one in _of_pipeline(config, key))]
    with get_client(sync_client=True) as client:
        _make_pools(client)
        ship_automations(client)
        undo: list[Callable[[], None]] = []
        try:
            return tuple(_deploy(client, one, undo) for one in wanted)
        except BaseException:
            for step in undo:
                step()
            raise


def _trainings() -> Wanted:
    return Wanted(
        flow=train,
        name=GPU,
        pool=GPU,
        description="Trainings that runs order: not to be started by hand.",
        tags=(WORKED,),
    )


def _of_pipeline(config: PipelineConfig, key: str) -> tuple[Wanted, ...]:
    parameters = {"request": {"pipeline": config.name, "config": key}}
    common: dict[str, Any] = {"name": config.name, "pool": CPU, "parameters": parameters}
    tags = (MARK, WORKED, config.name)
    return (
        Wanted(
            flow=retrain,
            clock=config.schedule.clock("retrain"),
            description="Train, judge, promote only what is honestly better, publish, report.",
            tags=tags,
            **common,
        ),
        Wanted(
            flow=forecast,
            clock=config.schedule.clock("forecast"),
            description="Publish the champion's newest forecasts, without training.",
            tags=tags,
            **common,
        ),
    )


def _make_pools(client: SyncPrefectClient) -> None:
    template = ProcessWorker.get_default_base_job_template()
    for name, what in ((CPU, "Flows of pipelines"), (GPU, "Trainings, one at a time per worker")):
        try:
            client.read_work_pool(name)
        except ObjectNotFound:
            pool = WorkPoolCreate(name=name, type="process", description=what, base_job_template=template)
            client.create_work_pool(pool)
    _make_backfill_queue(client)


def _make_backfill_queue(client: SyncPrefectClient) -> None:
    """The queue whose runs wait while others are due: its priority is lower, and it takes one at a time."""
    try:
        client.read_work_queue_by_name(BACKFILLS, work_pool_name=CPU)
    except ObjectNotFound:
        client.create_work_queue(BACKFILLS, work_pool_name=CPU, priority=10, concurrency_limit=1)


def _deploy(client: SyncPrefectClient, wanted: Wanted, undo: list[Callable[[], None]]) -> Deployed:
    before = _there(client, wanted)
    identity = client.create_deployment(
        client.create_flow(wanted.flow),
        wanted.name,
        # of a pipeline one run at a time: the next waits
        concurrency_limit=1 if wanted.pool == CPU else None,
        concurrency_options=ConcurrencyOptions(collision_strategy=ConcurrencyLimitStrategy.ENQUEUE),
        parameters=wanted.parameters,
        description=wanted.description,
        work_pool_name=wanted.pool,
        work_queue_name=wanted.queue,
        tags=list(wanted.tags),
        # by module, as every worker has the package: no folder of this machine is named
        entrypoint=f"{wanted.flow.fn.__module__}.{wanted.flow.fn.__name__}",
        parameter_openapi_schema=_schema(wanted.flow),
        enforce_parameter_schema=True,
        schedules=_schedules(wanted),
    )
    if before is None:
        undo.append(lambda: client.delete_deployment(identity))
    _prune(client, identity, wanted)
    now = _there(client, wanted)
    change = "created" if before is None else "as it was" if before == now else "changed"
    return Deployed(title=wanted.title, schedule=_told(wanted.clock), change=change)


def _there(client: SyncPrefectClient, wanted: Wanted) -> dict[str, Any] | None:
    """What a server has of a deployment, as far as a deployment changes it; None where it has none."""
    try:
        found = client.read_deployment_by_name(wanted.title)
    except ObjectNotFound:
        return None
    schedules = [(one.slug, one.schedule.model_dump(), one.active) for one in found.schedules]
    return {
        "parameters": found.parameters,
        "tags": sorted(found.tags),
        "schedules": sorted(map(str, schedules)),
    }


def _schema(flow: Flow[..., Any]) -> dict[str, Any]:
    """The form of a flow: no parameter but its own."""
    return {**parameter_schema(flow.fn).model_dump(exclude_unset=False), "additionalProperties": False}


def _schedules(wanted: Wanted) -> list[DeploymentScheduleCreate]:
    if wanted.clock is None:
        return []
    interval = wanted.clock.interval
    schedule = (
        CronSchedule(cron=wanted.clock.rule, timezone=wanted.clock.timezone)
        if interval is None
        else IntervalSchedule(interval=interval, anchor_date=ANCHOR, timezone="UTC")  # pyright: ignore[reportArgumentType]
    )
    return [DeploymentScheduleCreate(schedule=schedule, active=True, slug=_slug(wanted))]


def _slug(wanted: Wanted) -> str:
    """The same for the same deployment, so that another schedule takes the place of the one before."""
    return f"{wanted.flow.name}-{wanted.name}".replace("_", "-")


def _prune(client: SyncPrefectClient, identity: UUID, wanted: Wanted) -> None:
    """Take away schedules that are not wanted: the server adds, and never removes."""
    kept = {one.slug for one in _schedules(wanted)}
    for one in client.read_deployment_schedules(identity):
        if one.slug not in kept:
            client.delete_deployment_schedule(identity, one.id)


def _told(clock: Clock | None) -> str:
    if clock is None:
        return ""
    return f"every {clock.rule}" if clock.interval is not None else f"{clock.rule} {clock.timezone}"
