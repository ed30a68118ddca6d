"""Where steps are counted each series has a clock of its own: nobody looks behind its own cutoff."""

import datetime as dt

import pandas as pd

from lstm_pipeline import evaluations
from tests.conftest import START, hourly, waves
from tests.test_publication import OLD, of, reason, sources

COUNTED = {"freq": 1}


def counted(name, length, seed=0):
    """Rows of a series that counts its steps."""
    return [(name, at, y) for at, y in enumerate(waves(length, seed=seed))]


def test_a_refused_series_that_begins_after_the_cutoff_has_no_forecast(line):
    late = [y if at % 5 else "many" for at, y in enumerate(waves(40, level=500.0))]

    frame = line.conclude(OLD + hourly("b", late, begin=200)).frame

    assert set(frame["cutoff"]) == {pd.Timestamp(START + dt.timedelta(hours=159))}
    assert of(frame, "b")["LSTM"].isna().all()
    assert sources(frame)["b"] == "none"
    assert reason(frame, "b").startswith("broken")


def test_a_champion_that_has_learnt_later_steps_of_a_series_does_not_forecast_it(line):
    line.conclude(counted("a", 400) + counted("b", 400, seed=3), series=COUNTED)

    frame = line.conclude(counted("a", 200) + counted("b", 420, seed=3), series=COUNTED).frame

    assert sources(frame)["a"] != "champion"
    assert reason(frame, "a") == "the champion has learnt from data after this cutoff"
    assert sources(frame)["b"] == "champion"


def test_an_origin_is_clean_only_if_it_lies_after_what_was_learnt_of_its_own_series(line):
    line.conclude(counted("a", 160) + counted("b", 300, seed=3), series=COUNTED)
    grown = counted("a", 200) + counted("b", 310, seed=3)

    judged = line.conclude(grown, series=COUNTED, split={"test": 40}).judged

    origins = evaluations.load(line.store, judged.trial.evaluation.id).origins
    # the champion has learnt a up to step 139 and b up to 279; the newest tests of b begin at 270
    assert origins.clean.tolist() == [False] * 5 + [True] * 15
