"""Figures of a replay as tables: what each rule published, how often it changed, what the gate had seen right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from lstm_pipeline.gate import paired_test
from replay.reigns import AGES, HINDSIGHT, Judged, Replay
from replay.rules import OTHERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One rule on one set, over its seeds."""

    rule: str
    by_seed: dict[int, float]
    """Scaled error of what was published."""
    by_date: np.ndarray
    """The same by date, mean over seeds: (52,)."""
    raw: float
    promotions: float
    """Per seed."""
    harmful_next: float
    harmful_later: float
    """Shares of the promotions; NaN without any."""
    longest: int

    @property
    def loss(self) -> float:
        """Mean over seeds and dates."""
        return float(np.mean(list(self.by_seed.values())))


def records_of(made: Replay) -> dict[str, Record]:
    """The record of every rule that some seed was replayed under."""
    return {name: _record(made, name) for name, of in made.reigns.items() if of}


def _record(made: Replay, name: str) -> Record:
    of, stables = made.reigns[name], made.stables
    losses = {seed: reign.losses(stables[seed]) for seed, reign in of.items()}
    soon = [bad for seed, reign in of.items() for bad in reign.harmful(stables[seed], 1)]
    later = [bad for seed, reign in of.items() for bad in reign.harmful(stables[seed], HINDSIGHT)]
    return Record(
        rule=name,
        by_seed={seed: float(loss.mean()) for seed, loss in losses.items()},
        by_date=np.mean(list(losses.values()), axis=0),
        raw=float(np.mean([reign.losses(stables[seed], raw=True).mean() for seed, reign in of.items()])),
        promotions=float(np.mean([reign.promotions for reign in of.values()])),
        harmful_next=float(np.mean(soon)) if soon else np.nan,
        harmful_later=float(np.mean(later)) if later else np.nan,
        longest=max(reign.longest for reign in of.values()),
    )


def best_other(records: dict[str, Record], seed: int | None = None) -> float:
    """The least error among the usual rules, of one seed or on the mean."""
    usual = [records[rule.name] for rule in OTHERS]
    return min(record.loss if seed is None else record.by_seed[seed] for record in usual)


def table_of_set(records: dict[str, Record]) -> list[str]:
    """The table of one set."""
    reference = best_other(records)
    lines = [
        "| rule | scaled MSE | of the best other | over seeds | MSE | promotions | worse until the next | "
        f"worse over {HINDSIGHT} | longest reign | beside ours |",
        "| --- " + "| --: " * 9 + "|",
    ]
    for record in records.values():
        spread = [loss / best_other(records, seed) for seed, loss in record.by_seed.items()]
        lines.append(
            f"| {record.rule} | {record.loss:.4f} | {record.loss / reference:.3f} | {min(spread):.3f} to {max(spread):.3f} | "
            f"{record.raw:.4g} | {record.promotions:.1f} | {_share(record.harmful_next)} | "
            f"{_share(record.harmful_later)} | {record.longest} | {_beside(record, records['ours'])} |"
        )
    return lines


def _beside(record: Record, ours: Record) -> str:
    """How far it lies from ours, with one standard error over dates."""
    if record.rule == ours.rule or len(record.by_seed) != len(ours.by_seed):
        return ""
    test = paired_test(record.by_date - ours.by_date)
    return f"{100 * test.mean / ours.loss:+.2f} ± {100 * test.error / ours.loss:.2f} %"


