"""The loss: over observed targets alone, and exploded beyond what the training rows can explain."""

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lstm_pipeline.model.batch import Batch
from lstm_pipeline.training.data import TrainingSet
from lstm_pipeline.training.loss import loss_ceiling, loss_sum
from lstm_pipeline.windows.config import WindowSize
from tests.awkward import AWKWARD

SIZE = WindowSize(input_size=3, horizon=2)


def training_on(values, starts):
    """A set whose training windows begin on these rows of one series; NaN where nobody observed."""
    values, none = np.asarray(values, dtype=np.float32), np.zeros(0, np.int64)
    starts = np.asarray(starts, dtype=np.int64)
    return TrainingSet(
        values=np.nan_to_num(values, nan=9e9, posinf=9e9),
        observed=np.isfinite(values),
        train=starts,
        train_series=np.zeros_like(starts),
        validation=none,
        validation_series=none,
        size=SIZE,
    )


def largest_of(data):
    """The largest observed value in any training window, at least 1: the obvious loop."""
    found = [1.0]
    for start in data.train:
        for row in range(start, start + SIZE.total):
            found += [abs(float(data.values[row]))] if data.observed[row] else []
    return max(found)


def test_a_batch_without_targets_has_no_loss_and_what_to_gather_is_said():
    context = torch.zeros(2, 4)
    batch = Batch(context=context, observed=context == 0, series=torch.zeros(2, dtype=torch.int64))

    for known in (batch, dataclasses.replace(batch, target=torch.zeros(2, 1))):
        with pytest.raises(ValueError, match="gather it with gather_windows, not gather_contexts"):
            loss_sum("mse", torch.zeros(2, 1), known)


@given(
    values=st.lists(st.floats(-1e6, 1e6, width=32), min_size=12, max_size=12),
    starts=st.lists(st.integers(0, 7), min_size=1, max_size=4),
)
def test_a_loss_has_exploded_beyond_a_thousand_times_the_largest_value_of_a_training_window(values, starts):
    data = training_on(values, starts)

    ceilings = loss_ceiling("mae", data), loss_ceiling("mse", data)

    largest = 1e3 * largest_of(data)
    assert ceilings == (pytest.approx(largest), pytest.approx(largest**2))


@pytest.mark.parametrize("name", [name for name, values in AWKWARD.items() if len(values) == 60])
def test_the_ceiling_of_an_awkward_series_looks_at_what_was_observed(name):
    data = training_on(AWKWARD[name], [0, 1, 2, 25, 40])

    assert loss_ceiling("mae", data) == pytest.approx(1e3 * largest_of(data))
