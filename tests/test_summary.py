"""What a terminal and the orchestrator's UI say of an outcome."""

import dataclasses

import pytest

from lstm_pipeline.gate import GateFigures
from lstm_pipeline.steps.outcome import Outcome, SeriesCount
from lstm_pipeline.steps.summary import address, figures, headline, label, markdown, terminal

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


def test_a_first_model_is_told_by_its_skill_with_interval_level_and_count():
    gate = dataclasses.replace(
        GATE, used="standard", skill=0.5, skill_low=0.3, skill_high=0.7, alpha=0.05, looks=2
    )

    rows = {row["figure"]: row["value"] for row in figures(dataclasses.replace(OUTCOME, gate=gate))}
    text = terminal(dataclasses.replace(OUTCOME, gate=gate)).replace("\u202f", " ")

    assert rows["90 % interval"].replace("\u202f", " ") == "30.0 % to 70.0 %"
    assert "  gate: skill of a first model (scaled) 50.0 %, 90 % interval 30.0 % to 70.0 %, " in text
    assert "level of the test 5.0 %, candidates on these windows 2\n" in text
    assert "champion's losses" not in text


@pytest.mark.parametrize(
    ("source", "told"),
    [("clean", "neither has learnt from"), ("published", "had published"), ("refit", "its recipe")],
)
def test_beside_a_champion_the_effect_is_told_with_where_its_losses_come_from(source, told):
    gate = dataclasses.replace(
        GATE, champion_mse=0.6, effect=0.25, low=-0.1, high=0.4, alpha=0.1, source=source
    )

    text = terminal(dataclasses.replace(OUTCOME, gate=gate)).replace("\u202f", " ").replace("\u2212", "-")

    assert "gate: effect against the champion 25.0 %, 90 % interval -10.0 % to 40.0 %" in text
    assert told in text.partition("champion's losses")[2].splitlines()[0]


def test_where_nothing_was_compared_a_terminal_says_nothing_of_the_gate():
    nothing = dataclasses.replace(GATE, origins=0, mse=None, baseline_mse=None)

    assert "gate:" not in terminal(dataclasses.replace(OUTCOME, gate=nothing))


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

    mine = label(name)

    assert set(mine) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert mine not in {label(other) for other in others}
