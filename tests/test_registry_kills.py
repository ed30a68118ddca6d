"""Racers that are killed on their way: what they were told of is in the log once, and the log is whole."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from lstm_pipeline.errors import Unreachable
from lstm_pipeline.registry import open_registry, sqlite
from tests.racing import Race, judge, run_round
from tests.registries import databases
from tests.test_registry import crown, version


def test_a_third_of_the_racers_may_be_killed_and_the_log_is_right(tmp_path):
    race = Race(processes=6, attempts=12)

    made = run_round(f"sqlite:///{tmp_path}/registry.db", race, seed=1)

    assert made.killed == 2
    assert 0 < made.acknowledged <= made.promotions <= made.attempts < 6 * 12
    assert made.sound, made


@pytest.mark.proof
@databases
def test_so_they_may_in_a_crowd(address):
    race = Race(processes=24, attempts=30)

    made = run_round(address, race, seed=2)

    assert made.killed == 8
    assert made.conflicts > made.promotions > 0
    assert made.sound, made


@pytest.mark.parametrize(
    ("edit", "found"),
    [
        ("DELETE FROM promotion WHERE seq = 2", {"holes": 1, "lost": 1}),
        ("UPDATE promotion SET model = 'a' WHERE seq = 2", {"lost": 2, "doubled": 1}),
        ("UPDATE promotion SET previous_model = 'x' WHERE seq = 2", {"wrong_champions": 1}),
    ],
)
def test_a_log_that_is_not_right_is_told_by_the_judge(tmp_path, edit, found):
    registry = open_registry(f"sqlite:///{tmp_path}/registry.db")
    for model in "abc":
        crown(registry, model)
    told = [(event, model) for model in "abc" for event in ("asked", "won")]
    before = judge(registry, told, killed=0, gave_up=0, seconds=0.0)

    with registry.engine.begin() as connection:
        connection.exec_driver_sql(edit)
    after = judge(registry, told, killed=0, gave_up=0, seconds=0.0)

    assert before.sound
    assert not after.sound
    assert {name: getattr(after, name) for name in found} == found
    assert after.chain


def test_a_writer_gets_its_turn_soon_after_another_one_has_ended(tmp_path):
    registry = open_registry(f"sqlite:///{tmp_path}/registry.db")

    with ThreadPoolExecutor(1) as pool:
        with registry.engine.begin():
            waiting = pool.submit(registry.add_version, version("m"))
            time.sleep(1.0)
        ended = time.monotonic()
        waiting.result()

    # SQLite alone asks every tenth of a second by then, and in a crowd always finds another one there
    assert time.monotonic() - ended < 5.0


def test_a_writer_that_never_gets_its_turn_is_told_so_in_a_sentence(tmp_path, monkeypatch):
    registry = open_registry(f"sqlite:///{tmp_path}/registry.db")
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.1)

    with registry.engine.begin(), ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(registry.add_version, version("m"))
        with pytest.raises(Unreachable, match=r"cannot be used: database is locked\. Check that it is there"):
            waiting.result()


def test_a_settled_registry_is_opened_while_another_one_writes(tmp_path):
    address = f"sqlite:///{tmp_path}/registry.db"
    registry = open_registry(address)
    registry.add_version(version("m"))

    with registry.engine.begin(), ThreadPoolExecutor(1) as pool:
        opened = pool.submit(open_registry, address).result(timeout=5)

        assert opened.version("p", "m") == version("m")
