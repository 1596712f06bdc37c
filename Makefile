# `make help` lists what is here. Everything runs in .venv, made from requirements.lock.
.DEFAULT_GOAL := help
.PHONY: help install mlflow run test test-integration test-faults lint viz docs bench profile bench-tables bench-scale lock audit licences clean

# The first Python that is really there and really supported; name another with `make PYTHON=...`.
PYTHON ?= $(shell for p in python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
MLFLOW := .venv-mlflow
MLFLOW_STAMP := $(MLFLOW)/.installed

COMPILE = $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links --python-version 3.11 pyproject.toml

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(STAMP) ## build .venv from requirements.lock; nothing to do when it is up to date

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or 3.12 found: install one, or name it with make PYTHON=/path/to/python"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' || { echo "$(PYTHON) cannot make virtual environments: install its venv package (python3-venv on Debian)"; exit 1; }
	@echo "Installing into $(VENV) (3.7 GB, some minutes) ..."
	@rm -f $@
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/pip install -qq --require-hashes --no-deps --requirement requirements.lock
	@$(BIN)/pip install -qq --no-deps --no-build-isolation --editable .
	@KEDRO_LOGGING_CONFIG=conf/logging.yml $(BIN)/kedro archive-classes || true # runs work without
	@touch $@

mlflow: $(MLFLOW_STAMP) ## build .venv-mlflow: what .venv has, and MLflow from requirements-mlflow.lock on top

# Through the .pth file pip and Python see the packages of .venv: only those that it lacks are installed.
$(MLFLOW_STAMP): requirements-mlflow.lock $(STAMP)
	@rm -f $@
	@$(BIN)/python -m venv --clear --without-pip $(MLFLOW)
	@$(BIN)/python -c 'import sysconfig; print("import site; site.addsitedir(%r)" % sysconfig.get_path("purelib"))' \
		> $$($(MLFLOW)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/layer.pth
	@$(BIN)/pip --python $(MLFLOW)/bin/python install -qq --require-hashes --no-deps --requirement requirements-mlflow.lock
	@touch $@

run: install ## run the whole pipeline on the embedded sample
	@$(BIN)/kedro run

test: install ## run the unit and component tests and one whole run (25 minutes on two cores)
	@$(BIN)/pytest

test-integration: install mlflow ## run clusters, the package, the notebook, Kedro-Viz, programs of their own (18 minutes)
	@$(BIN)/pytest tests/integration

test-faults: install ## kill runs, executors, workers and disks, and look at what is left (20 minutes)
	@$(BIN)/pytest -n 2 --dist=worksteal -m faults --timeout=1200 tests/faults

lint: install ## ruff, format check, mypy, dependency rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

viz: install ## look at the flow in a browser
	@# Kedro-Viz asks for its newest release when it starts; a proxy that is not there says no at once.
	@HTTPS_PROXY=http://127.0.0.1:9 PYTHONWARNINGS=ignore $(BIN)/kedro viz run

docs: install ## build the documentation into site/; nothing on it comes from elsewhere
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@$(BIN)/python tools/outside.py site

bench: install ## measure what the project says about speed, on DATA if it is named
	@$(BIN)/python -m benchmarks $(if $(DATA),--data $(DATA))
	@# The last commit whose engine knew two classes only.
	@$(BIN)/python -m benchmarks.against 593b07b

profile: install ## show where the time of a run goes, on DATA if it is named; writes a table and a picture to docs/results.md
	@$(BIN)/python -m benchmarks.timeline $(if $(DATA),--data $(DATA))

bench-tables: install ## compare the drafted network with XGBoost; TABLES="adult.csv:income telco.csv:Churn"
	@$(BIN)/python -m benchmarks.tables $(TABLES)

bench-scale: install ## measure every pipeline as rows grow; writes the table of docs/scale.md (SIZES="10000 100000 ...")
	@$(BIN)/python -m benchmarks.scale $(if $(SIZES),--rows $(SIZES))

lock: install ## remake requirements.lock and, agreeing with it, requirements-mlflow.lock
	@$(COMPILE) --upgrade --extra dev --output-file requirements.lock
	@$(COMPILE) --upgrade --extra mlflow --constraint requirements.lock --output-file requirements-mlflow.lock

audit: install ## compare the locked versions with known advisories, where the network allows
	@$(BIN)/python tools/audit.py

licences: mlflow ## rewrite docs/licences.md from what the locks install
	@$(MLFLOW)/bin/python tools/licences.py

clean: ## remove the environments and everything that runs have written
	@rm -rf $(VENV) $(MLFLOW) build dist
	@git clean -fdxq data
