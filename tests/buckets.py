"""A server on this machine that speaks the protocol of S3, and the environment that leads to it."""

from __future__ import annotations

import http.client
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[str, str, dict[str, str]], int | tuple[int, bytes] | None]
"""To method, path and headers, which it may change.

None passes the request on; a number is told as the status in the place of what came back; a number with a
body is told without asking anybody.
"""

SECRETS = {
    "AWS_ACCESS_KEY_ID": "AKIANOTTOBESHOWN",
    "AWS_SECRET_ACCESS_KEY": "not/to+be=shown",
    "AWS_SESSION_TOKEN": "notthistokeneither",
}
"""What must stand nowhere."""


@contextmanager
def s3_server() -> Iterator[str]:
    """The address of a new server."""
    from moto.server import ThreadedMotoServer

    # every request is a line
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def lead_to(address: str, monkeypatch) -> None:
    """Set what a client of S3 takes from the environment."""
    others = {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": address,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for name, value in {**SECRETS, **others}.items():
        monkeypatch.setenv(name, value)


def new_bucket(name: str) -> str:
    """An empty bucket of this name, whatever it held."""
    import boto3

    client = boto3.client("s3")
    client.create_bucket(Bucket=name)
    for page in list(client.get_paginator("list_objects_v2").paginate(Bucket=name)):
        held = [{"Key": entry["Key"]} for entry in page.get("Contents", ())]
        if held:
            client.delete_objects(Bucket=name, Delete={"Objects": held})
    return name


def objects_in(name: str) -> dict[str, str]:
    """The e_tags of all objects of a bucket, by key, as another client sees them."""
    import boto3

    pages = boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket=name)
    return {entry["Key"]: entry["ETag"] for page in pages for entry in page.get("Contents", ())}


class Between(BaseHTTPRequestHandler):
    """Passes each request on, unless its server's `answer` says otherwise."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """Say nothing."""

    def __getattr__(self, name):
        if name.startswith("do_"):
            return self.pass_on
        raise AttributeError(name)

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        said = self.server.answer(self.command, self.path, headers)
        if isinstance(said, tuple):
            self.tell(*said, {})
            return
        there = http.client.HTTPConnection(self.server.there, timeout=20)
        try:
            there.request(self.command, self.path, body, headers)
            came = there.getresponse()
            text, back = came.read(), dict(came.getheaders())
        finally:
            there.close()
        if said is None:
            self.tell(came.status, text, back)
        else:
            self.tell(said, b"", {})

    def tell(self, status, body, headers):
        self.send_response(status)
        for name in headers.keys() - {"Content-Length", "Connection", "Transfer-Encoding", "Date", "Server"}:
            self.send_header(name, headers[name])
        self.send_header("Content-Length", headers.get("Content-Length", str(len(body))))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@contextmanager
def s3_between(address: str, answer: Answer) -> Iterator[str]:
    """The address of a server that passes each request on to another one, unless `answer` says otherwise."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Between)
    server.there, server.answer = address.removeprefix("http://"), answer
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
