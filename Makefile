# lbctl: `make demo` shows it, `make test` proves it. Both do all of their own set-up (Debian, root, Python 3.11).

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VENV   := .venv
CACHE  := .cache
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
export PATH := $(CURDIR)/$(BIN):$(CURDIR)/$(CACHE)/bin:$(PATH)

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

.PHONY: demo
demo: setup kubectl ## the main job on the embedded cluster, as a story
	@lbctl sandbox demo

.PHONY: test
test: setup kubectl lint ## the whole test suite
	@pytest -q -n 2 --dist worksteal

.PHONY: lint
lint: setup ## formatting, style, types and the walls between the floors
	@ruff format --check --quiet .
	@ruff check --quiet .
	@mypy
	@lint-imports --no-cache | tail -n 12

.PHONY: format
format: setup ## rewrite the sources in the house style
	@ruff check --fix --quiet . ; ruff format --quiet .

.PHONY: bench
bench: setup ## measure; figures go to benchmarks/results/
	@python benchmarks/run.py

.PHONY: setup
setup: $(READY)

.PHONY: kubectl
kubectl: setup
	@scripts/ensure-kubectl $(CACHE)/bin

$(READY): constraints.txt pyproject.toml
	@scripts/setup $(VENV)
	@touch $@

.PHONY: constraints
constraints: setup ## resolve the pinned versions anew
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --custom-compile-command "make constraints" --all-extras --group dev pyproject.toml -o constraints.txt

.PHONY: clean
clean: ## remove what the other targets made
	@rm -rf $(VENV) $(CACHE) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
