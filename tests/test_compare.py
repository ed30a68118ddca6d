"""`gate compare`: any two frames of forecasts get the gate's verdict."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from lstm_pipeline.errors import UsageError
from tests.compared_example import START, asker, frame, pair


@pytest.fixture
def asked(tmp_path):
    """Compare two frames that were written to files."""
    return asker(tmp_path)


def ruled(found):
    return found.decision.verdict, found.decision.reasons[0]


def scaled_loss(table, model):
    """Losses by origin as pandas finds them: errors by the variance of each series."""
    variance = table.drop_duplicates(["unique_id", "ds"]).groupby("unique_id")["y"].var(ddof=0)
    squared = (table[model] - table["y"]) ** 2 / table["unique_id"].map(variance)
    return squared.groupby(table["cutoff"]).mean().to_numpy()


def test_the_better_of_two_frames_is_promoted(asked):
    found = asked(*pair())

    assert ruled(found) == ("PROMOTE", "superior")
    assert (found.champion.model, found.candidate.model) == ("LSTM", "NHITS")
    assert "NHITS" not in found.decision.sentence


def test_the_worse_is_rejected_and_an_equal_one_is_inconclusive(asked):
    better, worse = pair()

    assert ruled(asked(worse, better)) == ("REJECT", "worse")
    assert ruled(asked(better, better)) == ("INCONCLUSIVE", "inconclusive")


def test_losses_are_those_that_pandas_finds(asked):
    champion, candidate = pair(stride=3, horizon=3)

    losses = asked(champion, candidate).contest.evidence.losses

    assert losses.champion == pytest.approx(scaled_loss(champion, "LSTM"))
    assert losses.candidate == pytest.approx(scaled_loss(candidate, "NHITS"))


def test_errors_by_step_and_over_all_windows_are_those_that_pandas_finds(asked):
    champion, candidate = pair(stride=1, horizon=4, series=("a",))

    contest = asked(champion, candidate).contest

    by = lambda t: (t["cutoff"] - START) // pd.Timedelta("1h")  # noqa: E731 - a formula
    step = (candidate["ds"] - candidate["cutoff"]) // pd.Timedelta("1h")
    variance = candidate.drop_duplicates("ds")["y"].var(ddof=0)
    squared = (candidate["NHITS"] - candidate["y"]) ** 2 / variance
    assert contest.steps.candidate == pytest.approx(squared.groupby(step).mean().to_numpy())
    assert contest.evidence.wide.mse == pytest.approx(squared.mean())
    kept = squared[by(candidate) % 4 == (by(candidate).max()) % 4].groupby(by(candidate)).mean()
    assert contest.evidence.losses.candidate == pytest.approx(kept.to_numpy())


def test_only_cutoffs_a_horizon_apart_count_from_the_newest_on(asked):
    found = asked(*pair(stride=1, cutoffs=40, horizon=4))

    cutoffs = found.contest.cutoffs
    assert cutoffs[-1] == (START + pd.Timedelta("39h")).value
    assert set(np.diff(cutoffs)) == {pd.Timedelta("4h").value}
    assert found.contest.dropped == 30
    assert any("30 cutoffs are no origins" in note for note in found.notes)


def test_rows_that_only_one_has_are_counted_and_named(asked):
    champion, candidate = pair()
    champion = champion[champion["cutoff"] > champion["cutoff"].min()]
    candidate = candidate.assign(y=candidate["y"].where(candidate.index != 200))

    found = asked(champion, candidate)

    left = {one.why: one for one in found.left_out}
    assert left["only the candidate has them"].rows == 12
    assert left["only the candidate has them"].shown[0] == (
        "row 1 (unique_id a, ds 2024-03-01 01:00, cutoff 2024-03-01)"
    )
    assert left["nobody knows what came (y)"].rows == 1
    assert found.contest.rows == 480 - 12 - 1


def test_the_order_of_rows_and_series_does_not_matter(asked):
    champion, candidate = pair()

    one = asked(champion, candidate)
    other = asked(champion.sample(frac=1, random_state=3), candidate.iloc[::-1])

    assert one.decision == other.decision


@pytest.mark.parametrize("freq", [None, "h", "MS", "W"])
def test_counted_steps_and_times_of_any_step_are_compared_alike(asked, freq):
    found = asked(*pair(freq=freq))

    assert ruled(found) == ("PROMOTE", "superior")
    assert len(found.contest.steps.candidate) == 6
    assert list(found.contest.evidence.slices) == ["steps 1 to 2", "step 3", "step 4", "steps 5 to 6"]


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz"])
def test_text_files_say_the_same_as_parquet(asked, suffix):
    champion, candidate = pair()

    text, binary = asked(champion, candidate, suffix=suffix), asked(champion, candidate)

    assert text.decision.figures.mse == pytest.approx(binary.decision.figures.mse)
    assert text.decision.figures.windows_id == binary.decision.figures.windows_id


def test_what_libraries_write_beside_the_forecasts_is_passed_over(asked):
    champion, candidate = pair()
    bounds = {"LSTM-lo-90": 0.0, "LSTM-hi-90": 1.0, "source": "champion"}
    single = champion.assign(**bounds).astype({"LSTM": "float32", "y": "float32", "unique_id": "category"})

    assert ruled(asked(single.set_index("unique_id"), candidate)) == ("PROMOTE", "superior")


def test_one_series_needs_no_id(asked):
    champion, candidate = (table.drop(columns="unique_id") for table in pair(series=("a",)))

    assert asked(champion, candidate).contest.ids == ("series",)


def test_a_baseline_sets_the_floor_and_without_one_that_is_said(asked):
    champion, candidate = pair()
    naive = candidate.assign(Naive=candidate["NHITS"] + 0.01, NHITS=candidate["NHITS"])

    with_one = asked(champion, naive, baseline="Naive")
    without = asked(champion, candidate)

    assert with_one.decision.figures.baseline == "Naive"
    assert ruled(asked(champion, naive.assign(Naive=naive["y"]), baseline="Naive")) == (
        "REJECT",
        "below_floor",
    )
    assert without.decision.figures.skill is None
    assert without.decision.figures.baseline_mse is None
    assert any("no floor was asked" in note for note in without.notes)


def test_a_baseline_may_be_a_file_that_knows_no_truth(asked, tmp_path):
    champion, candidate = pair()
    naive = candidate.rename(columns={"NHITS": "Naive"}).drop(columns="y").iloc[6:]
    naive.to_parquet(tmp_path / "naive.parquet")

    found = asked(champion, candidate, baseline=str(tmp_path / "naive.parquet"))

    assert ruled(found) == ("REJECT", "below_floor")
    assert [(left.why, left.rows) for left in found.left_out] == [("no row of the baseline", 6)]


def test_windows_that_a_model_has_learnt_from_are_left_out_by_date(asked):
    champion, candidate = pair()
    end = START + pd.Timedelta("60h")

    found = asked(champion, candidate.assign(data_end=end), champion_data_end="2024-03-01T12:00")

    assert found.grade == "verified"
    assert (found.champion.data_end, found.candidate.data_end) == ("2024-03-01 12:00", "2024-03-03 12:00")
    assert (found.contest.taught, found.decision.figures.origins) == (10, 30)
    assert "that neither has learnt from" in found.decision.sentence


def test_where_nobody_tells_what_was_learnt_the_verdict_is_unverified(asked):
    one = asked(*pair(), champion_data_end="2024-02-01")
    none = asked(*pair())

    assert one.grade == none.grade == "unverified"
    assert "nobody can tell whether a model has learnt" in none.notes[0]
    assert "of which nobody tells who has learnt from them" in none.decision.sentence


def test_where_a_model_has_learnt_from_all_windows_there_is_no_verdict_to_have(asked):
    found = asked(*pair(), champion_data_end="2025-01-01", candidate_data_end="2024-01-01")

    assert ruled(found) == ("INCONCLUSIVE", "no_clean_windows")


def test_few_origins_are_judged_by_the_plain_rule_and_that_is_said(asked):
    found = asked(*pair(cutoffs=5))

    assert ruled(found) == ("PROMOTE", "superior")
    assert found.decision.figures.used == "plain"
    assert "judged by the plain rule" in found.decision.sentence


def test_a_forecast_that_is_not_finite_is_a_verdict(asked):
    champion, candidate = pair()
    holed = candidate.assign(NHITS=candidate["NHITS"].where(candidate.index != 7))

    assert ruled(asked(champion, holed)) == ("REJECT", "not_finite")
    broken = asked(champion.assign(LSTM=champion["LSTM"].where(champion.index != 7)), candidate)
    assert ruled(broken) == ("PROMOTE", "superior")
    assert any("1 forecasts of the champion are not finite" in note for note in broken.notes)


def test_series_that_never_change_have_no_scale_and_are_named(asked):
    champion, candidate = (
        table.assign(y=table["y"].where(table["unique_id"] != "b", 5.0)) for table in pair()
    )

    found = asked(champion, candidate)

    assert (found.contest.ids, found.contest.flat) == (("a",), ("b",))
    assert any("1 series never change" in note for note in found.notes)


def test_a_history_gives_the_scale_up_to_the_first_cutoff(asked, tmp_path):
    champion, candidate = pair(series=("a",))
    times = pd.date_range(START - pd.Timedelta("3h"), periods=99, freq="h")
    past = pd.DataFrame({"unique_id": "a", "ds": times, "y": [0.0, 4.0, 0.0, 4.0, *[1e9] * 95]})
    past.to_csv(tmp_path / "past.csv", index=False)

    found = asked(champion, candidate, history=str(tmp_path / "past.csv"))

    expected = ((candidate["NHITS"] - candidate["y"]) ** 2 / 4.0).mean()
    assert found.decision.figures.mse == pytest.approx(expected)
    assert "history" in found.scale


def test_the_mode_and_its_thresholds_are_the_gates(asked):
    champion = frame(noise=1.0)
    candidate = frame("NHITS", noise=0.97, seed=2)

    tested, plain = asked(champion, candidate), asked(champion, candidate, mode="plain")

    said = {(o.mode, o.alpha, o.min_effect): o.verdict for o in tested.others}
    assert said["standard", 0.1, 0.005] == tested.decision.verdict
    assert said["plain", None, 0.005] == plain.decision.verdict
    assert len(said) == 15


def test_names_pick_the_columns_of_one_file(asked, tmp_path):
    champion, candidate = pair()
    both = candidate.assign(LSTM=champion["LSTM"])

    found = asked(both, both, models=("LSTM", "NHITS"))

    assert ruled(found) == ("PROMOTE", "superior")
    with pytest.raises(UsageError, match=r"which column holds the forecasts\? .*NHITS, LSTM"):
        asked(both, both)
    with pytest.raises(UsageError, match="no such column of numbers; there is NHITS, LSTM"):
        asked(both, both, models=("TFT",))
    with pytest.raises(UsageError, match="got 3 names"):
        asked(both, both, models=("LSTM", "NHITS", "TFT"))


def test_a_million_rows_take_seconds(asked):
    champion, candidate = pair(cutoffs=50, horizon=20, stride=20, series=("a",))
    many = [
        pd.concat([table.assign(unique_id=f"s{n}") for n in range(1000)]) for table in (champion, candidate)
    ]

    begun = time.process_time()
    found = asked(*many)

    assert found.contest.rows == 1_000_000
    assert ruled(found) == ("PROMOTE", "superior")
    assert time.process_time() - begun < 20
