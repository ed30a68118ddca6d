"""The page of a report says what decided: the gate's rules, scaled errors, and on how much they rest."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from lstm_pipeline.report.axes import value_scale
from lstm_pipeline.report.findings import three_findings
from lstm_pipeline.report.numerals import percent
from lstm_pipeline.report.page import render
from lstm_pipeline.report.pictures import pictures
from lstm_pipeline.report.rivals import best_errors
from lstm_pipeline.report.table import drawn_note
from tests.report_example import example, judged, too_short
from tests.test_report import said, typed


def test_reasons_mode_and_thresholds_of_the_gate_are_on_the_page() -> None:
    content = example()
    rules = replace(content.ruling.rules, cap=12.5)
    ruling = replace(content.ruling, reasons=("worse", "stale_data"), rules=rules)

    text = typed(said(render(judged(replace(content, ruling=ruling), used="plain"))))

    assert "Reason worse , stale_data" in text
    assert "standard mode, decided by the plain rule: scaled error more than 2 % below the best" in text
    assert "(min_skill), at least 0.5 % below the champion's (min_effect) at a level of 10 % (alpha)" in text
    assert "test MSE at most 12.50 (cap)" in text


def test_the_scaled_errors_that_decide_stand_beside_each_series_and_together() -> None:
    content = example(series=2)
    rows = tuple(
        replace(row, scaled_mse=0.5 + at, scaled_champion_mse=0.6 + at, scaled_naive_mse=1.0 + at)
        for at, row in enumerate(content.rows)
    )

    text = typed(said(render(replace(content, rows=rows))))

    assert "zone-000 0.5000 0.6000 1.000 50.0 %" in text
    assert "zone-001 1.500 1.600 2.000 25.0 %" in text
    assert "Together 0.1824 0.2080 0.3121 41.6 %" in text
    assert "divides each series' by that series' own variance, so that every series weighs the same" in text


def test_errors_of_many_series_are_told_without_pretending_to_a_common_unit() -> None:
    many, one = example(series=3), example(series=1)

    miss, alone = three_findings(many)[2], three_findings(one)[2]

    assert miss.figure.endswith("MASE")
    assert "in the units of the series" not in miss.sentence
    assert "in the units of the series" in alone.sentence
    assert "Unscaled errors pool 3 series, each in its own unit" in said(render(many))
    assert "each in its own unit" not in said(render(one))


def test_the_files_and_the_reach_of_each_part_are_on_the_page() -> None:
    content = example()

    text = typed(said(render(content)))

    assert content.publication.run in text
    assert content.publication.latest in text
    assert "about the past" not in text
    assert "training 2016-07-01 00:00 ~ 2018-04-27 19:00 15,000" in text
    assert "test 2018-05-27 20:00 ~ 2018-06-26 19:00 697" in text


def test_a_run_about_the_past_says_that_the_newest_forecasts_are_not_its_own() -> None:
    content = example()

    text = said(render(replace(content, publication=replace(content.publication, live=False))))

    assert "This run is about the past and left it as it was." in text


def test_a_run_without_a_candidate_has_no_empty_sections() -> None:
    content = too_short()

    page = render(content)

    ids = set(re.findall(r'<h2 id="([^"]*)"', page))
    assert ids == {"forecast", "all", "quality", "lineage", "again"}
    assert "not compared" not in page
    assert "MSE</th>" not in page


def test_an_origin_is_explained_right_after_the_verdict() -> None:
    content = example()

    text = said(render(content))

    explained = text.index("An origin is a moment from which one horizon, here 24 steps, is forecast.")
    assert text.index(content.ruling.sentence) < explained < text.index("Reason")
    assert "origin" not in said(render(too_short()))


@pytest.mark.parametrize(("origins", "cautioned"), [(1, True), (9, True), (10, False), (0, False)])
def test_a_verdict_on_few_origins_comes_with_a_caution(origins: int, cautioned: bool) -> None:
    content = example()

    text = said(render(judged(content, origins=origins)))

    assert ("The verdict rests on" in text) is cautioned


@pytest.mark.parametrize("reach", [[0, 5e6], [4e6, 2.5e7], [0, 2e11], [-3e-8, 1e-7], [0, 9e4], [0, 0.2]])
def test_the_ticks_of_an_axis_are_all_written_in_one_way(reach: list[float]) -> None:
    scale = value_scale(np.array(reach))

    labels = [tick.label for tick in scale.ticks if tick.label != "0"]
    ends = {typed(label).partition("x")[2] for label in labels}
    assert len(labels) > 2
    assert len(ends) == 1
    assert (ends != {""}) == (max(reach) >= 1e5 or max(reach) < 1e-5)


def test_series_that_are_not_drawn_are_counted_with_their_reason() -> None:
    content = example(series=3)
    rows = (*content.rows, replace(content.rows[0], id="zone-017"), replace(content.rows[0], id="zone-900"))

    note = drawn_note(replace(content, rows=rows))

    assert note.startswith("Of the 5 series in this table 3 can be drawn; 1 cannot be used")
    assert "1 have only their numbers: a page draws at most 500" in note
    assert drawn_note(content) == ""


def test_what_changed_is_told_with_short_hashes_and_the_whole_ones_at_hand() -> None:
    page = render(example())

    assert 'title="' + "5b1d90c2" * 8 + '">5b1d90c25b1d…</td>' in page
    assert "5b1d90c2" * 8 not in said(page)


def test_a_first_run_has_nothing_to_compare_with_and_an_equal_one_says_so() -> None:
    content = example()

    first, equal = render(replace(content, changes=None)), render(replace(content, changes=()))

    assert 'id="changes"' not in first
    assert "Nothing that this page compares differs from the run before." in equal


def test_the_gates_of_the_lstm_are_never_called_gates_alone_in_a_heading() -> None:
    content = example()

    page, files = render(content), pictures(content)

    assert '<h2 id="gates">LSTM gate activations</h2>' in page
    assert b"LSTM gate activations on one window" in files["gates.svg"]
    assert "<dt>Promotion gate</dt>" in page


def test_two_series_are_pooled_and_their_miss_is_told_without_a_unit() -> None:
    content = example(series=2)

    told, miss = said(render(content)), three_findings(content)[2]

    assert "Unscaled errors pool 2 series, each in its own unit" in told
    assert miss.figure == "0.7033 MASE"
    assert "seasonal naive has 0.9311" in miss.sentence


def test_series_without_a_test_window_are_not_counted_among_those_pooled() -> None:
    content = example(series=2)
    rows = (content.rows[0], replace(content.rows[1], windows=0))

    miss = three_findings(replace(content, rows=rows))[2]

    assert "in the units of the series" in miss.sentence


def test_a_naive_forecast_without_error_leaves_no_share_to_be_lower_by() -> None:
    content = example()

    against = three_findings(judged(content, baseline_mse=0.0))[1]

    assert against.figure == "not compared"
    assert "is without any error on" in against.sentence
    assert "No origin could be compared" not in against.sentence


def test_a_champion_that_could_not_be_compared_is_not_told_as_none() -> None:
    content = example(champion=False)
    standing = replace(content.ruling, promoted=False, crowned=True)

    champion = three_findings(replace(content, ruling=standing))[0]

    assert champion.figure == "not compared"
    assert "The two could not be compared" in champion.sentence


@pytest.mark.parametrize(
    ("share", "written"),
    [
        (9.994, "999.4 %"),
        (10.0, "1,000 %"),
        (-123.4, "-12,340 %"),
        (99_999.0, "9,999,900 %"),
        (1e5, "1.000x10⁷ %"),
        (-1e300, "-1.000x10³⁰² %"),
    ],
)
def test_a_share_loses_its_decimal_at_a_thousand_and_its_digits_at_ten_million(
    share: float, written: str
) -> None:
    assert typed(percent(share)) == written


def test_a_gain_on_the_compared_origins_is_explained_only_where_the_table_has_one() -> None:
    content = example()
    bare = tuple(
        replace(row, scaled_mse=None, scaled_champion_mse=None, scaled_naive_mse=None) for row in content.rows
    )

    whole, without = said(render(content)), said(render(replace(content, rows=bare)))

    explained = "gain is the same on the compared origins, scaled: what the promotion gate decides by"
    assert explained in whole
    assert explained not in without


def test_the_smallest_error_of_each_column_is_known_whoever_made_it() -> None:
    candidate, champion, naive, *_ = example().scores
    rivals = (
        replace(candidate, mse=3.0, mae=None, rmse=float("nan"), smape=1.0, mase=float("inf")),
        replace(champion, mse=2.0, mae=None, rmse=7.0, smape=2.0, mase=float("nan")),
        replace(naive, mse=9.0, mae=None, rmse=8.0, smape=3.0, mase=None),
    )

    best = best_errors(rivals)

    assert best == {"mse": 2.0, "mae": None, "rmse": 7.0, "smape": 1.0, "mase": None}
