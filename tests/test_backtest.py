"""Back-test: all rivals on the same windows, all series with the same weight, all origins a horizon apart."""

from dataclasses import replace

import numpy as np
import pytest

from lstm_pipeline import backtest, metrics
from lstm_pipeline.backtest import (
    Field,
    OriginErrors,
    Say,
    baseline_rivals,
    every_origin,
    origin_errors,
    origins_apart,
    score,
)
from lstm_pipeline.windows.config import WindowSize
from lstm_pipeline.windows.index import COMPLETENESS, TEST, Windows, existing, index_by_time
from lstm_pipeline.windows.split import chronological
from tests.awkward import AWKWARD
from tests.conftest import table_of

SIZE = WindowSize(input_size=4, horizon=3)
NOISE = np.random.default_rng(0).normal(size=(3, 60))


def field_of(*series, size=SIZE, freq=1, season=4):
    return Field(table=table_of(*series, freq=freq), size=size, season=season)


def judged_in(field, *, test=20, policy="mask"):
    cut = chronological(field.table, 0, test)
    return index_by_time(field.table, field.size, cut, COMPLETENESS[policy]).windows(TEST)


def equal_say(variance):
    """Every series weighs the same."""
    return Say(variance=variance, weight=np.ones(len(variance)))


def zeros(field):
    """A rival that forecasts zero."""
    return lambda windows: np.zeros((len(windows), field.size.horizon))


def spoilt(field, value, *, series=0):
    """A rival whose first step for one series is no number."""

    def forecast(windows):
        made = np.zeros((len(windows), field.size.horizon))
        made[windows.series == series, 0] = value
        return made

    return forecast


def ends(origins, field, series=0):
    """The last targets of one series' windows."""
    return field.target_end(origins.windows.where(origins.windows.series == series)).tolist()


def test_a_score_is_the_error_over_every_window():
    field = field_of(*NOISE)
    windows = judged_in(field)

    sums = score(zeros(field), windows, field)

    errors = [
        [NOISE[s][r - 60 * s + 4 : r - 60 * s + 7] ** 2]
        for r, s in zip(windows.start, windows.series, strict=True)
    ]
    assert metrics.mse(sums.overall())[0, 0] == pytest.approx(np.mean(errors))


@pytest.mark.parametrize("name", ["last_value", "seasonal_naive", "seasonal_mean", "drift", "mean"])
@pytest.mark.parametrize("many", [4000, 9000])
def test_a_rivals_figures_are_the_sums_over_any_parts_of_its_windows(name, many):
    field = field_of(*np.random.default_rng(1).normal(size=(3, 8500)))
    windows, rival = existing(field.table, SIZE, COMPLETENESS["mask"]), baseline_rivals(field)[name]
    origins = origins_apart(windows, field)
    assert len(origins.windows) > backtest.WINDOWS_AT_ONCE

    whole, losses = score(rival, windows, field), origin_errors(rival, origins, field)

    parts = [windows.where(slice(at, at + many)) for at in range(0, len(windows), many)]
    some = [slice(at, at + many) for at in range(0, len(origins.windows), many)]
    owned = [replace(origins, windows=origins.windows.where(span), nth=origins.nth[span]) for span in some]
    assert whole.squared == pytest.approx(sum(score(rival, part, field).squared for part in parts))
    assert losses.squared == pytest.approx(sum(origin_errors(rival, own, field).squared for own in owned))
    assert losses.count.sum() == SIZE.horizon * len(origins.windows)


def test_a_baseline_reads_the_whole_history_before_the_cutoff_and_nothing_after():
    values = NOISE[0].copy()
    field = field_of(values, season=9)
    window = Windows(start=np.array([20]), series=np.array([0]))

    made = baseline_rivals(field)["seasonal_mean"](window)

    expected = [np.mean([values[23 + step - 9 * back] for back in (1, 2)]) for step in (1, 2, 3)]
    assert made[0] == pytest.approx(expected)


def test_origins_are_a_horizon_apart_and_the_newest_target_is_among_them():
    field = field_of(NOISE[0], freq="h")

    origins = origins_apart(judged_in(field), field)

    assert ends(origins, field) == [*range(44, 60, 3)]
    assert origins.target_end.tolist() == [*range(44, 60, 3)]


def test_with_timestamps_an_origin_is_the_same_time_in_every_series():
    field = field_of(NOISE[0], NOISE[1][:58], freq="h")

    origins = origins_apart(judged_in(field), field)

    assert ends(origins, field, series=1) == ends(origins, field, series=0)[:-1]
    assert np.bincount(origins.nth).tolist() == [2] * (origins.count - 1) + [1]


