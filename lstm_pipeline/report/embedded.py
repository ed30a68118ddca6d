"""What the page carries for its script: every line picture as numbers, small for hundreds of series."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from lstm_pipeline.report.axes import LARGEST, Floats
from lstm_pipeline.report.chart import Chart, forecast_chart, held_out_chart
from lstm_pipeline.report.content import ReportContent
from lstm_pipeline.report.numerals import short_stamps
from lstm_pipeline.report.rivals import publishers

STILL = ("differences", "origin_losses", "steps", "loss")
"""Pictures that are the same whichever series is picked."""
StampPlaces = Mapping[str, int]
"""Where each stamp stands among all stamps of the page."""


def page_data(content: ReportContent, pictures: Mapping[str, Chart]) -> dict[str, Any]:
    """Everything the script draws, in JSON's own types; stamps stand once and are pointed at by runs."""
    by = publishers(content)
    drawn = [
        (
            forecast_chart(picture, by[picture.id].ink, by[picture.id].label),
            held_out_chart(picture, content.naive),
        )
        for picture in content.pictures
    ]
    still = {name: chart for name, chart in pictures.items() if name in STILL}
    every = [chart for pair in drawn for chart in pair] + list(still.values())
    stamps = _in_order({stamp for chart in every for stamp in chart.stamps})
    places = {stamp: place for place, stamp in enumerate(stamps)}
    return {
        "stamps": short_stamps(stamps),
        "series": [
            {
                "id": picture.id,
                "note": by[picture.id].note,
                "forecast": _chart_data(ahead, places),
                "test": _chart_data(test, places),
            }
            for picture, (ahead, test) in zip(content.pictures, drawn, strict=True)
        ],
        **{name: _chart_data(chart, places) for name, chart in still.items()},
    }


def _chart_data(chart: Chart, places: StampPlaces) -> dict[str, Any]:
    return {
        "title": chart.title,
        "stamps": _runs(places[stamp] for stamp in chart.stamps),
        "lines": [[line.ink, line.label, line.start, _short(line.values)] for line in chart.lines],
        "across": [[tick.at, tick.label] for tick in chart.across],
        "up": {
            "low": chart.up.low,
            "high": chart.up.high,
            "log": chart.up.log,
            "ticks": [[tick.at, tick.label] for tick in chart.up.ticks],
        },
        "cutoff": chart.cutoff,
        "mark": chart.mark,
        "unit": chart.unit,
        "height": chart.height,
        "room": chart.room,
        "keys": [list(key) for key in chart.keys],
        "below": None if chart.bars is None else chart.bars.below,
        "band": None if chart.band is None else _short(chart.band.values),
        "reach": chart.reach,
    }


def _in_order(stamps: Iterable[str]) -> list[str]:
    """Stamps so that neighbours in time are neighbours here: plain steps by number, the rest as text."""
    return sorted(stamps, key=lambda s: (int(s), "") if re.fullmatch(r"-?\d{1,18}", s) else (0, s))


def _runs(places: Iterable[int]) -> list[list[int]]:
    """Consecutive places as (first, how many)."""
    found = np.fromiter(places, dtype=np.int64)
    # -1 would let place 0 pass for the one after it
    begins = np.flatnonzero(np.diff(found, prepend=-2) != 1)
    lengths = np.diff(begins, append=len(found))
    return np.stack([found[begins], lengths], axis=1).tolist()


def _short(values: Floats) -> list[float | int | None]:
    """Six significant digits, whole numbers without a point, None for what cannot be drawn."""
    return [_shortest(value) if abs(value) <= LARGEST else None for value in values.tolist()]


def _shortest(value: float) -> float | int:
    rounded = float(f"{value:.6g}")
    # as a whole number 1e300 would be written with all its digits
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e6 else rounded
