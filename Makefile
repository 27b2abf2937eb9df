# Everything happens in a virtual environment in this folder. `make` alone lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed

.DEFAULT_GOAL := help
.PHONY: help install demo up down test test-quick fault-full bench bench-cache bench-emg bench-gateway bench-sequences load lint format stubs baseline clean

help:            ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(INSTALLED)  ## make the virtual environment and install everything into it

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: $(INSTALLED)  ## analyse a real recording, ask again, restart, ask again, and say what happened
	$(BIN)/python -m assaycache.demo

up: $(INSTALLED)  ## start everything and leave it running; `make down` stops it
	$(BIN)/assaycache up --detach

down: $(INSTALLED)  ## stop what `make up` started
	$(BIN)/assaycache down

test: $(INSTALLED)  ## all tests
	$(BIN)/python -m pytest

test-quick: $(INSTALLED)  ## unit and contract tests only: under three minutes
	$(BIN)/python -m pytest -m "not slow" tests/unit tests/contract

fault-full: $(INSTALLED)  ## the whole matrix of failures, 100 kills, 10,000 random messages: half an hour
	ASSAYCACHE_FAULT=full $(BIN)/python -m pytest -s tests/fault tests/integration/cache/test_stateful.py

bench: $(INSTALLED)  ## measure, and print ratios against a limit or a peer in the same run
	$(BIN)/python -m bench.lookup
	$(BIN)/python -m bench.rescore

bench-cache: $(INSTALLED)  ## the cache against bare gRPC, MGET, cashews and dogpile.cache; BENCH=--quick for trying
	-$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,bench]'
	set -e; for what in lookup batches stages parts ingest single_flight scale; do $(BIN)/python -m bench.$$what $(BENCH); done

load: $(INSTALLED)  ## load a stack by ghz and check thresholds; LOAD=--smoke for 20 s in all
	$(BIN)/python -m loadtest $(LOAD)

bench-emg: $(INSTALLED)  ## the EMG analysis against NeuroKit2, BioSPPy and ezc3d, and against the truth
	-$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,bench]'
	$(BIN)/python -m bench.emg
	$(BIN)/python -m bench.emg_accuracy

bench-gateway: $(INSTALLED)  ## the same for REST: cached uploads and results, against a bare echo and the earlier design
	$(BIN)/python -m bench.gateway

bench-sequences: $(INSTALLED)  ## the classifier against vsearch and naive Bayes; ARGS="--greengenes" for more
	$(BIN)/python -m bench.sequences $(ARGS)

lint: $(INSTALLED)  ## ruff, mypy, import rules, the contract, and that the stubs are up to date
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/buf lint
	$(BIN)/buf format --diff --exit-code
	$(BIN)/buf breaking --against protos/baseline.binpb
	$(BIN)/python scripts/stubs.py --check

format: $(INSTALLED)  ## put code and contract into their form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/buf format --write

stubs: $(INSTALLED)  ## generate the Python stubs of the contract
	$(BIN)/python scripts/stubs.py

baseline: $(INSTALLED)  ## at a release: make the present contract the one that `buf breaking` guards
	$(BIN)/buf build --output protos/baseline.binpb

clean:           ## remove the virtual environment and what the demo and the stack keep here
	rm -rf $(VENV) .assaycache .pytest_cache .mypy_cache .ruff_cache .hypothesis
