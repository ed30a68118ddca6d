"""Every comparison of the gate flipped once, and once more at its boundary: which tests notice?

    python benchmarks/gate_mutants.py [--jobs 1] [--only decide,guards] [--out benchmarks/results/gate_mutants.md]

A mutant is one module of `lstm_pipeline/gate` with one comparison turned round (`<` to `>=`, `is` to `is not`)
or moved at its boundary (`<` to `<=`). Each runs the gate's own tests in a process of its own until one fails.
One that none notices is listed; what a person has written above the list stays.
"""

from __future__ import annotations

import argparse
import ast
import datetime as dt
import importlib.abc
import importlib.util
import multiprocessing
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
GATE = ROOT / "lstm_pipeline" / "gate"
# quick ones first: most mutants end there
TESTS = (
    *("gate_guards", "gate", "gate_words", "gate_paths", "gate_paired", "approval_rules", "probation"),
    *("report_gate", "summary", "replay", "gate_properties"),
)
TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
MOVED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}
KINDS = {"turned": TURNED, "moved": MOVED}
MARK = "<!-- what follows is written by benchmarks/gate_mutants.py -->"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One comparison of one module, altered."""

    module: str
    kind: str
    line: int
    was: str
    now: str
    source: str


class _Altered(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from altered source."""

    def __init__(self, mutant: Mutant) -> None:
        self.name, self.source = f"lstm_pipeline.gate.{mutant.module}", mutant.source

    def find_spec(self, fullname: str, path: object, target: object = None) -> object:
        file = str(GATE / f"{fullname.rpartition('.')[2]}.py")
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, file, loader=self)

    def create_module(self, spec: object) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.source, f"{self.name} (altered)", "exec"), module.__dict__)


def mutants_of(file: Path) -> Iterator[Mutant]:
    """Every altered form of a module."""
    text = file.read_text()
    many = sum(isinstance(node, ast.Compare) for node in ast.walk(ast.parse(text)))
    for kind, swaps in KINDS.items():
        for nth in range(many):
            # parsed anew each time, as the tree is altered
            tree = ast.parse(text)
            node = [one for one in ast.walk(tree) if isinstance(one, ast.Compare)][nth]
            was = ast.unparse(node)
            for place, op in enumerate(node.ops):
                if type(op) not in swaps:
                    continue
                node.ops[place] = swaps[type(op)]()
                yield Mutant(
                    module=file.stem,
                    kind=kind,
                    line=node.lineno,
                    was=was,
                    now=ast.unparse(node),
                    source=ast.unparse(tree),
                )
                node.ops[place] = op


def survives(mutant: Mutant) -> bool:
    """No test notices it."""
    sys.meta_path.insert(0, _Altered(mutant))
    return _tested()


def _tested() -> bool:
    """All tests of the gate pass."""
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    os.chdir(ROOT)
    files = [f"tests/test_{name}.py" for name in TESTS]
    return pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", *files]) == 0


def main() -> None:
    """Try every mutant, and write down those that live."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--jobs", type=int, default=1, help="processes at once")
    parser.add_argument("--only", default="", help="modules, by comma")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/results/gate_mutants.md")
    asked = parser.parse_args()
    chosen = set(filter(None, asked.only.split(",")))
    files = [file for file in sorted(GATE.glob("*.py")) if not chosen or file.stem in chosen]
    mutants = [mutant for file in files for mutant in mutants_of(file)]
    # a process for each, so that no module stays imported in its altered form
    with multiprocessing.get_context("fork").Pool(asked.jobs, maxtasksperchild=1) as pool:
        if not pool.apply(_tested):
            raise SystemExit("the tests of the gate fail on the gate as it is: nothing can be told by them")
        living: list[Mutant] = []
        for done, (mutant, lives) in enumerate(
            zip(mutants, pool.imap(survives, mutants), strict=True), start=1
        ):
            said = f"{done} of {len(mutants)}: {mutant.module}:{mutant.line} {mutant.now}{lives * ' LIVES'}"
            print(said, flush=True)
            living += [mutant] * lives
    _write(asked.out, mutants, living)


def _write(file: Path, mutants: Sequence[Mutant], living: Sequence[Mutant]) -> None:
    above = file.read_text().partition(MARK)[0] if file.exists() else ""
    rows = [
        f"| {kind} | {sum(one.kind == kind for one in mutants)} | {sum(one.kind == kind for one in living)} |"
        for kind in KINDS
    ]
    lives = [f"| {one.module}:{one.line} | {one.kind} | `{one.was}` | `{one.now}` |" for one in living]
    lines = [
        f"# Comparisons of the gate, altered, {dt.date.today()}",
        "",
        f"{os.cpu_count()} shared cores, Python {platform.python_version()}. `python benchmarks/gate_mutants.py`",
        *("", "| altered | mutants | alive |", "| --- | --: | --: |", *rows),
        *("", "| alive | altered | was | became |", "| --- | --- | --- | --- |", *lives),
    ]
    file.write_text("\n".join([above + MARK, *lines]) + "\n")


if __name__ == "__main__":
    main()