def test_where_steps_are_counted_each_series_is_anchored_at_its_own_end():
    field = field_of(NOISE[0], NOISE[1][:50])

    origins = origins_apart(judged_in(field), field)

    assert (ends(origins, field, 0)[-1], ends(origins, field, 1)[-1]) == (59, 49)
    assert np.bincount(origins.nth).tolist() == [2] * origins.count


def test_the_anchor_is_the_newest_target_that_there_is():
    values = NOISE[0].copy()
    values[57:] = np.nan
    values[59] = 1.0
    field = field_of(values, freq="h")

    origins = origins_apart(judged_in(field, policy="gap"), field)

    assert ends(origins, field)[-1] == 56


def test_a_series_that_nobody_judges_does_not_shift_the_origins():
    field = field_of(NOISE[0][:58], NOISE[1], freq="h")
    windows = judged_in(field)

    origins = origins_apart(windows.where(windows.series == 0), field)

    assert ends(origins, field)[-1] == 57


@pytest.mark.parametrize(("stride", "apart"), [(2, 4), (3, 3), (4, 4), (7, 7)])
@pytest.mark.parametrize("freq", [1, "h"])
def test_with_a_stride_origins_are_a_horizon_or_its_next_multiple_apart_and_never_none(stride, apart, freq):
    field = field_of(*NOISE, size=WindowSize(input_size=4, horizon=3, stride=stride), freq=freq)

    origins = origins_apart(judged_in(field), field)

    assert np.unique(np.diff(ends(origins, field))).tolist() == [apart]
    assert ends(origins, field)[-1] == field.target_end(judged_in(field)).max()


def test_before_1970_origins_are_found_too():
    table = table_of(NOISE[0], freq="D", first=[-1000])
    field = Field(table=table, size=SIZE, season=7)

    origins = origins_apart(judged_in(field), field)

    assert ends(origins, field)[-1] == -941


def test_pooled_losses_are_what_the_obvious_loop_gives():
    field, variance = field_of(*NOISE), np.array([1.0, 2.0, 0.5])
    origins = origins_apart(judged_in(field), field)

    pooled = origin_errors(zeros(field), origins, field).pooled(equal_say(variance))

    for origin in range(origins.count):
        own = [
            np.mean(NOISE[s][r - 60 * s + 4 : r - 60 * s + 7] ** 2) / variance[s]
            for r, s, nth in zip(origins.windows.start, origins.windows.series, origins.nth, strict=True)
            if nth == origin
        ]
        assert pooled[origin] == pytest.approx(np.mean(own))


def test_a_huge_series_weighs_like_any_other():
    field, variance = field_of(NOISE[0], NOISE[1]), np.array([1.0, 1.0])
    huge = field_of(NOISE[0], 1e6 * NOISE[1])

    pooled = [
        origin_errors(zeros(f), origins_apart(judged_in(f), f), f).pooled(equal_say(v))
        for f, v in ((field, variance), (huge, np.array([1.0, 1e12])))
    ]

    assert pooled[0] == pytest.approx(pooled[1], rel=1e-9)


def test_a_series_weighs_the_same_however_many_of_its_targets_were_observed():
    errors = OriginErrors(squared=np.array([[30.0, 2.0]]), count=np.array([[3.0, 1.0]]))

    assert errors.pooled(equal_say(np.ones(2))).tolist() == [6.0]


def test_an_origin_without_an_observed_target_has_no_loss_and_a_series_without_variance_no_say():
    errors = OriginErrors(
        squared=np.array([[0.0, 5.0], [4.0, 9.0]]), count=np.array([[0.0, 1.0], [1.0, 1.0]])
    )

    assert errors.pooled(equal_say(np.array([2.0, 0.0]))).tolist() == pytest.approx(
        [np.nan, 2.0], nan_ok=True
    )


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e200])
def test_a_forecast_that_is_not_finite_loses_infinitely(value):
    field = field_of(*NOISE)
    origins = origins_apart(judged_in(field), field)

    pooled = origin_errors(spoilt(field, value), origins, field).pooled(equal_say(np.ones(3)))

    assert pooled.tolist() == [np.inf] * origins.count


def test_the_best_rival_is_chosen_with_every_series_on_its_own_scale():
    small, large = np.zeros(60), 1e6 * NOISE[1]
    field, variance = field_of(small + NOISE[0], large), np.array([1.0, 1e12])
    windows = existing(field.table, SIZE, COMPLETENESS["mask"])
    rivals = {
        "good on the small one": lambda w: np.where(w.series[:, None] == 0, field.truth(w)[0], 0.0),
        "a little better on the large one": lambda w: np.where(
            w.series[:, None] == 0, field.truth(w)[0] + 9, 0.1 * field.truth(w)[0]
        ),
    }

    scores = {name: score(rival, windows, field) for name, rival in rivals.items()}

    assert backtest.best(scores, variance) == "good on the small one"
    assert backtest.best(scores, np.array([0.0, 1.0])) == "a little better on the large one"


