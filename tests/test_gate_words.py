"""The sentence of a decision, read as a person reads it."""

from __future__ import annotations

import pytest

from lstm_pipeline.gate import GatePolicy, Pair, WideErrors, decide
from tests.gate_examples import INF, NAN, evidence, level, losses, part, restless, rivals

UNSURE = {"losses": losses(restless(1.95, deviation=0.3), level(4.0), level(2.0))}
LEFT = losses(level(0.5), level(1.0), level(0.8), [False] * 35 + [True] * 5)
SENTENCES = [
    ("Held: no series has both windows to train on and observed targets to be judged by; see the reason "
     "beside each series, or hold out more in [split].", {"losses": None}, {}),
    ("Rejected: the candidate's package does not load from its stored bytes unaltered: restore its "
     "folder under models/ from a copy, or delete it and run again.",
     {"intact": False, "sound": False}, {}),
    ("Rejected: training diverged before a round had ended well; a lower training.learning_rate may "
     "help.", {"sound": False}, {}),
    ("Rejected: not every forecast of the candidate is a finite number.", {"finite": False}, {}),
    ("Held: the random split lets test targets into training; a leaky score is never promoted.",
     {"leaky": True}, {}),
    ("Held: the newest row is older than the pipeline allows.", {"stale": True}, {}),
    ("Held: half of the newest day is missing.", {"unfit": "half of the newest day is missing."}, {}),
    ("Held: the random split lets test targets into training; a leaky score is never promoted.",
     {"leaky": True, "unfit": "half of the newest day is missing."}, {}),
    ("Rejected: its error is 100 % above the best naive baseline's on 40 origins; to pass it must lie more "
     "than 0.5 % below it.", {"losses": rivals(2.0, None), "stranger": True}, {}),
    ("Held: a forecast from later data is live already; a run with older data moves nothing.",
     {"newest": False}, {}),
    ("Inconclusive: no origin is left that neither has learnt from; the champion stays.",
     {"losses": losses([0.5], [1.0], [0.8], [False])}, {}),
    ("Inconclusive: 5 origins left that neither has learnt from, and a test takes 8; the champion stays.",
     {"losses": LEFT}, {}),
    ("Rejected: its error is 3,900 % above the best naive baseline's on 40 origins; to pass it must lie "
     "more than 0.5 % below it.", {"losses": rivals(40.0, None)}, {}),
    ("Rejected: its error is 50 % below the best naive baseline's on 40 origins and is 900 % above it "
     "over all test windows; to pass it must lie more than 0.5 % below it.",
     {"wide": WideErrors(mse=10.0, baseline_mse=1.0)}, {}),
    ("Rejected: its error is 50 % below the best naive baseline's on 40 origins and is above it, which "
     "is 0, over all test windows; to pass it must lie more than 0.5 % below it.",
     {"wide": WideErrors(mse=10.0, baseline_mse=0.0)}, {}),
    ("Rejected: its error is equal to the best naive baseline's on 40 origins; to pass it must lie below"
     " that.", {"losses": rivals(1.0, None)}, {"min_skill": 0.0}),
    ("Rejected: its error is 1,000 % above the best naive baseline's on 1 origin; to pass it must lie "
     "less than 50 % above it.", {"losses": losses([11.0], [1.0])}, {"min_skill": -0.5}),
    ("Rejected: its error cannot be compared with the best naive baseline's, which is inf, on 40 "
     "origins; to pass it must lie more than 0.5 % below it.",
     {"losses": rivals(1.0, None, baseline=INF)}, {}),
    ("Rejected: its error is above the best naive baseline's, which is 0, on 40 origins; to pass it must"
     " lie more than 0.5 % below it.", {"losses": rivals(1.0, None, baseline=0.0)}, {}),
    ("Rejected: its test MSE of 3 does not lie within the cap of 2.5.", {}, {"cap": 2.5}),
    ("Promoted: the first model of this pipeline; its error is 50 % below the best naive baseline's on "
     "40 origins.", {"losses": rivals(0.5, None)}, {}),
    ("Promoted: the first model of this pipeline; its error is 50 % below the best naive baseline's on 7"
     " origins (judged by the plain rule: a test takes 8 origins).", {"losses": rivals(0.5, None, 7)}, {}),
    ("Promoted: the champion knows none of these series; its error is 50 % below the best naive "
     "baseline's on 40 origins.", {"losses": rivals(0.5, None), "stranger": True}, {}),
    ("Inconclusive: its error is 5 % below the best naive baseline's on 40 origins, which may be chance "
     "(t = 1.34, and 1.59 is needed); nobody is promoted.",
     {"losses": losses(restless(0.95, deviation=0.3), level(1.0))}, {}),
    ("Promoted: its error is 37.5 % below the champion's on 40 origins that neither has learnt from.",
     {}, {}),
    ("Promoted: its error is 37.5 % below the champion's on 40 origins that neither has learnt from, as "
     "candidate 3 on these windows.", {"looks": 3}, {}),
    ("Promoted: its error is 37.5 % below the champion's on 40 origins of which the champion's recipe had "
     "published forecasts.", {"source": "published"}, {}),
    ("Promoted: its error is 37.5 % below the champion's on 40 origins against the champion's recipe "
     "trained on the same data.", {"source": "refit"}, {}),
    ("Promoted: its error is 37.5 % below the champion's on 40 origins of which nobody tells who has "
     "learnt from them.", {"source": "untold"}, {}),
    ("Promoted: its error is 37.5 % below the champion's on 7 origins that neither has learnt from "
     "(judged by the plain rule: a test takes 8 origins).", {"losses": rivals(0.5, 0.8, 7)}, {}),
    ("Promoted: its error is 37.5 % below the champion's on 7 origins that neither has learnt from.",
     {"losses": rivals(0.5, 0.8, 7)}, {"mode": "plain"}),
    ("Promoted: its error is finite and the champion's is not, on 40 origins that neither has learnt "
     "from.", {"losses": rivals(0.5, INF)}, {}),
    ("Promoted: it knows newer data, and is not worse than the champion by 1 % or more: its error is "
     "equal to the champion's on 40 origins that neither has learnt from, as candidate 2 on these "
     "windows.", {"losses": rivals(0.8, 0.8), "age": 9, "span": 3, "looks": 2}, {}),
    ("Rejected: its error is 12.5 % above the champion's on 40 origins that neither has learnt from.",
     {"losses": rivals(0.9, 0.8)}, {}),
    ("Rejected: its error is 12.5 % above the champion's on 7 origins that neither has learnt from "
     "(judged by the plain rule: a test takes 8 origins).", {"losses": rivals(0.9, 0.8, 7)}, {}),
    ("Rejected: its error is above the champion's, which is 0, on 40 origins that neither has learnt "
     "from.", {"losses": rivals(0.5, 0.0)}, {}),
    ("Inconclusive: its error is equal to the champion's on 40 origins that neither has learnt from, and"
     " a promotion takes at least 0.5 % less; the champion stays.", {"losses": rivals(0.8, 0.8)}, {}),
    ("Inconclusive: its error is equal to the champion's on 40 origins that neither has learnt from, and"
     " a promotion takes less than that; the champion stays.",
     {"losses": rivals(0.8, 0.8)}, {"min_effect": 0.0}),
    ("Inconclusive: its error is 1.25 % below the champion's on 40 origins that neither has learnt from,"
     " and a promotion takes at least 10 % less; the champion stays.",
     {"losses": rivals(0.79, 0.8)}, {"min_effect": 0.1}),
    ("Inconclusive: its error is equal to the champion's on 7 origins that neither has learnt from, and "
     "a promotion takes at least 0.5 % less (judged by the plain rule: a test takes 8 origins); the "
     "champion stays.", {"losses": rivals(0.8, 0.8, 7)}, {}),
    ("Inconclusive: its error is 2.5 % below the champion's on 40 origins that neither has learnt from, "
     "which may be chance (t = 1.49, and 1.59 is needed); the champion stays.", UNSURE, {}),
    ("Inconclusive: its error is 2.5 % below the champion's on 40 origins that neither has learnt from, "
     "which may be chance (after so many candidates on these windows no difference is sure enough); the "
     "champion stays.", UNSURE | {"looks": 1000}, {}),
    ("Inconclusive: its error is 2.5 % below the champion's on 40 origins that neither has learnt from, "
     "which may be chance (t = 1.49, and 1.59 is needed), and that it is not 0.1 % worse is not sure either; "
     "the champion stays.", UNSURE | {"refresh": True, "age": 1}, {"margin": 0.001}),
    ("Inconclusive: its error is 1.25 % above the champion's on 40 origins that neither has learnt from,"
     " and a promotion takes at least 10 % less or the certainty that it is not 1 % worse; the champion "
     "stays.", {"losses": rivals(0.81, 0.8), "refresh": True, "age": 1}, {"min_effect": 0.1}),
    ("Rejected: its error is 37.5 % below the champion's on 40 origins that neither has learnt from, but"
     " is 50 % above it in step 1; the champion stays.", {"slices": {"step 1": part(1.2, 0.8)}}, {}),
    ("Rejected: its error is 37.5 % below the champion's on 40 origins that neither has learnt from, but"
     " is above it, which is 0, in step 1; the champion stays.",
     {"slices": {"step 1": part(1.2, 0.0)}}, {}),
    ("Rejected: its error is 37.5 % below the champion's on 40 origins that neither has learnt from, but"
     " is 25 % above it over all test windows and its largest errors reach 3.11 deviations where the "
     "champion's reach 2 and it is off by +0.5 deviations on average where the champion is by -0.1; the "
     "champion stays.",
     {"wide": WideErrors(mse=0.5, baseline_mse=1.0, beside=Pair(candidate=1.0, champion=0.8)),
      "tail": Pair(candidate=3.111, champion=2.0), "bias": Pair(candidate=0.5, champion=-0.1)}, {}),
    ("Rejected: its error is 37.5 % below the champion's on 40 origins that neither has learnt from, but"
     " its largest errors reach nan deviations where the champion's reach 2; the champion stays.",
     {"tail": Pair(candidate=NAN, champion=2.0)}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("expected", "changes", "knobs"), SENTENCES)
def test_the_sentence_gives_verdict_reason_and_figures(expected, changes, knobs):
    assert decide(evidence(**changes), GatePolicy(**knobs)).sentence == expected
