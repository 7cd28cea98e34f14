# The first Python of 3.11 to 3.14 on this machine; `make PYTHON=/path/to/python run` takes another one.
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c '$(FITS)' 2>/dev/null && { echo $$p; break; }; done)
OTHERS ?= python3.11 python3.12 python3.13 python3.14
# Where /dev/shm has two gigabytes to spare, what tests write stays in memory: a disk would cost a tenth of their time.
TEMPORARY := $(shell df -Pk /dev/shm 2>/dev/null | awk 'END {if ($$4 > 2097152) print "PYTEST_DEBUG_TEMPROOT=/dev/shm"}')
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PEERS := $(VENV)/.peers
READY_DEV := $(VENV)/.ready-dev
READY_DOCS := $(VENV)/.ready-docs
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile

.PHONY: help run regenerate check test bench figures simulate scale torture pythons browser mutants docs lint translations format lock sbom clean

help:  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

run: $(READY)  ## pull every due source and all posts, publish into feeds/
	$(BIN)/aggregator run

regenerate: $(READY)  ## publish everything again from what is stored, no network
	$(BIN)/aggregator regenerate

check: $(READY)  ## read config.yaml and posts/, report every problem
	$(BIN)/aggregator check

# In a fresh clone every worker would compile every test: two processes do so before the workers start.
COLLECT := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --collect-only -q

test: $(READY_DEV)  ## the fast tests, in one worker more than there are cores: some only wait
	@$(BIN)/python -m compileall -q -j 0 aggregator
	@test -d tests/unit/__pycache__ || { $(COLLECT) tests/unit >/dev/null & $(COLLECT) --ignore tests/unit >/dev/null; wait; }
	PYTHONDONTWRITEBYTECODE= $(TEMPORARY) $(BIN)/python -m pytest -n $$(($$(getconf _NPROCESSORS_ONLN) + 1)) --maxprocesses 6 --dist worksteal

bench: $(READY_DEV) $(PEERS)  ## what things cost beside other programs, in one table, and the marks of copies and take-overs; ROWS="cold or idle" measures these
	$(BIN)/python -m pytest -m bench -n 0 --ignore tests/bench/figures $(if $(ROWS),-k "$(ROWS)") tests/bench
	$(if $(ROWS),,$(BIN)/python -m pytest -m bench -n 0 -s $(addprefix tests/bench/figures/test_,copies.py taken_over.py))

figures: $(READY_DEV)  ## other figures: copies found, memory, a daemon of 10,000 sources, what workers cost
	$(BIN)/python -m pytest -m bench -n 0 -s $(if $(ROWS),-k "$(ROWS)") tests/bench/figures tests/scale

simulate: $(READY_DEV)  ## a simulated day of 10,000, 1 M and 10 M sources: queues, hosts, machines; draws docs/images/growing.svg
	$(BIN)/python -m tests.simulate $(SOURCES)

scale: $(READY_DEV)  ## many workers on a real PostgreSQL: kill -9, restarts, 20,000 sources; takes under ten minutes
	$(BIN)/python -m pytest -m scale -n 0 -s tests/scale

torture: $(READY_DEV)  ## kill -9, full disks, broken states
	$(TEMPORARY) $(BIN)/python -m pytest -m torture -n $$(getconf _NPROCESSORS_ONLN) --maxprocesses 4 --dist worksteal

pythons: $(READY_DEV)  ## the same bytes under every Python here; OTHERS="/path/to/python3.13 …" names them
	@set -e; ready=""; for p in $(OTHERS); do $$p -c '$(FITS)' 2>/dev/null || continue; \
		folder=.pythons/$$($$p -c 'import sys; print(*sys.version_info[:2], sep=".")'); \
		test -e $$folder/.ready || { $$p -m venv $$folder; $$folder/bin/python -m pip install --quiet \
			--disable-pip-version-check --require-hashes -r requirements.lock; touch $$folder/.ready; }; \
		ready=$$ready:$$folder/bin/python; done; \
	PYTHONS=$$ready $(BIN)/python -m pytest -m torture -rs -s tests/torture/test_pythons.py

