"""Many processes at one registry: every promotion was tested against the champion it replaced."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from lstm_pipeline.errors import Conflict, Unreachable
from lstm_pipeline.registry import open_registry, read_registry
from lstm_pipeline.storage import durable
from tests.racing import gated, version_of
from tests.registries import databases, race


def promote_five(address, racer):
    """Promote five models, each gated again for as long as others come first; returns the conflicts met."""
    registry, conflicts, models = open_registry(address), 0, [f"{racer}-{n}" for n in range(5)]
    while models:
        registry.add_version(version_of(models[0]))
        asked, seq = gated(registry, models[0])
        time.sleep(0.005)
        try:
            registry.promote(asked, seq)
            models.pop(0)
        except Conflict:
            conflicts += 1
    return conflicts


def promote_this(address, asked):
    return open_registry(address).promote(asked, 0)


def use_first(address, racer):
    registry = open_registry(address)
    registry.add_version(version_of(f"m{racer}"))
    return registry.pipelines()


@databases
def test_of_many_promoters_none_replaces_a_champion_it_was_not_tested_against(address):
    conflicts = race(promote_five, [(address, n) for n in range(8)])

    registry = open_registry(address)
    log = registry.promotions("p")
    tested = [registry.gate_report(row.gate_report) for row in log]

    assert sum(conflicts) > 0
    assert sorted(row.model for row in log) == sorted(f"{racer}-{n}" for racer in range(8) for n in range(5))
    assert [row.previous_model for row in log] == [gate.champion for gate in tested]
    assert [row.seq - 1 for row in log] == [gate.champion_seq for gate in tested]
    registry.verify_chain("p")


@databases
def test_a_promotion_that_many_ask_for_at_once_happens_once(address):
    registry = open_registry(address)
    registry.add_version(version_of("m"))
    asked, _ = gated(registry, "m")

    answers = race(promote_this, [(address, asked)] * 6)

    assert set(answers) == set(registry.promotions("p"))
    assert len(registry.promotions("p")) == 1


@databases
def test_many_may_be_the_first_to_use_a_registry(address):
    seen = race(use_first, [(address, racer) for racer in range(6)])

    registry = open_registry(address)

    assert seen == [("p",)] * 6
    assert all(registry.version("p", f"m{racer}") for racer in range(6))


def test_the_first_use_of_a_file_waits_for_whoever_prepares_it(tmp_path):
    address = f"sqlite:///{tmp_path}/registry.db"

    with ThreadPoolExecutor(1) as pool, durable.locked(tmp_path / ".registry.db.lock"):
        opening = pool.submit(open_registry, address)
        early, _ = wait([opening], timeout=0.3)

    assert not early
    assert opening.result().pipelines() == ()


def test_who_may_write_keeps_other_writers_waiting_from_the_first_reading_on(tmp_path):
    registry = open_registry(f"sqlite:///{tmp_path}/registry.db")

    with ThreadPoolExecutor(1) as pool, registry.engine.begin() as connection:
        seen = connection.exec_driver_sql("SELECT count(*) FROM version").scalar()
        adding = pool.submit(registry.add_version, version_of("m"))
        early, _ = wait([adding], timeout=0.3)
        after = connection.exec_driver_sql("SELECT count(*) FROM version").scalar()

    assert not early
    assert (seen, after) == (0, 0)
    assert registry.version("p", "m") is not None


class Died(Exception):
    """What a transaction dies of here."""


def die_half_way(registry):
    with registry.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM version")
        raise Died


def test_a_transaction_that_fails_half_way_leaves_nothing_behind(tmp_path):
    registry = open_registry(f"sqlite:///{tmp_path}/registry.db")
    registry.add_version(version_of("m"))

    with pytest.raises(Died):
        die_half_way(registry)

    assert registry.version("p", "m") is not None


@databases
def test_who_only_looks_creates_nothing_and_may_write_nothing(address):
    with pytest.raises(Unreachable, match="there is no registry here yet; run a pipeline first"):
        read_registry(address)
    open_registry(address).add_version(version_of("m"))

    reader = read_registry(address)

    assert reader.version("p", "m") is not None
    with pytest.raises(Unreachable):
        reader.add_version(version_of("n"))
