"""A recorded decision is made again from what is stored: the same, to the last figure, or it is told."""

from __future__ import annotations

import dataclasses
import math
import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_pipeline import gate
from lstm_pipeline.artifacts import canonical
from lstm_pipeline.errors import BadInput, BrokenArtifact, UsageError
from lstm_pipeline.evaluations import OriginTable
from lstm_pipeline.gate import Evidence, GatePolicy, OriginLosses, Pair, SliceLosses, WideErrors
from lstm_pipeline.registry import open_registry, read_registry
from lstm_pipeline.settings.environment import places
from lstm_pipeline.steps.filed import Filed, filed_in_folder, filed_in_registry, report_folder
from lstm_pipeline.steps.gate_report import GateReport, gate_report_of_body
from lstm_pipeline.steps.replay import WhatIf, judge_otherwise, replay
from lstm_pipeline.steps.rescoring import compared, rescore
from lstm_pipeline.version import VERSION
from tests.conftest import Line, hourly, waves
from tests.test_recall import flip_a_byte

ROWS = hourly("a", waves(260)) + hourly("b", waves(260, level=50.0, seed=3))
EARLIER = [row for at, row in enumerate(ROWS) if at % 260 < 220]
GROUPS = {"min_skill": -1e6, "groups": {"zoo": ["a"], "all": ["*"]}}


@dataclasses.dataclass(frozen=True)
class Case:
    """A pipeline whose newest run met a champion."""

    line: Line
    folder: Path

    @property
    def registry(self):
        return read_registry(places(str(self.line.folder / "store")).registry)

    @property
    def filed(self):
        return filed_in_folder(str(self.folder))


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    line = Line(tmp_path_factory.mktemp("replay"))
    line.run(EARLIER, training={"max_steps": 3}, gate=GROUPS)
    outcome = line.run(ROWS, training={"max_steps": 60, "patience": 0}, gate=GROUPS)
    return Case(line=line, folder=Path(outcome.report).parent)


def files_of(folder):
    """What lies in a store; the database keeps books of its own on who reads it."""
    found = [path for path in Path(folder).rglob("*") if path.is_file() and "registry.db" not in path.name]
    return {path: path.read_bytes() for path in found}


# what is found


def test_a_decision_is_found_by_folder_page_record_id_its_first_digits_and_pipeline(case):
    filed = case.filed

    in_folder = [report_folder(str(case.folder / name)) for name in ("", "report.html", "report.json")]
    named = [filed_in_registry(case.registry, name) for name in (filed.id, filed.id[:8], "line")]

    assert in_folder == [str(case.folder.resolve())] * 3
    assert [found.id for found in named] == [filed.id] * 3
    assert {replay(found).decision for found in named} == {filed.report.decision}


def test_a_copy_of_the_folder_alone_can_be_replayed(case, tmp_path):
    copy = tmp_path / "sent by mail"
    shutil.copytree(case.folder, copy)

    made = replay(filed_in_folder(str(copy)))

    assert made.decision == case.filed.report.decision
    assert made.alternatives == case.filed.report.alternatives


@pytest.mark.parametrize("part", ["gate.json", "report.json", "manifest.json"])
def test_a_folder_of_which_a_part_was_altered_is_refused(case, tmp_path, part):
    copy = tmp_path / "copy"
    shutil.copytree(case.folder, copy)
    flip_a_byte(copy / part)

    with pytest.raises(BrokenArtifact, match=part):
        replay(filed_in_folder(str(copy)))


def test_the_gate_report_in_the_folder_is_the_one_that_its_id_names(case):
    written = (case.folder / "gate.json").read_text()

    row = case.registry.gate_report(case.filed.id)

    assert row is not None
    assert written == row.body
    assert case.folder.name.endswith(row.id[:8])


def test_a_report_of_before_says_what_to_do(case):
    older = case.line.store
    parts = {"report.html": b"<html>", "report.json": b"{}"}
    older.publish("reports/older", parts, {"run": "r", "pipeline": "line"}, "report")

    with pytest.raises(BrokenArtifact, match=r"no gate\.json.*run the pipeline again"):
        filed_in_folder(older.uri("reports/older"))


def test_a_gate_report_of_version_0_1_says_what_to_do():
    with pytest.raises(BrokenArtifact, match=r"cannot read run, candidate, .* run the pipeline again"):
        gate_report_of_body('{"decision":{"verdict":"PROMOTE"},"pipeline":"load"}', "abc")


@pytest.mark.parametrize("name", ["nobody", "", "f" * 12])
def test_a_name_that_nobody_has_is_told_with_the_pipelines_there_are(case, name):
    with pytest.raises(BadInput, match=r"pipelines here: line"):
        filed_in_registry(case.registry, name)


