"""A store on S3 against a real server of its protocol: lost answers, refusals, and a second client's view."""

from __future__ import annotations

import itertools
import socket
import sys
import time
import traceback

import pytest

from lstm_pipeline.errors import Unreachable, UsageError
from lstm_pipeline.storage import objects, open_store, uploads
from lstm_pipeline.storage.bucket import Bucket
from tests.buckets import SECRETS, objects_in, s3_between
from tests.test_store import FOLDER, PARTS, edit, parts_of, put, sha256

LARGE = b"\x00\x01\x02\x03" * (5 * 2**20)
"""Above the size from which S3's clients upload in chunks."""


@pytest.fixture(autouse=True)
def haste(monkeypatch):
    """Who asks again does so soon."""
    monkeypatch.setattr(objects, "PAUSES", (0.01, 0.01, 0.01))


class Died(BaseException):
    """What a writer dies of here."""


class Dying:
    """Objects whose reader dies before one of its requests."""

    def __init__(self, kept, dies_before):
        self.kept, self.calls, self.dies_before = kept, itertools.count(1), dies_before

    def __getattr__(self, name):
        if name != "uri" and next(self.calls) == self.dies_before:
            raise Died
        return getattr(self.kept, name)


@pytest.fixture
def address(bucket):
    return f"s3://{bucket}/store"


@pytest.fixture
def store(address):
    return open_store(address)


@pytest.fixture
def between(s3_address, bucket, monkeypatch):
    """How to put something between the store and the server: returns an opened store."""
    opened = []

    def put_between(answer):
        server = s3_between(s3_address, answer)
        opened.append(server)
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.__enter__())
        return f"s3://{bucket}/store"

    yield put_between
    for server in opened:
        server.__exit__(None, None, None)


def killed_at(store, nth, work):
    """Do some work on a store, and die before the nth request; False if it has fewer."""
    dying = type(store)(place=Bucket(objects=Dying(store.place.objects, nth)))
    try:
        work(dying)
    except Died:
        return True
    return False


def refusal(address):
    """What is said where a store cannot be opened, with all that would be printed with it."""
    with pytest.raises(Unreachable) as caught:
        open_store(address)
    told = "".join(traceback.format_exception(caught.value))
    error = caught.value
    while error is not None:
        told += repr(error) + str(vars(error))
        error = error.__cause__ or error.__context__
    assert not [value for value in SECRETS.values() if value in told]
    assert str(caught.value).startswith(f"{address}: cannot open: ")
    return str(caught.value)


def test_what_is_published_lies_there_under_its_own_name_for_any_client(store, bucket):
    put(store)

    names = {f"store/{FOLDER}/{name}" for name in (*PARTS, "manifest.json")}
    assert objects_in(bucket).keys() == names


def test_a_bucket_without_a_prefix_is_a_store_too(bucket):
    store = open_store(f"s3://{bucket}/")

    put(store)

    assert store.uri(FOLDER) == f"s3://{bucket}/{FOLDER}"
    assert parts_of(store) == PARTS


def test_stores_in_one_bucket_do_not_see_each_other(store, address):
    put(store)

    assert open_store(f"{address}-2").list() == ()
    assert open_store(address.rpartition("/")[0]).list()[0].startswith("store/")


@pytest.mark.parametrize("torn", [False, True])
def test_a_publisher_killed_anywhere_leaves_the_whole_or_nothing(store, monkeypatch, torn):
    monkeypatch.setattr(uploads, "FENCE_SECONDS", 0.05 - objects.ANSWER_SECONDS)
    monkeypatch.setattr(uploads, "LOOK_SECONDS", 0.01)
    for nth in itertools.count(1):
        key = f"models/m{nth}"
        if torn:
            store.create(f"{key}/weights.bin", b"half of a cop")

        landed = killed_at(store, nth, lambda dying, key=key: put(dying, key))

        assert store.manifest(key) is None or parts_of(store, key) == PARTS
        put(store, key)
        assert parts_of(store, key) == PARTS
        if not landed:
            break

    assert nth > (10 if torn else 6)


def test_a_large_part_is_made_once_and_whole(store):
    first = store.create("models/large", LARGE)
    second = store.create("models/large", LARGE[:-1] + b"!")

    assert (first, second) == (True, False)
    assert store.read("models/large") == LARGE
    edit(store, "models/large", LARGE[:-1] + b"?")
    assert store.read("models/large")[-2:] == b"\x02?"


def test_more_files_than_a_page_holds_are_all_listed(store):
    keys = tuple(f"many/{n:04d}" for n in range(1003))
    for key in keys:
        store.create(key, b"")

    assert store.list("many") == keys


def test_the_object_that_a_console_makes_for_a_folder_is_no_file_of_it(store, bucket):
    import boto3

    boto3.client("s3").put_object(Bucket=bucket, Key=f"store/{FOLDER}/", Body=b"")

    published = put(store)

    assert not published.reused
    assert len(store.list(FOLDER)) == 3


@pytest.mark.parametrize("data", [b"one", LARGE])
def test_a_put_whose_answer_is_lost_is_told_as_what_it_was(between, data):
    lost = itertools.cycle([500, None])
    store = open_store(between(lambda method, *_: next(lost) if method == "PUT" else None))

    made = store.create("configs/a", data), store.create("configs/a", b"other")
    replaced = (
        store.replace("configs/a", b"two", sha256(data)),
        store.replace("configs/a", b"3", sha256(data)),
    )

    assert (made, replaced) == ((True, False), (True, False))
    assert store.read("configs/a") == b"two"


def test_a_server_that_fails_now_and_then_is_asked_again(between):
    failing = itertools.cycle([None, (503, b"<Error><Code>SlowDown</Code></Error>"), 500])
    store = open_store(between(lambda *_: next(failing)))

    put(store)
    put(store, "models/torn")

    assert parts_of(store) == PARTS


def test_two_writers_that_met_and_both_lost_are_no_end(between):
    met = iter([(409, b"<Error><Code>ConditionalRequestConflict</Code></Error>")])
    store = open_store(between(lambda method, *_: next(met, None) if method == "PUT" else None))

    assert store.create("configs/a", b"one")


@pytest.mark.parametrize("header", ["if-match", "if-none-match"])
def test_a_server_that_takes_no_notice_of_a_condition_is_found_out(between, bucket, header):
    def ignore(_method, _path, headers):
        headers.pop(header, None)

    found = open_store(between(ignore)).place.ignored()

    assert [name.lower() for name in found] == [header]
    assert objects_in(bucket) == {}


def test_a_server_that_takes_notice_is_left_as_it_was(store, bucket):
    assert store.place.ignored() == ()
    assert objects_in(bucket) == {}


@pytest.mark.parametrize(
    ("status", "code", "advice"),
    [
        (403, "AccessDenied", "these credentials may not"),
        (403, "InvalidAccessKeyId", "check AWS_ACCESS_KEY_ID"),
        (403, "SignatureDoesNotMatch", "check AWS_SECRET_ACCESS_KEY"),
        (400, "ExpiredToken", "renew AWS_SESSION_TOKEN"),
        (403, "RequestTimeTooSkewed", "this machine's clock is wrong"),
        (301, "PermanentRedirect", "set AWS_REGION"),
        (403, "SomethingNew", "these credentials may not"),
        (500, "InternalError", "the server answers with status 500: check AWS_ENDPOINT_URL"),
        (404, "", "the server answers with status 404: check AWS_ENDPOINT_URL"),
        (418, "", "the server answers with status 418"),
    ],
)
def test_a_refusal_is_one_sentence_of_ours_whatever_the_server_repeats(between, status, code, advice):
    repeated = "".join(f"<Message>{value}</Message>" for value in SECRETS.values())
    body = f"<Error><Code>{code}</Code>{repeated}</Error>".encode()

    told = refusal(between(lambda *_: (status, body)))

    assert advice in told
    assert "\n" not in told


def test_a_refusal_in_the_middle_of_the_work_names_what_was_asked_for(between):
    denied = (403, b"<Error><Code>AccessDenied</Code></Error>")
    store = open_store(between(lambda method, *_: denied if method in ("PUT", "DELETE", "HEAD") else None))

    for doing, use in (
        ("create", lambda: store.create("configs/a", b"1")),
        ("create", lambda: put(store)),
        ("delete", lambda: store.delete("configs/a")),
        ("look at", lambda: store.stat("configs/a")),
    ):
        with pytest.raises(Unreachable, match=rf"store/.*: cannot {doing}: these credentials may not"):
            use()


def test_a_put_that_finds_nothing_is_not_taken_for_lost_to_another(between):
    store = open_store(between(lambda method, *_: (404, b"") if method == "PUT" else None))

    for use in (lambda: store.create("configs/a", b"1"), lambda: put(store)):
        with pytest.raises(Unreachable, match="the server answers with status 404"):
            use()


def test_a_bucket_that_is_not_there_is_said(bucket):
    assert "there is no such bucket" in refusal("s3://no-such-bucket/store")


def test_a_bucket_that_goes_away_is_no_empty_one(store, bucket):
    import boto3

    boto3.client("s3").delete_bucket(Bucket=bucket)

    for use in (lambda: store.read("a"), lambda: store.create("a", b""), store.list):
        with pytest.raises(Unreachable, match="there is no such bucket"):
            use()


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:9", "http://nowhere.invalid"])
def test_an_endpoint_that_nobody_serves_is_said_soon(address, monkeypatch, endpoint):
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    begun = time.monotonic()

    assert "check AWS_ENDPOINT_URL" in refusal(address)
    assert time.monotonic() - begun < 20


def test_an_endpoint_that_is_silent_is_not_awaited_for_ever(address, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setattr(objects, "ANSWER_SECONDS", 1)
        begun = time.monotonic()

        assert "nobody answers" in refusal(address)

    # with the ten seconds of everyday use, then, fifteen
    assert time.monotonic() - begun < 1.5


def test_without_credentials_it_is_said_which_are_missing(address, monkeypatch):
    for name in SECRETS:
        monkeypatch.delenv(name)

    assert "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in refusal(address)


@pytest.mark.parametrize(
    "uri", ["s3://", "s3://b", "s3://UPPER/x", "s3://kept//x", "s3://kept/../x", "s3://kept/a\\b", "s3:///x"]
)
def test_an_address_that_is_none_is_refused(uri):
    with pytest.raises(UsageError, match=r"expected s3://bucket/prefix: 3 to 63"):
        open_store(uri)


@pytest.mark.parametrize("uri", ["s3://me:{}@kept/x", "s3://kept/x?X-Amz-Signature={}"])
def test_an_address_with_a_secret_is_refused_and_not_repeated(uri):
    secret = SECRETS["AWS_SECRET_ACCESS_KEY"]

    with pytest.raises(UsageError, match="AWS_SECRET_ACCESS_KEY") as caught:
        open_store(uri.format(secret))

    assert secret not in str(caught.value)


def test_without_obstore_it_is_said_how_to_install_it(address, monkeypatch):
    monkeypatch.setitem(sys.modules, "obstore", None)

    with pytest.raises(UsageError, match=r"pip install 'obstore>=0\.12,<0\.13'"):
        open_store(address)


def test_a_store_shows_no_secret_of_its_own(store):
    shown = repr(store).encode()

    assert not [value for value in SECRETS.values() if value.encode() in shown]
