"""A model package of format 1, committed: it loads and forecasts to its stored values for ever."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from lstm_pipeline import checkpoints, datasets
from lstm_pipeline.steps.forecasts import by_champion
from lstm_pipeline.storage import open_store

STORE = Path(__file__).parent / "fixtures/packages/v1"


def test_a_package_of_format_1_forecasts_to_its_stored_values(tmp_path):
    facts = json.loads((STORE / "expected.json").read_text())
    store = open_store(str(STORE))

    made = by_champion(
        datasets.load(store, facts["dataset"]), checkpoints.load(store, facts["model"]), "last_value"
    )

    assert made.source == ("champion", "champion")
    np.testing.assert_allclose(made.values, facts["forecasts"], rtol=1e-5, atol=1e-6)
