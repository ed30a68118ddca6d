"""Publish forecasts of every series from the champion, and for a while from the one before in its shadow."""

from __future__ import annotations

from dataclasses import replace

from lstm_pipeline import datasets, evaluations
from lstm_pipeline.checkpoints import ModelPackage
from lstm_pipeline.errors import BadConfig, BadInput, BrokenArtifact, Conflict
from lstm_pipeline.steps.desk import Desk, Job, open_desk
from lstm_pipeline.steps.edition import FRAME, Edition, Rules, edition, issue
from lstm_pipeline.steps.forecasts import AHEAD
from lstm_pipeline.steps.line import is_newest, not_later
from lstm_pipeline.steps.probation import LOG, on_watch
from lstm_pipeline.steps.refs import DatasetRef, ForecastRef, PromotionRef, Trial
from lstm_pipeline.steps.revision import Revision, revision
from lstm_pipeline.steps.rivals import registered
from lstm_pipeline.steps.speaking import speaking_of
from lstm_pipeline.storage import sha256

MOVED = "the published forecast"
"""How the note begins that tells how far it moved."""
ATTEMPTS = 5
"""How often the one mutable file is tried when others write it too."""


def publish(job: Job, trial: Trial, promotion: PromotionRef) -> ForecastRef:
    """Forecast the steps after the newest, from the champion or else the best baseline, and publish them.

    latest.parquet moves only for a run that no live forecast is ahead of.
    """
    desk = open_desk(job)
    # who may publish stands in this log: an edited one is not believed
    desk.registry.verify_chain(desk.config.name)
    made = _make(job, desk, trial, promotion.id)
    # named in the registry before latest moves: a run with older data asks it whether to keep away
    issued = issue(job, desk, trial, made)
    # read back: where another run was first, latest holds what that one published
    stored = desk.store.read_part(issued.key, FRAME)
    moved: Revision | None = None
    if made.rules.purpose == "live":
        _move_latest(desk, trial.dataset, stored)
        _shadow(job, desk, trial, made)
        moved = revision(desk, datasets.load(desk.store, trial.dataset.id), issued.row)
    return ForecastRef(
        uri=desk.store.part_uri(issued.key, FRAME),
        id=sha256(stored),
        reused=issued.reused,
        published_by=made.published_by,
        sources=made.sources,
        failed=trial.dataset.failed,
        notes=() if moved is None else (f"{MOVED}: {moved.sentence}",),
        revision=moved,
    )


def latest_key(desk: Desk) -> str:
    """The one file that is ever replaced: the newest live forecasts."""
    return f"forecasts/{desk.config.name}/latest.parquet"


def _make(job: Job, desk: Desk, trial: Trial, model: str) -> Edition:
    """Forecast every series by who may publish."""
    purpose = "live" if is_newest(desk, trial.dataset) else "backfill"
    champion, absent = _champion(job, desk, trial.dataset, model, purpose=purpose)
    dataset = datasets.load(desk.store, trial.dataset.id)
    # None where no window chose among the baselines
    fallback = evaluations.load(desk.store, trial.evaluation.id).fallback or "seasonal_naive"
    rules = Rules(purpose=purpose, fallback=fallback, column=desk.config.publish.column)
    return edition(dataset, champion, absent, rules)


def _shadow(job: Job, desk: Desk, trial: Trial, live: Edition) -> None:
    """Publish what the champion before would have said, while the one of now is on probation."""
    reign = on_watch(desk, desk.config.probation, datasets.grid_of(desk.store, trial.dataset.id))
    if reign is None or reign.model != live.published_by:
        return
    try:
        package, _ = _able(job, desk, trial.dataset, reign.previous)
    except BrokenArtifact as error:
        # the forecasts that count are out: a damaged shadow must not take them back
        LOG.warning("%s: no shadow forecast: %s", desk.pipeline, error)
        return
    if package is not None:
        dataset = datasets.load(desk.store, trial.dataset.id)
        issue(job, desk, trial, edition(dataset, package, "", replace(live.rules, purpose="shadow")))


def _champion(
    job: Job, desk: Desk, dataset: DatasetRef, model: str, *, purpose: str
) -> tuple[ModelPackage | None, str]:
    """The champion, or why none forecasts: one trained or chosen on later data would know the answers.

    A run about the past is forecast by who was champion as of then.
    """
    if purpose != "live":
        log = desk.registry.promotions(desk.config.name)
        then = [row for row in log if not_later(row.as_of, dataset.as_of)]
        model = then[-1].model if then else ""
    if not model:
        return None, "there is no champion yet" if purpose == "live" else "there was no champion as of then"
    return _able(job, desk, dataset, model)


def _able(job: Job, desk: Desk, dataset: DatasetRef, model: str) -> tuple[ModelPackage | None, str]:
    """A model that may forecast from these data, or why it may not."""
    package = registered(desk, model)
    # where steps are counted each series has a clock of its own, and is asked when it is forecast
    if dataset.timed and int(package.data_end.max()) > dataset.cutoff:
        return None, AHEAD
    try:
        return speaking_of(job, desk, dataset, package), ""
    except (BadConfig, BadInput) as error:
        # a baseline's forecast that says why is worth more than none
        LOG.warning("%s: the champion forecasts nothing: %s", desk.pipeline, error)
        return None, f"the champion's command gave nothing: {error.message}"


def _move_latest(desk: Desk, dataset: DatasetRef, data: bytes) -> None:
    key = latest_key(desk)
    for _ in range(ATTEMPTS):
        current = desk.store.read(key)
        # asked again after reading: whoever publishes later data registers it before moving the file
        if not is_newest(desk, dataset):
            return
        if current == data or desk.store.replace(key, data, sha256(current) if current is not None else None):
            return
    raise Conflict(f"{desk.store.uri(key)}: other runs kept replacing it; run again when they are done")
