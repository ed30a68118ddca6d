"""A slot of a schedule takes effect once: run twice, run late, by two at once, after the feed went on."""

from __future__ import annotations

import datetime as dt
import threading

import pytest

from lstm_pipeline.errors import BadInput
from lstm_pipeline.registry import open_registry
from lstm_pipeline.steps import PLAIN, fill, retrain
from lstm_pipeline.steps.recipe import forecast_only
from tests.conftest import START, hourly, waves

BEGIN = START.replace(tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
UTC = {"source": {"timezone": "UTC"}}
HOURLY = {"retrain": "0 * * * *", "forecast": "0 * * * *"}


def feed(hours):
    """One series that has come in up to an hour after its first."""
    return hourly("a", waves(hours))


def slot(line, hours, at, *, task="retrain", walk=None, rows=None, **schedule):
    """Run what is due at a moment, with so many hours of data there."""
    job = line.job(feed(hours) if rows is None else rows, schedule=HOURLY | schedule, **UTC)
    runs = walk or (lambda job: retrain(job, PLAIN))
    return fill(job, task, at, runs)


def registry(line):
    return open_registry(f"sqlite:///{line.folder / 'store' / 'registry.db'}")


def ends(line, task="retrain"):
    return {(row.due - BEGIN) // HOUR: row.event for row in registry(line).slots("line", task).ended()}


def test_a_slot_sees_the_rows_up_to_its_own_moment_however_late_it_runs(line):
    outcome = slot(line, 170, BEGIN + 160 * HOUR + 59 * dt.timedelta(minutes=1))

    assert outcome.as_of == "2024-01-07T16:00:00"
    assert outcome.rows_kept == 161


def test_a_slot_that_is_run_again_is_told_to_be_spent_and_changes_nothing(line):
    slot(line, 161, BEGIN + 160 * HOUR)
    before = line.store.list(), registry(line).runs("line")

    again = slot(line, 165, BEGIN + 160 * HOUR + dt.timedelta(minutes=5))

    assert again is None
    kept = [key for key in line.store.list() if not key.startswith("configs/")]
    assert (kept, registry(line).runs("line")) == (
        [k for k in before[0] if not k.startswith("configs/")],
        before[1],
    )


def test_a_slot_that_was_cut_off_goes_on_with_the_rows_it_began_with(line):
    def cut_off(job):
        PLAIN.build_dataset(job)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        slot(line, 161, BEGIN + 160 * HOUR, walk=cut_off)
    # meanwhile a row of the past was corrected
    corrected = [
        (name, when, 99.0 if at == 50 else value) for at, (name, when, value) in enumerate(feed(161))
    ]

    outcome = slot(line, 161, BEGIN + 160 * HOUR, rows=corrected)

    dataset = registry(line).slots("line", "retrain").of(BEGIN + 160 * HOUR)["dataset"]
    assert outcome.dataset.rpartition("/")[2] in dataset.body
    assert "build_dataset" in outcome.reused
    assert len([key for key in line.store.list("datasets") if key.endswith("manifest.json")]) == 1


def test_two_that_run_a_slot_at_once_end_in_one_run(line):
    made = []

    def work():
        made.append(slot(line, 161, BEGIN + 160 * HOUR))

    line.job(feed(161))
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 2
    assert len({row.run for row in registry(line).runs("line")}) == 1
    assert ends(line) == {160: "done"}


def test_of_slots_that_passed_unused_the_newest_counts_and_the_others_are_superseded(line):
    slot(line, 170, BEGIN + 160 * HOUR)

    outcome = slot(line, 170, BEGIN + 164 * HOUR)

    assert outcome.as_of.endswith("T20:00:00")
    assert ends(line) == {160: "done", 161: "superseded", 162: "superseded", 163: "superseded", 164: "done"}


def test_all_missed_slots_are_run_oldest_first_where_the_policy_says_so(line):
    slot(line, 170, BEGIN + 160 * HOUR)

    slot(line, 170, BEGIN + 163 * HOUR, missed="all")

    assert ends(line) == {160: "done", 161: "done", 162: "done", 163: "done"}
    cutoffs = [row.outcome for row in registry(line).runs("line")]
    assert len(cutoffs) == 4


def test_a_missed_slot_older_than_the_window_is_superseded(line):
    slot(line, 170, BEGIN + 160 * HOUR)

    slot(line, 170, BEGIN + 164 * HOUR, missed="window", window="2h")

    assert ends(line) == {160: "done", 161: "superseded", 162: "done", 163: "done", 164: "done"}


def test_an_older_slot_that_fails_does_not_keep_the_newest_waiting(line):
    slot(line, 170, BEGIN + 160 * HOUR)

    def fails_once(job):
        if job.slot.due_at == BEGIN + 161 * HOUR:
            raise BadInput("this hour's feed was broken")
        return retrain(job, PLAIN)

    slot(line, 170, BEGIN + 162 * HOUR, missed="all", walk=fails_once)

    assert ends(line) == {160: "done", 162: "done"}


def test_a_slot_that_fails_stays_open_and_is_run_by_the_next_try(line):
    def fails(job):
        raise BadInput("the feed was broken")

    with pytest.raises(BadInput):
        slot(line, 161, BEGIN + 160 * HOUR, walk=fails)

    assert slot(line, 161, BEGIN + 160 * HOUR) is not None


def test_data_that_come_late_are_waited_for(line):
    outcome = slot(line, 170, BEGIN + 160 * HOUR, available_after="3h")

    assert outcome.rows_kept == 158


def test_forecasts_have_slots_of_their_own(line):
    slot(line, 161, BEGIN + 160 * HOUR)

    made = slot(line, 162, BEGIN + 161 * HOUR, task="forecast", walk=lambda job: forecast_only(job, PLAIN))

    assert made.published_by == registry(line).champion("line").model
    assert ends(line, "forecast") == {161: "done"}
    assert ends(line) == {160: "done"}


def test_the_log_says_that_a_schedule_promoted(line):
    slot(line, 161, BEGIN + 160 * HOUR)

    assert registry(line).champion("line").actor == "schedule"


def test_a_step_that_is_not_over_is_left_out_where_that_is_asked_for(line):
    rows = feed(161)
    at = (START + 160 * HOUR + dt.timedelta(minutes=30)).isoformat()

    whole = line.run(rows, as_of=at)
    over = line.run(rows, as_of=at, series={"drop_last_incomplete": True})

    assert (whole.rows_kept, over.rows_kept) == (161, 160)
    assert any("1 rows later than as_of are not used" in note for note in over.notes)


def test_a_step_that_is_over_stays(line):
    at = (START + 161 * HOUR).isoformat()

    assert line.run(feed(161), as_of=at, series={"drop_last_incomplete": True}).rows_kept == 161
