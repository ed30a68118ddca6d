"""The pictures of a report: what is drawn, what is written beside it, and what the page's script is told."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_pipeline.report.axes import stamp_ticks, value_scale
from lstm_pipeline.report.canvas import LETTER, MARGIN, WIDTH
from lstm_pipeline.report.chart import Chart, forecast_chart, held_out_chart, step_chart
from lstm_pipeline.report.embedded import page_data
from lstm_pipeline.report.heatmaps import UNITS_SHOWN, heat_maps
from lstm_pipeline.report.palette import LIGHT
from lstm_pipeline.report.pictures import charts, inline_pictures, pictures
from tests.awkward import AWKWARD
from tests.report_example import example, gate_picture, hours
from tests.test_report import typed


def texts(svg: str) -> list[str]:
    """What is written in a picture."""
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def strokes(svg: str) -> dict[str, str]:
    """The dashes of each coloured line of a picture; empty where it is drawn through."""
    lines = [style for style in re.findall(r'style="([^"]*)"', svg) if "stroke-width: 1.75" in style]
    dashes = [re.search(r"stroke-dasharray: ([\d.,]+)", style) for style in lines]
    return {
        style.split("stroke: ")[1][:7]: found[1] if found else ""
        for style, found in zip(lines, dashes, strict=True)
    }


def points(svg: str) -> int:
    """Of how many points the longest line of a picture is made."""
    return max(path.count("L ") + 1 for path in re.findall(r' d="([^"]*)"', svg))


def chart_of(values: np.ndarray) -> Chart:
    """A forecast picture of any values."""
    picture = example(series=1).pictures[0]
    known = tuple(float(value) for value in values)
    return forecast_chart(replace(picture, past_ds=hours(len(known)), past=known), "champion", "forecast")


# lines


def test_the_round_whose_weights_were_kept_is_pointed_out_on_the_loss_curve() -> None:
    content = example()
    curve = content.loss_curve
    assert curve is not None

    best, none = (
        texts(pictures(replace(content, loss_curve=replace(curve, best_step=step)))["loss.svg"].decode())
        for step in (1200, 0)
    )

    assert "best at step 1200" in best
    assert not any("best" in text for text in none)


def test_the_steps_of_the_horizon_are_counted_from_one_and_their_errors_from_zero() -> None:
    rivals = example().scores

    chart = step_chart(rivals)

    assert chart is not None
    assert chart.stamps == tuple(str(step) for step in range(1, 25))
    assert chart.reach == "step 1 \u2013 24"
    assert (chart.up.low, chart.up.ticks[0].label) == (0.0, "0")


def test_rivals_differ_by_their_strokes_and_not_by_colour_alone() -> None:
    content = example(series=1)

    drawn = strokes(pictures(content)["test.svg"].decode())

    dashes = [drawn[colour] for colour in (LIGHT.candidate, LIGHT.champion, LIGHT.baseline)]
    assert len(set(dashes)) == 3
    assert drawn[LIGHT.candidate] == drawn[LIGHT.actual] == ""


def test_a_picture_says_from_when_to_when_it_reaches() -> None:
    picture = replace(example(series=1).pictures[0], test_ds=hours(3), test_actual=(1.0, 2.0, 3.0))

    three, one, none = (
        held_out_chart(replace(picture, test_ds=picture.test_ds[:many]), None).reach for many in (3, 1, 0)
    )

    assert three == "2018-06-14 00:00 \u2013 2018-06-14 02:00"
    assert one == "2018-06-14"
    assert none == "no values of this series"


@pytest.mark.parametrize("name", AWKWARD)
def test_an_awkward_series_is_told_to_the_script_with_holes_where_nothing_can_be_drawn(name: str) -> None:
    values = AWKWARD[name]
    content = example(series=1)
    picture = replace(content.pictures[0], past_ds=hours(len(values)), past=tuple(values.tolist()))

    data = page_data(replace(content, pictures=(picture,)), {})

    told = data["series"][0]["forecast"]["lines"][0][3]
    expected = [float(f"{value:.6g}") if np.isfinite(value) else None for value in values]
    assert told == expected


@given(st.lists(st.integers(0, 30), min_size=1, max_size=12, unique=True))
def test_the_stamps_that_the_script_is_told_are_those_of_the_picture(places: list[int]) -> None:
    content, every = example(series=2), hours(31)
    stamps = tuple(every[place] for place in sorted(places))
    picture = replace(content.pictures[0], test_ds=stamps, test_actual=(1.0,) * len(stamps))

    data = page_data(replace(content, pictures=(picture, content.pictures[1])), {})

    runs = data["series"][0]["test"]["stamps"]
    told = [data["stamps"][place] for first, many in runs for place in range(first, first + many)]
    assert told == [stamp.replace("T", " ")[:16] for stamp in stamps]
    assert all(before[0] + before[1] < after[0] for before, after in pairwise(runs))


# axes


@pytest.mark.parametrize("name", AWKWARD)
def test_the_values_of_an_awkward_series_keep_a_little_air_above_and_below(name: str) -> None:
    values = AWKWARD[name]

    heights = value_scale(values).height(values)

    drawn = heights[np.isfinite(values)]
    assert np.all((drawn > 0.04) & (drawn < 0.96))
    assert np.isnan(heights[~np.isfinite(values)]).all()


@pytest.mark.parametrize(
    ("high", "labels"),
    [
        (100.0, ["1", "2", "5", "10", "20", "50", "100"]),
        (1000.0, ["1", "10", "100", "1,000"]),
    ],
)
def test_a_logarithmic_axis_marks_ones_twos_and_fives_up_to_two_powers_of_ten(
    high: float, labels: list[str]
) -> None:
    scale = value_scale(np.array([1.0, high]), log_allowed=True)

    assert scale.log
    assert [tick.label for tick in scale.ticks] == labels


def test_the_longer_the_labels_of_an_axis_the_further_right_its_lines_begin() -> None:
    short, long = chart_of(np.arange(9.0)), chart_of(1e4 * np.arange(9.0))
    content = example(series=1)

    drawn = [
        inline_pictures(replace(content, pictures=(replace(content.pictures[0], past=past),)))["forecast"]
        for past in (tuple(short.lines[0].values), tuple(long.lines[0].values))
    ]

    begins = [min(float(at) for at in re.findall(r'd="M ([\d.]+) [\d.]+ \nL 836', svg)) for svg in drawn]
    widest = [max(len(tick.label) for tick in chart.up.ticks) for chart in (short, long)]
    assert begins[1] - begins[0] == pytest.approx(LETTER * (widest[1] - widest[0]))


def every(step: dt.timedelta, many: int) -> list[str]:
    """So many stamps this far apart, from midnight on."""
    return [(dt.datetime(2018, 6, 14) + at * step).isoformat() for at in range(many)]


DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)


@pytest.mark.parametrize(
    ("stamps", "ticks"),
    [
        (every(DAY, 3000), {566: "2020", 1297: "2022", 2027: "2024", 2758: "2026"}),
        (every(DAY, 250), {17: "Jul 2018", 79: "Sep 2018", 140: "Nov 2018", 201: "Jan 2019"}),
        (every(DAY, 60), {1: "15 Jun", 17: "1 Jul", 31: "15 Jul", 48: "1 Aug"}),
        (every(15 * MINUTE, 9), {0: "14 Jun", 2: "00:30", 4: "01:00", 6: "01:30", 8: "02:00"}),
        (every(MINUTE, 50), {0: "14 Jun", 10: "00:10", 20: "00:20", 30: "00:30", 40: "00:40"}),
        (["2018-03", "2018-09", "2019-03"], {0: "Mar 2018", 1: "Sep 2018", 2: "Mar 2019"}),
        (["-5", "0", "5"], {0.2: "-4", 0.6: "-2", 1.0: "0", 1.4: "2", 1.8: "4"}),
    ],
)
def test_ticks_stand_where_a_round_time_or_number_begins(stamps: list[str], ticks: dict[float, str]) -> None:
    found = stamp_ticks(stamps)

    assert {round(tick.at, 6): typed(tick.label) for tick in found} == ticks


# pictures as files and in the page


@pytest.mark.parametrize("name", ["forecast", "test", "steps", "loss", "gates"])
def test_a_picture_file_has_a_margin_on_every_side(name: str) -> None:
    svg = pictures(example())[f"{name}.svg"].decode()

    left, top, width, height = map(float, re.findall(r'viewBox="([^"]*)"', svg)[0].split())

    inner = re.findall(r'd="M 0 ([\d.]+) \nL ([\d.]+) ', svg)[0]
    assert (left, top) == (-MARGIN, -MARGIN)
    assert (height - 2 * MARGIN, width - 2 * MARGIN) == (float(inner[0]), float(inner[1]))
    assert width - 2 * MARGIN == WIDTH


def test_every_text_of_a_picture_begins_and_ends_within_it() -> None:
    drawn = inline_pictures(example())

    places = {
        name: [(float(x), align) for align, x in re.findall(r'text-anchor: (\w+)[^>]* x="([\d.]+)"', svg)]
        for name, svg in drawn.items()
    }

    assert set(places) == set(charts(example())) | {"gates"}
    for texts_at in places.values():
        assert all(0 <= x <= WIDTH for x, _ in texts_at)
        assert all(x < WIDTH for x, align in texts_at if align == "start")


@pytest.mark.parametrize("name", ["forecast", "test", "steps", "loss", "gates"])
def test_a_line_that_touches_the_edge_of_its_panel_is_not_cut_there(name: str) -> None:
    svg = inline_pictures(example())[name]

    lines = re.findall(r"<path [^>]*stroke-width: 1.75[^>]*>", svg)

    assert lines
    assert not any("clip-path" in line for line in lines)


def test_the_window_and_four_maps_of_its_gates_are_drawn_under_their_names() -> None:
    content = example()
    assert content.gates is not None

    svg = pictures(content)["gates.svg"].decode()

    written = texts(svg)
    names = ["the window itself", "forget gate", "input gate", "output gate", "cell state"]
    assert [text for text in written if text in names] == names
    assert svg.count("<image") == 4
    assert points(svg) == len(content.gates.values)


# gates


@pytest.mark.parametrize("scale", [0.0, 0.25, 40.0])
def test_the_cell_state_is_coloured_over_a_range_that_ends_with_its_largest_value(scale: float) -> None:
    gates = gate_picture("a", np.random.default_rng(1), steps=5, hidden=3)
    cell = tuple(tuple(scale * value for value in row if value is not None) for row in gates.cell)

    heat = heat_maps(replace(gates, cell=cell))[3]

    largest = np.abs(np.array(cell)).max()
    assert heat.high == (largest or 1.0)
    assert heat.low == -heat.high


@given(st.integers(1, 450))
def test_more_hidden_units_than_can_be_told_apart_are_thinned_out_evenly(hidden: int) -> None:
    gates = gate_picture("a", np.random.default_rng(1), steps=2, hidden=hidden)
    order = np.argsort(-np.array(gates.forget).mean(axis=0), kind="stable")

    shown = heat_maps(gates)[1].values

    every = next(n for n in range(1, hidden + 1) if len(order[::n]) <= UNITS_SHOWN)
    assert np.array_equal(shown, np.array(gates.input).T[order[::every]])
