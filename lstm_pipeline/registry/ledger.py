"""The registry: what was made, decided, promoted, published and scored; rows are added, never changed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Engine, func, select, union

from lstm_pipeline.errors import BrokenArtifact
from lstm_pipeline.registry import looks, petitions, tables
from lstm_pipeline.registry.chain import faults, missing
from lstm_pipeline.registry.database import open_database, open_to_read, shown
from lstm_pipeline.registry.operating import Task
from lstm_pipeline.registry.promote import append, concluded, log_of, unaccounted
from lstm_pipeline.registry.publications import published
from lstm_pipeline.registry.records import (
    CHAMPION,
    GateReportRow,
    LiveScore,
    Look,
    Petition,
    Promotion,
    Proposal,
    Publication,
    RunRow,
    Version,
)
from lstm_pipeline.registry.rows import add, every, first, reading, write
from lstm_pipeline.registry.slots import Slots


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """A database of decisions. What is added twice under one key stays as it was first, and is returned so.

    Every method raises Unreachable where the database does not answer.
    """

    engine: Engine

    @property
    def address(self) -> str:
        """Where it is, without a password."""
        return shown(self.engine.url)

    def add_version(self, version: Version) -> Version:
        """Keep a model package; returns the row that stands there."""
        return add(self.engine, tables.version, version)

    def version(self, pipeline: str, model: str) -> Version | None:
        """One version of a pipeline."""
        t = tables.version.c
        return first(
            self.engine, Version, select(tables.version).where(t.pipeline == pipeline, t.model == model)
        )

    def versions(self, pipeline: str) -> tuple[Version, ...]:
        """All versions of a pipeline, oldest first."""
        t = tables.version.c
        made = select(tables.version).where(t.pipeline == pipeline).order_by(t.created_at, t.model)
        return every(self.engine, Version, made)

    def newest_version(self, pipeline: str) -> Version | None:
        """The version that was made last."""
        t = tables.version.c
        # of equal moments the model's name decides, so that every database gives the same answer
        newest = select(tables.version).where(t.pipeline == pipeline).order_by(t.created_at.desc(), t.model)
        return first(self.engine, Version, newest)

    def record_gate(self, report: GateReportRow) -> GateReportRow:
        """Keep a gate report; returns the row that stands there."""
        return add(self.engine, tables.gate_report, report)

    def gate_report(self, report_id: str) -> GateReportRow | None:
        """One gate report.

        Raises:
            BrokenArtifact: its body is not what it was when it was recorded.
        """
        row = first(
            self.engine, GateReportRow, select(tables.gate_report).where(tables.gate_report.c.id == report_id)
        )
        # a row's id is not read but made from its body anew: so an altered body shows
        if row is not None and row.id != report_id:
            raise BrokenArtifact(
                f"gate report {report_id}: got a body with sha256 {row.id}: it was altered; restore a "
                "copy of the registry"
            )
        return row

    def promote(self, proposal: Proposal, expected_seq: int) -> Promotion:
        """Append a promotion after the one that was tested against; expected_seq 0: after none.

        The same model let through by the same gate report again is no new row: returns the first.

        Raises:
            Conflict: another promotion came in between.
            UsageError: the model is no version of the pipeline, or its gate report does not let it through.
        """
        return write(self.engine, lambda connection: append(connection, proposal, expected_seq))

    def champion(self, pipeline: str, at: dt.datetime | None = None) -> Promotion | None:
        """The promotion that holds, or that held at a moment; None where there was none."""
        log = log_of(pipeline, CHAMPION)
        past = log if at is None else log.where(tables.promotion.c.at <= at)
        return first(self.engine, Promotion, past.order_by(tables.promotion.c.seq.desc()))

    def promotions(self, pipeline: str) -> tuple[Promotion, ...]:
        """The log of a pipeline's champions, oldest first."""
        return every(self.engine, Promotion, log_of(pipeline, CHAMPION).order_by(tables.promotion.c.seq))

    def verify_chain(self, pipeline: str) -> None:
        """Check that the log of a pipeline's champions is as it was written.

        Raises:
            BrokenArtifact: a row was altered, removed or put in; each fault is listed.
        """
        log, asked = self.promotions(pipeline), self.petitions(pipeline)
        # who has to be asked is promoted by the answer, if at all
        open_ones = {row.gate_report for row in asked} - {
            row.gate_report for row in asked if row.event == "approved"
        }
        ended = every(self.engine, GateReportRow, concluded(pipeline))
        closed = [report for report in ended if report.id not in open_ones]
        spoke = every(self.engine, Version, unaccounted(pipeline))
        found = [*faults(log), *missing(log, closed, spoke)]
        if found:
            raise BrokenArtifact(
                f"the promotion log of {pipeline} was altered (faults found: {len(found)}): restore a copy "
                "of the registry",
                found,
            )

    def look(self, pipeline: str, windows_id: str, candidate: str, at: dt.datetime) -> int:
        """Count a candidate among those that are judged on a set of windows: 1 for the first of them.

        The same candidate again keeps its place.
        """
        wanted = Look(pipeline=pipeline, windows_id=windows_id, nth=0, candidate=candidate, at=at)
        return write(self.engine, lambda connection: looks.place_of(connection, wanted), looks.RIVALS)

    def petition(self, petition: Petition) -> Petition:
        """Append a request for approval, or the answer to one (`approve` gives the answer that promotes).

        The same request or answer again is no new row: returns the first.

        Raises:
            Conflict: it was answered otherwise meanwhile.
            UsageError: there is nothing to answer, or it has expired.
        """
        if petition.event == "approved":
            raise ValueError("got an approval alone, expected one with its promotion: use approve")
        return write(self.engine, lambda connection: petitions.record(connection, petition))

    def approve(self, petition: Petition, proposal: Proposal) -> Promotion:
        """Append an approval together with the promotion that it allows: both or neither.

        Raises:
            Conflict: it was answered otherwise, or another champion came since the request.
            UsageError: there is nothing to approve, it has expired, or the model may not be promoted.
        """
        return write(self.engine, lambda connection: petitions.approve(connection, petition, proposal))

    def petitions(self, pipeline: str) -> tuple[Petition, ...]:
        """All requests and answers of a pipeline, oldest first."""
        t = tables.petition.c
        events = select(tables.petition).where(t.pipeline == pipeline)
        return every(self.engine, Petition, events.order_by(t.at, t.gate_report, t.nth))

    def pending(self, pipeline: str, at: dt.datetime) -> Petition | None:
        """The newest request that nobody has answered and that has not expired at a moment."""
        return petitions.pending(self.petitions(pipeline), at)

    def add_live_score(self, score: LiveScore) -> LiveScore:
        """Keep what a published forecast turned out to be worth; returns the row that stands there."""
        return add(self.engine, tables.live_score, score)

    def live_scores(self, pipeline: str, purpose: str, model: str | None = None) -> tuple[LiveScore, ...]:
        """The scores of a pipeline's forecasts, of one model or of all, by cutoff."""
        t = tables.live_score.c
        scores = select(tables.live_score).where(t.pipeline == pipeline, t.purpose == purpose)
        chosen = scores if model is None else scores.where(t.model == model)
        return every(self.engine, LiveScore, chosen.order_by(t.cutoff, t.model))

    def add_publication(self, publication: Publication) -> Publication:
        """Keep where a forecast was published; returns the row that stands there."""
        return add(self.engine, tables.publication, publication)

    def publications(self, pipeline: str, purpose: str, cutoff: int) -> tuple[Publication, ...]:
        """The forecasts that were published for a purpose after one cutoff, oldest first."""
        return published(self.engine, pipeline, purpose, tables.publication.c.cutoff == cutoff)

    def publications_before(self, pipeline: str, purpose: str, cutoff: int) -> tuple[Publication, ...]:
        """The forecasts that were published for a purpose after an earlier cutoff, oldest first."""
        return published(self.engine, pipeline, purpose, tables.publication.c.cutoff < cutoff)

    def publications_by(self, pipeline: str, purpose: str, model: str) -> tuple[Publication, ...]:
        """The forecasts that one model or baseline published for a purpose, oldest first."""
        return published(self.engine, pipeline, purpose, tables.publication.c.model == model)

    def publications_since(self, pipeline: str, purpose: str, cutoff: int) -> tuple[Publication, ...]:
        """The forecasts that were published for a purpose after one cutoff or a later one, oldest first."""
        return published(self.engine, pipeline, purpose, tables.publication.c.cutoff >= cutoff)

    def newest_cutoff(self, pipeline: str, purpose: str) -> int | None:
        """The latest cutoff that was published for a purpose."""
        t = tables.publication.c
        newest = select(func.max(t.cutoff)).where(t.pipeline == pipeline, t.purpose == purpose)
        with reading(self.engine) as connection:
            return connection.scalar(newest)

    def add_run(self, run: RunRow) -> RunRow:
        """Keep a concluded run with its decision; returns the row that stands there."""
        # its primary key is counted by the database: run and decision tell whether a row is there already
        return add(self.engine, tables.run, run, keys=("run", "gate_report"))

    def run(self, run: str) -> RunRow | None:
        """One concluded run, as it ended last."""
        t = tables.run.c
        return first(self.engine, RunRow, select(tables.run).where(t.run == run).order_by(t.seq.desc()))

    def runs(self, pipeline: str | None = None) -> tuple[RunRow, ...]:
        """The concluded runs of one pipeline or of all, in the order in which they ended."""
        t = tables.run.c
        rows = select(tables.run).order_by(t.seq)
        return every(self.engine, RunRow, rows if pipeline is None else rows.where(t.pipeline == pipeline))

    def slots(self, pipeline: str, task: Task) -> Slots:
        """The slots of a pipeline's schedule."""
        return Slots(engine=self.engine, pipeline=pipeline, task=task)

    def pipelines(self) -> tuple[str, ...]:
        """Names of the pipelines that have a version or a run, sorted."""
        names = union(select(tables.version.c.pipeline), select(tables.run.c.pipeline)).subquery()
        with reading(self.engine) as connection:
            return tuple(connection.scalars(select(names.c.pipeline).order_by(names.c.pipeline)))


def open_registry(address: str) -> Registry:
    """Open the registry at a SQLAlchemy address: sqlite:///PATH, or postgresql+psycopg://USER:PASSWORD@HOST/DB.

    Many processes may do so at once; the first one creates the tables, or migrates those of an older package.

    Raises:
        BadConfig: the address is of another kind.
        Unreachable: the database does not answer.
        BrokenArtifact: it holds something else, or a newer schema.
    """
    return Registry(engine=open_database(address))


def read_registry(address: str) -> Registry:
    """Open a registry to look at: nothing is created or migrated, and no right to write is needed.

    Raises:
        BadConfig, Unreachable, BrokenArtifact: as for `open_registry`; Unreachable also where there is none.
    """
    return Registry(engine=open_to_read(address))
