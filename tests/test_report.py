"""The report: one page that opens from disk, says the verdict first, and draws whatever there is."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
import time
from dataclasses import fields, is_dataclass, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_pipeline.report.axes import AT_MOST, stamp_ticks, value_scale
from lstm_pipeline.report.content import ReportContent, Ruling
from lstm_pipeline.report.findings import three_findings
from lstm_pipeline.report.heatmaps import heat_maps, paint
from lstm_pipeline.report.numerals import count, number, percent, short_stamps
from lstm_pipeline.report.page import render
from lstm_pipeline.report.palette import DARK, LIGHT, Palette
from lstm_pipeline.report.pictures import pictures
from lstm_pipeline.report.table import extremes, ranked
from tests.report_example import HORIZON, example, gate_picture, hours, judged, too_short

VERDICTS = ("PROMOTE", "REJECT", "INCONCLUSIVE", "HOLD")
AWKWARD_IDS = ("</script><script>alert(1)</script>", "a\"b'c & <i>d</i>", "$x_1$ naïve 東京 🚲", "long" * 60)


class Text(HTMLParser):
    """What a page says outside of style and script, and the names of its tags."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.open):
            self.words.append(data)


def said(page: str) -> str:
    return " ".join(" ".join(Text(page).words).split())


def typed(text: str) -> str:
    """The text with the signs that a keyboard has: - for minus, x for times, ~ for no number."""
    return text.translate({0x2212: "-", 0xD7: "x", 0x2013: "~", 0x202F: " "})


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="page-data">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def with_ids(content: ReportContent, ids: tuple[str, ...]) -> ReportContent:
    rows = tuple(replace(row, id=name) for row, name in zip(content.rows, ids, strict=True))
    drawn = tuple(replace(picture, id=name) for picture, name in zip(content.pictures, ids, strict=True))
    return replace(content, rows=rows, pictures=drawn)


def blanked(value: Any, blank: float | None) -> Any:
    """The same record with every number that is no count replaced."""
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: blanked(getattr(value, f.name), blank) for f in fields(value)})
    if isinstance(value, tuple):
        return tuple(blanked(item, blank) for item in value)
    if isinstance(value, dict):
        return {key: blanked(item, blank) for key, item in value.items()}
    return blank if isinstance(value, float) else value


def blank_ruling(ruling: Ruling, blank: float | None) -> Ruling:
    """The same ruling, its thresholds as they were set, with every figure replaced."""
    return replace(
        ruling,
        figures=replace(blanked(ruling.figures, blank), alpha=ruling.figures.alpha),
        guards=blanked(ruling.guards, blank),
        origins=blanked(ruling.origins, math.nan if blank is None else blank),
        slices=blanked(ruling.slices, math.nan if blank is None else blank),
    )


# what the page says


@pytest.mark.parametrize("verdict", VERDICTS)
def test_the_page_opens_with_the_verdict_and_its_sentence_before_any_picture(verdict: str) -> None:
    content = example()
    ruling = replace(content.ruling, verdict=verdict, sentence="Because of this.")

    page = render(replace(content, ruling=ruling))

    badge, sentence = page.index(f'<strong class="badge">{verdict}'), page.index("<h1>Because of this.</h1>")
    assert badge < sentence < page.index("<svg")
    assert sentence < page.index("Data up to") < page.index('id="gate"')


def test_the_parts_of_the_page_stand_in_the_order_in_which_they_are_asked_for() -> None:
    content = replace(example(), leak="It leaks.")

    page = render(content)

    parts = (
        "<h1>",
        "It leaks.",
        'id="gate"',
        'id="guards"',
        'id="thresholds"',
        'id="delta"',
        'id="forecast"',
        'id="held-out"',
        "Error against the champion".lower(),
    )
    parts += ('id="series"', 'id="all"', 'id="by-step"', 'id="rivals"', 'id="loss"', 'id="gates"')
    parts += (
        'id="extremes"',
        'id="quality"',
        'id="changes"',
        'id="lineage"',
        'id="again"',
        "The run as JSON",
    )
    places = [page.index(part) for part in parts]
    assert places == sorted(places)


def test_no_leak_is_warned_of_where_the_split_is_honest() -> None:
    content = example()

    page = render(content)

    assert 'class="leak"' not in page


