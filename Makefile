# What can be done here. `make setup` comes by itself before whatever needs it.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
NEED   := sh tools/need.sh
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup run test test-long check format docs bench shape lock clean browser postgres

help:  ## List what can be done
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1	\2/p' $(MAKEFILE_LIST) | expand -t 12

setup: $(READY)  ## Install everything into .venv

$(READY): requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "wardbase needs Python 3.11 or later: make setup PYTHON=python3.12"; exit 1; }
	@$(NEED) "$(PYTHON) -c 'import ensurepip'" python3-venv
	@$(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

run: setup  ## Two hospitals of synthetic patients, at http://127.0.0.1:8080
	@wardbase demo

test: setup browser  ## Run the tests: minutes
	pytest -n 2 --dist loadfile --durations 10 $(TESTS)

test-long: setup browser postgres  ## Run the long tests, then all on Debian's PostgreSQL
	pytest -m long $(TESTS)
	sh tools/on_postgres.sh pytest -n 2 --dist loadfile $(TESTS)

check: setup  ## Style, types, floors, migrations
	ruff check .
	ruff format --check .
	mypy
	lint-imports
	python -m wardbase.store.migrations.freeze --check
	python tools/lint_migrations.py

format: setup  ## Put every file into its form
	ruff check --fix .
	ruff format .

docs: setup  ## Write the generated pages and the diagram anew
	python tools/pages.py

bench: setup  ## Measure; one JSON object per benchmark
	@for file in $$(grep -l __main__ bench/*.py); do \
	    echo "$$file" >&2; python "$$file" || exit 1; done

shape: setup  ## Report the sizes of modules and functions
	@-python tools/shape.py

lock:  ## Choose the newest versions that pyproject.toml allows
	$(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet uv
	build/lock/bin/uv pip compile $(LOCKED) pyproject.toml -o requirements.txt
	build/lock/bin/uv pip compile $(LOCKED) --extra dev pyproject.toml -o requirements-dev.txt

LOCKED := --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
          --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

clean:  ## Remove what was made here; data under WARDBASE_HOME stays
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

browser:
	@$(NEED) "command -v chromium || command -v google-chrome" chromium

postgres:
	@$(NEED) "ls /usr/lib/postgresql/*/bin/initdb" postgresql postgresql-contrib
