# Stampede: everything a newcomer needs. `make` alone lists it.
PYTHON  ?= python3
VENV    ?= .venv
BIN     := $(VENV)/bin
STAMP   := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help demo test check fix bench conformance docs clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Stampede needs Python 3.11 or newer; name one with PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) 2>/dev/null || { echo "python3-venv is missing: installing it" >&2; apt-get update -qq && apt-get install -y -qq python3-venv; $(PYTHON) -m venv $(VENV); }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

demo: $(STAMP) ## load a real Pegasus run and a real DAGMan run, show what went wrong
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python tools/demo.py

test: $(STAMP) ## all checks and all tests
	@$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest

check: $(STAMP) ## lint, types, import rules, generated files
	$(BIN)/ruff check src tests tools bench
	$(BIN)/ruff format --check src tests tools bench
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/render_ddl.py --check
	$(BIN)/python tools/generate_validators.py --check
	$(BIN)/python tools/generate_event_docs.py --check
	$(BIN)/python tools/generate_cause_docs.py --check
	$(BIN)/python tools/generate_metric_docs.py --check
	$(BIN)/python tools/generate_collection_docs.py --check
	$(BIN)/python tools/generate_cli_docs.py --check
	$(BIN)/python tools/generate_openapi.py --check

fix: $(STAMP) ## format, and write the generated files anew
	$(BIN)/ruff check --fix src tests tools bench
	$(BIN)/ruff format src tests tools bench
	$(BIN)/python tools/render_ddl.py
	$(BIN)/python tools/generate_validators.py
	$(BIN)/python tools/generate_event_docs.py
	$(BIN)/python tools/generate_cause_docs.py
	$(BIN)/python tools/generate_metric_docs.py
	$(BIN)/python tools/generate_collection_docs.py
	$(BIN)/python tools/generate_openapi.py

bench: $(STAMP) ## speed, each figure a ratio against the Pegasus tools in the same run
	$(BIN)/python bench/run.py all --stampede $(CURDIR)/$(BIN)/stampede

conformance: $(STAMP) ## our databases against those of Pegasus' own monitor, and its tools on ours
	$(BIN)/python bench/peer.py install
	$(BIN)/python -m pytest -m conformance tests/conformance

docs: $(STAMP) ## write the generated reference pages
	$(BIN)/python tools/generate_event_docs.py
	$(BIN)/python tools/generate_cause_docs.py
	$(BIN)/python tools/generate_metric_docs.py
	$(BIN)/python tools/generate_collection_docs.py
	$(BIN)/python tools/generate_cli_docs.py
	$(BIN)/python tools/generate_openapi.py

clean: ## take away what make made
	rm -rf $(VENV) demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
