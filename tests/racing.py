"""A race at one registry, and its judge: processes that promote as fast as they can, some of them killed."""

from __future__ import annotations

import datetime as dt
import json
import multiprocessing
import os
import random
import signal
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from lstm_pipeline.errors import BrokenArtifact, Conflict
from lstm_pipeline.registry import GateReportRow, Promotion, Proposal, Registry, Version, open_registry

NOON = dt.datetime(2026, 5, 3, 12, tzinfo=dt.UTC)
FORK = multiprocessing.get_context("fork")


@dataclass(frozen=True, kw_only=True)
class Race:
    """How much is asked of a registry."""

    processes: int = 32
    attempts: int = 200
    """Proposals of each process, whether they win or lose."""
    decide_s: float = 0.002
    """What a decision takes at most."""
    killed: float = 1 / 3
    """Share of the processes that are killed on their way."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a round left behind."""

    attempts: int
    promotions: int
    conflicts: int
    acknowledged: int
    killed: int
    gave_up: int
    """Processes that ended with an error."""
    wrong_champions: int
    holes: int
    lost: int
    """Acknowledged promotions that are not in the log exactly once."""
    doubled: int
    """Proposals that are in the log more than once, or that nobody made."""
    chain: str
    """Faults of the chain; empty where there are none."""
    seconds: float

    @property
    def sound(self) -> bool:
        """Nothing is wrong with the log, and it holds what the processes were told."""
        return not (
            self.gave_up or self.wrong_champions or self.holes or self.lost or self.doubled or self.chain
        )


def run_round(address: str, race: Race, seed: int) -> Result:
    """One round on a registry that nobody has used yet."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        notes = [Path(name) / f"{n}.jsonl" for n in range(race.processes)]
        racers = [
            FORK.Process(target=promote_often, args=(address, n, race, path)) for n, path in enumerate(notes)
        ]
        killed = _let_run(racers, notes, race, random.Random(seed))
        ends = Counter(racer.exitcode for racer in racers)
        told = [json.loads(line) for path in notes if path.exists() for line in whole_lines(path)]
    return judge(
        open_registry(address),
        told,
        killed=killed,
        gave_up=len(racers) - ends[0] - ends[-signal.SIGKILL],
        seconds=time.monotonic() - begun,
    )


def _let_run(racers: list, notes: list[Path], race: Race, chance: random.Random) -> int:
    """Start all, kill some of them after a share of their work, wait for the end; how many were killed."""
    doomed = {
        n: chance.uniform(0.02, 0.9)
        for n in chance.sample(range(len(racers)), round(race.killed * len(racers)))
    }
    for racer in racers:
        racer.start()
    killed = 0
    while any(racer.is_alive() for racer in racers):
        for n, share in list(doomed.items()):
            # after about so many of its attempts, at whatever step it then is
            done = notes[n].read_bytes().count(b"asked") if notes[n].exists() else 0
            if done >= share * race.attempts and racers[n].is_alive():
                time.sleep(chance.uniform(0, 0.02))
                os.kill(racers[n].pid, signal.SIGKILL)
                del doomed[n]
                killed += 1
        time.sleep(0.01)
    for racer in racers:
        racer.join()
    return killed


def whole_lines(path: Path) -> list[str]:
    """The notes of a process; a line that it was killed at is none."""
    return [line for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]


def promote_often(address: str, racer: int, race: Race, notes: Path) -> None:
    """Propose as often as asked, each time against the champion that was just read."""
    registry, chance = open_registry(address), random.Random(racer)
    # unbuffered: what was told survives a kill
    with notes.open("ab", buffering=0) as file:
        for n in range(race.attempts):
            model = f"{racer}-{n}"
            registry.add_version(version_of(model))
            proposal, seq = gated(registry, model)
            time.sleep(chance.uniform(0, race.decide_s))
            file.write(_note("asked", model))
            try:
                registry.promote(proposal, seq)
            except Conflict:
                file.write(_note("lost", model))
            else:
                file.write(_note("won", model))


def _note(event: str, model: str) -> bytes:
    return (json.dumps([event, model]) + "\n").encode()


def version_of(model: str) -> Version:
    """A version that may be promoted."""
    return Version(
        pipeline="p",
        model=model,
        dataset="d",
        uri="u",
        manifest_sha256="s",
        kind="lstm",
        horizon=1,
        freq="h",
        data_end=0,
        as_of="2026-05-03",
        created_at=NOON,
    )


def gated(registry: Registry, model: str) -> tuple[Proposal, int]:
    """A proposal, and the seq of the champion that its decision was made against."""
    champion = registry.champion("p")
    seq = champion.seq if champion else 0
    gate = registry.record_gate(
        GateReportRow(
            run="r",
            pipeline="p",
            candidate=model,
            champion=champion.model if champion else None,
            champion_seq=seq,
            verdict="PROMOTE",
            reasons=("superior",),
            used="plain",
            windows_id=None,
            body=json.dumps([model, seq]),
            created_at=NOON,
        )
    )
    at = dt.datetime.now(dt.UTC)
    return Proposal(
        pipeline="p",
        model=model,
        gate_report=gate.id,
        actor="racer",
        reason="superior",
        as_of="2026-05-03",
        at=at,
    ), seq


def judge(
    registry: Registry, told: list[tuple[str, str]], *, killed: int, gave_up: int, seconds: float
) -> Result:
    """Compare the log with what the processes were told."""
    log = registry.promotions("p")
    rows = Counter(row.model for row in log)
    events = Counter(event for event, _ in told)
    won = {model for event, model in told if event == "won"}
    lost = {model for event, model in told if event == "lost"}
    asked = {model for event, model in told if event == "asked"}
    return Result(
        attempts=events["asked"],
        promotions=len(log),
        conflicts=events["lost"],
        acknowledged=len(won),
        killed=killed,
        gave_up=gave_up,
        wrong_champions=sum(_is_wrong(registry, row) for row in log),
        holes=sum(row.seq != n for n, row in enumerate(log, start=1)),
        lost=sum(rows[model] != 1 for model in won),
        doubled=sum(count > 1 or model in lost or model not in asked for model, count in rows.items()),
        chain=_faults(registry),
        seconds=seconds,
    )


def _is_wrong(registry: Registry, row: Promotion) -> bool:
    """The champion it displaced is not the one that its decision was made against."""
    gate = registry.gate_report(str(row.gate_report))
    return gate is None or (gate.champion, gate.champion_seq) != (row.previous_model, row.seq - 1)


def _faults(registry: Registry) -> str:
    try:
        registry.verify_chain("p")
    except BrokenArtifact as error:
        return str(error)
    return ""
