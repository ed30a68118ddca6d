"""The environment: where store and registry are, and who asks. The only reader of environment variables."""

from __future__ import annotations

import getpass
import os
import re
from dataclasses import dataclass
from pathlib import Path

from lstm_pipeline.errors import BadConfig
from lstm_pipeline.storage.address import S3, checked_address


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where artifacts and decisions are kept."""

    store: str
    """A local folder, or s3://bucket/prefix."""
    registry: str
    """SQLAlchemy URL of the registry."""


def places(store: str | None = None) -> Places:
    """Settle the store (`store`, else LSTM_PIPELINE_STORE, else ./store) and the registry.

    The registry is LSTM_PIPELINE_REGISTRY, else a SQLite file in the local store.

    Raises:
        BadConfig: LSTM_PIPELINE_REGISTRY is no address, or not given beside an s3:// store; or the endpoint
            of that store is no address.
        UsageError: the store is said to be on S3, at an address that is none.
    """
    chosen = store or os.environ.get("LSTM_PIPELINE_STORE") or "store"
    registry = os.environ.get("LSTM_PIPELINE_REGISTRY") or None
    if registry is not None and "://" not in registry:
        raise BadConfig(_no_address(registry))
    if "://" not in chosen:
        place = Path(chosen).expanduser().absolute()
        # resolved only where it must be: a person finds a path again as it was written
        chosen = str(place.resolve() if ".." in place.parts else place)
        registry = registry or registry_in(chosen)
    elif chosen.startswith(S3):
        chosen = checked_address(chosen)
        _refuse_endpoint()
    if registry is None:
        raise BadConfig(
            f"the store {chosen} is no local folder, so its registry cannot lie in it: set "
            "LSTM_PIPELINE_REGISTRY to a SQLAlchemy URL, such as postgresql+psycopg://user@host/database, or "
            "sqlite:////folder/registry.db where one machine alone runs pipelines"
        )
    return Places(store=chosen, registry=registry)


def registry_in(store: str) -> str:
    """The registry of a local store, where nobody names another."""
    return f"sqlite:///{Path(store) / 'registry.db'}"


def page_server() -> str | None:
    """Where reports are served, LSTM_PIPELINE_PAGES, as http://host:port; None: they are opened from disk."""
    return (os.environ.get("LSTM_PIPELINE_PAGES") or "").rstrip("/") or None


def login_name() -> str:
    """Who asks: the login name of this user, or the number where the system knows no name."""
    try:
        return getpass.getuser()
    # of which kind depends on the version of Python
    except (OSError, KeyError, ImportError):
        return f"uid {os.getuid()}"


def _refuse_endpoint() -> None:
    """Refuse the address of a server of S3's protocol that is none.

    Raises:
        BadConfig: it is.
    """
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"):
        given = os.environ.get(name)
        # here, not where it is used: obstore ends in a panic there
        if given and not re.fullmatch(r"https?://[^\s/@]+/?[^\s@]*", given):
            raise BadConfig(
                f"{name}: got no address of a server, expected http(s)://host:port alone: set it to one, or "
                "unset it to have Amazon's own"
            )


def _no_address(text: str) -> str:
    """What to say about a registry that is no address; what may be a password is not repeated."""
    shown = text.rpartition("@")[2]
    got = repr(shown) if shown == text else f"'…@{shown}'"
    return (
        f"LSTM_PIPELINE_REGISTRY: got {got}, expected a SQLAlchemy URL such as sqlite:///folder/registry.db "
        "or postgresql+psycopg://user@host/database: set it to one, or unset it and the registry is in the "
        "store"
    )
