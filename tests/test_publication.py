"""Publication: a row for every requested series and step, from whoever can forecast it, with the reason."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from lstm_pipeline.baselines import BASELINES
from lstm_pipeline.registry import Proposal
from lstm_pipeline.steps import PLAIN
from lstm_pipeline.steps.desk import open_desk
from tests.conftest import NOW, START, hourly, waves

COLUMNS = [
    "unique_id",
    "ds",
    "cutoff",
    "LSTM",
    "LSTM-lo-90",
    "LSTM-hi-90",
    "model",
    "model_version",
    "purpose",
    "source",
    "reason",
]
GROWN = waves(170)
OLD, NEW = hourly("a", GROWN[:160]), hourly("a", GROWN)
UNPROMOTED = {"min_skill": 0.999}
"""A gate that lets nothing through."""


def champion_then(line, rows, **settings):
    """The forecasts of a pipeline whose champion knows series a, when these rows come."""
    line.conclude(OLD)
    return line.conclude(rows, gate={"min_skill": 0.999}, **settings).frame


def of(frame, name):
    """The rows of one series."""
    return frame[frame["unique_id"] == name]


def sources(frame):
    return dict(zip(frame["unique_id"], frame["source"], strict=True))


def reason(frame, name):
    return of(frame, name)["reason"].iloc[0]


def test_a_published_frame_has_the_columns_of_the_contract(line):
    frame = line.conclude(OLD).frame

    assert frame.columns.tolist() == COLUMNS
    assert frame[["LSTM-lo-90", "LSTM-hi-90"]].isna().all(axis=None)
    assert frame["ds"].tolist() == [START + dt.timedelta(hours=160), START + dt.timedelta(hours=161)]
    assert set(frame["cutoff"]) == {pd.Timestamp(START + dt.timedelta(hours=159))}
    assert set(frame["purpose"]) == {"live"}


def test_the_forecast_column_has_the_name_that_was_asked_for(line):
    frame = line.conclude(OLD, publish={"column": "load"}).frame

    assert frame.columns.tolist()[3:6] == ["load", "load-lo-90", "load-hi-90"]


def test_a_champion_forecasts_the_series_it_knows(line):
    made = line.conclude(OLD)

    champion = made.judged.promotion.id
    assert sources(made.frame) == {"a": "champion"}
    assert set(made.frame["model"]) == {"lstm"}
    assert set(made.frame["model_version"]) == {made.published.published_by} == {champion}
    assert set(made.frame["reason"]) == {""}


def test_without_a_champion_the_best_baseline_on_validation_publishes_under_its_own_name(line):
    made = line.conclude(OLD, gate=UNPROMOTED)

    assert made.published.published_by in BASELINES
    assert set(made.frame["source"]) == set(made.frame["model"]) == {made.published.published_by}
    assert made.frame["model_version"].isna().all()
    assert reason(made.frame, "a") == "there is no champion yet"


def test_the_best_baseline_is_the_one_with_the_least_error_on_validation(line):
    rising = hourly("a", (10.0 * np.arange(160) + waves(level=0)).tolist())

    assert line.conclude(rising, gate=UNPROMOTED).published.published_by == "drift"
    assert line.conclude(OLD, gate=UNPROMOTED).published.published_by == "seasonal_mean"


def test_a_series_that_the_champion_has_never_seen_is_new(line):
    frame = champion_then(line, NEW + hourly("b", waves(170, seed=5)))

    assert sources(frame) == {"a": "champion", "b": "seasonal_mean"}
    assert reason(frame, "b") == "new: the champion has never seen this series"


def test_a_series_shorter_than_a_season_gets_its_last_value(line):
    frame = champion_then(line, NEW + hourly("b", [5.0, 6.0, 7.0], begin=167))

    assert sources(frame)["b"] == "last_value"
    assert of(frame, "b")["LSTM"].tolist() == [7.0, 7.0]
    assert reason(frame, "b").startswith("too_short: 0 observed steps")


def test_a_series_with_too_little_left_to_look_back_on_is_short(line):
    frame = champion_then(line, hourly("a", GROWN[-6:], begin=164) + hourly("b", waves(170)))

    assert sources(frame)["a"] == "seasonal_mean"
    assert reason(frame, "a") == "short: it has 6 of the 8 steps that the champion looks back on"


def test_a_broken_series_is_not_forecast_by_the_champion_that_knows_it(line):
    broken = [(*row[:2], "many") if at % 10 == 0 else row for at, row in enumerate(NEW)]

    frame = champion_then(line, broken + hourly("b", waves(170)))

    assert sources(frame)["a"] == "seasonal_mean"
    assert reason(frame, "a").startswith("broken: 10.0% of its 170 rows were set aside")


def test_a_broken_series_that_runs_on_is_forecast_from_what_the_cutoff_allows(line):
    later = [y + 100 * (at >= 160) for at, y in enumerate(waves(170))]
    faulty = [y if at % 7 else "many" for at, y in enumerate(later)]

    frame = line.conclude(OLD + hourly("z", faulty)).frame

    z = of(frame, "z")
    assert reason(frame, "z").startswith("broken")
    assert set(z["cutoff"]) == {pd.Timestamp(START + dt.timedelta(hours=159))}
    assert z["LSTM"].between(0, 20).all()


def test_a_broken_series_is_called_broken_even_if_it_is_too_short_as_well(line):
    frame = champion_then(line, [*NEW, *hourly("b", [1.0, 2.0, "many", 4.0], begin=160)])

    assert reason(frame, "b").startswith("broken: 25.0% of its 4 rows")


def test_a_series_without_a_usable_row_has_rows_without_a_forecast(line):
    frame = line.conclude([*OLD, ("b", START, "many"), ("b", START + dt.timedelta(hours=1), "more")]).frame

    assert sources(frame) == {"a": "champion", "b": "none"}
    assert of(frame, "b")["LSTM"].isna().all()
    assert of(frame, "b")["ds"].tolist() == of(frame, "a")["ds"].tolist()
    assert reason(frame, "b").startswith("broken: none of its 2 rows could be kept")


@pytest.mark.parametrize(("late", "source"), [(4, "champion"), (5, "seasonal_mean"), (150, "seasonal_mean")])
def test_a_series_that_ended_early_is_masked_while_half_its_context_is_observed(line, late, source):
    rows = OLD + hourly("b", waves(160 + late, seed=5))
    line.conclude(OLD + hourly("b", waves(160, seed=5)))

    frame = line.conclude(rows, gate=UNPROMOTED).frame

    assert sources(frame) == {"a": source, "b": "champion"}
    assert of(frame, "a")["ds"].tolist() == of(frame, "b")["ds"].tolist()
    assert source == "champion" or reason(frame, "a").startswith("stale: ")


@pytest.mark.parametrize("missing", ["mask", "fill"])
def test_a_series_that_fell_silent_is_stale_whatever_the_policy_for_missing_steps(line, missing):
    rules = {"series": {"missing": missing}}
    line.conclude(OLD + hourly("b", waves(160, seed=5)), **rules)

    frame = line.conclude(OLD + hourly("b", waves(260, seed=5)), **rules).frame

    assert sources(frame)["a"] != "champion"
    assert reason(frame, "a").startswith("stale: 0 of its last 8 steps")


def test_a_baseline_goes_on_from_where_its_series_ended(line):
    square = [float(at % 4) for at in range(160)]

    frame = line.conclude(
        hourly("a", square[:155]) + hourly("b", square), gate=UNPROMOTED, series={"season_length": 4}
    ).frame

    assert of(frame, "a")["LSTM"].tolist() == of(frame, "b")["LSTM"].tolist() == [0.0, 1.0]


def test_where_steps_are_counted_each_series_is_forecast_from_its_own_end(line):
    rows = [("a", at, value) for at, value in enumerate(waves(160))]
    rows += [("b", at, value) for at, value in enumerate(waves(120, seed=3))]

    frame = line.conclude(rows, series={"freq": 1}).frame

    assert of(frame, "a")[["cutoff", "ds"]].to_numpy().tolist() == [[159, 160], [159, 161]]
    assert of(frame, "b")[["cutoff", "ds"]].to_numpy().tolist() == [[119, 120], [119, 121]]
    assert sources(frame) == {"a": "champion", "b": "champion"}


def test_rows_are_sorted_by_series_and_time_whatever_failed(line):
    rows = [*hourly("z", waves()), ("m", START, "many"), *hourly("a", [1.0, 2.0], begin=100)]

    frame = line.conclude(rows).frame

    assert frame["unique_id"].tolist() == ["a", "a", "m", "m", "z", "z"]
    assert frame["ds"].tolist() == of(frame, "z")["ds"].tolist() * 3


def test_a_champion_whose_forecast_is_not_finite_steps_aside(line, monkeypatch):
    from lstm_pipeline.steps.rivals import Seat

    forecast = Seat.after
    line.conclude(OLD + hourly("b", waves(seed=5)))

    def half_broken(seat, cutoff, series):
        made = forecast(seat, cutoff, series)
        made[series == 1, 0] = np.nan
        return made

    monkeypatch.setattr(Seat, "after", half_broken)
    frame = line.conclude(NEW + hourly("b", waves(170, seed=5)), gate=UNPROMOTED).frame

    assert sources(frame) == {"a": "champion", "b": "seasonal_mean"}
    assert np.isfinite(frame["LSTM"]).all()
    assert reason(frame, "b").startswith("not_finite")


def latest(line):
    """The one file that moves, as a user reads it."""
    return pd.read_parquet(f"{line.store.uri('forecasts/line/latest.parquet')}")


def test_latest_is_one_line_of_pandas_away_and_moves_with_the_newest_run(line):
    line.conclude(OLD)
    assert latest(line)["ds"].min() == START + dt.timedelta(hours=160)

    newer = line.conclude(NEW)

    pd.testing.assert_frame_equal(latest(line), newer.frame)


def test_a_run_about_the_past_is_held_and_moves_neither_latest_nor_champion(line):
    live = line.conclude(NEW)

    past = line.conclude(NEW, as_of=(START + dt.timedelta(hours=150)).isoformat())

    assert (past.judged.gate.verdict, past.judged.gate.reasons) == ("HOLD", ("not_newest",))
    assert past.judged.promotion.id == live.judged.promotion.id
    assert set(past.frame["purpose"]) == {"backfill"}
    assert past.frame["ds"].min() == START + dt.timedelta(hours=151)
    pd.testing.assert_frame_equal(latest(line), live.frame)


def test_who_became_champion_later_does_not_forecast_the_past(line):
    line.conclude(NEW)

    past = line.conclude(NEW, as_of=(START + dt.timedelta(hours=140)).isoformat())

    assert reason(past.frame, "a") == "there was no champion as of then"
    assert past.published.published_by in BASELINES


def pin_of(model, as_of):
    """A person's word that a model is champion from a logical date on."""
    return Proposal(
        pipeline="line",
        model=model,
        kind="pin",
        gate_report=None,
        actor="ana",
        reason="tried",
        as_of=as_of,
        at=NOW,
    )


