"""Settings: a pipeline file becomes one configuration, or every fault at once; and where things are kept."""

import datetime as dt
import json
from pathlib import Path

import pytest

from lstm_pipeline.artifacts import canonical
from lstm_pipeline.errors import BadConfig, BadInput, UsageError
from lstm_pipeline.settings.config import PipelineConfig, parse_pipeline, read_pipeline
from lstm_pipeline.settings.demos import DEMOS, demo_folder
from lstm_pipeline.settings.environment import places

EXAMPLE = """
name = "etth1"                 # [a-z0-9_-]; the line in the registry
[source]
kind = "files"                 # files | generator
path = "ETTh1.csv"             # a file, a glob, a folder; local or s3://; .csv, .csv.gz, .parquet
layout = "wide"                # long (default): id, time, value; wide; rows
time = "date"                  # a column, or a list of columns (year, month, day, hour)
values = ["HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT"]
timezone = "UTC"               # where set, ds is naive UTC; otherwise the file's own clock
[series]
freq = "h"
season_length = 24
missing = "mask"
[windows]
input_size = 336
horizon = 96
stride = 1
[split]
kind = "chronological"
validation = 2880
test = 2880
[model]
kind = "lstm"
[training]
max_steps = 1000
seed = 0
[gate]
mode = "standard"
[publish]
column = "LSTM"
"""
"""The file of the public contract, as it is written there."""


def written(folder, text):
    path = folder / "pipeline.toml"
    path.write_text(text)
    return path


def parsed(**sections):
    table = {"name": "a", "source": {"path": "a.csv"}} | sections
    return parse_pipeline(table, folder=Path("/data"), named="test.toml")


def faults_of(**sections):
    with pytest.raises(BadConfig) as caught:
        parsed(**sections)
    return caught.value.faults


def test_the_contracts_example_works_as_written(tmp_path):
    config = read_pipeline(written(tmp_path, EXAMPLE))

    assert config.source.values == ("HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT")
    assert (config.windows.input_size, config.windows.horizon, config.split.test) == (336, 96, 2880)
    assert (config.training.max_steps, config.gate.mode, config.publish.column) == (1000, "standard", "LSTM")


def test_a_name_and_a_source_suffice(tmp_path):
    config = read_pipeline(written(tmp_path, 'name = "a"\n[source]\npath = "a.csv"'))

    assert config.source.kind == "files"
    assert config.windows.horizon is config.split.test is config.training.max_steps is None


def test_every_fault_is_listed_at_once_by_its_key_path():
    faults = faults_of(
        name="No Spaces",
        source={"path": "a.csv", "layout": "tall"},
        windows={"horizon": 0},
        model={"hidden_size": "many"},
        gate={"mode": "lenient"},
    )

    assert [fault.split(": ")[0] for fault in faults] == [
        "name",
        "source.layout",
        "windows.horizon",
        "model.hidden_size",
        "gate.mode",
    ]
    assert faults[1] == "source.layout: got 'tall'; expected 'long', 'wide' or 'rows'"


@pytest.mark.parametrize("key", ["colour", "date", "int", "files", "str", "tuple"])
@pytest.mark.parametrize("section", ["source", "split", "training"])
def test_an_unknown_key_is_named_whatever_its_name_is(section, key):
    given = {"path": "a.csv"} if section == "source" else {}

    faults = faults_of(**{section: given | {key: 1}})

    assert len(faults) == 1
    assert faults[0].startswith(f"{section}.{key}: unknown key; ")


@pytest.mark.parametrize(
    ("sections", "fault"),
    [
        ({"modell": {}}, "modell: unknown key; did you mean model?"),
        ({"windows": {"horizn": 3}}, "windows.horizn: unknown key; did you mean horizon?"),
        ({"source": {"path": "a.csv", "tim": "d"}}, "source.tim: unknown key; did you mean time?"),
        ({"windows": {"patience": 3}}, "windows.patience: unknown key; there is one in [training]"),
        ({"epochs": 3}, "epochs: unknown key; there is one in [training]"),
        (
            {"gate": {"colour": 1}},
            "gate.colour: unknown key; `lstm-pipeline schema` lists the keys there are",
        ),
    ],
)
def test_an_unknown_key_is_told_what_it_was_probably_meant_to_be(sections, fault):
    assert faults_of(**sections) == (fault,)


