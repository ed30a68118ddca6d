"""`lstm-pipeline gate compare` as its users type it: JSON, page, exit statuses, and what it does without."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from lstm_pipeline.cli.main import app
from tests.compared_example import pair

KEYS = {
    "verdict", "reasons", "sentence", "promoted", "grade", "champion", "candidate", "gate", "guards", "floor",
    "scale", "compared", "left_out", "others", "steps", "notes", "report",
}  # fmt: skip


@pytest.fixture
def files(tmp_path):
    """A champion and a better candidate, with a naive column beside."""
    paths = tmp_path / "champion.parquet", tmp_path / "candidate.csv"
    champion, candidate = pair()
    champion.to_parquet(paths[0])
    candidate.assign(Naive=candidate["y"] + 3).to_csv(paths[1], index=False)
    return [str(path) for path in paths]


def compare(*words):
    return CliRunner().invoke(app, ["gate", "compare", *map(str, words)])


def test_one_object_of_json_holds_verdict_figures_and_caveats(files):
    done = compare(*files, "--baseline", "Naive", "--json")

    said = json.loads(done.stdout)
    assert done.exit_code == 0
    assert said.keys() == KEYS
    assert (said["verdict"], said["reasons"], said["promoted"]) == ("PROMOTE", ["superior"], True)
    assert (said["grade"], said["floor"], said["report"]) == ("unverified", True, None)
    assert said["compared"]["origins"] == said["gate"]["origins"] == 40
    assert said["gate"]["baseline"] == "Naive"
    assert len(said["steps"]["candidate"]) == 6
    assert done.stderr.startswith("PROMOTE  Promoted: its error is")


def test_the_page_needs_nothing_beside_it(files, tmp_path):
    done = compare(*files, "--baseline", "Naive", "--out", tmp_path / "new" / "page.html", "--json")

    page = (tmp_path / "new" / "page.html").read_text()
    said = json.loads(done.stdout)
    assert said["report"] == str(tmp_path / "new" / "page.html")
    assert said["sentence"].split(" that")[0].replace(" %", "\u202f%").replace("'", "&#39;") in page
    assert page.count("<svg") >= 2
    assert "nobody can tell whether a model has learnt from these windows" in page
    assert not re.search(r"src=|href=(?!\"#)|https?://(?!www\.w3\.org)|@import|None|nan\b", page)


@pytest.mark.parametrize("cutoffs", [1, 5])
def test_a_page_is_drawn_on_the_fewest_origins_too(tmp_path, cutoffs):
    tables, paths = pair(cutoffs=cutoffs, horizon=2), [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    for table, path in zip(tables, paths, strict=True):
        table.to_parquet(path)

    done = compare(*paths, "--out", tmp_path / "page.html")

    assert done.exit_code == 0
    assert "judged by the plain rule" in (tmp_path / "page.html").read_text()


def test_modes_and_thresholds_are_options(files):
    named = ["--model", "LSTM", "--model", "NHITS"]
    strict = json.loads(compare(*files, *named, "--mode", "strict", "--json").stdout)
    hard = json.loads(
        compare(*files, "--baseline", "Naive", "--min-effect", 0.9, "--alpha", 0.01, "--json").stdout
    )

    assert (strict["gate"]["mode"], strict["gate"]["alpha"]) == ("strict", 0.05)
    assert (hard["verdict"], hard["gate"]["alpha"]) == ("INCONCLUSIVE", 0.01)


REFUSED = [
    (4, "bad_input", ["there is no such file; check the path"], lambda files: [files[0], "nowhere.parquet"]),
    (4, "bad_input", ["expected a file that ends in"], lambda files: [files[0], __file__]),
    (2, "usage", ["which column holds the forecasts?", "NHITS, Naive"], lambda files: files),
    (2, "usage", ["expected plain, standard, strict"], lambda files: [*files, "--mode", "lax"]),
    (2, "usage", ["--alpha: got 0.5"], lambda files: [*files, "--alpha", 0.5]),
    (2, "usage", ["--min-effect: got 1"], lambda files: [*files, "--min-effect", 1]),
]


@pytest.mark.parametrize(("status", "code", "told", "words"), REFUSED)
def test_what_cannot_be_compared_ends_with_one_line_and_its_exit_status(files, status, code, told, words):
    done = compare(*words(files), "--json")

    error = json.loads(done.stdout)["error"]
    assert (done.exit_code, error["code"]) == (status, code)
    assert all(part in error["message"] for part in told)
    assert done.stderr.count("\n") == 1


def test_a_damaged_file_is_told_as_one(files, tmp_path):
    (tmp_path / "torn.parquet").write_bytes(b"PAR1 and no more")

    done = compare(files[0], tmp_path / "torn.parquet")

    assert done.exit_code == 4
    assert "torn.parquet: cannot be read" in done.stderr


def test_neither_torch_nor_prefect_nor_a_registry_is_needed(files, tmp_path):
    script = (
        "import sys; from lstm_pipeline.cli.main import app\n"
        "try: app(sys.argv[1:])\n"
        "except SystemExit as end: assert end.code == 0, end.code\n"
        "found = {'torch', 'prefect', 'sqlalchemy'} & sys.modules.keys(); assert not found, found\n"
    )
    words = ["gate", "compare", *files, "--baseline", "Naive", "--out", str(tmp_path / "page.html")]

    subprocess.run([sys.executable, "-c", script, *words], check=True, capture_output=True)

    assert (tmp_path / "page.html").exists()


def test_its_help_shows_an_example():
    done = compare("--help")

    assert done.exit_code == 0
    assert "Example: lstm-pipeline gate compare" in done.stdout
