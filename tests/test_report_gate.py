"""The gate's section of a page: effect, differences by origin, guards, other thresholds, new forecast."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lstm_pipeline.gate import Alternative, Finding
from lstm_pipeline.report.content import OriginLoss, ReportContent
from lstm_pipeline.report.gate_charts import MOST_BARS, difference_chart, origin_loss_chart
from lstm_pipeline.report.gate_tables import guard_rows, knobs
from lstm_pipeline.report.interval import interval_of
from lstm_pipeline.report.judgement import delta_in_words
from lstm_pipeline.report.page import render
from lstm_pipeline.report.pictures import pictures
from tests.report_example import example, hours, judged, too_short
from tests.test_report import data_of, said, typed


def with_origins(content: ReportContent, candidate: list[float], rival: list[float]) -> ReportContent:
    rows = tuple(
        OriginLoss(ds=ds, candidate=mine, rival=theirs)
        for ds, mine, theirs in zip(hours(len(candidate)), candidate, rival, strict=True)
    )
    return replace(content, ruling=replace(content.ruling, origins=rows))


def with_guards(content: ReportContent, *guards: Finding) -> ReportContent:
    return replace(content, ruling=replace(content.ruling, guards=guards))


def found(guard: str, candidate: float, champion: float, **changes: Any) -> Finding:
    usual = Finding(guard=guard, candidate=candidate, champion=champion, origins=30, chance=0.4, passed=True)
    return replace(usual, **changes)


# the effect


def test_the_effect_stands_with_its_interval_in_words_and_as_places_on_a_line() -> None:
    content = example()

    shown = interval_of(content.ruling)

    assert shown is not None
    assert shown.zero < shown.low < shown.mid < shown.high <= 100
    text = typed(said(render(content)))
    assert (
        "12.3 % lower scaled error than the champion's, on 30 origins; 90 % interval: 4.1 % to 19.7 % lower"
        in text
    )


def test_a_first_model_shows_its_skill_in_the_place_of_the_effect() -> None:
    text = typed(said(render(example(champion=False))))

    assert (
        "41.6 % lower scaled error than that of seasonal naive, on 30 origins; 90 % interval: 32.0 %" in text
    )


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (-0.02, 0.05, "2.0 % higher to 5.0 % lower"),
        (-0.2, -0.05, "5.0 % to 20.0 % higher"),
        (0.0, 0.05, "0.0 % to 5.0 % lower"),
    ],
)
def test_an_interval_says_on_which_side_its_ends_lie(low: float, high: float, told: str) -> None:
    shown = interval_of(judged(example(), effect=(low + high) / 2, low=low, high=high).ruling)

    assert shown is not None
    assert typed(shown.reach) == told


def test_where_nothing_was_tested_no_interval_is_pretended() -> None:
    plain = judged(example(), low=None, high=None, statistic=None, critical=None, alpha=None)

    text = said(render(plain))

    assert "nothing was tested, so that there is no interval" in text
    assert "Paired test" not in text


def test_a_threshold_far_away_does_not_squeeze_the_line() -> None:
    content = example(champion=False)
    rules = replace(content.ruling.rules, min_skill=-1e6)

    shown = interval_of(replace(content.ruling, rules=rules))

    assert shown is not None
    assert shown.asked is None
    assert shown.asks == ""


def test_what_need_not_be_better_is_held_against_the_margin_in_picture_and_words() -> None:
    content = judged(example(), effect=0.001, low=-0.008, high=0.01, statistic=0.2)
    fresh = replace(content, ruling=replace(content.ruling, reasons=("fresh",)))

    shown, usual = interval_of(fresh.ruling), interval_of(content.ruling)

    assert shown is not None
    assert usual is not None
    assert (typed(shown.asks), typed(usual.asks)) == ("less than 1.0 % higher (margin)", "0.5 % (min_effect)")
    assert shown.asked is not None
    assert shown.asked < shown.low < shown.zero
    text = typed(said(render(fresh)))
    assert "Paired test against the champion, which it need not beat, over 30 origins" in text
    assert "its own recipe on newer data, shown at 10 % not to lie 1 % above it (refresh, margin)" in text


def test_where_superiority_is_asked_for_nothing_less_is_told() -> None:
    content = example()
    rules = replace(content.ruling.rules, refresh="superior")

    assert "(refresh, margin)" not in said(
        render(replace(content, ruling=replace(content.ruling, rules=rules)))
    )


# the losses over time


def test_each_origin_has_a_bar_of_what_the_champion_lost_more_than_the_candidate() -> None:
    content = with_origins(example(), [0.1, 0.5, 0.2], [0.3, 0.4, 0.2])

    chart = data_of(render(content))["differences"]

    [[ink, label, start, values]] = chart["lines"]
    assert (ink, label, start) == ("candidate", "champion less candidate", 0)
    assert values == pytest.approx([0.2, -0.1, 0.0])
    assert chart["below"] == "champion"


def test_the_mean_of_the_bars_is_that_of_the_gate_and_so_is_its_interval() -> None:
    content = example()

    chart = difference_chart(content.ruling)

    assert chart is not None
    assert chart.band is not None
    assert chart.band.mean == pytest.approx(np.mean(chart.lines[0].values))
    assert chart.band.low == pytest.approx(0.041 * 0.208)
    assert chart.band.high == pytest.approx(0.197 * 0.208)
    assert chart.up.low <= 0 <= chart.up.high


def test_without_a_champion_the_bars_are_from_the_naive_forecast() -> None:
    chart = difference_chart(example(champion=False).ruling)

    assert chart is not None
    assert chart.lines[0].label == "seasonal naive less candidate"
    assert chart.band is not None
    assert chart.band.low == pytest.approx(0.32 * 0.3121)


def test_both_losses_are_drawn_as_they_are() -> None:
    content = with_origins(example(), [0.1, 0.5], [0.3, 0.4])

    chart = origin_loss_chart(content.ruling)

    assert chart is not None
    assert {line.label: line.values.tolist() for line in chart.lines} == {
        "candidate": [0.1, 0.5],
        "champion": [0.3, 0.4],
    }


def test_a_single_origin_is_no_picture_over_time() -> None:
    content = with_origins(example(), [0.1], [0.3])

    assert difference_chart(content.ruling) is None
    assert 'data-chart="differences"' not in render(content)


@pytest.mark.parametrize("awkward", [math.inf, math.nan, 1.7e308])
def test_a_loss_that_cannot_be_drawn_leaves_a_hole(awkward: float) -> None:
    content = with_origins(example(), [0.1, 0.2, 0.2], [0.3, awkward, 0.4])

    values = data_of(render(content))["differences"]["lines"][0][3]

    assert values == [pytest.approx(0.2), None, pytest.approx(0.2)]


def test_thousands_of_origins_are_drawn_as_means_of_neighbours_and_say_so() -> None:
    many = np.arange(2500) / 2500
    content = with_origins(example(), (many / 2).tolist(), many.tolist())

    chart = difference_chart(content.ruling)

    assert chart is not None
    assert len(chart.stamps) == len(chart.lines[0].values) <= MOST_BARS
    assert chart.lines[0].values[0] == pytest.approx((many / 2)[:9].mean())
    assert chart.stamps[-1] == hours(2500)[-1]
    assert "each the mean of 9 neighbours" in chart.title


def test_bars_on_paper_stand_on_zero_in_both_colours() -> None:
    content = with_origins(example(), [0.1, 0.5, 0.2], [0.3, 0.4, 0.3])

    svg = pictures(content)["differences.svg"].decode()

    assert len(re.findall(r'style="fill: #1a5fd0"', svg)) == 2
    assert len(re.findall(r'style="fill: #b85400"', svg)) == 1


# guards


@pytest.mark.parametrize(
    ("guard", "told", "passed"),
    [
        (found("step 1", 0.1, 0.2), "passed: not worse", True),
        (found("step 1", 0.21, 0.2), "passed: not shown to be worse by 5.0 %", True),
        (found("step 1", 0.4, 0.2, passed=False), "worse: stops the promotion", False),
        (found("group x", 0.4, 0.2, origins=5, chance=None), "only reported: a test takes 8 origins", None),
        (found("all windows", 0.1, 0.2, origins=0, chance=None), "passed: not worse", True),
        (found("all windows", 0.201, 0.2, origins=0, chance=None),
         "passed: within the margin of 1.0 %", True),
        (found("tail", 2.0, 1.0, origins=0, chance=None, passed=False),
         "stops the promotion: beyond 1.25 x the champion's", False),
        (found("bias", 0.1, 0.0, origins=0, chance=None),
         "passed: within 0.25 more than the champion's", True),
    ],
)  # fmt: skip
def test_a_guard_says_in_words_whether_it_stops_the_promotion(
    guard: Finding, told: str, passed: bool | None
) -> None:
    [row] = guard_rows(with_guards(example(), guard).ruling)

    assert (typed(row.result), row.passed) == (told, passed)


def test_where_no_promotion_was_due_the_parts_are_shown_all_the_same() -> None:
    content = with_guards(example())
    content = replace(content, ruling=replace(content.ruling, verdict="INCONCLUSIVE"))

    text = typed(said(render(content)))

    assert "Guards stand watch over a promotion; as none was due, these parts are only reported." in text
    assert "steps 1-8 0.1500 0.1900 21.1 % 30 ~ only reported" in text


def test_without_a_champion_there_is_nothing_to_guard() -> None:
    assert 'id="guards"' not in render(example(champion=False))


# the test in words


def test_the_test_is_told_with_its_critical_value_level_and_simulated_size() -> None:
    text = typed(said(render(example())))

    assert (
        "Paired test against the champion over 30 origins: t = 2.610 passes 1.580, the critical value" in text
    )
    assert "at a level of 10 %. Of equal models 10.2 % would pass in a simulation, and 14.1 % where" in text


def test_a_later_candidate_on_the_same_windows_is_told_that_its_level_was_divided() -> None:
    text = typed(said(render(judged(example(), looks=3, alpha=0.1 / 3))))

    assert "this is candidate 3 that is held against these windows" in text
    assert "the level is divided by 3" in text


def test_a_level_that_few_origins_have_lowered_is_told_so() -> None:
    few, enough = (said(render(judged(example(), alpha=alpha))) for alpha in (0.05, 0.1))

    assert "lower than was set as there are few origins" in few
    assert "lower than was set" not in enough


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("clean", "later than everything either model has learnt from"),
        ("published", "the forecasts it had published before what they speak of was known"),
        ("refit", "two recipes are compared on the same data"),
    ],
)
def test_a_page_says_where_the_champions_losses_come_from_and_what_that_means(source: str, told: str) -> None:
    assert told in said(render(judged(example(), source=source)))


# other thresholds


def test_other_thresholds_stand_by_knob_the_usual_rule_first_and_differing_ones_are_marked() -> None:
    rows = knobs(example().ruling)

    assert [row.name for row in rows] == ["lower MSE wins", "mode", "alpha", "min_effect", "refresh"]
    assert [chip.setting for row in rows for chip in row.chips if chip.differs] == ["strict", "0.01"]
    chosen = [chip.setting for row in rows for chip in row.chips if chip.chosen]
    assert chosen == ["standard", "0.1", "0.005", "noninferior"]


def test_without_a_champion_knobs_that_ask_for_one_are_left_out() -> None:
    assert [row.name for row in knobs(example(champion=False).ruling)] == ["lower MSE wins", "mode", "alpha"]


def test_thresholds_that_all_agree_are_told_so() -> None:
    content = example()
    same = (Alternative(rule="mode plain", verdict="PROMOTE", reason="superior"),)

    text = said(render(replace(content, ruling=replace(content.ruling, alternatives=same))))

    assert "All of them the same: PROMOTE." in text
    assert "Filled where" not in text


# the new forecast


def test_a_new_champions_forecast_is_told_by_how_far_it_lies_from_the_one_before() -> None:
    content = example()
    assert content.delta is not None

    new, kept = (delta_in_words(replace(content.delta, published=published)) for published in (True, False))

    assert new == (
        "The newly published forecast lies 0.2100 deviations of the training part away from what the "
        "champion before would have said, both from the same cutoff, on average over 6 series; zone-003 "
        "differs most, by 0.5500."
    )
    assert kept.startswith("The candidate would have published a forecast 0.2100 deviations")
    assert delta_in_words(None) == ""


def test_a_run_that_compared_nothing_has_no_such_section() -> None:
    assert 'id="gate"' not in render(too_short())
