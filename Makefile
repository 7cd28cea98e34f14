PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help run regenerate check test bench torture lint format lock clean

help:  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

run: $(READY)  ## pull every due source and all posts, publish into feeds/
	$(BIN)/aggregator run

regenerate: $(READY)  ## publish everything again from what is stored, no network
	$(BIN)/aggregator regenerate

check: $(READY)  ## read config.yaml and posts/, report every problem
	$(BIN)/aggregator check

test: $(READY)  ## the fast tests
	$(BIN)/python -m pytest

bench: $(READY)  ## what things cost, as ratios
	$(BIN)/python -m pytest -m bench -s

torture: $(READY)  ## kill -9, full disks, broken states
	$(BIN)/python -m pytest -m torture

lint: $(READY)  ## ruff and mypy --strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY)  ## let ruff lay the code out
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(READY)  ## pin the newest versions that pyproject.toml allows, for every Python we support
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --universal --generate-hashes --quiet --no-header --upgrade \
		--group dev pyproject.toml -o requirements.lock

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps -e .
	touch $@

clean:  ## forget the virtual environment and caches (never state or feeds)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