def moment(hours):
    return (START + dt.timedelta(hours=hours)).isoformat()


def test_a_champion_named_for_an_early_date_that_has_learnt_from_later_data_does_not_forecast_it(line):
    champion = line.conclude(NEW).judged.promotion.id
    open_desk(line.job(NEW)).registry.promote(pin_of(champion, moment(100)), expected_seq=1)

    past = line.conclude(NEW, as_of=(START + dt.timedelta(hours=120)).isoformat())

    assert reason(past.frame, "a") == "the champion has learnt from data after this cutoff"


def steps(length):
    """Rows that count steps."""
    return [(name, at, y) for at, (name, _, y) in enumerate(hourly("a", waves(length)))]


def test_the_past_of_counted_steps_is_not_forecast_by_who_was_chosen_on_what_came_after(line):
    line.conclude(steps(200), series={"freq": 1})

    past = line.conclude(steps(200), series={"freq": 1}, as_of="185")

    assert set(past.frame["purpose"]) == {"backfill"}
    assert reason(past.frame, "a") == "there was no champion as of then"


@pytest.mark.parametrize(
    ("rows", "then", "strange", "known"),
    [
        (NEW, moment(100), "905", {moment(99): False, moment(100): True, moment(101): True}),
        (steps(170), "99", moment(0), {"98": False, "99": True, "100": True}),
    ],
    ids=["times", "steps"],
)
def test_a_logical_date_is_known_from_its_own_moment_on_and_never_among_those_of_another_kind(
    line, rows, then, strange, known
):
    series = {"freq": "h" if rows is NEW else 1}
    champion = line.conclude(rows, series=series).judged.promotion.id
    for seq, as_of in enumerate((strange, then), start=1):
        open_desk(line.job(rows)).registry.promote(pin_of(champion, as_of), expected_seq=seq)

    told = {now: reason(line.conclude(rows, series=series, as_of=now).frame, "a") for now in known}

    late, none = "the champion has learnt from data after this cutoff", "there was no champion as of then"
    assert told == {now: late if knew else none for now, knew in known.items()}


