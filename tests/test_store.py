"""A store, in a folder and in a bucket alike: whole or not there, once, and never altered unseen."""

from __future__ import annotations

import hashlib
import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lstm_pipeline.errors import BrokenArtifact, UsageError
from lstm_pipeline.storage import open_store

PARTS = {"weights.bin": b"\x00\x01" * 500, "config.json": b"{}"}
FOLDER = "models/abc"
RACERS = 6


@pytest.fixture(params=["folder", "bucket"])
def address(request, tmp_path):
    """Where an empty store may be made."""
    if request.param == "folder":
        return str(tmp_path / "new" / "store")
    return f"s3://{request.getfixturevalue('bucket')}/new/store"


@pytest.fixture
def store(address):
    return open_store(address)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def put(store, key=FOLDER, parts=PARTS):
    return store.publish(key, parts, {"seed": 7}, kind="model")


def parts_of(store, key=FOLDER):
    return {name: store.read_part(key, name) for name in PARTS}


def edit(store, key, data):
    """Put other bytes in the place of a file, as nobody should."""
    assert store.replace(key, data, sha256(store.read(key)))


def state(store):
    """Every file with its bytes and when it was written."""
    return {key: (store.read(key), store.stat(key)) for key in store.list()}


def race(racer):
    """Let racers begin at one moment; what each returned."""
    ready = threading.Barrier(RACERS)

    def run(number):
        ready.wait()
        return racer(number)

    with ThreadPoolExecutor(RACERS) as pool:
        return list(pool.map(run, range(RACERS)))


def test_what_is_published_is_read_back(store, address):
    published = put(store)

    assert (published.uri, published.reused) == (f"{address}/models/abc", False)
    assert parts_of(store) == PARTS
    assert store.list("models") == tuple(
        f"{FOLDER}/{n}" for n in ("config.json", "manifest.json", "weights.bin")
    )


def test_the_manifest_names_format_kind_and_every_part(store):
    put(store)

    sums = {name: {"sha256": sha256(data), "bytes": len(data)} for name, data in PARTS.items()}
    manifest = store.manifest(FOLDER)
    assert set(manifest) == {"format", "kind", "seed", "parts", "sha256"}
    assert (manifest["format"], manifest["kind"], manifest["seed"]) == (1, "model", 7)
    assert manifest["parts"] == sums


def test_an_edited_manifest_is_refused(store):
    put(store)
    text = store.read(f"{FOLDER}/manifest.json")

    edit(store, f"{FOLDER}/manifest.json", text.replace(b'"seed": 7', b'"seed": 8'))

    with pytest.raises(BrokenArtifact, match="other facts than were written"):
        store.manifest(FOLDER)


def test_the_first_publication_wins_and_later_ones_change_no_byte(store):
    first = put(store)
    before = state(store)

    second = put(store, parts={"weights.bin": b"other"})

    assert (second.reused, second.manifest_sha256) == (True, first.manifest_sha256)
    assert state(store) == before


@pytest.mark.parametrize("left", [b"half of a cop", PARTS["weights.bin"]])
def test_a_folder_without_a_manifest_does_not_exist_and_is_replaced(store, left):
    store.create(f"{FOLDER}/weights.bin", left)
    before = store.manifest(FOLDER)

    published = put(store)

    assert (before, published.reused) == (None, False)
    assert parts_of(store) == PARTS


@pytest.mark.parametrize("stranger", ["thesis.odt", "weights.bin/inside", ".git/config", ".lock"])
def test_a_folder_with_anything_that_no_publisher_left_is_refused_and_nothing_in_it_touched(store, stranger):
    store.place.create(f"{FOLDER}/{stranger}", b"years of work")
    store.place.create(f"{FOLDER}/config.json", b"somebody's")

    with pytest.raises(
        BrokenArtifact, match=r"models/abc: got a folder in which nothing is published"
    ) as refusal:
        put(store)

    assert refusal.value.faults == (stranger.split("/")[0],)
    assert store.place.read(f"{FOLDER}/{stranger}") == b"years of work"
    assert store.place.read(f"{FOLDER}/config.json") == b"somebody's"


def test_what_begins_with_a_dot_is_not_listed(store):
    put(store)
    whole = store.list()

    store.place.create("models/.stage-1-x/manifest.json", b"{}")
    store.place.create("models/.lock", b"{}")

    assert store.list() == whole


def test_of_many_publishers_at_once_one_wins_and_its_parts_stand(store):
    def publish(number):
        parts = {name: b"%d: " % number + data for name, data in PARTS.items()}
        return [not put(store, f"models/m{n}", parts).reused for n in range(5)]

    won = race(publish)

    for n, winners in enumerate(zip(*won, strict=True)):
        assert sum(winners) == 1
        owner = b"%d: " % winners.index(True)
        assert all(part.startswith(owner) for part in parts_of(store, f"models/m{n}").values())


def test_of_many_replacements_at_once_none_is_lost(store):
    store.create("counter", b"0")

    def count(_number):
        risen = 0
        while risen < 5:
            seen = store.read("counter")
            risen += store.replace("counter", str(int(seen) + 1).encode(), sha256(seen))

    race(count)

    assert store.read("counter") == b"30"


def test_of_many_creators_at_once_one_wins(store):
    made = race(lambda number: store.create("training/a/7.state", b"%d" % number))

    assert sum(made) == 1
    assert store.read("training/a/7.state") == b"%d" % made.index(True)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bit=st.integers(0, 8 * len(PARTS["weights.bin"]) - 1))
