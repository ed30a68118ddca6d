# make demo   sets up and runs three pipelines through Prefect; prints where their reports are
# make test   sets up and runs every check (style, types, floors, tests), under ten minutes after set-up
# make proof  slow proofs: real browser, Postgres, crashes, races, the built wheel, large data; under thirty minutes

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
export OMP_NUM_THREADS := 1
export DO_NOT_TRACK := 1

.PHONY: help setup demo test proof check bench mutants retrainings clean

help:
	@sed -n '1,3p' Makefile

$(VENV)/.installed: pyproject.toml constraints.txt
	@echo "setting up $(VENV): a virtual environment with the versions of constraints.txt (a few minutes, once)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, got " + sys.version)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch==2.13.0
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --editable '.[test]'
	@touch $@

setup: $(VENV)/.installed

demo: setup
	$(BIN)/lstm-pipeline demo

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports

test: check
	$(BIN)/python -m pytest -n auto --dist loadfile -m "not proof and not gpu" --durations=5

proof: setup
	$(BIN)/python -m pytest -m "proof and not gpu" --durations=10

bench: setup
	$(BIN)/python benchmarks/plain_script.py

# flips every comparison of the gate; a quarter of an hour
mutants: setup
	$(BIN)/python benchmarks/gate_mutants.py --jobs 2

# trains 936 models, two CPU hours; a run that is cut off goes on where it stood
retrainings: setup
	@test -n "$(LSTM_PIPELINE_DATA)" || { echo "set LSTM_PIPELINE_DATA to the folder of the public data sets"; exit 1; }
	$(BIN)/python benchmarks/retrainings.py "$(LSTM_PIPELINE_DATA)"

clean:
	rm -rf $(VENV) store dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache
