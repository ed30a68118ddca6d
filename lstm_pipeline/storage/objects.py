"""Single requests to a bucket: bounded in time, settled where an answer was lost, refused in one sentence."""

from __future__ import annotations

import datetime as dt
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, GenericError, PreconditionError
from obstore.store import S3Store

from lstm_pipeline.errors import Unreachable
from lstm_pipeline.storage.address import bucket_and_prefix, checked_address
from lstm_pipeline.storage.place import Stat
from lstm_pipeline.storage.refused import is_no_bucket, may_pass, reason

ANSWER_SECONDS = 10
"""How long a server may be silent, an upload aside."""
BYTES_PER_SECOND = 2**18
"""What an upload needs to get through at least."""
SMALL = 2**20
"""Bytes that are uploaded while a server may be silent."""
PAUSES = (0.2, 1.0, 3.0)
"""Seconds between the first request and the next ones, where nobody knows what became of it."""
WRITER = "writer"
"""Metadata of every object: which request has written it."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An object as it stands."""

    data: bytes
    e_tag: str
    """What the server calls this content: the condition of a swap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objects:
    """The objects of a bucket below a prefix."""

    address: str
    """s3://bucket/prefix."""
    client: S3Store = field(repr=False)

    def uri(self, key: str) -> str:
        """Absolute address of an object; of them all for an empty key."""
        return f"{self.address}/{key}" if key else self.address

    def get(self, key: str) -> Found | None:
        """An object with its content; None where there is none."""

        def request() -> Found:
            found = obstore.get(self.client, key)
            return Found(data=bytes(found.bytes()), e_tag=found.meta["e_tag"] or "")

        return self._asked("read", key, lambda: _if_there(request))

    def stat(self, key: str) -> Stat | None:
        """Size and age of an object; None where there is none."""
        meta = self._asked("look at", key, lambda: _if_there(lambda: obstore.head(self.client, key)))
        return None if meta is None else Stat(bytes=meta["size"], modified=meta["last_modified"])

    def create(self, key: str, data: bytes) -> str | None:
        """Put an object where none is; returns its e_tag, or None where one is."""
        return self._put("create", key, data, None)

    def swap(self, key: str, data: bytes, e_tag: str) -> str | None:
        """Put an object in the place of a known one; returns its e_tag, or None where another is there."""
        return self._put("replace", key, data, e_tag)

    def list(self, prefix: str) -> Mapping[str, str]:
        """The e_tags of all objects below a folder, by key."""

        def request() -> dict[str, str]:
            pages = obstore.list(self.client, prefix or None)
            # consoles make an object in the name of a folder: it is no file below it
            metas = (meta for page in pages for meta in page if meta["path"] != prefix)
            return {meta["path"]: meta["e_tag"] or "" for meta in metas}

        return self._asked("list", prefix, request)

    def answer(self) -> None:
        """Return if the bucket can be listed.

        Raises:
            Unreachable: it is not there, does not answer, or may not be seen.
        """
        # a list tells more than a look at one object; below a name that no store has it is short
        self._asked("open", "", lambda: next(iter(obstore.list(self.client, ".none")), None))

    def delete(self, key: str) -> None:
        """Remove an object; where there is none, nothing happens."""
        self._asked("delete", key, lambda: _if_there(lambda: obstore.delete(self.client, key)))

    def _put(self, doing: str, key: str, data: bytes, expected: str | None) -> str | None:
        # the same for each try: where an answer was lost, the object tells whose it is
        mark = secrets.token_hex(8)
        # to a client a server is silent until all of an upload is there
        client = self.client if len(data) <= SMALL else _client(self.address, upload_seconds(len(data)))

        def request() -> str | None:
            # with a condition obstore uploads in one request, never in chunks, whatever the size
            try:
                put = obstore.put(
                    client,
                    key,
                    data,
                    attributes={WRITER: mark},
                    mode="create" if expected is None else {"e_tag": expected},
                )
                return put["e_tag"] or ""
            except (AlreadyExistsError, PreconditionError, GenericError) as error:
                lost = error
            # 412 after a lost answer may mean our own object; 409 that two were under way, and none landed
            writer, standing = self._writer(key)
            if writer == mark:
                return standing or ""
            if standing != expected:
                return None
            raise lost

        return self._asked(doing, key, request)

    def _writer(self, key: str) -> tuple[str | None, str | None]:
        """The mark and the e_tag of what stands there."""
        found = _if_there(lambda: obstore.get(self.client, key))
        return (None, None) if found is None else (found.attributes.get(WRITER), found.meta["e_tag"])

    def _asked(self, doing: str, key: str, request: Callable[[], T]) -> T:
        """The answer to a request.

        Raises:
            Unreachable: it was refused, or nobody answered.
        """
        begun, why = time.monotonic(), ""
        for pause in (*PAUSES, None):
            try:
                return request()
            except (BaseError, FileNotFoundError) as error:
                why, again = reason(error), may_pass(error)
            if pause is None or not again or time.monotonic() - begun > ANSWER_SECONDS / 2:
                break
            time.sleep(pause)
        # here, where nothing is being handled: an error's context is printed with it
        raise Unreachable(f"{self.uri(key)}: cannot {doing}: {why}")


def open_objects(address: str) -> Objects:
    """The objects of a bucket that answers; credentials, region and endpoint are those of the environment.

    Raises:
        UsageError: the address is none of S3.
        Unreachable: the bucket does not answer.
    """
    address = checked_address(address)
    try:
        client = _client(address, ANSWER_SECONDS)
    except (BaseError, ValueError):
        client = None
    if client is None:
        raise Unreachable(
            f"{address}: cannot open: got settings that S3 does not have, expected AWS_ENDPOINT_URL as "
            "http(s)://host:port and AWS_REGION as a region's name: check what begins with AWS_ in the "
            "environment"
        )
    objects = Objects(address=address, client=client)
    objects.answer()
    return objects


def _if_there(request: Callable[[], T]) -> T | None:
    """What is said of an object; None where there is none, in a bucket that is there."""
    try:
        return request()
    except FileNotFoundError as error:
        if is_no_bucket(error):
            raise
        return None


def upload_seconds(size: int) -> float:
    """How long an upload of so many bytes may take."""
    return ANSWER_SECONDS + size / BYTES_PER_SECOND


def _client(address: str, silence: float) -> S3Store:
    """What speaks to a server that may be silent for so many seconds."""
    bucket, prefix = bucket_and_prefix(address)
    return S3Store(
        bucket,
        prefix=prefix or None,
        # said here, so that no AWS_… of the environment changes what a condition or a deletion is
        config={"conditional_put": "etag", "disable_bulk_delete": True},
        client_options={
            # a bucket is asked by http only where AWS_ENDPOINT_URL says so
            "allow_http": True,
            "connect_timeout": dt.timedelta(seconds=ANSWER_SECONDS / 2),
            "read_timeout": dt.timedelta(seconds=silence),
            # of a whole download, which may take its time as long as anything comes
            "timeout": dt.timedelta(days=1),
        },
        # its own would try a put again without asking whose object stands there, and wait for 4 s
        retry_config={"max_retries": 0, "retry_timeout": dt.timedelta(seconds=ANSWER_SECONDS)},
    )
