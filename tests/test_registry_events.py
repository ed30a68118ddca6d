"""Looks at test windows, approvals and live scores: appended once, by whoever comes first."""

from __future__ import annotations

import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_pipeline.errors import BrokenArtifact, Conflict, UsageError
from lstm_pipeline.registry import LiveScore, Petition, RunRow, open_registry
from lstm_pipeline.registry.petitions import pending
from tests.registries import databases, race
from tests.test_registry import HOUR, NOON, crown, proposal, report, version


@pytest.fixture
def registry(tmp_path):
    return open_registry(f"sqlite:///{tmp_path / 'registry.db'}")


def request(gate_report, model="m", **changes):
    usual = Petition(
        gate_report=gate_report,
        pipeline="p",
        model=model,
        champion_seq=0,
        actor="run",
        reason="approval = always",
        at=NOON,
        expires_at=NOON + 24 * HOUR,
    )
    return dataclasses.replace(usual, **changes)


def asked(registry, model="m"):
    """A request to promote a model that the gate lets through."""
    registry.add_version(version(model))
    gate = registry.record_gate(report(model))
    return registry.petition(request(gate.id, model))


def answer(petition, event, actor="ana", at=NOON + HOUR):
    return petition.answered(event, actor=actor, reason="seen", at=at)


def test_each_distinct_candidate_on_the_same_windows_gets_the_next_place(registry):
    places = [registry.look("p", "w", name, NOON) for name in ("a", "b", "a", "c", "b")]

    others = [registry.look("p", "other", "c", NOON), registry.look("q", "w", "c", NOON)]

    assert places == [1, 2, 1, 3, 2]
    assert others == [1, 1]


@databases
def test_many_that_look_at_once_get_places_without_a_hole(address):
    open_registry(address)

    places = race(look_at, [(address, n) for n in range(12)])

    assert sorted(place for pair in places for place in pair) == list(range(1, 25))
    assert race(look_at, [(address, n) for n in range(12)]) == places


def look_at(address, n):
    registry = open_registry(address)
    return [registry.look("p", "w", f"{n}-{kind}", NOON) for kind in "ab"]


@databases
def test_many_that_look_for_one_candidate_get_its_one_place(address):
    open_registry(address)

    places = race(look_for_one, [(address, n) for n in range(8)])

    assert places == [1] * 8


def look_for_one(address, n):
    return open_registry(address).look("p", "w", "m", NOON + n * HOUR)


def test_a_request_is_pending_until_it_is_answered(registry):
    petition = asked(registry)
    before = registry.pending("p", NOON + HOUR)

    given = registry.petition(answer(petition, "refused"))

    assert before == petition
    assert registry.pending("p", NOON + 2 * HOUR) is None
    assert registry.petitions("p") == (petition, given)
    assert (given.nth, given.event, given.actor) == (2, "refused", "ana")


def test_a_request_is_pending_until_it_expires(registry):
    petition = asked(registry)

    held = [registry.pending("p", NOON + hours * HOUR) for hours in (-1, 0, 23, 24)]

    assert held == [None, petition, petition, None]


def test_of_several_requests_the_newest_one_is_pending(registry):
    first = asked(registry, "a")
    newer = registry.petition(request(registry.record_gate(report("b")).id, "b", at=NOON + HOUR))

    assert registry.pending("p", NOON + 2 * HOUR) == newer
    registry.petition(answer(newer, "superseded"))
    assert registry.pending("p", NOON + 2 * HOUR) == first


def test_the_same_request_again_is_no_new_row(registry):
    petition = asked(registry)

    again = registry.petition(dataclasses.replace(petition, at=NOON + HOUR, expires_at=NOON + 99 * HOUR))

    assert again == petition
    assert registry.petitions("p") == (petition,)


def test_an_approval_and_its_promotion_come_together(registry):
    petition = asked(registry)

    row = registry.approve(answer(petition, "approved"), proposal("m", petition.gate_report))

    assert (row.seq, row.model, registry.champion("p")) == (1, "m", row)
    assert registry.petitions("p")[-1].event == "approved"
    assert registry.approve(answer(petition, "approved"), proposal("m", petition.gate_report)) == row


def test_an_approval_after_another_promotion_is_a_conflict_and_leaves_nothing(registry):
    petition = asked(registry)
    crown(registry, "other")

    with pytest.raises(Conflict, match=r"got promotion 1 \(model other\)"):
        registry.approve(answer(petition, "approved"), proposal("m", petition.gate_report))

    assert registry.petitions("p") == (petition,)


def test_an_approval_without_its_promotion_is_a_mistake_of_the_program(registry):
    petition = asked(registry)

    with pytest.raises(ValueError, match="use approve"):
        registry.petition(answer(petition, "approved"))