def test_one_flipped_bit_is_refused_with_both_digests(store, bit):
    put(store)
    altered = bytearray(PARTS["weights.bin"])
    altered[bit // 8] ^= 1 << bit % 8

    edit(store, f"{FOLDER}/weights.bin", bytes(altered))

    with pytest.raises(BrokenArtifact) as refusal:
        store.read_part(FOLDER, "weights.bin")
    named = (store.part_uri(FOLDER, "weights.bin"), sha256(altered), sha256(PARTS["weights.bin"]))
    assert all(text in str(refusal.value) for text in named)
    edit(store, f"{FOLDER}/weights.bin", PARTS["weights.bin"])


def test_a_part_that_is_missing_or_unknown_is_refused(store):
    put(store)

    store.delete(f"{FOLDER}/config.json")

    for name, got in (("config.json", "got no file"), ("scaler.json", "got no such part")):
        with pytest.raises(BrokenArtifact, match=got):
            store.read_part(FOLDER, name)
    with pytest.raises(BrokenArtifact, match=r"models/none: got no manifest\.json"):
        store.read_part("models/none", "config.json")


def test_a_newer_format_is_refused_in_one_line(store):
    newer = json.dumps({"format": 2, "parts": "elsewhere"}).encode()
    store.create(f"{FOLDER}/manifest.json", newer)

    with pytest.raises(BrokenArtifact) as refusal:
        store.manifest(FOLDER)

    path = store.part_uri(FOLDER, "manifest.json")
    assert str(refusal.value) == f"{path}: got format 2, expected at most 1: upgrade lstm-pipeline to read it"


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b'{"format": 1}', b'{"format": "1", "kind": "", "parts": {}}']
)
def test_a_damaged_manifest_is_refused_and_not_published_over(store, text):
    store.create(f"{FOLDER}/manifest.json", text)

    for use in (lambda: store.manifest(FOLDER), lambda: put(store)):
        with pytest.raises(BrokenArtifact, match=r"manifest.json: got .*, expected a manifest"):
            use()

    assert store.read(f"{FOLDER}/manifest.json") == text


def test_a_manifest_other_than_the_registered_one_is_refused(store):
    registered = put(store).manifest_sha256
    accepted = store.manifest(FOLDER, registered)

    edit(store, f"{FOLDER}/manifest.json", store.read(f"{FOLDER}/manifest.json") + b" ")

    assert accepted == store.manifest(FOLDER)
    with pytest.raises(BrokenArtifact, match=f"expected {registered}"):
        store.manifest(FOLDER, registered)


def test_a_single_file_is_created_once(store):
    first, second = store.create("training/a/7.state", b"one"), store.create("training/a/7.state", b"two")

    assert (first, second, store.read("training/a/7.state")) == (True, False, b"one")
    assert store.place.list("training/a") == ("training/a/7.state",)


def test_a_deleted_file_is_gone_and_deleting_it_again_does_nothing(store):
    store.create("training/a/7.state", b"one")

    store.delete("training/a/7.state")
    store.delete("training/a/7.state")

    assert (store.read("training/a/7.state"), store.list("training"), store.list("nowhere")) == (None, (), ())


def test_a_file_is_replaced_only_where_it_is_the_expected_one(store):
    key = "forecasts/p/latest.parquet"

    tries = [
        store.replace(key, b"one", sha256(b"zero")),
        store.replace(key, b"one", None),
        store.replace(key, b"two", None),
        store.replace(key, b"two", sha256(b"one")),
    ]

    assert (tries, store.read(key)) == ([False, True, False, True], b"two")


def test_a_file_has_its_size_and_age_and_one_that_is_not_there_has_none(store):
    store.create("configs/a.json", b"{}")

    assert store.stat("configs/a.json").bytes == 2
    assert store.stat("configs/a.json").modified.tzinfo is not None
    assert store.stat("configs/b.json") is None


def test_a_folder_is_cleared_unless_it_has_a_manifest(store):
    put(store)
    store.create("models/torn/weights.bin", b"half")
    whole = store.list(FOLDER)

    for folder in (FOLDER, "models/torn", "models/none"):
        store.clear(folder)

    assert store.list() == whole


@pytest.mark.parametrize("key", ["models/a b", "models/100 %", "models/a#b?c=d&e", "models/Käse~*", "a/+"])
def test_a_key_of_any_letters_is_read_back_and_listed(store, key):
    store.create(key, b"1")

    assert (store.read(key), store.list(), store.key(store.uri(key))) == (b"1", (key,), key)


@pytest.mark.parametrize(
    "key", ["", "/etc/passwd", "a//b", "a/", "../a", "a/../../b", "a/./b", ".lock", "a\0b", "a\\b"]
)
def test_a_key_that_could_lead_elsewhere_is_refused(store, key):
    for use in (
        store.uri,
        store.read,
        store.delete,
        lambda key: store.create(key, b""),
        lambda key: put(store, key),
    ):
        with pytest.raises(UsageError, match="got the key"):
            use(key)

    assert store.list() == ()


@pytest.mark.parametrize("name", ["manifest.json", "a/b", "..", ""])
def test_a_part_needs_a_name_of_its_own(store, name):
    with pytest.raises(UsageError, match="got the"):
        put(store, parts={name: b""})

    assert store.list() == ()


def test_a_uri_leads_back_to_its_key_and_none_from_elsewhere_does(store, address):
    key = store.key(store.uri(FOLDER))

    assert key == FOLDER
    with pytest.raises(UsageError, match="expected something inside the store"):
        store.key(f"{address}-2/{FOLDER}")
