"""Deceptions planted beside an honest champion: none reaches production, none touches what is there."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from lstm_pipeline.settings.environment import Places
from lstm_pipeline.steps import PLAIN
from lstm_pipeline.steps.fooling import DECEPTIONS, HONEST, attempt, demo_ground

NOW = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
BY_NAME = {one.name: one for one in DECEPTIONS}


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    """The demo's own pipeline, in a store that all tests here share: each has a line of its own."""
    folder = tmp_path_factory.mktemp("fooled")
    places = Places(store=str(folder), registry=f"sqlite:///{folder / 'registry.db'}")
    return demo_ground(places, NOW)


def said(ground, name, **changes):
    """What became of one deception."""
    return attempt(ground, replace(BY_NAME[name], **changes), PLAIN)


def test_an_honest_candidate_that_is_better_is_promoted(ground):
    made = attempt(ground, HONEST, PLAIN)

    assert (made.verdict, made.reasons) == ("PROMOTE", ("superior",))
    assert not made.fooled


@pytest.mark.parametrize(
    ("name", "verdict", "reason"),
    [
        ("trained on the test block", "INCONCLUSIVE", "no_clean_windows"),
        ("NaN in one series", "REJECT", "not_finite"),
        ("wrong units by 1000", "HOLD", "stale_data"),
        ("frozen sensor", "HOLD", "stale_data"),
        ("values of the future", "HOLD", "stale_data"),
        ("damaged package", "REJECT", "integrity"),
        ("random split", "HOLD", "leaky_split"),
        ("champion's stored score", "REJECT", "worse"),
    ],
)
def test_the_gate_names_what_was_planted(ground, name, verdict, reason):
    made = said(ground, name)

    assert (made.verdict, made.reasons[0]) == (verdict, reason)
    assert made.unchanged
