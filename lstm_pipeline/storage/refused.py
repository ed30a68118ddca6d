"""Why S3 refused, and what to do, in words of ours: a server's own may hold an access key or a signature."""

from __future__ import annotations

import re

from obstore.exceptions import AlreadyExistsError, GenericError, PreconditionError

_NO_CREDENTIALS = (
    "there are no credentials in the environment: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
)
_MAY_NOT = "these credentials may not: they need to list, read, write and delete there"
_OTHER_REGION = "the bucket is in another region: set AWS_REGION to its own"
_ADVICE = {
    "NoSuchBucket": "there is no such bucket: create it, or check its name and AWS_ENDPOINT_URL",
    "AccessDenied": _MAY_NOT,
    "AllAccessDisabled": _MAY_NOT,
    "InvalidAccessKeyId": "the server does not know this access key: check AWS_ACCESS_KEY_ID",
    "SignatureDoesNotMatch": "the secret is not the one of this access key: check AWS_SECRET_ACCESS_KEY",
    "ExpiredToken": "the session is over: renew AWS_SESSION_TOKEN",
    "InvalidToken": "the session is over: renew AWS_SESSION_TOKEN",
    "RequestTimeTooSkewed": "this machine's clock is wrong: set it, and run again",
    "PermanentRedirect": _OTHER_REGION,
    "AuthorizationHeaderMalformed": _OTHER_REGION,
    "EntityTooLarge": "it is larger than a single object may be (5 GiB): make it smaller",
    "SlowDown": "the server asks for fewer requests: run again later",
}
"""What to do, by the word with which S3 refuses."""


def may_pass(error: Exception) -> bool:
    """Another try may end otherwise: nobody answered, the server failed, or two writers met."""
    if isinstance(error, GenericError):
        return _status(error) in {None, 429} or (_status(error) or 0) >= 500
    return isinstance(error, (AlreadyExistsError, PreconditionError))


def reason(error: Exception) -> str:
    """Why a request failed and what to do, in words of ours: a server's may hold the access key."""
    text = str(error)
    if (advice := _ADVICE.get(_code(error))) is not None:
        return advice
    # where the environment has no keys, those of the machine are asked for at this address
    if "://169.254." in text:
        return _NO_CREDENTIALS
    if "redirect" in text:
        return _OTHER_REGION
    status = _status(error)
    if status in {401, 403}:
        return _MAY_NOT
    if status is not None:
        return f"the server answers with status {status}: check AWS_ENDPOINT_URL, and run again later"
    return "nobody answers: check AWS_ENDPOINT_URL and the network"


def _status(error: Exception) -> int | None:
    found = re.search(r"status code: (\d{3})", str(error))
    return int(found[1]) if found else None


def is_no_bucket(error: Exception) -> bool:
    """Whether the bucket itself is not there."""
    return _code(error) == "NoSuchBucket"


def _code(error: Exception) -> str:
    found = re.search(r"<Code>(\w{1,60})</Code>", str(error))
    return found[1] if found else ""