def test_what_was_answered_meanwhile_is_a_conflict_that_names_the_answer(registry):
    petition = asked(registry)
    given = registry.petition(answer(petition, "refused", actor="ben"))

    with pytest.raises(Conflict, match=r"got the petition for the model m as refused by ben at .*stands"):
        registry.approve(answer(petition, "approved"), proposal("m", petition.gate_report))

    assert registry.petition(answer(petition, "refused", actor="ben")) == given
    assert registry.champion("p") is None


def test_what_nobody_asked_for_cannot_be_answered(registry):
    stranger = answer(request("unknown"), "refused")
    other = answer(dataclasses.replace(asked(registry), model="x"), "refused")

    with pytest.raises(UsageError, match="got no request by the gate report unknown"):
        registry.petition(stranger)
    with pytest.raises(UsageError, match=r"got the request for the model m .* expected one for the model x"):
        registry.petition(other)


@pytest.mark.parametrize("event", ["approved", "refused"])
def test_an_expired_request_can_only_be_noted_as_such(registry, event):
    petition = asked(registry)
    late = answer(petition, event, at=NOON + 24 * HOUR)
    tell = {
        "approved": lambda: registry.approve(late, proposal("m", petition.gate_report)),
        "refused": lambda: registry.petition(late),
    }

    with pytest.raises(UsageError, match=r"expired at 2026-05-04T12:00:00\+00:00: run the pipeline again"):
        tell[event]()

    assert registry.petition(answer(petition, "expired", at=NOON + 24 * HOUR)).event == "expired"
    assert registry.champion("p") is None


@databases
def test_of_many_answers_one_stands(address):
    petition = asked(open_registry(address))

    told = race(try_to_answer, [(address, petition, n) for n in range(8)])

    events = open_registry(address).petitions("p")
    assert sorted(told) == [False] * 7 + [True]
    assert len(events) == 2
    assert (open_registry(address).champion("p") is not None) == (events[1].event == "approved")


def try_to_answer(address, petition, n):
    registry = open_registry(address)
    try:
        if n % 2:
            registry.petition(answer(petition, "refused", actor=f"{n}"))
        else:
            registry.approve(answer(petition, "approved", actor=f"{n}"), proposal("m", petition.gate_report))
    except Conflict:
        return False
    return True


def test_a_concluded_run_that_waits_for_an_answer_does_not_make_its_log_look_cut(registry):
    petition = asked(registry)
    registry.add_run(
        RunRow(run="r", pipeline="p", gate_report=petition.gate_report, report_uri="u", outcome="{}", at=NOON)
    )

    registry.verify_chain("p")
    registry.approve(answer(petition, "approved"), proposal("m", petition.gate_report))
    registry.verify_chain("p")
    with registry.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM promotion")

    with pytest.raises(BrokenArtifact) as found:
        registry.verify_chain("p")
    assert "its run promoted the model m after seq 0" in found.value.faults[0]


@given(answers=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 48)), max_size=6), at=st.integers(0, 60))
def test_what_is_pending_is_the_newest_request_that_is_open_at_that_moment(answers, at):
    requests = [request(f"g{n}", at=NOON + n * HOUR) for n in range(6)]
    closed = [answer(requests[n], "refused", at=NOON + hour * HOUR) for n, hour in answers]
    events = sorted([*requests, *closed], key=lambda event: event.at)

    found = pending(events, NOON + at * HOUR)

    shut = {row.gate_report for row in closed if row.at <= NOON + at * HOUR}
    is_open = [
        row for row in requests if row.at <= NOON + at * HOUR < row.expires_at and row.gate_report not in shut
    ]
    assert found == (is_open[-1] if is_open else None)


def score(**changes):
    usual = LiveScore(
        pipeline="p",
        purpose="live",
        model="m",
        cutoff=7,
        loss=0.1 + 0.2,
        series=3,
        uri="u",
        scored_by="d",
        at=NOON,
    )
    return dataclasses.replace(usual, **changes)


@databases
def test_the_first_score_of_a_forecast_stays_to_the_last_digit(address):
    registry = open_registry(address)

    stored = [registry.add_live_score(row) for row in (score(), score(loss=9.0, scored_by="later"))]

    assert stored == [score(), score()]
    assert registry.live_scores("p", "live") == (score(),)


def test_live_scores_come_by_cutoff_of_one_model_or_of_all(registry):
    rows = [score(cutoff=9), score(), score(model="n"), score(purpose="shadow"), score(pipeline="q")]
    for row in rows:
        registry.add_live_score(row)

    assert registry.live_scores("p", "live") == (rows[1], rows[2], rows[0])
    assert registry.live_scores("p", "live", "m") == (rows[1], rows[0])
    assert registry.live_scores("p", "shadow") == (rows[3],)


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_loss_that_is_no_number_is_no_score(loss):
    with pytest.raises(ValueError, match="leave it unscored until what it foretold is observed"):
        score(loss=loss)