def test_the_three_numbers_say_champion_naive_and_typical_miss() -> None:
    content = example(series=1)

    champion, naive, miss = three_findings(content)

    assert champion.figure == "12.3\u202f% lower"
    assert "0.2080 for the champion, on the same 30 origins" in champion.sentence
    assert naive.figure == "41.6\u202f% lower"
    assert "by which the gate decides, is 0.1824 beside 0.3121 of seasonal naive" in naive.sentence
    assert "beside 13.87 of seasonal naive" in naive.sentence
    assert miss.figure == "2.110"


def test_a_worse_candidate_is_called_higher() -> None:
    content = example()

    champion, naive, _ = three_findings(judged(content, effect=-0.25, mse=0.3, baseline_mse=0.2))

    assert champion.figure == "25.0\u202f% higher"
    assert naive.figure == "50.0\u202f% higher"


def test_a_first_candidate_is_told_that_there_was_no_champion() -> None:
    content = example(champion=False)

    champion, _, _ = three_findings(content)

    assert champion.figure == "no champion"
    assert "none to beat" in champion.sentence


def test_worst_and_best_series_are_named_and_unscored_ones_come_last() -> None:
    rows = example(series=3).rows
    skills = (float("nan"), 0.7, -0.2)
    scored = tuple(replace(row, id=str(skill), skill=skill) for row, skill in zip(rows, skills, strict=True))

    order, ends = ranked(scored), extremes(scored)

    assert [row.id for row in order] == ["-0.2", "0.7", "nan"]
    assert ends is not None
    assert [row.id for row in (*ends.worst, *ends.best)] == ["-0.2", "0.7"]


def test_the_equation_of_rows_is_shown_in_numbers_and_a_wrong_one_is_not_called_equal() -> None:
    right = example()
    wrong = replace(right, quality=replace(right.quality, rows_in=5))

    said_right, said_wrong = said(render(right)), said(render(wrong))

    assert "121,951 rows in = 121,940 kept + 11 set aside" in said_right
    assert "5 rows in ≠ 121,940 kept + 11 set aside" in said_wrong


def test_data_quality_names_reasons_failed_series_examples_and_notes() -> None:
    content = example()

    text = said(render(content))

    assert "another value for the same series and time" in text
    assert "zone-017 12.0 % of its 300 rows were set aside" in text
    assert "etth1.csv 118 HUFL zone-001 2016-07-05 21:00 n/k not_number" in text
    assert "season_length = 24: one day of hours." in text


def test_what_was_not_published_by_the_champion_says_who_did_and_why() -> None:
    content = too_short()

    text = said(render(content))

    assert "forecast by last value" in text
    assert "too short: 20 rows, 96 needed" in text


def test_the_run_stands_in_the_page_as_json_and_never_as_markup() -> None:
    content = replace(example(), run_json='{\n  "pipeline": "<b>"\n}')

    page = render(content)

    assert "{\n  &#34;pipeline&#34;: &#34;&lt;b&gt;&#34;\n}" in page


# the page as a file


@pytest.mark.parametrize("name", AWKWARD_IDS)
def test_a_series_id_is_text_and_never_markup(name: str) -> None:
    content = with_ids(example(series=2), (name, "plain"))

    page = render(content)

    assert Text(page).tags.count("script") == 2
    assert "<i>d" not in page
    assert data_of(page)["series"][0]["id"] == name
    assert " ".join(name.split()) in said(page)


def test_the_page_needs_nothing_beside_itself() -> None:
    page = render(example())

    links = re.findall(r"(?:src|href|srcset|action)=[\"']([^\"']*)", page) + re.findall(
        r"url\(([^)]*)\)", page
    )

    assert [link for link in links if not link.startswith(("#", "data:image/png;base64,"))] == []
    assert "@import" not in page


def test_no_id_stands_twice() -> None:
    page = render(example())

    ids = re.findall(r'\sid="([^"]*)"', page)

    assert len(ids) == len(set(ids))


