"""A person takes a promotion back, or makes a version champion past the gate; never past integrity."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_pipeline import checkpoints
from lstm_pipeline.errors import BrokenArtifact, Conflict, UsageError
from lstm_pipeline.registry import Version, open_registry, standing, undone
from lstm_pipeline.registry.chain import appended
from lstm_pipeline.steps import PLAIN
from lstm_pipeline.steps.desk import Line, open_desk, this_moment
from lstm_pipeline.steps.outcome import STEPS
from lstm_pipeline.steps.recipe import forecast_only
from lstm_pipeline.steps.succession import pin, rollback
from tests.conftest import Line as RunLine
from tests.conftest import hourly, waves
from tests.test_registry import proposal

ROWS = hourly("a", waves(seed=1)) + hourly("b", waves(level=-300.0, seed=2))
EAGER = {"min_skill": -1e7, "min_effect": 0.0}
"""A gate that lets through whatever is a little better."""
LATEST = "forecasts/line/latest.parquet"
WHY = {"actor": "ana", "reason": "it drifts"}


def desk_of(line):
    return open_desk(line.job(ROWS))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A line whose second champion, of another seed, followed the first: (folder, first run, second run)."""
    line = RunLine(tmp_path_factory.mktemp("succession"))
    first = line.run(ROWS, training={"seed": 0, "max_steps": 2})
    second = line.run(ROWS, training={"seed": 1, "max_steps": 40}, gate=EAGER)
    assert (first.promoted, second.promoted) == (True, True)
    return line.folder, first, second


@pytest.fixture
def reigns(trained, tmp_path):
    """The same line in a folder of its own: (line, first model, second model)."""
    folder, first, second = trained
    shutil.copytree(folder, tmp_path / "line")
    line = RunLine(tmp_path / "line")
    return line, first.champion, second.champion


def rerun_first(line):
    return line.run(ROWS, training={"seed": 0, "max_steps": 2})


def rerun_second(line):
    return line.run(ROWS, training={"seed": 1, "max_steps": 40}, gate=EAGER)


def bytes_of(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in Path(folder).iterdir()}


def test_a_rollback_returns_to_the_champion_before_and_says_who_wanted_it_and_why(reigns):
    line, first, second = reigns

    row = rollback(desk_of(line), **WHY)

    assert (row.model, row.previous_model, row.seq) == (first, second, 3)
    assert (row.kind, row.actor, row.reason, row.gate_report) == ("rollback", "ana", "it drifts", None)
    desk_of(line).registry.verify_chain("line")


def test_a_champion_that_was_rolled_back_to_is_the_same_bytes_and_forecasts_the_same(reigns, trained):
    line, first, _ = reigns
    model = line.folder / "store" / "models" / first
    before = bytes_of(model)
    published = pd.read_parquet(line.store.uri(trained[1].forecasts.partition("/store/")[2]))
    shutil.rmtree(line.folder / "store" / "forecasts")

    rollback(desk_of(line), **WHY)
    made = forecast_only(line.job(ROWS), PLAIN)

    assert bytes_of(model) == before
    assert made.published_by == first
    assert not made.reused
    assert pd.read_parquet(made.uri)["LSTM"].to_numpy().tobytes() == published["LSTM"].to_numpy().tobytes()
    assert line.store.read(LATEST) == Path(made.uri).read_bytes()


@pytest.mark.parametrize("to", [64, 6, 20])
def test_a_rollback_names_its_model_by_the_beginning_of_its_id(reigns, to):
    line, first, _ = reigns

    row = rollback(desk_of(line), to=first[:to], **WHY)

    assert row.model == first


def test_a_second_identical_rollback_changes_nothing_and_says_so(reigns):
    line, first, _ = reigns
    rollback(desk_of(line), to=first, **WHY)

    for again in (first, None):
        with pytest.raises(UsageError, match=f"{first} is champion already"):
            rollback(desk_of(line), to=again, **WHY)

    assert len(desk_of(line).registry.promotions("line")) == 3


@pytest.mark.parametrize("to", ["abc", "0" * 64, "nobody"])
def test_only_a_former_champion_can_be_rolled_back_to(reigns, to):
    line, first, second = reigns

    with pytest.raises(UsageError, match="expected one that was champion before") as refusal:
        rollback(desk_of(line), to=to, **WHY)

    assert refusal.value.faults == (first, second)


def test_without_a_champion_there_is_nothing_to_roll_back(line):
    line.run(ROWS, gate={"min_skill": 0.999})

    with pytest.raises(UsageError, match="line has no champion yet: there is nothing to roll back"):
        rollback(desk_of(line), **WHY)