def test_the_past_is_forecast_by_the_newest_who_was_champion_then(line):
    first = line.conclude(hourly("a", waves(160)), as_of=moment(160), training={"max_steps": 1})
    second = line.conclude(hourly("a", waves(190)), as_of=moment(190), training={"max_steps": 100})
    line.conclude(hourly("a", waves(220)), as_of=moment(220), gate=UNPROMOTED)

    past = line.conclude(hourly("a", waves(220)), as_of=moment(195), gate=UNPROMOTED)

    assert first.judged.promotion.promoted
    assert second.judged.promotion.promoted
    assert past.published.published_by == second.judged.promotion.id
    assert set(past.frame["purpose"]) == {"backfill"}


def test_latest_stays_where_newer_forecasts_went_live_while_a_run_was_under_way(line):
    desk = open_desk(line.job(OLD))
    newest, answers = type(desk.registry).newest_cutoff, []

    def overtaken(registry, pipeline, purpose):
        answers.append(newest(registry, pipeline, purpose))
        if len(answers) == 4:  # asked by decide, promote and for the purpose; now for latest
            line.conclude(NEW)
        return newest(registry, pipeline, purpose)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(desk.registry), "newest_cutoff", overtaken)
        line.conclude(OLD, as_of=(START + dt.timedelta(hours=160)).isoformat())

    assert latest(line)["ds"].min() == START + dt.timedelta(hours=170)


def test_forecasts_that_no_champion_made_are_labelled_by_the_baseline_that_did(line):
    line.conclude(OLD)

    made = line.conclude(hourly("b", waves(170)), gate=UNPROMOTED)

    assert made.judged.promotion.id
    assert made.published.published_by in BASELINES


def test_another_column_is_another_publication_beside_the_first(line):
    first = line.conclude(OLD)

    second = line.conclude(OLD, publish={"column": "load"})

    assert (second.published.reused, second.published.uri != first.published.uri) == (False, True)
    assert "load" in second.frame.columns
    assert "LSTM" in first.frame.columns
    assert "load" in latest(line).columns


def test_publishing_the_same_again_writes_nothing(line):
    first, second = line.conclude(OLD), line.conclude(OLD)

    assert (first.published.reused, second.published.reused) == (False, True)
    assert first.published.id == second.published.id


def test_forecasting_alone_publishes_from_the_champion(line):
    from lstm_pipeline.steps.recipe import forecast_only

    champion = line.conclude(OLD).judged.promotion.id

    made = forecast_only(line.job(NEW), PLAIN)

    assert (made.published_by, made.sources) == (champion, {"champion": 1})
    assert latest(line)["ds"].min() == START + dt.timedelta(hours=170)