def test_equal_content_gives_equal_bytes_in_another_process() -> None:
    here = Path(__file__).parent
    program = "from report_example import example; from lstm_pipeline.report.page import render; import sys; "
    program += "sys.stdout.buffer.write(render(example()).encode())"

    pages = [
        subprocess.run(
            [sys.executable, "-c", program],
            check=True,
            capture_output=True,
            cwd=here,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]

    assert pages[0] == pages[1] == render(example()).encode()


def test_five_hundred_series_stay_small_and_quick() -> None:
    content = example(series=500, points=600)

    began = time.process_time()
    page = render(content)
    took = time.process_time() - began

    assert len(page.encode()) < 12e6
    assert took < 6
    assert len(data_of(page)["series"]) == 500


def test_colours_differ_and_text_is_readable_in_both_schemes() -> None:
    def lightness(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(palette: Palette, name: str) -> float:
        pair = sorted(lightness(colour) for colour in (palette.paper, getattr(palette, name)))
        return (pair[1] + 0.05) / (pair[0] + 0.05)

    texts = ("ink", "muted", "actual", "candidate", "champion", "baseline")
    texts += ("promote", "reject", "inconclusive", "hold")

    assert min(contrast(palette, name) for palette in (LIGHT, DARK) for name in texts) >= 4.5
    assert len({getattr(LIGHT, field.name) for field in fields(Palette)}) == len(fields(Palette))


# whatever there is


@pytest.mark.parametrize("blank", [None, float("nan"), float("inf")])
def test_a_report_whose_every_number_is_missing_still_renders(blank: float | None) -> None:
    whole = example()
    content = replace(blanked(replace(whole, ruling=None), blank), ruling=blank_ruling(whole.ruling, blank))

    page = render(content)

    assert "nan" not in said(page).lower().split()
    assert data_of(page)["series"][0]["forecast"]["lines"][1][3] == [None] * HORIZON


def test_an_empty_report_renders() -> None:
    content = replace(too_short(), rows=(), pictures=(), lineage=(), parts=())

    text = said(render(content))

    assert "No series came through the door." in text
    assert "Forecast" not in text


def test_a_series_without_test_part_does_not_hide_the_test_part_of_others() -> None:
    short = too_short().pictures[0]
    content = example(series=2)
    mixed = replace(content, pictures=(replace(short, id="zone-000"), content.pictures[1]))

    page = render(mixed)

    assert 'data-chart="test"' in page
    assert "no values of this series" in said(page)
    assert len(data_of(page)["series"][1]["test"]["lines"]) == 4


@pytest.mark.parametrize("scale", [1e-290, 1e-9, 1e9, 1e250])
def test_huge_and_tiny_values_are_drawn_like_any_others(scale: float) -> None:
    content = example(series=1)
    picture = content.pictures[0]
    scaled = tuple(None if v is None else v * scale for v in picture.past)

    files = pictures(replace(content, pictures=(replace(picture, past=scaled, forecast=scaled[:24]),)))

    path = max(re.findall(rb' d="([^"]*)"', files["forecast.svg"]), key=len)
    heights = [float(found) for found in re.findall(rb"[ML] [\d.]+ ([\d.]+)", path)]
    assert max(heights) - min(heights) > 150


def test_a_horizon_of_one_step_is_drawn_as_dots() -> None:
    content = example(series=1)
    one = tuple(replace(rival, mse_by_step=rival.mse_by_step[:1]) for rival in content.scores)

    files = pictures(replace(content, scores=one))

    assert files["steps.svg"].count(b"<use") == 3


def test_integer_stamps_are_counted_and_times_are_not() -> None:
    content = example(series=1)
    steps = tuple(str(9990 + i) for i in range(150 + HORIZON))
    picture = replace(content.pictures[0], past_ds=steps[:150], forecast_ds=steps[150:])

    data = data_of(render(replace(content, pictures=(picture,))))

    assert [label for _, label in data["series"][0]["forecast"]["across"]] == [
        "10,000",
        "10,050",
        "10,100",
        "10,150",
    ]
    assert [label for _, label in data["series"][0]["test"]["across"]] == ["15 Jun", "17 Jun", "19 Jun"]


@pytest.mark.parametrize(
    ("content", "names"),
    [
        (
            example(series=1),
            {"differences", "origin_losses", "forecast", "test", "steps", "loss", "gates"},
        ),
        (too_short(), {"forecast"}),
        (too_short(pictures=()), set()),
    ],
    ids=["everything", "fallbacks only", "nothing"],
)
def test_picture_files_are_whole_and_only_those_that_exist(content: ReportContent, names: set[str]) -> None:
    files = pictures(content)

    assert set(files) == {f"{name}.svg" for name in names}
    for svg in files.values():
        root = ElementTree.fromstring(svg)
        assert root.tag.endswith("svg")
        assert f"fill: {LIGHT.paper}".encode() in svg


# numbers, ticks, colours


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "~"),
        (math.nan, "~"),
        (math.inf, "~"),
        (0.0, "0"),
        (0.5, "0.5000"),
        (-12.3456, "-12.35"),
        (999.96, "1,000"),
        (1234.5678, "1,235"),
        (1_234_567.0, "1,234,567"),
        (12_345_678.0, "1.235x10⁷"),
        (0.00001234, "1.234x10⁻⁵"),
        (-1e300, "-1.000x10³⁰⁰"),
        (5e-324, "4.941x10⁻³²⁴"),
    ],
)
def test_numbers_have_four_significant_digits_and_powers_of_ten_at_the_ends(
    value: float | None, written: str
) -> None:
    text = number(value)

    assert typed(text) == written


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_every_number_can_be_written_briefly(value: float) -> None:
    text = number(value)

    assert 0 < len(text) <= 13
    assert "nan" not in text


