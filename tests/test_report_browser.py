"""The report in a browser: picking, filtering, sorting, reading values, at any width, and without script."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lstm_pipeline.report.content import ReportContent
from lstm_pipeline.report.page import render
from tests.report_example import example
from tests.test_report import AWKWARD_IDS, typed, with_ids


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Any:
    """Opens a report in the browser and gathers what it complains of."""

    def open_page(content: ReportContent, width: int = 1200) -> tuple[Any, list[str]]:
        (tmp_path / "report.html").write_text(render(content), encoding="utf-8")
        page, complaints = browser.new_page(viewport={"width": width, "height": 900}), []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: request.url.startswith("file:") or complaints.append(request.url))
        page.goto((tmp_path / "report.html").as_uri())
        return page, complaints

    return open_page


@pytest.mark.proof
def test_every_way_of_picking_redraws_the_pictures_of_that_series(opened: Any) -> None:
    content = with_ids(example(series=4), (*AWKWARD_IDS[:3], "zone-003"))
    page, complaints = opened(content)

    seen = [page.inner_text(".picked >> nth=0")]
    drawn = [page.inner_html("[data-chart=forecast] .plot")]
    for act in (
        lambda: page.click("[data-step='1']"),
        lambda: page.keyboard.press("ArrowRight"),
        lambda: page.select_option("#series", "3"),
        lambda: page.click('#rows button.pick >> text=a"b'),
        lambda: page.click("[data-step='-1']"),
    ):
        act()
        seen.append(page.inner_text(".picked >> nth=0"))
        drawn.append(page.inner_html("[data-chart=forecast] .plot"))

    ids = [*AWKWARD_IDS[:3], "zone-003"]
    assert seen == [ids[0], ids[1], ids[2], ids[3], ids[1], ids[0]]
    assert len(set(drawn)) == 4
    assert complaints == []


@pytest.mark.proof
def test_typing_narrows_the_picker_and_the_table(opened: Any) -> None:
    page, complaints = opened(example(series=12))

    page.fill("#filter", "ZONE-00")
    nine = page.locator("#rows tbody tr:visible").count()
    page.fill("#filter", "011")
    options = page.locator("#series option").all_inner_texts()

    assert nine == 10
    assert options == ["zone-011"]
    assert page.inner_text(".picked >> nth=0") == "zone-011"
    assert "1 of 12 series match" in page.inner_text(".matches")
    assert complaints == []


@pytest.mark.proof
def test_the_table_sorts_by_number_both_ways_with_blanks_last(opened: Any) -> None:
    content = example(series=4)
    values = (9.5, None, 1200.0, 80.0)
    rows = tuple(replace(row, mse=value) for row, value in zip(content.rows, values, strict=True))
    page, complaints = opened(replace(content, rows=rows))

    orders = []
    for _ in range(2):
        page.click("#rows thead button >> text=/^MSE$/")
        orders.append(page.locator("#rows tbody td:nth-child(7)").all_inner_texts())

    orders = [[typed(text) for text in order] for order in orders]
    assert orders == [["9.500", "80.00", "1,200", "~"], ["1,200", "80.00", "9.500", "~"]]
    assert page.get_attribute("#rows thead tr:last-child th:nth-child(7)", "aria-sort") == "descending"
    assert complaints == []


@pytest.mark.proof
@pytest.mark.parametrize("width", [360, 800, 1400])
def test_nothing_sticks_out_at_any_width(opened: Any, width: int) -> None:
    page, complaints = opened(with_ids(example(series=2), ("long" * 60, "x")), width)

    wide = page.evaluate("document.documentElement.scrollWidth")

    assert wide == width
    assert complaints == []


@pytest.mark.proof
def test_the_pointer_reads_values_off_a_picture(opened: Any) -> None:
    content = example(series=1)
    page, complaints = opened(content)
    right = page.locator("[data-chart=forecast] .plot").bounding_box()["width"] - 5

    page.hover("[data-chart=forecast] .plot", position={"x": right, "y": 100})
    when, forecast, actual = page.locator("[data-chart=forecast] output").all_inner_texts()[::-1]

    assert when == content.pictures[0].forecast_ds[-1].replace("T", " ")[:16]
    assert float(forecast) == pytest.approx(content.pictures[0].forecast[-1], rel=1e-3)
    assert actual == ""
    assert complaints == []


@pytest.mark.proof
def test_without_script_the_pictures_are_there_and_the_picker_is_not(browser: Any, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(render(example()), encoding="utf-8")
    page = browser.new_page(java_script_enabled=False)

    page.goto((tmp_path / "report.html").as_uri())

    assert page.locator(".plot > svg:visible").count() == 7
    assert not page.is_visible(".picker")


@pytest.mark.proof
def test_a_long_table_shows_its_first_rows_until_all_are_asked_for(opened: Any) -> None:
    page, complaints = opened(example(series=40))
    rows = page.locator("#rows tbody tr:visible")

    folded = rows.count()
    page.fill("#filter", "03")
    found = rows.all_inner_texts()
    page.fill("#filter", "")
    page.click(".more")

    assert folded == 25
    assert len(found) == 11
    assert rows.count() == 40
    assert not page.is_visible(".more")
    assert complaints == []


@pytest.mark.proof
def test_nothing_scrolls_up_and_down_within_the_page(opened: Any) -> None:
    page, _ = opened(example(series=40))
    page.click(".more")

    within = page.evaluate(
        "[...document.querySelectorAll('body *')].filter((e) => e.scrollHeight > e.clientHeight + 1 &&"
        " ['auto', 'scroll'].includes(getComputedStyle(e).overflowY)).length"
    )

    assert within == 0


@pytest.mark.proof
def test_heads_of_columns_stand_on_one_line(opened: Any) -> None:
    page, _ = opened(example(series=3))

    heights = page.evaluate(
        "[...document.querySelectorAll('#rows thead tr:last-child th')].map((e) => e.clientHeight)"
    )

    assert max(heights) < 40


@pytest.mark.proof
def test_picking_below_the_pictures_leads_back_to_them(opened: Any) -> None:
    page, _ = opened(example(series=12))
    page.locator("#again").scroll_into_view_if_needed()

    page.click("[aria-labelledby=extremes] button.pick >> nth=1")

    assert page.locator("#forecast").bounding_box()["y"] < 200
