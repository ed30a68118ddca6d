"""Requests for approval with their answers, as the registry's log of petitions tells of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from lstm_pipeline.registry import Petition, Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request to promote a model, and what became of it."""

    asked: Petition
    answer: Petition | None
    """None where nobody has answered."""

    def open_at(self, moment: dt.datetime) -> bool:
        """A person may still answer."""
        return self.answer is None and moment < self.asked.expires_at

    def expired_at(self, moment: dt.datetime) -> bool:
        """Nobody has answered in time."""
        return not self.open_at(moment) if self.answer is None else self.answer.event == "expired"

    @property
    def until(self) -> str:
        """When it expires, for people."""
        return f"{self.asked.expires_at:%Y-%m-%dT%H:%M:%SZ}"

    @property
    def told(self) -> str:
        """Its answer in words; empty where there is none."""
        if self.answer is None:
            return ""
        why = f" ({self.answer.reason})" if self.answer.reason else ""
        return f"{self.answer.event} by {self.answer.actor} at {self.answer.at:%Y-%m-%dT%H:%M:%SZ}{why}"


def requests(registry: Registry, pipeline: str) -> tuple[Request, ...]:
    """All requests of a pipeline, oldest first."""
    events = registry.petitions(pipeline)
    answers = {event.gate_report: event for event in events if event.event != "requested"}
    return tuple(
        Request(asked=event, answer=answers.get(event.gate_report))
        for event in events
        if event.event == "requested"
    )


def request_of(registry: Registry, pipeline: str, gate_report: str) -> Request | None:
    """The request that a gate report led to; None where nobody was asked.

    Where the model was gated again before it was promoted, that newer request.
    """
    known = requests(registry, pipeline)
    found = next((one for one in known if one.asked.gate_report == gate_report), None)
    if found is None or found.answer is None or found.answer.event != "superseded":
        return found
    later = [one for one in known if one.asked.model == found.asked.model and one.asked.at > found.asked.at]
    return later[-1] if later else found
