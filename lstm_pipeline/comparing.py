"""The use case of `gate compare`: two files of forecasts -> the gate's verdict, as JSON and as a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lstm_pipeline.artifacts import canonical
from lstm_pipeline.errors import UsageError
from lstm_pipeline.gate import GatePolicy
from lstm_pipeline.sources.forecasts import Frame, forecasts_of, model_of, past_variances, read_frame
from lstm_pipeline.storage.address import local_path
from lstm_pipeline.versus.compared import Compared, compared, rival_of
from lstm_pipeline.versus.contest import contest_of
from lstm_pipeline.versus.forecasts import Forecasts
from lstm_pipeline.versus.matching import Matched, match

OWN_SCALE = "the variance of each series over the compared windows"
PAST_SCALE = "the variance of each series in the history before them"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is to be compared, and by which rules."""

    champion: str
    candidate: str
    """Files."""
    models: tuple[str, ...] = ()
    """Columns of the forecasts: none, one for both, or the champion's and the candidate's."""
    baseline: str | None = None
    """A column of one of the files, or a file of its own."""
    history: str | None = None
    """A file with unique_id, ds, y."""
    champion_data_end: str | None = None
    candidate_data_end: str | None = None
    policy: GatePolicy


def compare(question: Question) -> Compared:
    """Answer it.

    Raises:
        BadInput: the frames cannot be compared.
        UsageError: a column is not there, or nobody said which one is meant.
    """
    if len(question.models) > 2:
        raise UsageError(
            f"--model: got {len(question.models)} names, expected the champion's and the candidate's"
        )
    champion_frame = read_frame(question.champion)
    same = question.candidate == question.champion
    candidate_frame = champion_frame if same else read_frame(question.candidate)
    first, last = (question.models[0], question.models[-1]) if question.models else (None, None)
    baseline = _baseline(question.baseline, candidate_frame, champion_frame)
    champion = forecasts_of(
        champion_frame,
        model_of(champion_frame, first, question.baseline),
        data_end=question.champion_data_end,
    )
    candidate = forecasts_of(
        candidate_frame,
        model_of(candidate_frame, last, question.baseline),
        data_end=question.candidate_data_end,
    )
    return _judged(question, champion, candidate, baseline)


def answer_of(found: Compared, page: str | None) -> str:
    """The comparison as one JSON object."""
    decision, contest = found.decision, found.contest
    return canonical(
        {
            "verdict": decision.verdict,
            "reasons": decision.reasons,
            "sentence": decision.sentence,
            "promoted": decision.verdict == "PROMOTE",
            "grade": found.grade,
            "champion": found.champion,
            "candidate": found.candidate,
            "gate": decision.figures,
            "guards": decision.guards,
            "floor": contest.floored,
            "scale": found.scale,
            "compared": _counts(found),
            "left_out": found.left_out,
            "others": found.others,
            "steps": {name: [float(v) for v in losses] for name, losses in _steps(found).items()},
            "notes": found.notes,
            "report": page,
        }
    )


def write_page(found: Compared, path: str) -> str:
    """Write the page; returns where it is."""
    # drawing takes a second to import, and who wants JSON alone need not wait for it
    from lstm_pipeline.report.compared import render

    place = local_path(path).absolute()
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(render(found), encoding="utf-8")
    return str(place)


def _judged(
    question: Question, champion: Forecasts, candidate: Forecasts, baseline: Forecasts | None
) -> Compared:
    matched = match(champion, candidate, baseline)
    scales = _scales(question.history, matched)
    contest = contest_of(matched, None if baseline is None else baseline.model, scales)
    return compared(
        (rival_of(champion), rival_of(candidate)),
        contest,
        matched,
        question.policy,
        scale=OWN_SCALE if scales is None else PAST_SCALE,
    )


def _scales(history: str | None, matched: Matched) -> Mapping[str, float] | None:
    # up to the first cutoff: what is compared must not set the unit that it is measured in
    return None if history is None else past_variances(history, int(matched.cutoff.min()))


def _baseline(wanted: str | None, *frames: Frame) -> Forecasts | None:
    """The naive rival: a column of one of the frames, or else a file.

    Raises:
        BadInput: it is neither.
    """
    if wanted is None:
        return None
    for frame in frames:
        if wanted in frame.models:
            return forecasts_of(frame, wanted)
    if "." not in wanted:
        there = ", ".join(dict.fromkeys(name for frame in frames for name in frame.models))
        raise UsageError(f"--baseline {wanted}: no such column of numbers, and no file; there is {there}")
    own = read_frame(wanted, ("ds", "cutoff"))
    return forecasts_of(own, model_of(own, None, None))


def _counts(found: Compared) -> Mapping[str, Any]:
    contest = found.contest
    return {
        "rows": contest.rows,
        "windows": contest.windows,
        "series": len(contest.ids),
        "origins": found.decision.figures.origins,
        "cutoffs_dropped": contest.dropped,
        "origins_taught": contest.taught,
        "series_flat": contest.flat,
    }


def _steps(found: Compared) -> Mapping[str, Any]:
    return {"candidate": found.contest.steps.candidate, "champion": found.contest.steps.champion}
