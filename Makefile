# Needs GNU make and Python 3.11+ with pip and venv; everything else is installed into .venv.

PYTHON ?= python3
PORT ?= 8000
# How many tests run at once, and which: make test WORKERS=1 TESTS=tests/mail
WORKERS ?= logical
TESTS ?= tests

VENV := .venv
BIN := $(VENV)/bin
# A stamp is named after what it installed, so that changed requirements are installed again.
checksum = $(firstword $(shell cat $(1) | cksum))
RUNNING := $(VENV)/installed-$(call checksum,requirements.txt)
TESTING := $(VENV)/installed-$(call checksum,requirements-dev.txt)-dev

.DEFAULT_GOAL := help
.PHONY: help run test check lint types floors templates migrations bench pictures requirements clean

help: ## Show this list
	@echo "Alliance CRM: make TARGET"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) \
		| while IFS='|' read -r name text; do printf '  %-14s %s\n' "$$name" "$$text"; done

run: $(RUNNING) ## Start the web server and the worker on PORT (8000), with a demo on a new database
	@PORT="$(PORT)" exec $(BIN)/python -m tools.run

test: $(TESTING) ## Run all tests: both databases, real SMTP, a real browser
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(TESTS)

check: lint types floors templates migrations ## Run every static check

lint: $(TESTING) ## Python style (ruff)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(TESTING) ## Types (mypy, strict)
	$(BIN)/mypy

floors: $(TESTING) ## Who may import whom (import-linter)
	$(BIN)/lint-imports --no-logo

templates: $(TESTING) ## Templates (djlint)
	$(BIN)/djlint templates --lint --quiet

migrations: $(TESTING) ## One migration head, and the tables it makes are those of the models
	$(BIN)/python -m tools.migrations

bench: $(TESTING) ## Measure speed and size beside bare pages (BENCH=quick for a short look)
	$(BIN)/python -m bench

pictures: $(TESTING) ## Draw the pictures of the guides anew
	PICTURES="$(CURDIR)/docs/guide" $(BIN)/python -m pytest -q tests/browser/test_the_guide.py

requirements: $(TESTING) ## Pin what requirements.in and requirements-dev.in name, with hashes
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --fork-strategy fewest \
		--generate-hashes --no-header requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --fork-strategy fewest \
		--generate-hashes --no-header requirements-dev.in -o requirements-dev.txt

clean: ## Remove what was made, but neither the data in var/ nor .venv
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Alliance CRM needs Python 3.11 or later; name one: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(RUNNING): | $(BIN)/pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(TESTING): | $(BIN)/pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
