"""The tutorial as published: it reproduces, its split leaks, its report says so, and it is never promoted."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from lstm_pipeline.settings.config import read_pipeline
from lstm_pipeline.settings.environment import places
from lstm_pipeline.steps import PLAIN, retrain
from lstm_pipeline.steps.desk import new_job
from tests.conftest import NOW

TUTORIAL = Path(__file__).parents[1] / "data/tutorial.toml"


@pytest.mark.parametrize("seed", range(5))
def test_the_tutorial_reproduces_on_every_seed_and_is_held(tmp_path, seed):
    config = read_pipeline(TUTORIAL)
    seeded = config.model_copy(update={"training": dataclasses.replace(config.training, seed=seed)})

    made = retrain(new_job(seeded, places(str(tmp_path)), now=NOW, as_of=None), PLAIN)

    page = Path(made.report).read_text()
    assert (made.verdict, made.reasons, made.promoted) == ("HOLD", ("leaky_split",), False)
    assert made.windows == {"train": 760, "validation": 0, "test": 190}
    assert 0.002 < made.mse < 0.3
    assert "This split leaks" in page
    assert "on the chronological split" in page