def test_shares_and_counts_are_written_with_separators() -> None:
    texts = [percent(0.1234), percent(-0.5), percent(-120.0), percent(None), count(12345), count(None)]

    assert [typed(text) for text in texts] == ["12.3 %", "-50.0 %", "-12,000 %", "~", "12,345", "~"]


def test_stamps_drop_midnight_only_where_all_are_midnight() -> None:
    days, mixed = (
        ["2018-01-01T00:00:00", "2018-01-02T00:00:00"],
        ["2018-01-01T00:00:00", "2018-01-01T01:00:00"],
    )

    short = short_stamps(days), short_stamps(mixed), short_stamps(["7", "8"])

    assert short == (["2018-01-01", "2018-01-02"], ["2018-01-01 00:00", "2018-01-01 01:00"], ["7", "8"])


@pytest.mark.parametrize(
    ("stamps", "labels"),
    [
        (hours(30), ["14 Jun", "06:00", "12:00", "18:00", "15 Jun"]),
        (hours(24 * 6), ["14 Jun", "15 Jun", "16 Jun", "17 Jun", "18 Jun", "19 Jun"]),
        (
            tuple(f"{1990 + i // 12}-{i % 12 + 1:02}-01" for i in range(72)),
            ["1990", "1991", "1992", "1993", "1994", "1995"],
        ),
        (tuple(str(i) for i in range(700, 1000)), ["700", "750", "800", "850", "900", "950"]),
        (("75", "150", "225", "300"), ["100", "150", "200", "250", "300"]),
        (("a", "b"), ["a", "b"]),
        (("5",), ["5"]),
        ((), []),
    ],
)
def test_ticks_stand_on_round_times_and_numbers(stamps: tuple[str, ...], labels: list[str]) -> None:
    ticks = stamp_ticks(stamps)

    assert [tick.label for tick in ticks] == labels


@given(st.integers(1, 400), st.sampled_from([3600, 86400, 60, 7 * 86400, 900]))
@settings(max_examples=60, deadline=None)
def test_ticks_are_few_distinct_and_within(length: int, step: int) -> None:
    first = np.datetime64("2017-12-30T22:00:00")
    stamps = tuple((first + np.timedelta64(step, "s") * np.arange(length)).astype(str).tolist())

    ticks = stamp_ticks(stamps)

    assert 1 <= len(ticks) <= AT_MOST
    assert len({tick.at for tick in ticks}) == len(ticks)
    assert all(0 <= tick.at <= length - 1 for tick in ticks)


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=20), st.booleans())
@settings(max_examples=200, deadline=None)
def test_every_drawable_value_lies_within_its_scale(values: list[float], from_zero: bool) -> None:
    given_values = np.array(values, dtype=np.float64)

    scale = value_scale(given_values, from_zero=from_zero, log_allowed=not from_zero)

    heights = scale.height(given_values)
    drawable = np.abs(given_values) <= 1e300
    assert np.array_equal(np.isfinite(heights), drawable)
    assert np.all((heights[drawable] >= -1e-9) & (heights[drawable] <= 1 + 1e-9))
    assert len({tick.label for tick in scale.ticks}) == len(scale.ticks) <= 14


def test_shut_gates_are_clear_and_open_ones_full() -> None:
    values = np.array([[0.0, 1.0, -0.5, np.nan]])

    painted = paint(values, 1.0)

    assert painted[0, :, 3].tolist() == [0.0, 1.0, 0.5, 0.0]
    assert painted[0, 1, :3].tolist() != painted[0, 2, :3].tolist()


def test_the_units_stand_in_one_order_in_all_four_maps() -> None:
    gates = gate_picture("a", np.random.default_rng(1), steps=5, hidden=3)
    order = np.argsort(-np.array(gates.forget).mean(axis=0))

    maps = heat_maps(gates)

    for heat, whole in zip(maps, (gates.forget, gates.input, gates.output, gates.cell), strict=True):
        assert np.array_equal(heat.values, np.array(whole).T[order])
