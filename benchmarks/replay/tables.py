"""Figures of a replay as tables: what each rule published, how often it changed, what the gate had seen right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lstm_pipeline.gate import paired_test
from replay.reigns import HINDSIGHT, Judged, Reign, Replay
from replay.rules import OTHERS

EFFECTS = (-0.05, -0.025, -0.01, 0.0, 0.01, 0.025, 0.05)
STATISTICS = (-1.65, -0.8, 0.0, 0.8, 1.28, 1.65)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One rule on one set, over some lines."""

    rule: str
    by_line: dict[str, np.ndarray]
    """Scaled error of what was published, by date: each (52,)."""
    raw: float
    """In squared units of the series."""
    promotions: float
    """Per line."""
    harmful_next: float
    harmful_later: float
    """Shares of the promotions; NaN without any."""
    longest: int

    @property
    def loss(self) -> float:
        """Mean over lines and dates."""
        return float(np.mean(list(self.by_line.values())))

    def beside(self, other: Record) -> np.ndarray:
        """Share by which it lost more than another, by date, over the lines that both were replayed on: (52,)."""
        common = [line for line in self.by_line if line in other.by_line]
        mine, theirs = (np.mean([one.by_line[line] for line in common], axis=0) for one in (self, other))
        return (mine - theirs) / theirs.mean()


def records_of(made: Replay, kind: Literal["seed", "mixed"]) -> dict[str, Record]:
    """The record of every rule over the lines of one kind, where there are any."""
    chosen = {
        name: {line: reign for line, reign in of.items() if line.startswith(kind)}
        for name, of in made.reigns.items()
    }
    return {name: _record(made, name, of) for name, of in chosen.items() if of}


def _record(made: Replay, name: str, of: Mapping[str, Reign]) -> Record:
    lines = made.lines
    soon = [bad for line, reign in of.items() for bad in reign.harmful(lines[line], 1)]
    later = [bad for line, reign in of.items() for bad in reign.harmful(lines[line], HINDSIGHT)]
    return Record(
        rule=name,
        by_line={line: reign.losses(lines[line]) for line, reign in of.items()},
        raw=float(np.mean([reign.losses(lines[line], raw=True).mean() for line, reign in of.items()])),
        promotions=float(np.mean([reign.promotions for reign in of.values()])),
        harmful_next=float(np.mean(soon)) if soon else np.nan,
        harmful_later=float(np.mean(later)) if later else np.nan,
        longest=max(reign.longest for reign in of.values()),
    )


def ratio(records: dict[str, Record], rule: str, lines: Iterable[str] | None = None) -> float:
    """Its error over that of the best usual rule, on the lines it was replayed on, or on some of them."""
    own = records[rule].by_line
    chosen = list(own) if lines is None else list(lines)
    best = min(np.mean([records[one.name].by_line[line] for line in chosen]) for one in OTHERS)
    return float(np.mean([own[line] for line in chosen]) / best)


def table_of_set(records: dict[str, Record]) -> list[str]:
    """The table of one set."""
    lines = [
        "| rule | scaled MSE | of the best other | over lines | MSE | promotions | worse until the next | "
        f"worse over {HINDSIGHT} | longest reign | beside ours |",
        "| --- " + "| --: " * 9 + "|",
    ]
    for name, record in records.items():
        spread = [ratio(records, name, [line]) for line in record.by_line]
        lines.append(
            f"| {name} | {record.loss:.4f} | {ratio(records, name):.3f} | {min(spread):.3f} to {max(spread):.3f} | "
            f"{record.raw:.4g} | {record.promotions:.1f} | {_share(record.harmful_next)} | "
            f"{_share(record.harmful_later)} | {record.longest} | {_beside([records], name)} |"
        )
    return lines


def _beside(sets: Sequence[dict[str, Record]], name: str) -> str:
    """How far it lies from ours, mean over sets, with one standard error over dates.

    The errors of sets are independent: their squares add up.
    """
    if name == "ours":
        return ""
    tests = [paired_test(records[name].beside(records["ours"])) for records in sets]
    error = np.sqrt(np.sum([test.error**2 for test in tests])) / len(tests)
    return f"{100 * np.mean([test.mean for test in tests]):+.2f} ± {100 * error:.2f} %"


def pooled_table(sets: dict[str, dict[str, Record]]) -> list[str]:
    """All sets: geometric means of the ratios to the best other rule."""
    names = [name for name in next(iter(sets.values())) if all(name in records for records in sets.values())]
    lines = [
        "| rule | of the best other | over lines | beside ours | promotions | of lower MSE's | worse until the next | "
        f"worse over {HINDSIGHT} |",
        "| --- " + "| --: " * 7 + "|",
    ]
    total = {name: sum(records[name].promotions for records in sets.values()) for name in names}
    for name in names:
        of = [records[name] for records in sets.values()]
        lines_of = set.intersection(*(set(record.by_line) for record in of))
        by_line = [_geometric(ratio(records, name, [line]) for records in sets.values()) for line in lines_of]
        spread = f"{min(by_line):.3f} to {max(by_line):.3f}" if by_line else ""
        lines.append(
            f"| {name} | {_geometric(ratio(records, name) for records in sets.values()):.4f} | {spread} | "
            f"{_beside(list(sets.values()), name)} | {total[name]:.1f} | "
            f"{100 * total[name] / total['lower MSE']:.0f} % | {_share(_weighted(of, 'harmful_next'))} | "
            f"{_share(_weighted(of, 'harmful_later'))} |"
        )
    return lines


def _weighted(records: Sequence[Record], share: str) -> float:
    """A share of promotions over several sets."""
    weights = [record.promotions for record in records]
    parts = [getattr(record, share) * record.promotions for record in records if record.promotions]
    return float(np.sum(parts) / np.sum(weights)) if np.sum(weights) else np.nan


def reasons_table(
    judged: Iterable[Judged], key: Callable[[Judged], str], *, ordered: bool = False
) -> list[str]:
    """What each reason decided, and how those candidates did afterwards."""
    groups: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        groups[key(one)].append(one)
    lines = [
        f"| | decisions | better until the next | better over {HINDSIGHT} | gain until the next | gain over {HINDSIGHT} |",
        "| --- " + "| --: " * 5 + "|",
    ]
    for name, of in sorted(groups.items(), key=lambda item: item[0] if ordered else -len(item[1])):
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


def age_of(one: Judged) -> str:
    """How many retrainings lie between candidate and champion."""
    return f"champion {one.nth - one.champion:2d} retrainings older"


def effect_of(one: Judged) -> str:
    """The measured effect, in bins."""
    return f"effect {_bin(one.decision.figures.effect, EFFECTS, 100)} %"


def statistic_of(one: Judged) -> str:
    """The statistic of the paired test, in bins."""
    return f"t {_bin(one.decision.figures.statistic, STATISTICS, 1)}"


def _bin(figure: float | None, bounds: Sequence[float], unit: float) -> str:
    """Its place among the bounds, named so that names sort as the figures do."""
    if figure is None:
        return "unknown"
    at = int(np.searchsorted(bounds, figure))
    low = f"above {unit * bounds[at - 1]:g}" if at else ""
    high = f"up to {unit * bounds[at]:g}" if at < len(bounds) else ""
    return f"{'abcdefghij'[at]}: {' '.join(part for part in (low, high) if part)}"


def _error(values: np.ndarray) -> float:
    return 100 * float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else np.nan


def _geometric(ratios: Iterable[float]) -> float:
    return float(np.exp(np.mean(np.log(list(ratios)))))


def _share(share: float) -> str:
    return "" if np.isnan(share) else f"{100 * share:.0f} %"
