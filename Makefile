# Every target prepares its own environment; nothing but Python >= 3.11 is assumed.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: setup demo test test-all check bench bite lock

setup: $(READY)

$(READY): requirements/dev.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "CareLedger needs Python 3.11 or newer")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

demo: setup
	$(BIN)/careledger demo

test: check
	$(BIN)/python -m coverage erase
	$(BIN)/python -m tools.lanes
	$(BIN)/python -m coverage report --fail-under=100
	$(MAKE) bite

# Everything with its large counts, and property tests with examples of this run.
test-all: test
	$(BIN)/python -m pytest --hypothesis-profile=searching

# The fast loop: format, lint, types, imports, dead code, spelling.
check: setup
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache >/dev/null || $(BIN)/lint-imports --no-cache
	$(BIN)/vulture
	$(BIN)/codespell src docs tests benchmarks tools README.md

bench: setup
	$(BIN)/python -m benchmarks ledger

bite: setup
	$(BIN)/python -m tools.bite

lock:
	$(BIN)/pip-compile --quiet --strip-extras --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --allow-unsafe --output-file requirements/dev.txt requirements/dev.in pyproject.toml