def test_a_beginning_that_two_models_share_names_neither(line):
    desk = desk_of(line)
    for model in ("abcdef1", "abcdef2"):
        desk.registry.add_version(plain_version(model))

    with pytest.raises(UsageError, match=r"got the model 'abcdef', which 2 begin with: give more of its id"):
        pin(desk, "abcdef", "ana", "word")


def plain_version(model):
    return Version(
        pipeline="line",
        model=model,
        dataset="d",
        uri="u",
        manifest_sha256="0",
        kind="lstm",
        horizon=2,
        freq="h",
        data_end=0,
        as_of="2024-01-07T15:00:00",
        created_at=this_moment(),
    )


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_word_without_a_reason_is_no_word(reigns, reason):
    line, first, _ = reigns

    for wish in (
        lambda: rollback(desk_of(line), actor="ana", reason=reason),
        lambda: pin(desk_of(line), first, "ana", reason),
    ):
        with pytest.raises(UsageError, match="--reason: got nothing, expected why"):
            wish()


def damage(folder, how):
    if how == "gone":
        shutil.rmtree(folder)
    elif how == "flipped":
        weights = folder / "weights.safetensors"
        data = bytearray(weights.read_bytes())
        data[-1] ^= 1
        weights.write_bytes(data)
    else:
        shutil.copy(folder.parent / how / "manifest.json", folder / "manifest.json")


@pytest.mark.parametrize("how", ["gone", "flipped", "another's manifest"])
@pytest.mark.parametrize("wish", ["rollback", "pin"])
def test_a_package_that_is_not_the_one_that_was_judged_never_becomes_champion(reigns, how, wish):
    line, first, second = reigns
    desk = desk_of(line)
    damage(line.folder / "store" / "models" / first, second if how == "another's manifest" else how)

    with pytest.raises(BrokenArtifact, match=first):
        rollback(desk, to=first, **WHY) if wish == "rollback" else pin(desk, first, "ana", "word")

    assert len(desk.registry.promotions("line")) == 2


def test_an_edited_log_is_not_gone_on_with(reigns):
    line, first, _ = reigns
    desk = desk_of(line)
    with desk.registry.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE promotion SET reason = 'x' WHERE seq = 1")

    with pytest.raises(BrokenArtifact, match="the promotion log of line was altered"):
        rollback(desk, **WHY)
    with pytest.raises(BrokenArtifact, match="the promotion log of line was altered"):
        pin(desk, first, "ana", "word")


def test_a_rerun_of_the_run_that_was_rolled_back_leaves_the_rollback_and_says_who_is_champion(
    reigns, trained
):
    line, first, _ = reigns
    rollback(desk_of(line), **WHY)

    again = rerun_second(line)

    assert (again.verdict, again.reasons, again.reused) == ("PROMOTE", trained[2].reasons, STEPS)
    assert again.champion == first
    assert f"champion is {first} by now: rollback 3 at " in again.notes[-1]
    assert again.notes[-1].endswith("by ana (it drifts)")
    assert desk_of(line).registry.champion("line").model == first


def test_so_it_does_after_the_champion_of_now_has_published(reigns):
    line, first, _ = reigns
    rollback(desk_of(line), **WHY)
    forecast_only(line.job(ROWS), PLAIN)
    latest = line.store.read(LATEST)

    again = rerun_second(line)

    assert (again.verdict, again.champion, again.reused) == ("PROMOTE", first, STEPS)
    assert line.store.read(LATEST) == latest
    assert len(desk_of(line).registry.promotions("line")) == 3


def test_a_model_that_was_rolled_back_is_held_when_it_is_judged_again(reigns):
    line, first, second = reigns
    rollback(desk_of(line), **WHY)
    shutil.rmtree(line.folder / "store" / "reports")

    again = rerun_second(line)

    assert (again.verdict, again.reasons, again.promoted) == ("HOLD", ("rolled_back",), False)
    assert "only a person brings it back (models promote --force)" in again.sentence
    assert (again.champion, again.published_by) == (first, first)
    desk_of(line).registry.verify_chain("line")
    assert rerun_second(line).reused == STEPS
    assert second in undone(desk_of(line).registry.promotions("line"))


def test_the_run_of_the_champion_that_was_rolled_back_to_is_judged_as_it_was_the_first_time(reigns, trained):
    line, first, _ = reigns
    rollback(desk_of(line), **WHY)
    shutil.rmtree(line.folder / "store" / "reports")

    again = rerun_first(line)

    assert (again.verdict, again.reasons, again.champion) == ("PROMOTE", ("first",), first)
    assert again.mse == trained[1].mse
    assert len(desk_of(line).registry.promotions("line")) == 3
    desk_of(line).registry.verify_chain("line")


