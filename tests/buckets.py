"""A server on this machine that speaks the protocol of S3, and the environment that leads to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

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
    held = client.get_paginator("list_objects_v2").paginate(Bucket=name).search("Contents[].Key")
    for key in held:
        if key is not None:
            client.delete_object(Bucket=name, Key=key)
    return name


def objects_in(name: str) -> dict[str, str]:
    """The e_tags of all objects of a bucket, by key, as another client sees them."""
    import boto3

    pages = boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket=name)
    return {entry["Key"]: entry["ETag"] for page in pages for entry in page.get("Contents", ())}
