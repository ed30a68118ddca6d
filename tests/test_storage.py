"""The store: whole or not there, once, and never altered unseen."""

from __future__ import annotations

import errno
import hashlib
import itertools
import multiprocessing
import os
import resource
import signal
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lstm_pipeline.errors import Unreachable, UsageError
from lstm_pipeline.storage import durable, open_store, parquet_bytes
from lstm_pipeline.storage.parquet import ROWS_PER_GROUP

PARTS = {"weights.bin": b"\x00\x01" * 500, "config.json": b"{}"}
FOLDER = "models/abc"


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def put(store, key=FOLDER, parts=PARTS):
    return store.publish(key, parts, {"seed": 7}, kind="model")


def parts_of(store, key=FOLDER):
    return {name: store.read_part(key, name) for name in PARTS}


def touches_disk(function):
    owner = type(getattr(function, "__self__", None)).__module__
    return {function.__module__, owner} & {"posix", "_io", "fcntl"}


def killed_at(nth, work):
    """Run `work` in a child that gets SIGKILL before its nth call to the disk; False if it has fewer."""
    child = os.fork()
    if child == 0:
        calls = itertools.count(1)

        def count(_frame, event, function):
            if event == "c_call" and touches_disk(function) and next(calls) == nth:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(count)
        try:
            work()
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def each_kill(work):
    """Kill `work(nth)` before its nth call, for every nth; yields nth, at last after a whole run."""
    for nth in itertools.count(1):
        landed = killed_at(nth, lambda nth=nth: work(nth))
        yield nth
        if not landed:
            return


def publish_at(start, root, name):
    """Publish under twenty keys, each at a moment that all racers share."""
    store, won = open_store(root), []
    for n in range(20):
        time.sleep(max(0, start + 0.01 * n - time.monotonic()))
        won.append(not put(store, f"models/m{n}", {"who.txt": name.encode()}).reused)
    return won


def count_at(start, root, _name):
    """Raise a number in a file ten times, by compare-and-swap."""
    store, risen = open_store(root), 0
    time.sleep(max(0, start - time.monotonic()))
    while risen < 10:
        seen = store.read("counter")
        risen += store.replace("counter", str(int(seen) + 1).encode(), sha256(seen))


def race(racer, root):
    start = time.monotonic() + 0.1
    with multiprocessing.get_context("fork").Pool(6) as pool:
        return pool.starmap(racer, [(start, str(root), f"racer {n}") for n in range(6)], chunksize=1)


def test_what_a_dead_writer_left_in_a_folder_is_no_stranger(tmp_path):
    store, folder = open_store(str(tmp_path)), tmp_path / FOLDER
    folder.mkdir(parents=True)
    (folder / ".stage-1-x").write_bytes(b"half")

    put(store)

    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "manifest.json", "weights.bin"]


def test_a_publisher_killed_anywhere_leaves_the_whole_or_nothing(tmp_path):
    store, kills = open_store(str(tmp_path)), 0

    for kills in each_kill(lambda nth: put(store, f"models/m{nth}")):
        key = f"models/m{kills}"
        assert store.manifest(key) is None or parts_of(store, key) == PARTS
        put(store, key)
        assert parts_of(store, key) == PARTS

    assert kills > 20


@pytest.mark.parametrize(
    ("work", "files_and_stage", "named"),
    [
        (put, 4, "rename"),
        (lambda store: store.create("models/x", b"new"), 1, "link"),
        (lambda store: store.replace("models/x", b"new", None), 1, "replace"),
    ],
)
def test_everything_is_on_the_disk_before_it_has_its_name_and_the_name_before_the_answer(
    store, work, files_and_stage, named
):
    calls = []

    sys.setprofile(lambda _frame, event, function: event == "c_call" and calls.append(function))
    try:
        work(store)
    finally:
        sys.setprofile(None)

    order = [call.__name__ for call in calls if touches_disk(call) and call.__name__ in ("fsync", named)]
    folder_and_store = 2
    assert order == ["fsync"] * files_and_stage + [named] + ["fsync"] * folder_and_store


def test_replacing_a_torn_folder_may_be_killed_anywhere(tmp_path):
    store, kills = open_store(str(tmp_path)), 0

    def replace_torn(nth):
        Path(store.uri(f"models/m{nth}")).mkdir(parents=True)
        Path(store.part_uri(f"models/m{nth}", "weights.bin")).write_bytes(b"torn")
        put(store, f"models/m{nth}")

    for kills in each_kill(replace_torn):
        key = f"models/m{kills}"
        assert store.manifest(key) is None or parts_of(store, key) == PARTS
        put(store, key)
        assert parts_of(store, key) == PARTS

    assert kills > 30


