"""The table of all series in a report: its order, its ends, its columns, and who forecast each series."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_pipeline.report.content import SeriesRow
from lstm_pipeline.report.rivals import compared_rivals, publishers
from lstm_pipeline.report.table import EXTREMES, column_groups, drawn_note, extremes, ranked
from tests.report_example import example
from tests.test_report import typed

SKILLS = st.lists(st.one_of(st.none(), st.sampled_from([-1.0, 0.0, 0.5, math.nan, math.inf])), max_size=12)


def rows_of(skills: list[float | None]) -> tuple[SeriesRow, ...]:
    """One row per skill, named in their order."""
    row = example(series=1).rows[0]
    return tuple(replace(row, id=f"s{at:02}", skill=skill) for at, skill in enumerate(skills))


@given(SKILLS)
def test_the_table_begins_with_the_least_gain_and_ends_with_the_series_that_have_none(
    skills: list[float | None],
) -> None:
    order = ranked(rows_of(skills))

    scored = [row for row in order if row.skill is not None and math.isfinite(row.skill)]
    assert list(order[: len(scored)]) == scored == sorted(scored, key=lambda row: (row.skill, row.id))
    assert [row.id for row in order[len(scored) :]] == sorted(row.id for row in order[len(scored) :])
    assert len(order) == len(skills)


@given(SKILLS)
def test_worst_and_best_are_at_most_three_each_and_no_series_is_both(skills: list[float | None]) -> None:
    rows = rows_of(skills)
    order = [row for row in ranked(rows) if row.skill is not None and math.isfinite(row.skill)]

    ends = extremes(rows)

    many = min(EXTREMES, len(order) // 2)
    assert (ends is None) == (many == 0)
    if ends is not None:
        assert list(ends.worst) == order[:many]
        assert list(ends.best) == [order[-1 - at] for at in range(many)]


def test_a_column_that_nobody_fills_is_left_out_and_so_is_a_group_of_such() -> None:
    content = example(series=2)
    bare = dict.fromkeys(("scaled_mse", "scaled_champion_mse", "scaled_naive_mse", "mase"))
    rows = tuple(replace(row, **bare, smape=math.nan) for row in content.rows)

    groups = column_groups(content, rows)

    labels = {group.label: [column.label for column in group.columns] for group in groups}
    assert labels == {
        "All test windows, unscaled": ["Skill", "MSE", "Naive MSE", "MAE", "RMSE"],
        "Data": ["Observed", "Windows"],
    }


def test_all_series_together_have_the_candidates_errors_and_the_sums_of_what_is_counted() -> None:
    content = example(series=3)
    rows = (replace(content.rows[0], observed=5, windows=0), *content.rows[1:])

    _, errors, counts = column_groups(content, rows)

    together = {column.label: typed(column.together) for column in (*errors.columns, *counts.columns)}
    assert (together["MSE"], together["Naive MSE"], together["Skill"]) == ("7.913", "13.87", "42.9 %")
    assert (together["Observed"], together["Windows"]) == ("34,845", "5,712")
    assert [typed(text) for text in counts.columns[1].texts] == ["~", "2,856", "2,856"]


@pytest.mark.parametrize(
    ("source", "promoted", "ink", "label", "note"),
    [
        ("champion", True, "candidate", "forecast by the new champion", ""),
        ("champion", False, "champion", "forecast by the champion", ""),
        ("seasonal_naive", True, "baseline", "forecast by seasonal naive", "why"),
        ("none", False, "baseline", "no forecast", "why"),
    ],
)
def test_a_forecast_has_the_colour_and_the_name_of_who_made_it(
    source: str, promoted: bool, ink: str, label: str, note: str
) -> None:
    content = example(series=1)
    row = replace(content.rows[0], source=source, reason="why")

    made = publishers(replace(content, rows=(row,), ruling=replace(content.ruling, promoted=promoted)))

    by = made[row.id]
    assert (by.ink, by.label, by.note) == (ink, label, note)


def test_a_series_that_is_drawn_without_a_row_has_no_forecast_and_no_reason() -> None:
    content = replace(example(series=1), rows=())

    by = publishers(content)["zone-000"]

    assert (by.ink, by.label, by.note) == ("baseline", "no forecast", "")


def test_the_candidate_is_compared_with_the_champion_and_one_naive_forecast() -> None:
    content = example()

    both = [rival.name for rival in compared_rivals(content)]
    models = [rival.name for rival in compared_rivals(replace(content, naive=None))]

    assert both == ["candidate", "champion", "seasonal_naive"]
    assert models == ["candidate", "champion"]


def test_where_only_unusable_series_are_not_drawn_the_note_tells_of_no_limit() -> None:
    content = example(series=2)
    rows = (*content.rows, replace(content.rows[0], id="zone-017"))

    note = drawn_note(replace(content, rows=rows))

    assert note == (
        "Of the 3 series in this table 2 can be drawn; 1 cannot be used, for the reason beside it."
    )
