"""A Prefect server from the command line: it is asked whether it answers, and told what is deployed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lstm_pipeline.cli.console import say
from lstm_pipeline.errors import Unreachable
from lstm_pipeline.settings.environment import Places, login_name
from lstm_pipeline.settings.orchestrator import prepare_orchestrator

if TYPE_CHECKING:
    from lstm_flows.deployments import Deployed

    from lstm_pipeline.steps.deploying import Deployable

ANSWER_SECONDS = 10.0


def require_server() -> None:
    """Refuse to go on without a server that answers, and is of the version that is installed here.

    Raises:
        Unreachable: it does not, or is not.
    """
    prepare_orchestrator()
    import prefect
    from prefect.settings import PREFECT_API_URL

    address = PREFECT_API_URL.value()
    if not address:
        raise Unreachable(
            "no Prefect server is named: set PREFECT_API_URL to one, such as http://localhost:4200/api, or "
            "start one here with `lstm-pipeline up`"
        )
    found, wanted = _version(address), _series(prefect.__version__)
    if _series(found) != wanted:
        raise Unreachable(
            f"the Prefect server at {address} is of version {found}, expected {wanted}.x as installed here: "
            "upgrade the older of the two"
        )


def tell_server(where: Places, pipelines: Sequence[Deployable]) -> tuple[Deployed, ...]:
    """Deploy pipelines on the server, then note it in the registry."""
    from lstm_flows.deployments import deploy

    from lstm_pipeline.registry import open_registry
    from lstm_pipeline.steps.deploying import note

    made = deploy([(one.config, one.key) for one in pipelines])
    now = dt.datetime.now(dt.UTC)
    note(open_registry(where.registry), pipelines, actor=login_name(), now=now)
    return made


def say_deployed(made: Sequence[Deployed]) -> None:
    """A line for each deployment."""
    for one in made:
        say(f"  {one.title}: {one.change}{f', {one.schedule}' if one.schedule else ''}")


def _version(address: str) -> str:
    import httpx
    from prefect.settings import PREFECT_API_AUTH_STRING

    secret = PREFECT_API_AUTH_STRING.value()
    name, _, word = secret.get_secret_value().partition(":") if secret else ("", "", "")
    try:
        reply = httpx.get(f"{address}/admin/version", timeout=ANSWER_SECONDS, auth=(name, word))
        reply.raise_for_status()
        found: Any = reply.json()
    except (httpx.HTTPError, ValueError) as error:
        raise Unreachable(
            f"the Prefect server at {address} does not answer ({type(error).__name__}): start it, or correct "
            "PREFECT_API_URL"
        ) from error
    return str(found)


def _series(version: str) -> str:
    """3.8 of 3.8.8: what must be the same on both sides."""
    return ".".join(version.split(".")[:2])
