"""The series that are committed: demo pipelines, and real feeds with the faults that feeds have."""

from pathlib import Path

import numpy as np
import pytest

from lstm_pipeline import datasets
from lstm_pipeline.errors import BadInput
from lstm_pipeline.settings.config import read_pipeline
from lstm_pipeline.settings.environment import places
from lstm_pipeline.steps import PLAIN, retrain
from lstm_pipeline.steps.desk import job_from_file
from lstm_pipeline.storage import open_store

HERE = Path(__file__).parent
FEEDS = HERE / "data" / "nab"
PIPELINE = """
name = "feed"
source = {{ path = "{path}", time = "timestamp", value = "value" }}
series = {{ {rules}freq = "5min" }}
windows = {{ input_size = 24, horizon = 3 }}
model = {{ hidden_size = 4, num_layers = 1 }}
training = {{ max_steps = 5, device = "cpu" }}
"""


def run(folder, feed, rules=""):
    """Run one feed; returns the outcome and the stored dataset."""
    file, store = folder / "feed.toml", str(folder / "store")
    file.write_text(PIPELINE.format(path=FEEDS / f"{feed}.csv", rules=rules))
    outcome = retrain(job_from_file(str(file), store=store, as_of=None), PLAIN)
    return outcome, datasets.load(open_store(store), Path(outcome.dataset).name)


def test_the_committed_demos_are_pipeline_files():
    for file in (HERE.parent / "data").glob("*.toml"):
        assert read_pipeline(file).name == file.stem
    assert places("x").registry.endswith("x/registry.db")


@pytest.mark.parametrize(
    ("feed", "rules", "aside", "rows"),
    [
        ("ec2_request_latency_system_failure", "", {"off_grid": 12}, (4020, 13)),
        ("ec2_request_latency_system_failure", 'regularise = "mean", ', {}, (4032, 12)),
        ("rogue_agent_key_hold", "", {}, (1882, 3456)),
        ("speed_6005", 'regularise = "mean", ', {}, (2500, 2392)),
        ("speed_6005", 'regularise = "last", ', {"duplicate": 16, "off_grid": 3}, (2481, 2392)),
    ],
)
def test_every_row_of_an_irregular_feed_is_kept_or_set_aside(tmp_path, feed, rules, aside, rows):
    outcome, dataset = run(tmp_path, feed, rules)

    assert {reason: rows for reason, rows in outcome.rows_set_aside.items() if rows} == aside
    assert (outcome.rows_kept, outcome.rows_missing) == rows
    assert outcome.rows_in == outcome.rows_kept + sum(aside.values())
    assert outcome.rows_missing == (~dataset.table.observed).sum()


@pytest.mark.parametrize("feed", ["ec2_request_latency_system_failure", "rogue_agent_key_hold"])
def test_no_window_of_an_irregular_feed_lies_mostly_in_a_gap(tmp_path, feed):
    _, dataset = run(tmp_path, feed)

    seen, size = np.concatenate([[0], np.cumsum(dataset.table.observed)]), dataset.spec.size
    for part in range(3):
        start = dataset.runs.windows(part).start
        end = start + size.input_size
        assert len(start)
        assert (seen[end] - seen[start] >= size.input_size / 2).all()
        assert (seen[end + size.horizon] - seen[end] > 0).all()


def test_a_feed_mostly_off_its_grid_is_refused_with_what_to_do(tmp_path):
    with pytest.raises(BadInput) as caught:
        run(tmp_path, "speed_6005")

    assert "speed_6005: 72.9% of its 2500 rows were set aside (off_grid 1823)" in caught.value.faults[0]
    assert "regularise" in caught.value.faults[0]
