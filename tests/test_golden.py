"""Results may only change together with the version of the package: model ids contain it."""

import json
from pathlib import Path

import pytest

from lstm_pipeline.version import VERSION
from tests.conftest import hourly, waves

GOLDEN = json.loads((Path(__file__).parent / "fixtures" / "golden.json").read_text())
ROWS = hourly("a", waves(seed=1)) + hourly("b", waves(level=-300.0, seed=2))
KINDS = {
    "plain": {"training": {"max_steps": 40}},
    "deep": {
        "model": {"num_layers": 2, "dropout": 0.2, "window_norm": "last"},
        "training": {"max_steps": 30, "loss": "mae", "schedule": "cosine", "seed": 7},
    },
}


def forecasts_of(line, name):
    return line.conclude(ROWS, **KINDS[name]).frame["LSTM"].tolist()


@pytest.mark.parametrize("name", KINDS)
def test_forecasts_are_those_of_this_version_or_the_version_must_go_up(line, name):
    advice = "results have changed: raise VERSION, then write tests/fixtures/golden.json anew"

    assert GOLDEN["version"] == VERSION, advice
    assert forecasts_of(line, name) == pytest.approx(GOLDEN[name], rel=1e-5), advice
