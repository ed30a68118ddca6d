"""Many processes promote at one registry, a third of them killed at random moments: is the log still right?

Every process reads the champion, decides for a few milliseconds, and proposes by compare-and-swap on what it
read; where another one came first it reads again. What it was told of as done it notes in a file of its own.

    python benchmarks/registry_races.py                                     # SQLite, 32 x 200, 20 rounds
    python benchmarks/registry_races.py --address postgresql+psycopg://...  # a database that may be written to
    python benchmarks/registry_races.py --write benchmarks/results/registry_races.md
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import secrets
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import create_engine, text

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.racing import Race, Result, run_round


@contextmanager
def fresh(address: str | None) -> Generator[str]:
    """The address of a registry of its own: a SQLite file, or a schema of a Postgres database."""
    if address is None:
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/registry.db"
        return
    schema, engine = f"race_{secrets.token_hex(4)}", create_engine(address)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    try:
        yield f"{address}?options={quote(f'-csearch_path={schema}')}"
    finally:
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        engine.dispose()


def table(name: str, race: Race, results: list[Result]) -> str:
    """The figures of all rounds, a line each, with their sum."""
    head = "| round | attempts | promotions | conflicts | acknowledged | killed | gave up | wrong champions | holes | lost | doubled | chain | seconds |"
    lines = [f"## {name}", "", head, "| " + "--: | " * 13]
    for n, made in enumerate(results, start=1):
        lines.append(
            f"| {n} | {made.attempts:,} | {made.promotions:,} | {made.conflicts:,} | {made.acknowledged:,} | {made.killed} | {made.gave_up} "
            f"| {made.wrong_champions} | {made.holes} | {made.lost} | {made.doubled} | {made.chain or 'whole'} | {made.seconds:.0f} |"
        )
    sums = {
        name: sum(getattr(made, name) for made in results)
        for name in ("attempts", "promotions", "gave_up", "wrong_champions", "lost", "doubled")
    }
    sound = sum(made.sound for made in results)
    asked = f"{race.processes} processes x {race.attempts} attempts, {len(results)} rounds"
    lines += [
        "",
        f"{asked}: {sound} of {len(results)} rounds sound; {sums['attempts']:,} attempts, {sums['promotions']:,} promotions, "
        f"{sums['gave_up']} processes gave up, {sums['wrong_champions']} wrong champions, {sums['lost']} lost, {sums['doubled']} doubled.",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """Run the rounds and print or append their table."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument(
        "--address", help="SQLAlchemy URL of a Postgres database; default: SQLite in a temporary folder"
    )
    words.add_argument("--processes", type=int, default=32)
    words.add_argument("--attempts", type=int, default=200)
    words.add_argument("--rounds", type=int, default=20)
    words.add_argument("--write", type=Path, help="append the table to this file")
    given = words.parse_args()
    race, results = Race(processes=given.processes, attempts=given.attempts), []
    for n in range(given.rounds):
        with fresh(given.address) as address:
            results.append(run_round(address, race, seed=n))
        print(f"round {n + 1}: {results[-1]}", flush=True)
    name = "SQLite" if given.address is None else "Postgres"
    made = table(
        f"{name}, {race.attempts} attempts each, {dt.date.today()}, {os.cpu_count()} shared cores",
        race,
        results,
    )
    print(made)
    if given.write:
        with given.write.open("a") as file:
            file.write(f"\n{made}")
    raise SystemExit(not all(result.sound for result in results))


if __name__ == "__main__":
    main()
