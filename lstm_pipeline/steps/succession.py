"""Champions by a person's word: an earlier one again, or a version that the gate did not let through."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lstm_pipeline.checkpoints import ModelPackage
from lstm_pipeline.errors import BrokenArtifact, UsageError
from lstm_pipeline.registry import Promotion, Proposal, standing
from lstm_pipeline.registry.records import PromotionKind
from lstm_pipeline.steps.desk import Office, this_moment
from lstm_pipeline.steps.line import not_later
from lstm_pipeline.steps.rivals import registered

SHORTEST = 6
"""Characters of a model's id that name it, where no other begins with them."""


def rollback(office: Office, *, to: str | None = None, actor: str, reason: str) -> Promotion:
    """Make an earlier champion champion again; its forecast goes live with the next run or `forecast`.

    `to`: the model's id or the beginning of it; default: the champion before, rollbacks left out.

    Raises:
        UsageError: it was never champion, is champion already, or there is none before.
        BrokenArtifact: its package is not the one that was judged, or the log was altered.
        Conflict: another promotion came in between.
    """
    _require_reason(reason, "rollback")
    log = _log(office)
    model = (
        _before(office, log) if to is None else named(to, [row.model for row in log], "was champion before")
    )
    refuse_champion(log, model)
    registered(office, model)
    return _appended(office, log, model, kind="rollback", because=(actor, reason))


def pin(office: Office, model: str, actor: str, reason: str) -> Promotion:
    """Make a version champion past the gate, never past integrity.

    `model`: its id or the beginning of it.

    Raises:
        UsageError: it is no version of the pipeline, is champion already, or no reason is given.
        BrokenArtifact: its package is not the one that was registered, or its weights are not finite.
        Conflict: another promotion came in between.
    """
    _require_reason(reason, "promotion past the gate")
    log = _log(office)
    chosen = named(
        model, [version.model for version in office.registry.versions(office.pipeline)], "is a version"
    )
    refuse_champion(log, chosen)
    _require_finite(registered(office, chosen))
    return _appended(office, log, chosen, kind="pin", because=(actor, reason))


def _log(office: Office) -> tuple[Promotion, ...]:
    # an altered log is not gone on with: the new row would vouch for it
    office.registry.verify_chain(office.pipeline)
    return office.registry.promotions(office.pipeline)


def _require_reason(reason: str, what: str) -> None:
    if not reason.strip():
        raise UsageError(f"--reason: got nothing, expected why: a {what} is read by others later")


def _before(office: Office, log: Sequence[Promotion]) -> str:
    """The champion before the one of now, of those that no rollback took back."""
    held = standing(log)
    if not held:
        raise UsageError(f"{office.pipeline} has no champion yet: there is nothing to roll back")
    # a refitted model and the one that was tested for it came by one decision, and go together
    reign = 2 if held[-1].kind == "refit" else 1
    if len(held) == reign:
        raise UsageError(
            f"{office.pipeline}: {held[0].model} is champion already, and none stood before it; name another "
            "one with --to, as `models log` shows them"
        )
    return held[-reign - 1].model


def named(text: str, models: Sequence[str], what: str) -> str:
    """The one model that a text names: its whole id, or a beginning that is long enough and no other's.

    Raises:
        UsageError: it names none of them, or several.
    """
    known = list(dict.fromkeys(models))
    found = [model for model in known if model == text or (len(text) >= SHORTEST and model.startswith(text))]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"got the model {text!r}, which {len(found)} begin with: give more of its id", found)
    raise UsageError(
        f"got the model {text!r}, expected one that {what}: its id, or {SHORTEST} characters of it or more; "
        f"there {'is one' if len(known) == 1 else f'are {len(known)}'}",
        known,
    )


def refuse_champion(log: Sequence[Promotion], model: str) -> None:
    """Refuse to make champion who is it already.

    Raises:
        UsageError: the newest promotion is the model's.
    """
    if log and log[-1].model == model:
        raise UsageError(
            f"{log[-1].pipeline}: {model} is champion already (promotion {log[-1].seq}, {log[-1].kind} by "
            f"{log[-1].actor}): nothing was changed"
        )


def _require_finite(package: ModelPackage) -> None:
    broken = [name for name, weights in package.weights.items() if not np.isfinite(weights).all()]
    if broken:
        raise BrokenArtifact(
            f"model {package.id}: got weights that are not finite, expected numbers: it cannot forecast, and "
            "no word makes it champion",
            broken,
        )


def _appended(
    office: Office,
    log: Sequence[Promotion],
    model: str,
    *,
    kind: PromotionKind,
    because: tuple[str, str],
) -> Promotion:
    """Append the wish by compare-and-swap on the log that it went by; `because`: actor and reason."""
    proposal = Proposal(
        pipeline=office.pipeline,
        model=model,
        kind=kind,
        gate_report=None,
        actor=because[0],
        reason=because[1],
        as_of=holds_from(office, log, model),
        at=this_moment(),
    )
    return office.registry.promote(proposal, log[-1].seq if log else 0)


def holds_from(office: Office, log: Sequence[Promotion], model: str) -> str:
    """The logical date from which the wish holds: that of what it replaces, or of the model if that is later.

    A run about the past asks who was champion as of then, on the clock of the data and not of the wall.
    """
    version = office.registry.version(office.pipeline, model)
    dates = [row.as_of for row in log[-1:]] + ([version.as_of] if version is not None else [])
    return dates[0] if not_later(dates[-1], dates[0]) else dates[-1]