# what is made again


def test_losses_that_do_not_bear_the_verdict_are_refused_with_every_field_that_differs(case):
    filed = case.filed
    evidence = dict(filed.report.evidence)
    losses = evidence["losses"] | {"champion": [loss / 100 for loss in evidence["losses"]["champion"]]}
    report = dataclasses.replace(filed.report, evidence=evidence | {"losses": losses})

    with pytest.raises(BrokenArtifact) as caught:
        replay(dataclasses.replace(filed, report=report))

    fields = {fault.partition(":")[0] for fault in caught.value.faults}
    assert {"decision.verdict", "decision.reasons[0]", "decision.sentence"} <= fields
    assert "decision.figures.champion_mse" in fields
    assert caught.value.exit_status == 6


@pytest.mark.parametrize(
    ("field", "other"), [("verdict", "HOLD"), ("sentence", "Promoted!"), ("reasons", ["x"])]
)
def test_a_record_that_tells_another_decision_is_refused(case, field, other):
    filed = case.filed
    claims = {place: {**said, field: other} for place, said in filed.claims.items()}

    with pytest.raises(BrokenArtifact) as caught:
        replay(dataclasses.replace(filed, claims=claims))

    assert caught.value.faults[0].startswith(f"report.json: {field}")


@pytest.mark.parametrize(
    ("version", "why"),
    [
        (VERSION, "comes to another decision now: it was altered"),
        ("0.2.9", "version 0.2.9 recorded it"),
        ("", "version 0.2 or older recorded it"),
    ],
)
def test_a_decision_that_comes_out_otherwise_is_told_with_the_version_that_recorded_it(case, version, why):
    other = dataclasses.replace(case.filed.report.decision, sentence="Promoted: it is mine.")
    report = dataclasses.replace(case.filed.report, version=version, decision=other)

    with pytest.raises(BrokenArtifact, match=why) as caught:
        replay(dataclasses.replace(case.filed, report=report))

    assert case.filed.report.version == VERSION
    assert caught.value.faults[0].startswith('decision.sentence: recorded "Promoted: it is mine."')


def test_a_row_of_the_registry_that_was_edited_is_refused(case, tmp_path):
    copy = tmp_path / "registry.db"
    shutil.copy(case.line.folder / "store" / "registry.db", copy)
    with sqlite3.connect(copy) as database:
        database.execute("UPDATE gate_report SET verdict = 'HOLD'")
    database.close()

    with pytest.raises(BrokenArtifact) as caught:
        replay(filed_in_registry(open_registry(f"sqlite:///{copy}"), "line"))

    assert any(fault.startswith("the registry: verdict") for fault in caught.value.faults)


# what if


def test_other_thresholds_say_what_the_report_says_they_would(case):
    filed = case.filed
    told = {other.rule: (other.verdict, other.reason) for other in filed.report.alternatives}

    for rule in ("mode plain", "mode strict", "alpha 0.01", "min_effect 0.05"):
        knob, _, value = rule.partition(" ")
        asked = WhatIf(**{knob: value if knob == "mode" else float(value)})
        made = judge_otherwise(filed, asked)
        assert (made.decision.verdict, made.decision.reasons[0]) == told[rule]
        assert made.what_if == f"--{knob.replace('_', '-')} {value}"


@pytest.mark.parametrize(
    "asked", [WhatIf(mode="lenient"), WhatIf(alpha=0.5), WhatIf(alpha=0.0), WhatIf(min_effect=-0.1)]
)
def test_thresholds_that_cannot_be_are_a_usage_error(case, asked):
    with pytest.raises(UsageError, match="no such thresholds") as caught:
        judge_otherwise(case.filed, asked)

    assert len(caught.value.faults) == 1


# scored again


def test_the_stored_packages_lose_what_is_recorded_and_nothing_is_written(case):
    before = files_of(case.line.folder)

    scored = rescore(case.filed, places(str(case.line.folder / "store")))

    assert scored.furthest == 0.0
    assert scored.rivals[:2] == ("candidate", "champion")
    assert scored.origins == len(case.filed.report.target_end)
    assert files_of(case.line.folder) == before


def test_a_champions_recipe_that_stood_in_for_it_is_scored_again_too(line):
    nearly_all = [row for at, row in enumerate(ROWS) if at % 260 < 256]
    line.run(nearly_all, split={"test": 2}, training={"max_steps": 4})
    outcome = line.run(ROWS, training={"max_steps": 6})
    filed = filed_in_folder(str(Path(outcome.report).parent))

    scored = rescore(filed, places(str(line.folder / "store")))

    assert outcome.gate.source == "refit"
    assert scored.furthest == 0.0