def test_a_long_series_does_not_choose_the_best_rival_for_the_short_ones():
    long, short = np.tile(NOISE[0], 5), NOISE[1][:40]
    field = field_of(long, short, short + 1.0)
    windows = existing(field.table, SIZE, COMPLETENESS["mask"])
    rivals = {
        "good on the long one": lambda w: field.truth(w)[0] + np.where(w.series == 0, 1.0, 2.0)[:, None],
        "good on the two short ones": lambda w: (
            field.truth(w)[0] + np.where(w.series == 0, 2.0, 1.0)[:, None]
        ),
    }

    scores = {name: score(rival, windows, field) for name, rival in rivals.items()}

    assert backtest.best(scores, np.ones(3)) == "good on the two short ones"


def test_a_rival_that_is_not_finite_is_never_the_best_and_the_first_of_equals_is():
    field = field_of(*NOISE)
    rivals = {"broken": spoilt(field, np.nan), "first": zeros(field), "second": zeros(field)}

    scores = {name: score(rival, judged_in(field), field) for name, rival in rivals.items()}

    assert backtest.best(scores, np.ones(3)) == "first"


def test_the_scale_of_mase_is_the_seasonal_naive_error_between_observed_training_values():
    values = NOISE[0].copy()
    values[[8, 21]] = np.nan
    table = table_of(values, NOISE[1])

    scale = backtest.seasonal_scale(table, np.array([40, 100]), season=5)

    first = [abs(values[at] - values[at - 5]) for at in range(5, 40)]
    second = [abs(NOISE[1][at] - NOISE[1][at - 5]) for at in range(5, 40)]
    assert scale == pytest.approx([np.nanmean(first), np.mean(second)])


def test_a_series_shorter_than_a_season_has_no_scale():
    table = table_of([1.0, 2.0, 3.0], NOISE[0])

    scale = backtest.seasonal_scale(table, table.offsets[1:], season=5)

    assert scale[0] == 0


def test_the_loss_of_each_series_is_its_mean_over_the_origins_that_count():
    rng = np.random.default_rng(3)
    squared, count = rng.random((6, 4)), rng.integers(0, 4, (6, 4)).astype(float)
    count[:, 1] = 0
    variance, counted = np.array([1.0, 2.0, 0.0, 0.5]), np.array([True, False, True, True, False, True])

    losses = OriginErrors(squared=squared, count=count).by_series(equal_say(variance), counted)

    for series in range(4):
        own = [
            squared[origin, series] / count[origin, series] / variance[series]
            for origin in range(6)
            if counted[origin] and count[origin, series] and variance[series]
        ]
        assert losses[series] == pytest.approx(np.mean(own) if own else np.nan, nan_ok=True)


def test_in_a_random_split_every_cutoff_is_an_origin_of_its_own():
    field = field_of(NOISE[0], NOISE[1][:50], freq="h")
    windows = Windows(start=np.array([0, 3, 11, 60, 63]), series=np.array([0, 0, 0, 1, 1]))

    origins = every_origin(windows, field)

    assert origins.target_end.tolist() == [6, 9, 17]
    assert origins.nth.tolist() == [0, 1, 2, 0, 1]
    assert origins.windows is windows


@pytest.mark.parametrize("variance", [0.0, np.nan])
def test_a_series_without_variance_has_no_say_in_which_rival_is_best(variance):
    field = field_of(*NOISE[:2])
    rivals = {
        "right where nothing moves": lambda w: np.where(w.series[:, None] == 0, field.truth(w)[0], 1e3),
        "right where it counts": lambda w: np.where(w.series[:, None] == 1, field.truth(w)[0], 1e6),
    }

    scores = {name: score(rival, judged_in(field), field) for name, rival in rivals.items()}

    assert backtest.best(scores, np.array([variance, 1.0])) == "right where it counts"


@pytest.mark.parametrize("name", [name for name, values in AWKWARD.items() if len(values) == 60])
def test_targets_that_nobody_observed_weigh_nothing_at_any_origin(name):
    values = np.where(np.isfinite(AWKWARD[name]), AWKWARD[name], np.nan)
    field = field_of(NOISE[0], values, freq="h")
    origins = every_origin(Windows(start=np.arange(60, 114), series=np.ones(54, np.int64)), field)

    errors = origin_errors(zeros(field), origins, field)

    for nth in range(origins.count):
        came = values[nth + 4 : nth + 7]
        assert errors.squared[nth].tolist() == pytest.approx([0, np.nansum(came**2)], rel=1e-12)
        assert errors.count[nth].tolist() == [0, np.count_nonzero(~np.isnan(came))]
