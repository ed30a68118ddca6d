"""What a terminal and the orchestrator's UI say of an outcome."""

import dataclasses

import pytest

from lstm_pipeline.gate import GateFigures
from lstm_pipeline.steps.outcome import Outcome, SeriesCount
from lstm_pipeline.steps.summary import address, figures, headline, label, markdown

GATE = GateFigures(
    mode="standard",
    used="plain",
    windows_id="w",
    origins=30,
    mse=0.5,
    champion_mse=None,
    baseline_mse=1.0,
    effect=None,
    low=None,
    high=None,
)
OUTCOME = Outcome(
    pipeline="load",
    run="r",
    as_of="2024-01-31T00:00:00",
    verdict="PROMOTE",
    reasons=("first",),
    sentence="Promoted: the first model of this pipeline.",
    promoted=True,
    champion="m",
    mse=2.0,
    champion_mse=None,
    baseline_mse=4.0,
    baseline="drift",
    skill=0.5,
    gate=GATE,
    rows_in=12,
    rows_kept=9,
    rows_set_aside={"duplicate": 2, "off_grid": 1},
    rows_filled=0,
    rows_missing=0,
    series=SeriesCount(ok=3, failed={"x": "constant: every value is 1"}),
    windows={"train": 5, "validation": 1, "test": 1},
    dataset="/store/datasets/d",
    model="/store/models/m",
    weights_sha256="s",
    forecasts="/store/forecasts/f",
    report="/my store/reports/r#1/report.html",
    published_by="m",
    seconds={},
)


def test_the_headline_is_one_line_with_verdict_errors_and_report():
    line = headline(OUTCOME)

    assert line == (
        "load: PROMOTE (first)  test MSE 2.000 beside 4.000 of the best naive (drift)  "
        "/my store/reports/r#1/report.html"
    )


def test_the_table_of_figures_accounts_for_every_row_and_series():
    table = {row["figure"]: row["value"] for row in figures(OUTCOME)}

    assert table["rows in = kept + set aside"] == "12 = 9 + 3"
    assert table["series trained / failed"] == "3 / 1"
    assert table["best naive's MSE (drift)"] == "4.000"


def test_the_verdict_in_markdown_begins_with_the_sentence_of_the_gate():
    first, _, rest = markdown(OUTCOME).partition("\n")

    assert first == "## load: PROMOTE"
    assert OUTCOME.sentence in rest.split("|")[0]


def test_a_report_in_a_folder_with_blanks_has_an_address_that_a_browser_opens():
    assert address(OUTCOME) == "file:///my%20store/reports/r%231/report.html"


def test_a_report_that_has_an_address_keeps_it():
    assert address(dataclasses.replace(OUTCOME, report="s3://b/report.html")) == "s3://b/report.html"


@pytest.mark.parametrize("name", ["a_b", "a-b", "ab", "a__b", "0_"])
def test_the_label_of_a_pipeline_is_a_key_of_the_orchestrator_and_its_own(name):
    others = {"a_b", "a-b", "ab", "a__b", "0_"} - {name}

    mine = label(dataclasses.replace(OUTCOME, pipeline=name))

    assert set(mine) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert mine not in {label(dataclasses.replace(OUTCOME, pipeline=other)) for other in others}
