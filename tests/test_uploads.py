"""Publishers of one folder in a bucket, request by request in any order: what stands is whole."""

from __future__ import annotations

import hashlib
import itertools
import random
import threading
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_pipeline.storage import uploads
from lstm_pipeline.storage.bucket import Bucket
from lstm_pipeline.storage.objects import Found

NAMES = ("a.bin", "b.bin", "c.bin")
SCHEDULES = st.integers(0, 2**32).map(random.Random)
"""Which of those that live makes its next request, again and again."""
LITTER = st.dictionaries(st.sampled_from(NAMES), st.sampled_from("AXx"), max_size=3)


def files_of(owner):
    """What a publisher brings: parts that name it, of which the last is the same for all, and a manifest."""
    text = {"a.bin": owner, "b.bin": owner, "c.bin": "x", "manifest.json": owner}
    return {name: word.encode() for name, word in text.items()}


def tag(data):
    return hashlib.md5(data).hexdigest()


class Died(BaseException):
    """What a writer dies of here."""


@dataclass
class Shelf:
    """A bucket in memory, whose every request waits for its turn."""

    held: dict[str, bytes]
    turn: object = None

    def uri(self, key):
        return f"shelf/{key}"

    def get(self, key):
        self.turn()
        data = self.held.get(key)
        return None if data is None else Found(data=data, e_tag=tag(data))

    def create(self, key, data):
        self.turn()
        return None if key in self.held else self._put(key, data)

    def swap(self, key, data, e_tag):
        self.turn()
        return self._put(key, data) if key in self.held and tag(self.held[key]) == e_tag else None

    def list(self, prefix):
        self.turn()
        return {key: tag(data) for key, data in self.held.items() if key.startswith(f"{prefix}/")}

    def delete(self, key):
        self.turn()
        self.held.pop(key, None)

    def _put(self, key, data):
        self.held[key] = data
        return tag(data)


@dataclass
class Actor:
    """A thread that makes one request each time that it is told to, and dies before its last."""

    work: object
    dies_before: int = 10**9
    go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    asks: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    done: bool = False
    result: object = None

    def start(self, held):
        count = itertools.count(1)

        def turn():
            self.asks.release()
            self.go.acquire()
            if next(count) == self.dies_before:
                raise Died

        def run():
            try:
                self.result = self.work(Bucket(objects=Shelf(held, turn)))
            except Died:
                pass
            finally:
                self.done = True
                self.asks.release()

        threading.Thread(target=run, daemon=True).start()
        self.asks.acquire()

    def step(self):
        self.go.release()
        self.asks.acquire()


def publisher(owner, dies_before=10**9):
    return Actor(lambda bucket: bucket.publish("f", files_of(owner), "manifest.json"), dies_before)


def collector():
    return Actor(lambda bucket: bucket.clear("f", "manifest.json"))


def play(actors, schedule, litter, check=lambda held: None):
    """Let actors make their requests in the order of a schedule; returns what stands in the end."""
    held = {f"f/{name}": word.encode() for name, word in litter.items()}
    for actor in actors:
        actor.start(held)
    while alive := [actor for actor in actors if not actor.done]:
        schedule.choice(alive).step()
        check(held)
    return held


def whole(held):
    """Whether every part is the one of the publisher whose manifest stands, if one does."""
    owner = held.get("f/manifest.json", b"")
    if not owner or uploads.is_fence(owner):
        return True
    return held == {f"f/{name}": data for name, data in files_of(owner.decode()).items()}


def see_whole(held):
    assert whole(held), held


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Nobody takes over the fence of one that lives, however slow."""
    monkeypatch.setattr(uploads, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(uploads, "FENCE_SECONDS", 1e9)


ANY_ORDER = settings(max_examples=300, deadline=None)


@ANY_ORDER
@given(schedule=SCHEDULES, litter=LITTER)
def test_of_three_publishers_one_wins_and_from_then_on_its_parts_stand(schedule, litter):
    actors = [publisher("A"), publisher("B"), publisher("C")]

    held = play(actors, schedule, litter, see_whole)

    assert [actor.result for actor in actors].count(True) == 1
    winner = [actor.result for actor in actors].index(True)
    assert held["f/manifest.json"] == b"ABC"[winner : winner + 1]


@ANY_ORDER
@given(litter=LITTER, dies_before=st.integers(1, 25))
def test_where_one_died_anywhere_the_next_one_comes_to_its_end(litter, dies_before):
    held = play([publisher("A", dies_before)], random.Random(), litter, see_whole)
    left = {key.removeprefix("f/"): data.decode() for key, data in held.items()}

    later = publisher("B")
    # a dead one's fence is taken over
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uploads, "FENCE_SECONDS", -1e9)
        held = play([later], random.Random(), left, see_whole)

    assert held["f/manifest.json"] == (b"B" if later.result else b"A")
    assert later.result or left["manifest.json"] == "A"


@ANY_ORDER
@given(schedule=SCHEDULES, litter=LITTER)
def test_a_collection_of_garbage_takes_nothing_from_who_publishes_meanwhile(schedule, litter):
    actors = [publisher("A"), publisher("B"), collector()]

    held = play(actors, schedule, litter)

    assert [actor.result for actor in actors].count(True) == 1
    see_whole(held)
