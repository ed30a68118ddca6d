"""A command of another tool forecasts, is judged, promoted and published like a network."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lstm_pipeline.errors import BadConfig, BadInput
from lstm_pipeline.settings.config import parse_pipeline
from lstm_pipeline.settings.environment import Places, places
from lstm_pipeline.steps import PLAIN
from lstm_pipeline.steps.desk import new_job
from lstm_pipeline.steps.filed import filed_in_folder
from lstm_pipeline.steps.recipe import forecast_only, retrain
from lstm_pipeline.steps.replay import replay
from lstm_pipeline.steps.rescoring import rescore
from tests.conftest import NOW, TINY, Line, hourly, waves

TOOL = '''
"""Forecasts each step by the mean of the same step of the season so far."""
import sys
import pandas as pd

how, series, cutoffs, out, horizon = sys.argv[1:6]
with open(__file__ + ".calls", "a") as calls:
    print(how, file=calls)
rows, asked, made = pd.read_parquet(series), pd.read_parquet(cutoffs), []
for name, cutoff in asked.itertuples(index=False):
    own = rows[rows.unique_id == name].set_index("ds").y
    past = own[:cutoff]
    seen = own if "peeks" in how else past
    for ahead in range(1, int(horizon) + 1):
        phase = (len(past) - 1 + ahead) % 4
        value = past.iloc[phase::4].mean()
        ds = cutoff + ahead * pd.Timedelta("1h")
        if "peeks" in how:
            value = own.get(ds, value)
        if "bad" in how:
            value = 100.0
        made.append({"unique_id": name, "ds": ds, "cutoff": cutoff, "TOOL": value, "data_end": cutoff})
frame = pd.DataFrame(made)
if "silent" in how:
    frame = frame.drop(columns="data_end")
if "late" in how:
    frame.data_end = rows.ds.max()
{extra}
frame.to_parquet(out)
'''
ROWS = hourly("a", waves())
MORE = hourly("a", waves(200))
GATE = {"mode": "standard", "min_skill": -1e6}


class External(Line):
    """A pipeline whose model is a command."""

    def tool(self, extra=""):
        script = self.folder / "tool.py"
        self.folder.mkdir(exist_ok=True)
        script.write_text(TOOL.replace("{extra}", extra))
        return script

    def config(self, data, how="well", *, gate=GATE, **model):
        Line.job(self, data)
        script = self.folder / "tool.py"
        if not script.exists():
            self.tool()
        command = ["{python}", "tool.py", how, "{series}", "{cutoffs}", "{out}", "{horizon}"]
        table = {name: keys for name, keys in TINY.items() if name not in ("model", "training")}
        table |= {
            "name": "line",
            "source": {"path": str(self.folder / "rows.csv"), "time": "ds"},
            "gate": TINY.get("gate", {}) | dict(gate),
            "model": {"kind": "external", "command": command} | model,
        }
        return parse_pipeline(table, folder=self.folder, named="test")

    def job_of(self, data, how="well", **settings):
        registry = f"sqlite:///{self.folder / 'store' / 'registry.db'}"
        where = Places(store=str(self.folder / "store"), registry=registry)
        return new_job(self.config(data, how, **settings), where, now=NOW, as_of=None)

    def ask(self, data, how="well", **settings):
        return retrain(self.job_of(data, how, **settings), PLAIN)

    @property
    def calls(self):
        file = self.folder / "tool.py.calls"
        return len(file.read_text().splitlines()) if file.exists() else 0


@pytest.fixture
def pipe(tmp_path):
    return External(tmp_path)


def forecasts(outcome):
    return pd.read_parquet(outcome.forecasts).sort_values("ds")


def seasonal_means(values, horizon):
    values = np.array(values)
    return [values[(len(values) + ahead) % 4 :: 4].mean() for ahead in range(horizon)]


def test_a_command_is_judged_promoted_and_published_as_it_forecast(pipe):
    outcome = pipe.ask(ROWS)

    assert (outcome.verdict, outcome.reasons) == ("PROMOTE", ("first",))
    frame = forecasts(outcome)
    assert frame.LSTM.tolist() == pytest.approx(seasonal_means(waves(), 2))
    assert set(frame.model) == {"external"}
    assert set(frame.model_version) == {outcome.champion}
    assert outcome.published_by == outcome.champion
    # nothing is said of a training that there was not
    assert not any("max_steps" in note for note in outcome.notes)


def test_its_errors_are_those_of_its_frame_on_the_tested_origins(pipe):
    outcome = pipe.ask(ROWS)

    values = np.array(waves())
    # 20 rows are tested, two at a time
    errors = [
        (np.array(seasonal_means(values[: at + 1], 2)) - values[at + 1 : at + 3]) ** 2
        for at in range(139, 159, 2)
    ]
    assert outcome.gate.origins == 10
    assert outcome.mse == pytest.approx(np.mean(errors))
    assert outcome.gate.mse == pytest.approx(np.mean(errors) / np.var(values[: 160 - 38]), rel=0.2)


def test_it_challenges_the_network_that_is_champion_and_takes_its_place(pipe):
    network = pipe.run(ROWS, gate={**GATE, "mode": "plain"})
    assert network.promoted

    outcome = pipe.ask(MORE)

    assert outcome.gate.source == "clean"
    assert (outcome.verdict, outcome.promoted) == ("PROMOTE", True)
    assert outcome.gate.champion_mse > outcome.gate.mse


def test_a_network_meets_the_command_that_is_champion_by_asking_it_about_the_new_data(pipe):
    pipe.ask(ROWS)
    calls = pipe.calls

    outcome = pipe.run(MORE, gate=GATE)

    # its old frame ends before the new test part
    assert outcome.gate.source == "refit"
    assert outcome.gate.origins == 10
    assert outcome.verdict in ("REJECT", "INCONCLUSIVE")
    assert pipe.calls == calls + 1
    assert forecasts(outcome).LSTM.tolist() == pytest.approx(seasonal_means(waves(200), 2))
    assert set(forecasts(outcome).model_version) == {outcome.champion}


def test_forecast_alone_asks_the_champion_s_command_once(pipe):
    first = pipe.ask(ROWS)
    calls = pipe.calls
    job = pipe.job_of(MORE)

    made = [forecast_only(job, PLAIN) for _ in range(2)]

    assert {one.published_by for one in made} == {first.champion}
    assert pipe.calls == calls + 1
    frame = pd.read_parquet(made[0].uri).sort_values("ds")
    assert frame.LSTM.tolist() == pytest.approx(seasonal_means(waves(200), 2))


def test_the_same_run_again_asks_nothing_again(pipe):
    first = pipe.ask(ROWS)
    calls = pipe.calls

    again = pipe.ask(ROWS)

    assert pipe.calls == calls == 1
    assert again.model == first.model
    assert "train" in again.reused


def test_the_same_command_on_newer_data_is_no_better_than_itself(pipe):
    pipe.ask(ROWS)

    outcome = pipe.ask(MORE)

    assert (outcome.gate.source, outcome.gate.effect) == ("refit", 0.0)
    assert outcome.verdict == "INCONCLUSIVE"
    assert forecasts(outcome).LSTM.tolist() == pytest.approx(seasonal_means(waves(200), 2))


def test_forecasts_that_have_all_learnt_what_they_forecast_are_refused_with_what_to_do(pipe):
    with pytest.raises(BadInput, match=r'has learnt from what it forecasts.*or set model.rows = "past"'):
        pipe.ask(ROWS, "late")


def test_origins_up_to_what_any_forecast_has_learnt_are_not_compared(pipe):
    # the sixth of ten tested origins says to have learnt its own first step
    pipe.tool(extra="frame.loc[10:11, 'data_end'] += pd.Timedelta('1h')")

    outcome = pipe.ask(ROWS)

    assert outcome.gate.origins == 4


def test_a_command_cannot_leave_out_the_origins_where_it_is_bad(pipe):
    bad = "frame.loc[[0, 1, 8, 9, 18, 19], 'TOOL'] += 50.0\n"
    pipe.tool(extra=bad + "frame.loc[[0, 1, 8, 9, 18, 19], 'data_end'] += pd.Timedelta('2h')")

    # the newest of them takes all before it along
    with pytest.raises(BadInput, match="has learnt from what it forecasts"):
        pipe.ask(ROWS)


def test_shown_the_past_alone_it_cannot_leave_out_a_forecast_of_a_series_it_knows(pipe):
    pipe.tool(extra="frame = frame if rows.ds.nunique() % 4 else frame[frame.unique_id == 'a']")
    two = [*ROWS, *hourly("b", waves(seed=1))]

    with pytest.raises(BadInput, match=r"lacks steps of \d forecasts(.|\n)*unique_id b"):
        pipe.ask(two, rows="past")


def test_a_series_of_which_it_knows_nothing_is_listed_and_has_a_baseline_s_forecast(pipe):
    pipe.tool(extra="frame = frame[frame.unique_id == 'a']")

    outcome = pipe.ask([*ROWS, *hourly("b", waves(seed=1))])

    frame = forecasts(outcome)
    assert set(frame[frame.unique_id == "a"].source) == {"champion"}
    assert "champion" not in set(frame[frame.unique_id == "b"].source)
    assert frame[frame.unique_id == "b"].reason.str.contains("never seen this series").all()


@pytest.mark.parametrize(("how", "grade"), [("well", "verified"), ("well silent", "unverified")])
def test_who_does_not_say_what_it_has_learnt_is_graded_unverified(pipe, how, grade):
    outcome = pipe.ask(ROWS, how)

    assert outcome.promoted
    assert outcome.gate.grade == grade
    assert ("unverified" in outcome.sentence) == (grade == "unverified")
    assert json.loads(outcome.to_json())["gate"]["grade"] == grade


def test_a_network_that_meets_such_a_champion_is_graded_unverified_too(pipe):
    pipe.ask(ROWS, "well silent")

    assert pipe.run(MORE, gate=GATE).gate.grade == "unverified"


def test_shown_the_past_alone_a_command_that_peeks_gains_nothing(pipe):
    honest = pipe.ask(ROWS)
    assert honest.mse > 0

    all_rows = pipe.ask(ROWS, "peeks")
    past_alone = pipe.ask(ROWS, "peeks silent", rows="past")

    assert all_rows.mse == pytest.approx(0.0)
    assert past_alone.mse == pytest.approx(honest.mse)
    assert past_alone.gate.grade == "verified"
    # ten origins and the newest step
    assert pipe.calls == 1 + 1 + 11


def test_the_verdict_is_made_again_from_its_stored_losses(pipe):
    outcome = pipe.ask(ROWS, "well silent")
    filed = filed_in_folder(str(Path(outcome.report).parent))

    scored = rescore(filed, places(str(pipe.folder / "store")))

    assert replay(filed).decision.figures.grade == "unverified"
    assert scored.furthest == 0.0


def test_an_edited_script_is_another_model_and_the_champion_stays_as_it_was(pipe):
    first = pipe.ask(ROWS)
    pipe.tool(extra="frame.TOOL += 50.0")

    outcome = pipe.ask(MORE)

    assert outcome.verdict == "REJECT"
    # the champion's script stands in its package
    assert set(forecasts(outcome).model_version) == {first.champion}
    assert forecasts(outcome).LSTM.tolist() == pytest.approx(seasonal_means(waves(200), 2))


def test_a_champion_whose_command_fails_leaves_a_baseline_s_forecast_that_says_why(pipe):
    pipe.tool(extra="assert len(rows) < 170, 'too much for me'")
    first = pipe.ask(ROWS)

    outcome = pipe.run(MORE, gate=GATE)

    # nobody can stand in for the champion, who stays
    assert (outcome.verdict, outcome.reasons) == ("INCONCLUSIVE", ("no_clean_windows",))
    assert outcome.champion == first.champion
    frame = forecasts(outcome)
    assert np.isfinite(frame.LSTM).all()
    assert set(frame.source) != {"champion"}
    assert frame.reason.str.contains("the champion's command gave nothing: .*exit status 1").all()
    assert any("its recipe could not be run on these data" in note for note in outcome.notes)


FAULTS = [
    ("sys.exit(3)", "it failed with exit status 3"),
    ("raise ValueError('no such season')", "no such season"),
    ("frame = frame.iloc[:0]", "no row"),
    ("frame = frame.drop(columns='cutoff')", "no column cutoff"),
    ("frame['OTHER'] = 1.0", "which column holds the forecasts? Name it as model.column"),
    ("frame = frame.iloc[4:]", "lacks steps of 2 forecasts"),
    ("frame = pd.concat([frame, frame.iloc[:1]])", "rows of the same unique_id, ds and cutoff"),
    ("frame.ds += pd.Timedelta('7min')", "off the grid"),
    (
        "del frame['data_end']; frame.ds = range(len(frame)); frame.cutoff = -1",
        "counted steps as ds and cutoff",
    ),
    ("frame['y'] = 5.0", "another y than the pipeline's"),
    ("frame.unique_id = 'b'", "answers none of the cutoffs"),
    ("frame.TOOL = 'much'", "which column holds the forecasts"),
    ("frame.to_parquet = lambda out: None", "wrote no frame"),
]


@pytest.mark.parametrize(("extra", "told"), FAULTS)
def test_what_is_no_answer_is_refused_with_what_to_do(pipe, extra, told):
    pipe.tool(extra=f"\n{extra}")

    with pytest.raises(BadInput) as refused:
        pipe.ask(ROWS)

    assert "model.command" in str(refused.value)
    assert told in str(refused.value)


def test_forecasts_that_are_no_numbers_are_the_gate_s_to_refuse(pipe):
    pipe.tool(extra="frame.loc[0, 'TOOL'] = float('nan')")

    outcome = pipe.ask(ROWS)

    assert (outcome.verdict, outcome.reasons) == ("REJECT", ("not_finite",))


def test_a_column_that_is_named_is_taken(pipe):
    pipe.tool(extra="frame['OTHER'] = frame.TOOL + 100.0")

    assert pipe.ask(ROWS, column="TOOL").mse < 1.0


def test_a_command_that_takes_too_long_is_stopped(pipe):
    pipe.tool(extra="import time; time.sleep(60)")

    with pytest.raises(BadInput, match=r"stopped after 2 s; make it faster, or raise model.timeout"):
        pipe.ask(ROWS, timeout=2.0)


def test_a_program_that_is_not_there_is_named(pipe):
    with pytest.raises(BadConfig, match=r"got 'no-such-tool', which cannot be run"):
        pipe.ask(ROWS, command=["no-such-tool", "{out}"])


@pytest.mark.parametrize(
    ("sections", "told"),
    [
        ({"training": {"max_steps": 5}}, "training.max_steps: got 5; expected none"),
        ({"gate": {"refit": "all"}}, "gate.refit: got 'all'; expected none"),
        ({"model": {"kind": "external"}}, "model.command: missing"),
        ({"model": {"kind": "external", "command": "python x"}}, "expected a list of texts"),
        ({"model": {"kind": "external", "command": []}}, "model.command"),
        (
            {"model": {"kind": "external", "command": ["x"], "hidden_size": 3}},
            "model.hidden_size: unknown key",
        ),
        ({"model": {"kind": "external", "command": ["x"], "rows": "some"}}, "model.rows"),
        ({"model": {"kind": "prophet"}}, "model: got kind 'prophet'"),
    ],
)
def test_a_pipeline_file_that_means_nothing_is_refused_by_its_key(sections, told, tmp_path):
    table = {"name": "x", "source": {"path": "x.csv"}, "model": {"kind": "external", "command": ["x"]}}

    with pytest.raises(BadConfig) as refused:
        parse_pipeline(table | sections, folder=tmp_path, named="x.toml")

    assert told in str(refused.value)


def test_the_python_that_runs_the_pipeline_can_be_named(pipe):
    pipe.tool(extra=f"assert sys.executable == {sys.executable!r}")

    assert pipe.ask(ROWS).verdict == "PROMOTE"


def test_the_readme_s_command_does_what_it_says(tmp_path):
    readme = (Path(__file__).parent.parent / "README.md").read_text()
    script = readme.partition("# theirs.py\n")[2].partition("```")[0]
    told = readme.partition('kind = "external"\n')[2].partition("```")[0]
    pipe = External(tmp_path)
    (tmp_path / "theirs.py").write_text(script)
    model = tomllib.loads(told)

    outcome = pipe.ask(ROWS, **model)

    assert outcome.promoted
    assert forecasts(outcome).LSTM.tolist() == pytest.approx([np.mean(waves()[-24:])] * 2)
    assert outcome.gate.grade == "verified"