def test_a_decision_made_before_a_rollback_does_not_undo_it(line):
    line.run(ROWS, training={"seed": 0, "max_steps": 2})
    job = line.job(ROWS, training={"seed": 1, "max_steps": 40}, gate=EAGER)
    held = []

    def promote(job, trial, made):
        held.append((trial, made))
        return PLAIN.promote(job, trial, made)

    line.run(
        ROWS,
        steps=dataclasses.replace(PLAIN, promote=promote),
        training={"seed": 1, "max_steps": 40},
        gate=EAGER,
    )
    rollback(open_desk(job), **WHY)

    with pytest.raises(Conflict, match=r"was promoted before \(2\), and champion now is .* \(rollback 3\)"):
        PLAIN.promote(job, *held[0])
    assert len(open_desk(job).registry.promotions("line")) == 3


def test_a_model_that_is_pinned_again_after_its_rollback_is_no_longer_held(reigns):
    line, _, second = reigns
    rollback(desk_of(line), **WHY)

    row = pin(desk_of(line), second[:8], "ben", "it was the sensor")
    again = rerun_second(line)

    assert (row.kind, row.model, row.seq, row.actor) == ("pin", second, 4, "ben")
    assert (again.champion, again.reused) == (second, STEPS)
    assert undone(desk_of(line).registry.promotions("line")) == frozenset()


def test_a_version_that_the_gate_rejected_can_be_pinned(line):
    rejected = line.run(ROWS, gate={"min_skill": 0.999})
    model = Path(rejected.model).name

    row = pin(desk_of(line), model, "ana", "the floor is wrong here")
    made = forecast_only(line.job(ROWS, gate={"min_skill": 0.999}), PLAIN)

    assert (rejected.champion, row.seq, row.previous_model) == (None, 1, None)
    assert made.published_by == model
    again = line.run(ROWS, gate={"min_skill": 0.999})
    assert (again.verdict, again.champion) == ("REJECT", model)


def test_weights_that_are_no_numbers_cannot_be_pinned(reigns):
    line, first, _ = reigns
    desk = desk_of(line)
    package = checkpoints.load(desk.store, first)
    weights = {name: np.full_like(values, np.nan) for name, values in package.weights.items()}
    checkpoints.save(desk.store, dataclasses.replace(package, id="1" * 64, weights=weights))
    card = checkpoints.card(desk.store, "1" * 64)
    known = desk.registry.version("line", first)
    desk.registry.add_version(
        dataclasses.replace(known, model="1" * 64, manifest_sha256=card.manifest_sha256)
    )

    with pytest.raises(BrokenArtifact, match="got weights that are not finite"):
        pin(desk, "1" * 64, "ana", "word")

    assert len(desk.registry.promotions("line")) == 2


def test_a_pipeline_known_by_its_name_alone_is_enough(reigns):
    line, first, _ = reigns
    office = Line(
        pipeline="line",
        store=line.store,
        registry=open_registry(f"sqlite:///{line.folder}/store/registry.db"),
    )

    assert rollback(office, **WHY).model == first


def test_a_run_about_the_past_goes_by_the_rollback_too(reigns):
    line, first, second = reigns
    before = desk_of(line).registry.champion("line")

    row = rollback(desk_of(line), **WHY)

    assert (before.model, row.as_of) == (second, before.as_of)
    assert row.model == first


def a_log(words):
    """A log of promotions, rollbacks (r) and pins (p) of one-letter models."""
    log = []
    for word in words:
        kind = {"r": "rollback", "p": "pin"}.get(word[1:], "promote")
        log.append(appended(proposal(word[0], None, kind=kind), log[-1] if log else None))
    return log


@pytest.mark.parametrize(
    ("words", "held", "taken_back"),
    [
        ("a b c", "abc", ""),
        ("a b ar", "a", "b"),
        ("a b c ar", "a", "bc"),
        ("a b c br ar", "a", "bc"),
        ("a b ar br", "ab", ""),
        ("a b ap", "aba", ""),
        ("a b ap br", "ab", ""),
        ("a b ar c", "ac", "b"),
        ("a b ar c bp", "acb", ""),
        ("", "", ""),
    ],
)
def test_a_rollback_takes_back_all_that_came_after_the_reign_it_returns_to(words, held, taken_back):
    log = a_log(words.split())

    assert "".join(row.model for row in standing(log)) == held
    assert undone(log) == frozenset(taken_back)


WORDS = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from(["", "r", "p"])).map("".join), max_size=12
)


@given(words=WORDS)
def test_the_champion_always_stands_and_is_never_among_those_taken_back(words):
    log = a_log(words)

    held = standing(log)

    assert [row.model for row in held[-1:]] == [row.model for row in log[-1:]]
    assert not undone(log) & {row.model for row in held}
    assert undone(log) | {row.model for row in held} == {row.model for row in log}
