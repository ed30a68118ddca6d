"""52 retrainings each on real data, replayed under every rule of promotion: how well what was published did.

    python benchmarks/retrainings.py FOLDER [--set NAME] [--seeds 3] [--jobs 2] [--work DIR] [--replay]
                                     [--out benchmarks/results]

FOLDER holds the public data sets, one folder each. Every model is trained once and kept in DIR, so that a run that
was cut off goes on where it stood; the rules are then replayed from the kept forecasts through the gate itself.
"""

from __future__ import annotations

import argparse
import datetime as dt
import multiprocessing
import os
import platform
from pathlib import Path

from replay.feeds import PLANS, Feed, open_feed
from replay.lines import MIXED
from replay.orders import orders_of, train_all
from replay.picture import draw
from replay.reigns import Replay, replay
from replay.rules import OTHERS, OURS, REFITS, VARIANTS
from replay.tables import (
    Record,
    age_of,
    effect_of,
    guards_table,
    pooled_table,
    reason_of,
    reasons_table,
    records_of,
    statistic_of,
    table_of_set,
)

RULES = (*OTHERS, OURS, *VARIANTS, *REFITS)
MARK = "<!-- what follows is written by benchmarks/retrainings.py -->"
Records = dict[str, dict[str, Record]]
"""By set and rule."""
WATCHED = ("ours", "noninferior, margin 1 %")
"""Rules whose decisions are looked back upon."""


def main() -> None:
    """Train what is missing, replay all rules, write tables and picture."""
    options = _options()
    plans = [options.set] if options.set else list(PLANS)
    folder = options.folder.resolve()
    if not options.replay:
        train_all(orders_of(plans, options.seeds), folder, options.work, options.jobs)
    replays = _replays(plans, folder, options)
    records = {made.feed.plan.name: records_of(made, "seed") for made in replays}
    mixed = {made.feed.plan.name: of for made in replays if (of := records_of(made, "mixed"))}
    lines = [*_head(replays), "", *_findings(replays, records, mixed)]
    print("\n".join(lines))
    options.out.mkdir(parents=True, exist_ok=True)
    stem = "retrainings" if not options.set else f"retrainings_{options.set}"
    _write(options.out / f"{stem}.md", lines)
    draw(records, options.out / f"{stem}.png")


def _replays(plans: list[str], folder: Path, options: argparse.Namespace) -> list[Replay]:
    """Replay the sets side by side; those without a complete seed are left out."""
    with multiprocessing.get_context("spawn").Pool(min(len(plans), options.jobs)) as pool:
        made = pool.starmap(_replayed, [(plan, folder, options.work, options.seeds) for plan in plans])
    return [one for one in made if one.lines]


def _replayed(plan: str, folder: Path, work: Path, seeds: int) -> Replay:
    return replay(open_feed(PLANS[plan], folder), work, seeds, RULES)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--set", choices=sorted(PLANS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2, help="processes at once")
    parser.add_argument("--work", type=Path, default=Path("store/retrainings"))
    parser.add_argument(
        "--replay", action="store_true", help="train nothing; take the seeds that are complete"
    )
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results"))
    return parser.parse_args()


def _write(file: Path, lines: list[str]) -> None:
    """Write the figures; what a person has written above them stays."""
    above = file.read_text().partition(MARK)[0] if file.exists() else ""
    file.write_text("\n".join([above + MARK, *lines]) + "\n")


def _head(replays: list[Replay]) -> list[str]:
    return [
        f"# 52 retrainings on real data, {dt.date.today()}",
        "",
        f"{os.cpu_count()} shared cores, one thread per model, Python {platform.python_version()}. "
        "`python benchmarks/retrainings.py FOLDER`",
        "",
        "| set | seeds | with refit | dates | look-back | horizon | training | CPU s a model |",
        "| --- | --- | --- | --- | --: | --: | --- | --: |",
        *(_setting(made) for made in replays),
    ]


def _setting(made: Replay) -> str:
    feed: Feed = made.feed
    config, dates = feed.config, feed.dates
    first, last = (feed.table.grid.label(int(feed.table.grid.stamp(date))) for date in (dates[0], dates[-1]))
    pure = {name: line for name, line in made.lines.items() if name.startswith("seed")}
    seeds = ", ".join(name.removeprefix("seed ") for name in pure)
    refit = ", ".join(name.removeprefix("seed ") for name, line in pure.items() if line.refitted) or "none"
    cpu = [one.tested.facts["training_cpu_seconds"] for line in pure.values() for one in line.entrants]
    return (
        f"| {feed.plan.name} | {seeds} | {refit} | every {feed.plan.each}, {first} to {last} | "
        f"{config.windows.input_size} | {config.windows.horizon} | {config.training.max_steps} steps of "
        f"{config.training.batch_size}, rate {config.training.learning_rate:g} on a half cosine, "
        f"{config.model.num_layers} layer of {config.model.hidden_size} | {sum(cpu) / len(cpu):.1f} |"
    )


def _findings(replays: list[Replay], records: Records, mixed: Records) -> list[str]:
    lines = ["## All sets, each seed its own line", "", *pooled_table(records), ""]
    if mixed:
        sets = ", ".join(mixed)
        lines += [f"## {MIXED} lines that mix the seeds: {sets}", "", *pooled_table(mixed), ""]
    for made in replays:
        name = made.feed.plan.name
        firsts = ", ".join(f"{one.verdict} ({one.reasons[0]})" for one in made.firsts)
        lines += [f"## {name}", "", *table_of_set(records[name]), "", f"First models: {firsts}.", ""]
        if name in mixed:
            lines += [f"### {name}, lines that mix the seeds", "", *table_of_set(mixed[name]), ""]
    return lines + _looked_back(replays)


def _looked_back(replays: list[Replay]) -> list[str]:
    """What the gate decided, and how the candidates did afterwards."""
    lines = ["## The gate, looked back upon", ""]
    for rule in WATCHED:
        reigns = [of for made in replays for name, of in made.reigns[rule].items() if name.startswith("seed")]
        judged = [one for reign in reigns for one in reign.judged]
        lines += [f"### {rule}: decisions", "", *reasons_table(judged, reason_of), ""]
        lines += [f"### {rule}: what the guards stopped", "", *guards_table(judged), ""]
    pairs = [one for made in replays for one in made.pairs]
    lines += ["### Every candidate against models of 1 to 26 retrainings before, as ours judges it", ""]
    for key in (reason_of, age_of, effect_of, statistic_of):
        lines += [*reasons_table(pairs, key, ordered=key is not reason_of), ""]
    for made in replays:
        lines += [
            f"{made.feed.plan.name} alone:",
            "",
            *reasons_table(made.pairs, statistic_of, ordered=True),
            "",
        ]
    return [*lines, "What the guards stopped of these:", "", *guards_table(pairs), ""]


if __name__ == "__main__":
    main()
