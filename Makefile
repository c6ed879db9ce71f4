# Stampede: everything a newcomer needs. `make` alone lists it.
PYTHON  ?= python3
VENV    ?= .venv
BIN     := $(VENV)/bin
STAMP   := $(VENV)/.installed
# the browser of the tests; its shell without windows, where there is one, needs half the processor time
CHROMIUM ?= $$(command -v chromium-headless-shell || command -v chromium)

.DEFAULT_GOAL := help
.PHONY: help demo web test check fix bench conformance docs clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Stampede needs Python 3.11 or newer; name one with PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) 2>/dev/null || { echo "python3-venv is missing: installing it" >&2; apt-get update -qq && apt-get install -y -qq python3-venv; $(PYTHON) -m venv $(VENV); }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

# Node and what the front end needs, then its build, when a source is newer than it
STATIC  := src/stampede/service/static/index.html
WEB     := $(shell find web/src web/public -type f 2>/dev/null) web/index.html web/vite.config.ts web/package-lock.json

web/node_modules/.installed: web/package-lock.json
	@node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' || { echo "The dashboard is built with Node 20 or newer." >&2; exit 1; }
	@cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(STATIC): web/node_modules/.installed $(WEB)
	@cd web && npm run --silent build -- --logLevel warn

web: $(STATIC) ## build the dashboard

demo: $(STAMP) $(STATIC) ## load a real Pegasus run and a real DAGMan run, show what went wrong
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python tools/demo.py

test: $(STAMP) $(STATIC) ## all checks and all tests
	@$(MAKE) --no-print-directory check
	@[ -n "$(CHROMIUM)" ] || { echo "installing Chromium for the tests of the dashboard" >&2; apt-get update -qq && { apt-get install -y -qq chromium-headless-shell || apt-get install -y -qq chromium; } >/dev/null; }
	cd web && npm run --silent test && npm run --silent size && STAMPEDE=$(CURDIR)/$(BIN)/stampede CHROMIUM=$(CHROMIUM) npm run --silent e2e
	$(BIN)/python tools/run_tests.py

check: $(STAMP) web/node_modules/.installed ## lint, types, import rules, generated files
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
	cd web && npm run --silent check && npm run --silent api -- --check

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
	rm -rf $(VENV) demo build dist web/node_modules src/stampede/service/static .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
