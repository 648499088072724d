# The commands people type. Everything lives in .venv, made from requirements-dev.lock; nothing is installed by hand.
SHELL := /bin/bash
BIN := .venv/bin
READY := .venv/.ready
SOURCES := casemgmt notifications programs referrals tests manage.py
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help venv demo demo-once test chaos fuzz mutants bench audit check lint format lock migrations servers clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

venv: $(READY) ## make .venv from the lock file

$(READY): requirements-dev.lock
	@if [ -e $@ ] && $(BIN)/python -c ''; then rm $@; exit 0; fi; : an interrupted install is begun anew; \
	for candidate in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	  if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then echo "No Python 3.11 or newer was found; install one, or name it: make PYTHON=/path/to/python3"; exit 1; fi; \
	echo "Making .venv with $$($$python --version) (about a minute the first time)"; \
	rm -rf .venv; "$$python" -m venv .venv \
	  || { echo "$$python cannot make virtual environments; on Debian and Ubuntu the package python3-venv is missing"; rm -rf .venv; exit 1; }
	@$(BIN)/python -m pip install --require-hashes --no-deps -q -r requirements-dev.lock
	@touch $@

demo: $(READY) ## start everything, play the story, stay up until Ctrl-C
	@exec $(BIN)/python manage.py demo

demo-once: $(READY) ## play the story once and say how many steps passed
	@exec $(BIN)/python manage.py demo --once

test: $(READY) ## run all tests
	@exec $(BIN)/python -m pytest -n auto

chaos: $(READY) ## kill parts of the running system while it texts 10,000 made-up clients (SIZE=, SEED=; docs/chaos.md)
	@exec $(BIN)/python manage.py chaos $(if $(SIZE),--size $(SIZE)) $(if $(SEED),--seed $(SEED))

fuzz: $(READY) ## ask the live API everything its description allows, as every kind of user (about half an hour)
	@exec $(BIN)/python manage.py fuzz

mutants: $(READY) ## take away each permission line, filter and row policy once: a test must turn red (about an hour)
	@exec $(BIN)/python -m tests.mutants

bench: $(READY) ## measure the hot paths beside the limit and an ordinary build (CLIENTS=, ROUNDS=, ONLY=P1; docs/performance.md)
	@exec $(BIN)/python -m tests.bench $(if $(CLIENTS),--clients $(CLIENTS)) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(ONLY),--only $(ONLY))

audit: $(READY) ## ask for known weaknesses of what the lock file names (ends with 3 when nobody could be asked)
	@$(BIN)/python -m casemgmt.devtools.advisories; code=$$?; [ $$code -ne 3 ] || echo "make: code 3 means: not asked" >&2; exit $$code

check: $(READY) ## everything a change must pass (.ci/run)
	@exec .ci/run

lint: $(READY) ## format, lint, import contracts, types; changes nothing
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/lint-imports
	$(BIN)/mypy

format: $(READY) ## put the source in order
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

lock: $(READY) ## renew the lock files from pyproject.toml (UPGRADE=--upgrade for newer releases)
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 $(UPGRADE) \
	  pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 $(UPGRADE) \
	  --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

migrations: $(READY) ## write missing migrations
	@exec $(BIN)/python manage.py makemigrations

servers: $(READY) ## start PostgreSQL and Redis for development, print their addresses, stay up until Ctrl-C
	@exec $(BIN)/python -m casemgmt.embedded run dev

clean: ## remove what tools made (not the databases)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache staticfiles
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