@pytest.mark.parametrize(
    ("sections", "fault"),
    [
        ({"source": {"kind": "sql"}}, "source: got kind 'sql'; expected 'files', 'generator'"),
        ({"source": "a.csv"}, "source: got 'a.csv'; expected a table of keys"),
        ({"source": {}}, "source: path is missing; name a file"),
        ({"source": {"path": "a.csv", "time": ["year", 3]}}, "source.time.1: got 3; expected a text"),
        (
            {"windows": {"input_size": "7"}},
            "windows.input_size: got '7'; expected a whole number, without quotes",
        ),
        (
            {"training": {"learning_rate": "1e-3"}},
            "training.learning_rate: got '1e-3'; expected a number, without quotes",
        ),
        (
            {"source": {"kind": "generator", "seed": "3"}},
            "source.seed: got '3'; expected a whole number, without quotes",
        ),
        ({"gate": {"cap": "nan"}}, "gate.cap: got 'nan'; expected a number, without quotes"),
        ({"gate": {"min_effect": 5}}, "gate.min_effect: got 5; expected less than 1"),
        ({"gate": {"min_skill": 1}}, "gate.min_skill: got 1; expected less than 1"),
        ({"gate": {"min_effect": True}}, "gate.min_effect: got true; expected a number or a text"),
        ({"split": {"test": False}}, "split.test: got false; expected a number or a text"),
        ({"series": {"season_length": "day"}}, "series.season_length: got 'day'; expected a whole number"),
        ({"gate": "strict"}, "gate: got 'strict'; expected a table of keys"),
        (
            {"series": {"freq": 0}},
            "series.freq: got 0; expected a text in quotes or greater than or equal to 1",
        ),
        ({"training": {"clip": float("inf")}}, "training.clip: got inf; expected a finite number"),
        ({"split": {"test": float("nan")}}, "split.test: got nan; expected a finite number"),
        ({"publish": {"column": "my column"}}, "publish.column: got 'my column'"),
        (
            {"publish": {"column": "ds"}},
            "publish.column: got 'ds'; expected a name that forecasts do not use",
        ),
        ({"name": "x" * 65}, "name: got 'xxx"),
    ],
)
def test_a_fault_says_what_was_got_and_what_was_expected(sections, fault):
    assert any(found.startswith(fault) for found in faults_of(**sections))


@pytest.mark.parametrize(
    ("path", "settled"),
    [
        ("a.csv", "{folder}/a.csv"),
        ("sub/*.csv", "{folder}/sub/*.csv"),
        ("/elsewhere/a.csv", "/elsewhere/a.csv"),
        ("s3://bucket/a.csv", "s3://bucket/a.csv"),
    ],
)
def test_a_relative_path_is_relative_to_the_file(tmp_path, path, settled, monkeypatch):
    file = written(tmp_path, f'name = "a"\n[source]\npath = "{path}"')
    monkeypatch.chdir("/")

    config = read_pipeline(file)

    assert config.source.path == settled.format(folder=tmp_path)


def test_a_configuration_survives_its_way_through_the_store():
    config = parsed(
        split={"validation": 0.1, "test": dt.date(2024, 1, 1)},
        source={"path": "a.csv", "time": ["year", "month"]},
        windows={"horizon": 3},
    )

    stored = json.loads(canonical(config.model_dump(mode="json")))
    again = parse_pipeline(stored, folder=Path("/"), named="store")

    assert (again.source, again.windows) == (config.source, config.windows)
    assert (again.split.validation, again.split.test) == (0.1, "2024-01-01")
    assert again.model_dump(mode="json") == config.model_dump(mode="json")


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        (b"name = ", BadConfig, "not a pipeline file in TOML"),
        (b"\xff\xfe", BadInput, "cannot be read as text"),
    ],
)
def test_a_file_that_is_no_toml_says_so(tmp_path, text, error, words):
    (tmp_path / "broken.toml").write_bytes(text)

    with pytest.raises(error, match=words):
        read_pipeline(tmp_path / "broken.toml")


def test_a_file_that_is_not_there_says_how_to_get_one(tmp_path):
    with pytest.raises(BadInput, match="lstm-pipeline init"):
        read_pipeline(tmp_path / "none.toml")


def test_of_many_pipeline_files_beside_a_mistyped_one_a_few_are_named_and_the_rest_counted(tmp_path):
    for place in range(7):
        (tmp_path / f"line-{place}.toml").write_text('name = "a"')

    with pytest.raises(BadInput, match=r"holds line-0\.toml, .*, line-4\.toml and 2 more: check the path"):
        read_pipeline(tmp_path / "lime.toml")


