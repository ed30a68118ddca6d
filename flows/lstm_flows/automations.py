"""What the server itself does about runs that died: notices them, and starts them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ActionTypes, ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification

from lstm_flows.names import MARK, WORKED
from lstm_pipeline.settings.service import HEARTBEAT_SECONDS

SILENT_SECONDS = 3 * HEARTBEAT_SECONDS
"""After which a run that gives no sign of life is dead: a healthy one may lose two."""
STUCK_SECONDS = 600
"""After which a run that a worker took, and that never began, is dead."""
RESTARTS = 3
"""How often a run that crashed is started again by itself."""
RESTARTED = "Restarted"
"""The name of its state then."""
# at once the worker that it died in, and that still has it on its books, would take it again and die of it
PAUSE_SECONDS = 10
"""Between a crash and the restart: the least that the server waits for what does not come."""

Labels = Mapping[str, Sequence[str]]
NO_LABELS: Labels = {}
COUNTS: Labels = {"prefect.run-count": [str(count) for count in range(RESTARTS + 1)]}
"""In words, as a trigger knows no comparison; the count of a run that never began is 0."""


def automations() -> tuple[AutomationCore, ...]:
    """What `deploy` ships."""
    return (
        _crash(
            "silent runs are dead",
            f"A run of {MARK} that gave no sign of life for {SILENT_SECONDS} s ends as crashed.",
            _absence("prefect.flow-run.heartbeat", SILENT_SECONDS, WORKED),
        ),
        _crash(
            "stuck runs are dead",
            f"A run of {MARK} that did not begin within {STUCK_SECONDS} s of being taken ends as crashed.",
            _absence("prefect.flow-run.Pending", STUCK_SECONDS, WORKED),
        ),
        AutomationCore(
            name=f"{MARK}: crashed runs are started again",
            description=f"Up to {RESTARTS} times. A training is ordered again by the run that ordered it.",
            trigger=_absence("prefect.flow-run.Crashed", PAUSE_SECONDS, MARK, COUNTS),
            actions=[_turn(StateType.SCHEDULED, RESTARTED, "its process died")],
        ),
    )


def ship_automations(client: SyncPrefectClient) -> None:
    """Create them on a server, or bring those that are there up to date."""
    for wanted in automations():
        there = client.read_automations_by_name(wanted.name)
        if not there:
            client.create_automation(wanted)
        for one in there:
            client.update_automation(one.id, wanted)


def _crash(name: str, description: str, trigger: EventTrigger) -> AutomationCore:
    return AutomationCore(
        name=f"{MARK}: {name}",
        description=description,
        trigger=trigger,
        actions=[_turn(StateType.CRASHED, None, description)],
    )


def _turn(state: StateType, name: str | None, message: str) -> ActionTypes:
    return ChangeFlowRunState(state=state, name=name, message=message, force=False)


def _absence(after: str, seconds: int, tag: str, labels: Labels = NO_LABELS) -> EventTrigger:
    """Nothing is heard of a run for a time after an event of a kind."""
    return EventTrigger(
        match=ResourceSpecification.model_validate({"prefect.resource.id": "prefect.flow-run.*", **labels}),
        match_related=_tagged(tag),
        after={after},
        # whatever happens to a run is a sign of life; ours end in states of many names
        expect={"prefect.flow-run.*"},
        for_each={"prefect.resource.id"},
        posture=Posture.Proactive,
        threshold=1,
        within=timedelta(seconds=seconds),
    )


def _tagged(tag: str) -> ResourceSpecification:
    labels = {"prefect.resource.role": "tag", "prefect.resource.id": f"prefect.tag.{tag}"}
    return ResourceSpecification.model_validate(labels)