def test_a_replacement_killed_anywhere_leaves_the_old_or_the_new(tmp_path):
    store, key, seen = open_store(str(tmp_path)), "forecasts/p/latest.parquet", set()
    store.create(key, b"old")

    for _ in each_kill(lambda _nth: store.replace(key, b"new", sha256(b"old"))):
        seen.add(store.read(key))
        store.replace(key, b"old", sha256(b"new"))

    assert seen == {b"old", b"new"}


@pytest.mark.parametrize("torn", [False, True])
def test_of_many_publishers_at_once_one_wins_and_all_are_content(tmp_path, torn):
    store = open_store(str(tmp_path))
    for n in range(20 if torn else 0):
        store.create(f"models/m{n}/who.txt", b"torn")

    won = race(publish_at, tmp_path)

    assert [sum(winners) for winners in zip(*won, strict=True)] == [1] * 20
    assert all(store.read_part(f"models/m{n}", "who.txt").startswith(b"racer") for n in range(20))


def test_of_many_replacements_at_once_none_is_lost(tmp_path):
    store = open_store(str(tmp_path))
    store.create("counter", b"0")

    race(count_at, tmp_path)

    assert store.read("counter") == b"60"


@pytest.mark.parametrize(
    ("uri", "message"),
    [("gs://bucket", "s3://bucket/prefix"), ("", "./store"), ("http://me:word@host", "'host'")],
)
def test_an_address_that_is_no_folder_is_refused(uri, message):
    with pytest.raises(UsageError, match=message):
        open_store(uri)


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "models").write_bytes(b"")
    store = open_store(str(tmp_path))

    for use in (
        lambda: put(store),
        lambda: store.create("models/a", b""),
        lambda: open_store(store.uri("models/a")),
    ):
        with pytest.raises(Unreachable, match=r"models.*: a file is in the way where a folder is expected"):
            use()

    assert store.read("models/a") is None


def test_a_disk_that_takes_no_more_leaves_nothing_behind(tmp_path):
    store = open_store(str(tmp_path))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    resource.setrlimit(resource.RLIMIT_FSIZE, (500, hard))
    try:
        for use in (lambda: put(store), lambda: store.create("models/x", PARTS["weights.bin"])):
            with pytest.raises(Unreachable, match=r"models/.*: cannot (publish|create): File too large"):
                use()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert list((tmp_path / "models").iterdir()) == []


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "the disk is full: free some space"),
        (errno.EROFS, "mounted read-only: make it writable"),
        (errno.EACCES, "this user may not: change its permissions"),
        (errno.EIO, "Input/output error: check the disk"),
    ],
)
def test_what_the_file_system_refuses_becomes_advice(number, advice):
    refusal = OSError(number, os.strerror(number))

    with pytest.raises(Unreachable) as explained, durable.explained("publish", Path("/store/x")):
        raise refusal

    assert str(explained.value).startswith("/store/x: cannot publish: ")
    assert advice in str(explained.value)


def test_a_lock_that_is_never_given_back_is_not_awaited_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(durable, "LOCK_SECONDS", 0.05)
    path = tmp_path / ".lock"

    with (
        durable.locked(path),
        pytest.raises(Unreachable, match="another process has held this lock"),
        durable.locked(path),
    ):
        pass

    with durable.locked(path):
        assert path.exists()


def test_frames_lie_in_row_groups_of_bounded_size():
    rows = 2 * ROWS_PER_GROUP + 5

    stored = pq.ParquetFile(pa.BufferReader(parquet_bytes(pa.table({"y": np.zeros(rows)}))))

    sizes = [stored.metadata.row_group(group).num_rows for group in range(stored.num_row_groups)]
    assert sizes == [ROWS_PER_GROUP, ROWS_PER_GROUP, 5]
    assert ROWS_PER_GROUP <= 2**20


def test_what_is_there_already_is_not_written_beside_for_nothing(tmp_path):
    store = open_store(str(tmp_path / "store"))
    store.create("configs/a.json", b"{}")
    before = (tmp_path / "store" / "configs").stat().st_mtime_ns

    assert not store.create("configs/a.json", b"{}")

    assert (tmp_path / "store" / "configs").stat().st_mtime_ns == before
