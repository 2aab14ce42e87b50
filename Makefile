# One way to run, check and build praktijktest. `make help` lists the targets.
# A bare checkout needs Python 3.11 or newer (with venv) and make; everything else
# goes into .venv, in the exact versions of constraints.txt.

PYTHON ?= python3
WORKERS ?= 2

VENV := .venv
BIN := $(VENV)/bin
LOWER := build/venv-lower
INSTALL := -m pip install -qq --disable-pip-version-check
EXAMPLES := ghent-simulated washington-1988
FORMATS := html,pdf,docx,xlsx,md
LANGUAGES := nl,fr,en

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow test-million test-lower check lint types contracts format \
	data examples reports benchmark wheel clean

help:  ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1: /' | sort

demo: $(VENV)/.installed  ## analyse the shipped example and write demo-report/report.html
	@$(BIN)/praktijktest demo --out demo-report

test: $(VENV)/.installed-dev  ## the tests, without the slow campaigns
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m "not slow"

test-slow: $(VENV)/.installed-dev  ## every slow campaign
	@$(BIN)/python -m pytest -m slow

test-million: $(VENV)/.installed-dev  ## a million applications through the whole program
	@$(BIN)/python -m pytest -m slow tests/test_million.py

test-lower: $(LOWER)/.installed  ## the tests with the oldest supported libraries
	@$(LOWER)/bin/python -m pytest -n $(WORKERS) --dist loadfile -m "not slow" \
		--ignore tests/test_examples.py  # their bytes are those of constraints.txt

check: lint types contracts test  ## everything a change has to pass

lint: $(VENV)/.installed-dev  ## format and style, without changing anything
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types: $(VENV)/.installed-dev  ## static types
	@$(BIN)/mypy

contracts: $(VENV)/.installed-dev  ## the layers of the package
	@$(BIN)/lint-imports

format: $(VENV)/.installed-dev  ## rewrite the sources in the house style
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

data: $(VENV)/.installed-dev  ## make the example rounds in data/ again, byte for byte
	@$(BIN)/python -c "from praktijktest.simulation.examples import write_examples; \
	write_examples('data')"

examples: $(VENV)/.installed-dev  ## render the example rounds in reports/ again
	@for name in $(EXAMPLES); do \
		$(BIN)/praktijktest analyse data/$$name/log.csv --design designs/$$name.toml \
			--out reports/$$name --format $(FORMATS) --lang $(LANGUAGES) --quiet || exit $$?; \
		$(BIN)/praktijktest report reports/$$name --kind summary \
			--format $(FORMATS) --lang $(LANGUAGES) --quiet || exit $$?; \
	done

reports: examples  ## the same as examples

benchmark: $(VENV)/.installed-dev  ## speed and coverage; takes several minutes
	@$(BIN)/python benchmarks/million.py
	@$(BIN)/python benchmarks/calibration/intervals.py

wheel: $(VENV)/.installed-dev  ## build the wheel in dist/
	@$(BIN)/python -m build --wheel --no-isolation --outdir dist .

clean:  ## remove what make made
	@rm -rf $(VENV) build dist demo-report

$(VENV)/bin/python $(LOWER)/bin/python:
	@command -v $(PYTHON) >/dev/null \
		|| { echo "There is no $(PYTHON) here; name one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "$(PYTHON) is older than 3.11; name a newer one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "$(PYTHON) lacks venv; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv $(@D)/.. || { rm -rf $(@D)/..; exit 1; }

# The build backends come first and in known versions, so that nothing unpinned is fetched;
# setuptools is for odfpy, which comes as source only.
$(VENV)/.installed: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Installing praktijktest in $(VENV) …" >&2
	@$(BIN)/python $(INSTALL) -c constraints.txt hatchling editables
	@$(BIN)/python $(INSTALL) -c constraints.txt --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@echo "Installing what the tests and checks need …" >&2
	@$(BIN)/python $(INSTALL) -c constraints.txt "setuptools>=70.1"
	@$(BIN)/python $(INSTALL) -c constraints.txt --no-build-isolation -e '.[dev]'
	@touch $@

$(LOWER)/.installed: $(LOWER)/bin/python pyproject.toml constraints-lower.txt
	@echo "Installing the oldest supported libraries in $(LOWER) …" >&2
	@$(LOWER)/bin/python $(INSTALL) -c constraints-lower.txt hatchling editables "setuptools>=70.1"
	@$(LOWER)/bin/python $(INSTALL) -c constraints-lower.txt --no-build-isolation -e '.[test]'
	@touch $@
