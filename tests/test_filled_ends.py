"""A series that ended early is forecast from steps that are filled as its gaps were in training."""

import pytest

from tests.conftest import Line, hourly, waves


def forecasts_after(folder, fill):
    """What the champion says of a series without gaps that ended three steps before the newest one."""
    rows = [*hourly("a", waves(157)), *hourly("b", waves(160, seed=1))]
    frame = Line(folder).conclude(rows, series={"missing": "fill", "fill": fill}).frame
    ended = frame[frame["unique_id"] == "a"]
    assert set(ended["source"]) == {"champion"}
    return ended["LSTM"].tolist()


def test_the_champion_looks_back_on_the_method_that_filled_the_gaps(tmp_path):
    last, zero, seasonal = (forecasts_after(tmp_path / fill, fill) for fill in ("last", "zero", "seasonal"))

    assert last != pytest.approx(zero)
    assert last != pytest.approx(seasonal)
    assert zero != pytest.approx(seasonal)