def test_the_demo_pipelines_lie_where_their_folder_is_said_to_be():
    folder = demo_folder()

    names = [read_pipeline(folder / file).name for file in DEMOS]

    assert names == ["sine", "wikipedia", "shops"]


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """An environment that names no place, in a folder of its own."""
    for name in ("LSTM_PIPELINE_STORE", "LSTM_PIPELINE_REGISTRY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return monkeypatch


def test_without_a_word_the_store_is_a_folder_here_with_the_registry_in_it(bare, tmp_path):
    made = places()

    assert made.store == str(tmp_path / "store")
    assert made.registry == f"sqlite:///{tmp_path}/store/registry.db"


def test_the_word_of_the_command_goes_before_the_environments(bare, tmp_path):
    bare.setenv("LSTM_PIPELINE_STORE", "from-environment")

    assert places().store == str(tmp_path / "from-environment")
    assert places("given").store == str(tmp_path / "given")


def test_a_home_folder_is_understood(bare, tmp_path):
    assert places("~/store").store == str(tmp_path / "home" / "store")


def test_the_registry_may_be_elsewhere(bare):
    bare.setenv("LSTM_PIPELINE_REGISTRY", "postgresql+psycopg://me@host/lstm")

    assert places("given").registry == places("s3://bucket").registry == "postgresql+psycopg://me@host/lstm"


def test_a_store_in_a_bucket_is_named_without_a_slash_at_its_end(bare):
    bare.setenv("LSTM_PIPELINE_REGISTRY", "sqlite:////elsewhere/registry.db")

    assert places("s3://bucket/store/").store == places("s3://bucket/store").store == "s3://bucket/store"
    with pytest.raises(UsageError, match="expected s3://bucket/prefix"):
        places("s3://bucket//store")


def test_a_store_in_a_bucket_needs_a_registry_elsewhere(bare):
    with pytest.raises(BadConfig, match=r"s3://bucket/store is no local .*: set LSTM_PIPELINE_REGISTRY"):
        places("s3://bucket/store")


@pytest.mark.parametrize(
    "endpoint", ["localhost:9000", "some words", "ftp://host", "http://", "http://me:word@host"]
)
def test_an_endpoint_that_is_no_address_is_refused_and_not_repeated(bare, endpoint):
    bare.setenv("LSTM_PIPELINE_REGISTRY", "sqlite:////elsewhere/registry.db")
    bare.setenv("AWS_ENDPOINT_URL", endpoint)

    with pytest.raises(BadConfig, match="AWS_ENDPOINT_URL: got no address") as caught:
        places("s3://bucket/store")

    assert endpoint not in str(caught.value)
    assert places("given").store.endswith("given")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("My Load", "my-load"),
        ("ETTh1.csv", "etth1-csv"),
        ("-load", "load"),
        ("x" * 65, "x" * 64),
        ("Käse", "k-se"),
        ("!", "pipeline"),
    ],
)
def test_a_name_that_is_none_is_told_which_letters_a_name_has_and_what_it_could_be(name, meant):
    expected = f"expected letters a-z, digits, _ and -, at most 64, e.g. {meant}"

    assert faults_of(name=name) == (f"name: got {name!r}; {expected}",)
    assert parsed(name=meant).name == meant


@pytest.mark.parametrize(
    ("column", "meant"), [("my column", "my_column"), ("2nd", "nd"), ("LSTM-lo", "LSTM_lo"), ("", "LSTM")]
)
def test_a_column_that_is_none_is_told_which_letters_it_may_have_and_what_it_could_be(column, meant):
    expected = f"expected a letter, then letters, digits and _, e.g. {meant}"

    assert faults_of(publish={"column": column}) == (f"publish.column: got {column!r}; {expected}",)
    assert parsed(publish={"column": meant}).publish.column == meant


def test_the_schema_still_says_which_names_there_may_be():
    found = PipelineConfig.model_json_schema()

    assert found["properties"]["name"]["pattern"] == "^[a-z0-9][a-z0-9_-]{0,63}$"
    assert "pattern" in found["$defs"]["PublishConfig"]["properties"]["column"]


def test_values_that_mean_nothing_are_listed_with_all_other_faults():
    faults = faults_of(
        source={"path": "a.csv", "timezone": "Mars/X", "encoding": "foo", "delimiter": ";;"},
        series={"freq": "xyz"},
        windows={"horizon": 0},
        split={"validation": "2018-13-01", "test": -3},
        training={"device": "gpu"},
    )

    assert [fault.partition(":")[0] for fault in faults] == [
        "windows.horizon",
        "source.timezone",
        "source.encoding",
        "source.delimiter",
        "series.freq",
        "split.validation",
        "split.test",
        "training.device",
    ]
    assert all("got" in fault for fault in faults)
    assert (
        faults[1] == 'source.timezone: got \'Mars/X\'; expected a time zone such as "UTC" or "Europe/Berlin"'
    )


def test_a_store_is_named_without_detours(tmp_path, monkeypatch):
    monkeypatch.delenv("LSTM_PIPELINE_REGISTRY", raising=False)

    chosen = places(f"{tmp_path}/folder/../store")

    assert chosen.store == str(tmp_path.resolve() / "store")
    assert chosen.registry == f"sqlite:///{chosen.store}/registry.db"