def pooled_table(sets: dict[str, dict[str, Record]]) -> list[str]:
    """All sets: geometric means of the ratios to the best other rule."""
    names = [name for name in next(iter(sets.values())) if all(name in records for records in sets.values())]
    lines = [
        "| rule | of the best other | over seeds | beside ours | promotions | of lower MSE's | worse until the next | "
        f"worse over {HINDSIGHT} |",
        "| --- " + "| --: " * 7 + "|",
    ]
    total = {name: sum(records[name].promotions for records in sets.values()) for name in names}
    for name in names:
        of = [records[name] for records in sets.values()]
        ratios = [record.loss / best_other(sets[one]) for one, record in zip(sets, of, strict=True)]
        seeds = set.intersection(*(set(record.by_seed) for record in of))
        by_seed = [
            _geometric(sets[one][name].by_seed[seed] / best_other(sets[one], seed) for one in sets)
            for seed in seeds
        ]
        spread = f"{min(by_seed):.3f} to {max(by_seed):.3f}" if by_seed else ""
        lines.append(
            f"| {name} | {_geometric(ratios):.4f} | {spread} | {_pooled_beside(sets, name)} | {total[name]:.1f} | "
            f"{100 * total[name] / total['lower MSE']:.0f} % | {_share(_weighted(of, 'harmful_next'))} | "
            f"{_share(_weighted(of, 'harmful_later'))} |"
        )
    return lines


def _pooled_beside(sets: dict[str, dict[str, Record]], name: str) -> str:
    """Mean over sets of the distance from ours; errors of independent sets add by their squares."""
    if name == "ours":
        return ""
    means, errors = [], []
    for records in sets.values():
        ours = records["ours"]
        test = paired_test(records[name].by_date - ours.by_date)
        means.append(test.mean / ours.loss)
        errors.append(test.error / ours.loss)
    return f"{100 * np.mean(means):+.2f} ± {100 * np.sqrt(np.sum(np.square(errors))) / len(errors):.2f} %"


def _weighted(records: Sequence[Record], share: str) -> float:
    """A share of promotions over several sets."""
    weights = [record.promotions for record in records]
    parts = [getattr(record, share) * record.promotions for record in records if record.promotions]
    return float(np.sum(parts) / np.sum(weights)) if np.sum(weights) else np.nan


def reasons_table(judged: Iterable[Judged], key: Callable[[Judged], str]) -> list[str]:
    """What each reason decided, and how those candidates did afterwards."""
    groups: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        groups[key(one)].append(one)
    lines = [
        f"| | decisions | better until the next | better over {HINDSIGHT} | gain until the next | gain over {HINDSIGHT} |",
        "| --- " + "| --: " * 5 + "|",
    ]
    for name, of in sorted(groups.items(), key=lambda item: -len(item[1])):
        soon, later = np.array([one.gain_next for one in of]), np.array([one.gain_later for one in of])
        lines.append(
            f"| {name} | {len(of)} | {_share(np.mean(soon > 0))} | {_share(np.mean(later > 0))} | "
            f"{100 * soon.mean():+.1f} % | {100 * later.mean():+.1f} ± {_error(later):.1f} % |"
        )
    return lines


def reason_of(one: Judged) -> str:
    """The verdict and its reason."""
    return f"{one.decision.verdict} ({one.decision.reasons[0]})"


def guards_of(judged: Iterable[Judged]) -> list[tuple[str, Judged]]:
    """Every guard that failed, with the decision it stopped."""
    return [(_guard(found.guard), one) for one in judged for found in one.decision.guards if not found.passed]


def guards_table(judged: Iterable[Judged]) -> list[str]:
    """What each guard stopped; several may stop one candidate."""
    failed = guards_of(judged)
    name = {id(pair[1]): pair[0] for pair in failed}
    rows: list[str] = []
    for guard in sorted({guard for guard, _ in failed}):
        of = [one for found, one in failed if found == guard]
        rows += reasons_table(of, lambda _, guard=guard: guard)[2:]
    head = reasons_table([], lambda one: name[id(one)])
    return head + rows


def _guard(name: str) -> str:
    return "a part of the horizon" if name.startswith("step") else name


def by_age(pairs: Sequence[Judged]) -> dict[int, list[Judged]]:
    """Decisions by how many retrainings lie between candidate and champion."""
    return {age: [one for one in pairs if one.nth - one.champion == age] for age in AGES}


def _error(values: np.ndarray) -> float:
    return 100 * float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else np.nan


def _geometric(ratios: Iterable[float]) -> float:
    return float(np.exp(np.mean(np.log(list(ratios)))))


def _share(share: float) -> str:
    return "" if np.isnan(share) else f"{100 * share:.0f} %"