browser: $(READY_DEV)  ## the pages in a real Chromium; with axe-core where `npm install --no-save axe-core` put it, and html5lib
	$(BIN)/python -m pytest -m browser -rs

mutants: $(READY_DEV)  ## 400 small faults in the rules, one at a time: how many the tests notice; ONLY=aggregator.dedup tries these
	$(BIN)/python -m tests.mutants --only "$(ONLY)"

docs: $(READY_DOCS)  ## the documentation as a site, in build/docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

lint: $(READY_DEV)  ## ruff, mypy --strict, and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

translations: $(READY_DEV)  ## collect the texts that are translated into the .po files, and compile these
	$(BIN)/python -m tests.support.catalogs

format: $(READY_DEV)  ## let ruff lay the code out
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

UV := $(BIN)/uv
COMPILE := $(UV) pip compile --quiet --no-header --universal --generate-hashes --upgrade

lock: $(READY)  ## pin the newest versions that pyproject.toml allows, for every Python we support
	$(INSTALL) uv
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) pyproject.toml --extra postgres -c requirements.lock -o requirements-postgres.lock
	$(COMPILE) --group dev -c requirements.lock -o requirements-dev.lock
	$(COMPILE) --group bench -c requirements.lock -o requirements-bench.lock
	$(COMPILE) --group docs -c requirements.lock -c requirements-dev.lock -o requirements-docs.lock
	@# feedgen is published as source only; everything else comes as a wheel for glibc 2.28 or newer.
	@set -e; for version in 3.11 3.12 3.13 3.14; do for machine in x86_64 aarch64; do \
		echo "wheels for Python $$version on $$machine"; \
		$(UV) pip compile --quiet --no-deps --only-binary :all: --no-binary feedgen --python-version $$version \
			--python-platform $$machine-manylinux_2_28 requirements.lock -o /dev/null; done; done

# An environment of the program alone is described by tools in another one.
SBOM := build/sbom
sbom:  ## what the program is made of: a bill of materials (CycloneDX) and the licenses, in build/
	@rm -rf $(SBOM)
	@$(PYTHON) -m venv $(SBOM)/program
	@$(PYTHON) -m venv $(SBOM)/tools
	@$(SBOM)/program/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(SBOM)/program/bin/python -m pip install --quiet --disable-pip-version-check --no-deps .
	@$(SBOM)/program/bin/python -m pip uninstall --quiet --yes setuptools pip
	@$(SBOM)/tools/bin/python -m pip install --quiet --disable-pip-version-check cyclonedx-bom==7.5.0 pip-licenses==5.5.5
	$(SBOM)/tools/bin/cyclonedx-py environment $(SBOM)/program --output-reproducible --of JSON \
		-o build/aggregator.cdx.json
	$(SBOM)/tools/bin/pip-licenses --python $(SBOM)/program/bin/python --format markdown --with-urls \
		--output-file build/licenses.md

# Compiling in all cores, without what no run imports, takes half the time that pip takes for it.
$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "no Python 3.11 to 3.14 found; name one: make PYTHON=/path/to/python3.11 run"; exit 1; }
	@echo "making $(VENV), once: this takes up to half a minute"
	@$(PYTHON) -m venv $(VENV)
	@$(INSTALL) --require-hashes -r requirements.lock
	@$(INSTALL) --no-deps -e .
	@$(BIN)/python -m compileall -q -j 0 -x '/(tests|pygments)/' $(VENV)/lib aggregator || true
	@touch $@

$(READY_DEV): $(READY) requirements-dev.lock
	@echo "adding what tests and checks need to $(VENV)"
	@$(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

$(PEERS): $(READY_DEV) requirements-bench.lock
	@$(INSTALL) --require-hashes -r requirements-bench.lock
	@touch $@

$(READY_DOCS): $(READY) requirements-docs.lock
	@$(INSTALL) --require-hashes -r requirements-docs.lock
	@touch $@

clean:  ## forget the virtual environment and caches (never state or feeds)
	rm -rf $(VENV) .pythons build .mypy_cache .ruff_cache .pytest_cache .hypothesis