def test_losses_that_the_packages_do_not_give_are_refused_with_their_origin(case):
    losses = case.filed.report.judged.losses
    table = _table(losses)
    altered = losses.candidate.copy()
    altered[3] *= 1 + 1e-5

    with pytest.raises(BrokenArtifact) as caught:
        compared(dataclasses.replace(losses, candidate=altered), "naive", table)

    assert len(caught.value.faults) == 1
    assert caught.value.faults[0].startswith("candidate, origin 4: recorded")


def test_losses_apart_by_rounding_are_let_pass_and_told(case):
    losses = case.filed.report.judged.losses
    nearly = dataclasses.replace(losses, candidate=losses.candidate * (1 + 1e-9))

    scored = compared(nearly, "naive", _table(losses))

    assert 0 < scored.furthest <= 1.1e-9


def _table(losses):
    return OriginTable(
        target_end=np.arange(len(losses.candidate)),
        pooled={"candidate": losses.candidate, "champion": losses.champion, "naive": losses.baseline},
        clean=losses.clean,
        windows_id="w",
        left_out=(),
    )


# whatever the evidence

LOSS = st.one_of(
    st.floats(0, 10), st.sampled_from([0.0, -0.0, 5e-324, 1e300, 1.7e308, math.inf, math.nan, 1 / 3])
)
FIGURE = st.one_of(st.floats(-10, 10), st.sampled_from([-0.0, math.inf, -math.inf, math.nan]))
PAIR = st.builds(Pair, candidate=FIGURE, champion=FIGURE)


@st.composite
def evidences(draw):
    """Any evidence that the gate could be shown."""
    many = draw(st.integers(0, 12))
    columns = st.lists(LOSS, min_size=many, max_size=many).map(np.array)
    champion = draw(st.one_of(st.none(), columns))
    seen = st.lists(st.booleans(), min_size=many, max_size=many).map(lambda values: np.array(values, bool))
    losses = OriginLosses(
        candidate=draw(columns),
        baseline=draw(columns),
        champion=champion,
        clean=None if champion is None else draw(seen),
    )
    slices = st.dictionaries(
        st.sampled_from(["step 1", "steps 10-20", "steps 2-9", "group b", "group a"]),
        st.builds(SliceLosses, candidate=columns, champion=columns),
    )
    return Evidence(
        losses=draw(st.one_of(st.just(losses), st.none())),
        intact=draw(st.integers(0, 9)) > 0,
        sound=True,
        finite=True,
        test_mse=draw(LOSS),
        leaky=False,
        stale=False,
        newest=True,
        baseline=draw(st.sampled_from([None, "drift"])),
        source=draw(st.sampled_from(["clean", "published", "refit"])),
        looks=draw(st.integers(1, 5)),
        refresh=draw(st.booleans()),
        age=draw(st.integers(-3, 3)),
        slices={} if champion is None else draw(slices),
        wide=draw(
            st.one_of(
                st.none(),
                st.builds(WideErrors, mse=LOSS, baseline_mse=LOSS, beside=st.one_of(st.none(), PAIR)),
            )
        ),
        tail=draw(st.one_of(st.none(), PAIR)),
        bias=draw(st.one_of(st.none(), PAIR)),
    )


def reported(evidence, policy):
    """The evidence with its decision, written as the registry keeps it and read back."""
    report = GateReport(
        pipeline="any",
        run="r",
        candidate="m",
        champion=None,
        champion_seq=0,
        evaluation="e",
        policy=policy,
        decision=gate.decide(evidence, policy),
        alternatives=gate.alternatives(evidence, policy),
        left_out=(),
        target_end=(),
        evidence=gate.recorded_evidence(evidence),
    )
    return gate_report_of_body(canonical(report), "any")


def bits(value):
    """The value with every float as its bits, so that -0.0 and 0.0 differ and NaN equals itself."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.tobytes()
    if isinstance(value, float):
        return np.float64(value).tobytes()
    if dataclasses.is_dataclass(value):
        return [bits(getattr(value, field.name)) for field in dataclasses.fields(value)]
    if isinstance(value, dict):
        return {name: bits(item) for name, item in value.items()}
    return value


@settings(max_examples=150, deadline=None)
@given(evidences(), st.sampled_from([GatePolicy(min_skill=-5.0), GatePolicy(mode="strict", cap=9.0)]))
def test_any_evidence_is_kept_to_the_last_bit_and_gives_the_same_decision_again(evidence, policy):
    report = reported(evidence, policy)

    made = replay(Filed(id="any", report=report, claims={}))

    assert bits(report.judged) == bits(evidence)
    assert canonical(made.decision) == canonical(gate.decide(evidence, policy))
    assert canonical(made.alternatives) == canonical(report.alternatives)
