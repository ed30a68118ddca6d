"""An identical rerun returns what is stored, and notices what of it is gone or was altered."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from lstm_pipeline.errors import BrokenArtifact
from lstm_pipeline.registry import open_registry
from lstm_pipeline.steps import PLAIN
from lstm_pipeline.steps.outcome import STEPS
from lstm_pipeline.steps.recipe import forecast_only
from tests.conftest import hourly, waves

ROWS = hourly("a", waves(seed=1)) + hourly("b", waves(level=-300.0, seed=2))
LATEST = "forecasts/line/latest.parquet"


def edit(line, statement):
    """Change the registry behind the program's back."""
    database = sqlite3.connect(line.folder / "store" / "registry.db")
    with database:
        assert database.execute(statement).rowcount == 1
    database.close()


def flip_a_byte(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def parts(line):
    """Every part that a run published, by its key."""
    published = line.store.list()
    folders = ("datasets/", "models/", "evaluations/", "forecasts/line/live/", "reports/")
    return [key for key in published if key.startswith(folders) and not key.endswith("manifest.json")]


def test_every_part_that_a_run_published_is_checked_before_its_outcome_is_told_again(line):
    line.run(ROWS)
    kinds = {key.partition("/")[0] for key in parts(line)}

    for key in parts(line):
        path = Path(line.store.uri(key))
        whole = path.read_bytes()
        flip_a_byte(path)
        with pytest.raises(BrokenArtifact, match=path.name):
            line.run(ROWS)
        path.write_bytes(whole)

    assert kinds == {"datasets", "models", "evaluations", "forecasts", "reports"}
    assert line.run(ROWS).reused == STEPS


def test_latest_that_was_altered_is_written_anew_from_what_was_published(line, caplog):
    published = line.run(ROWS).forecasts
    latest = Path(line.store.uri(LATEST))
    flip_a_byte(latest)

    again = line.run(ROWS)

    assert latest.read_bytes() == Path(published).read_bytes()
    assert line.run(ROWS).forecasts == published
    assert "it is not what this run published, and is written anew" in caplog.text
    assert (again.verdict, again.promoted) == ("PROMOTE", True)
    assert line.run(ROWS).reused == STEPS


def test_an_older_run_is_recalled_although_latest_has_moved_on(line):
    line.run(ROWS)
    newer = line.run(hourly("a", waves(170, seed=1)) + hourly("b", waves(170, level=-300.0, seed=2)))

    again = line.run(ROWS)

    assert again.reused == STEPS
    assert Path(line.store.uri(LATEST)).read_bytes() == Path(newer.forecasts).read_bytes()


@pytest.mark.parametrize(
    ("said", "altered"),
    [
        ('"promoted":true', '"promoted":false'),
        ('"verdict":"PROMOTE"', '"verdict":"REJECT"'),
        ('"mse":', '"mse":1'),
    ],
)
def test_an_outcome_that_was_altered_in_the_registry_is_refused(line, said, altered):
    line.run(ROWS)

    edit(line, f"UPDATE run SET outcome = replace(outcome, '{said}', '{altered}')")

    with pytest.raises(BrokenArtifact, match="one of them was altered"):
        line.run(ROWS)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM promotion",
        "UPDATE promotion SET actor = 'nobody'",
        "UPDATE gate_report SET body = replace(body, 'PROMOTE', 'REJECT')",
    ],
)
def test_a_promotion_or_decision_that_was_removed_or_altered_is_refused(line, statement):
    line.run(ROWS)

    edit(line, statement)

    with pytest.raises(BrokenArtifact, match=r"altered|faults"):
        line.run(ROWS)


def test_the_newest_promotion_cannot_vanish_unseen(line):
    line.run(ROWS)
    line.run(ROWS, training={"seed": 1}, gate={"min_effect": 0.0, "min_skill": -1e7})
    registry = open_registry(line.job(ROWS).registry)
    registry.verify_chain("line")
    edit(line, "DELETE FROM promotion WHERE seq = (SELECT max(seq) FROM promotion)")

    with pytest.raises(BrokenArtifact) as caught:
        registry.verify_chain("line")

    assert "it was removed" in caught.value.faults[0]


def test_a_decision_that_is_gone_is_made_again(line):
    first = line.run(ROWS, gate={"min_skill": 0.999})
    edit(line, "DELETE FROM gate_report")

    again = line.run(ROWS, gate={"min_skill": 0.999})

    assert again.reused != STEPS
    assert (again.verdict, again.mse, again.report) == (first.verdict, first.mse, first.report)


def test_rows_that_were_revised_and_put_right_again_leave_their_own_forecast_as_the_latest(line):
    line.run(ROWS)
    spoilt = [(name, ds, 9999.0 if at % 160 >= 150 else y) for at, (name, ds, y) in enumerate(ROWS)]
    line.run(spoilt)
    wrong = line.store.read(LATEST)

    outcome = line.run(ROWS)

    assert line.store.read(LATEST) == Path(outcome.forecasts).read_bytes() != wrong
    assert line.run(ROWS).reused == STEPS
    assert line.store.read(LATEST) == Path(outcome.forecasts).read_bytes()


def test_a_model_that_was_gone_and_is_trained_again_is_not_called_reused(line):
    made = line.run(ROWS)
    shutil.rmtree(made.model)

    again = line.run(ROWS)

    assert again.weights_sha256 == made.weights_sha256
    assert "train" not in again.reused
    assert {"evaluate", "decide", "publish"} <= set(again.reused)


def test_nothing_is_forecast_from_a_promotion_log_that_was_edited(line):
    line.run(ROWS)
    edit(line, "UPDATE promotion SET reason = 'my word'")

    with pytest.raises(BrokenArtifact, match="the promotion log of line was altered"):
        forecast_only(line.job(ROWS), PLAIN)
