# make setup | serve | quick | test | pythons | clients | graphiql | chaos | lock | clean.
# Needs Python 3.11 or newer, and nothing else.

NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$name -c "$(NEW_ENOUGH)" >/dev/null 2>&1 && echo $$name && break; done)
PORT ?= 8000
HOST ?= 127.0.0.1
ORDERS ?= 5000
SEED ?= 7
N ?= 1000
WORKERS ?= 1
PYTEST_OPTIONS ?=

VENV := .venv
BIN := $(VENV)/bin
# What `make serve` needs is installed, and what everything else needs.
SERVE_READY := $(VENV)/serve-ready
READY := $(VENV)/ready
LOG = $(VENV)/log-$(@F)
# Exactly what a lock file lists: pip resolves nothing, so a new release of a package changes nothing.
INSTALL := -m pip install --quiet --no-deps --require-hashes
COMPILE := uv pip compile --quiet --generate-hashes --universal --python-version 3.11 \
	--no-emit-index-url --no-header --no-annotate

MAKEFLAGS += --no-print-directory
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PIP_ROOT_USER_ACTION = ignore
# Else each of the processes that the tests start would compile the source anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup serve test quick check types changed-types tests quick-tests pythons environments clients ariadne graphiql chaos lock clean

setup: $(READY)

$(SERVE_READY): requirements.lock requirements-build.lock pyproject.toml
	@$(or $(PYTHON),false) -c "$(NEW_ENOUGH)" >/dev/null 2>&1 || { echo "Python 3.11 or newer is needed, \
	and $(or $(PYTHON),python3) is none: name one, as in make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "* $(VENV)"
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@echo "* the packages of requirements.lock"
	@$(BIN)/python $(INSTALL) -r requirements.lock -r requirements-build.lock
	@echo "* ordergraph itself"
	@$(BIN)/python -m pip install --quiet --no-build-isolation --no-deps -e .
	@$(BIN)/python -m pip check >$(LOG) 2>&1 || { cat $(LOG); exit 1; }
	@touch $@

$(READY): $(SERVE_READY) requirements-dev.lock
	@echo "* the packages of requirements-dev.lock"
	@$(BIN)/python $(INSTALL) -r requirements-dev.lock
	@$(BIN)/python -m pip check >$(LOG) 2>&1 || { cat $(LOG); exit 1; }
	@touch $@

serve: $(SERVE_READY)
	@exec $(BIN)/ordergraph serve --sandbox --host $(HOST) --port $(PORT) --orders $(ORDERS) --seed $(SEED)

# A tool that finds nothing has nothing to say: what it writes is shown only when it fails. The tests wait much, so there
# are two processes for each core, and everything else is checked meanwhile.
PROCESSES := --numprocesses $(shell echo $$((2 * $$(getconf _NPROCESSORS_ONLN)))) --maxprocesses 8 --dist worksteal

test: $(READY)
	@$(MAKE) --jobs 3 check types tests

# Before a commit: all checks, with the types of the files that differ from the last commit, and the quick tests.
quick: $(READY)
	@$(MAKE) --jobs 3 check changed-types quick-tests

check: $(READY)
	@echo "* format";       $(BIN)/ruff format --quiet --check
	@echo "* lint";         $(BIN)/ruff check --quiet
	@echo "* imports";      $(BIN)/lint-imports >$(LOG) 2>&1 || { cat $(LOG); exit 1; }
	@echo "* dependencies"; $(BIN)/deptry . >$(LOG) 2>&1 || { cat $(LOG); exit 1; }
	@echo "* spelling";     $(BIN)/codespell
	@echo "* schema";       $(BIN)/ordergraph schema --check

TYPES := $(BIN)/basedpyright --pythonpath $(BIN)/python
types: $(READY)
	@echo "* types";        $(TYPES) >$(LOG) 2>&1 || { cat $(LOG); exit 1; }

CHANGED = { git diff --name-only --diff-filter=d HEAD; git ls-files --others --exclude-standard; } | grep '\.py$$'
changed-types: $(READY)
	@echo "* types of changed files"; $(CHANGED) | xargs -r $(TYPES) >$(LOG) 2>&1 || { cat $(LOG); exit 1; }

# PYTEST_OPTIONS="--cov --cov-branch" tells what of the source they reach, and makes them take half as long again.
tests: $(READY)
	@echo "* tests";        $(BIN)/pytest --quiet $(PROCESSES) $(PYTEST_OPTIONS)

# Those that are not marked as slow: pyproject.toml says what is.
quick-tests: $(READY)
	@echo "* quick tests";  $(BIN)/pytest --quiet $(PROCESSES) -m "not slow" $(PYTEST_OPTIONS)

# The quick tests on every other supported version of Python that this machine has.
pythons: environments
	@while read -r version python; do \
	echo "* Python $$version: $$python"; .venv-$$version/bin/ordergraph schema --check && \
	$(MAKE) quick-tests VENV=.venv-$$version </dev/null || exit 1; done <$(OTHERS)

# An environment for each of them. pip keeps one core busy, so they are made at the same time.
OTHERS := $(VENV)/other-pythons
environments: $(READY)
	@$(BIN)/python -m tests.pythons >$(OTHERS)
	@awk '{ print "setup VENV=.venv-" $$1 " PYTHON=" $$2 }' $(OTHERS) | xargs -r -L 1 -P 4 $(MAKE)

# What the tests of client libraries and of accessibility need, which are skipped without: Node 20 or newer brings the rest.
CLIENTS := tests/clients
clients: ariadne
	@npm ci --loglevel=error --prefix $(CLIENTS)

# ariadne-codegen and the gateway need different versions of graphql-core.
ariadne: $(READY)
	@$(BIN)/python -m venv --clear $(CLIENTS)/.ariadne
	@$(CLIENTS)/.ariadne/bin/python $(INSTALL) -r $(CLIENTS)/requirements-ariadne.lock
	@$(CLIENTS)/.ariadne/bin/python -m pip check >$(LOG) 2>&1 || { cat $(LOG); exit 1; }

# GraphiQL's page, after a change of its sources: what it makes is committed. Node 20.19 or newer.
graphiql:
	@npm ci --loglevel=error --prefix graphiql
	@npm run build --prefix graphiql

# The kill test at length: N orders while the gateway is killed again and again.
# WORKERS is its number of processes, LEDGER the URL of an empty database, or postgresql for one made here.
chaos: $(READY)
	@$(BIN)/python -m tests.chaos --orders $(N) --seed $(SEED) --workers $(WORKERS) $(if $(LEDGER),--ledger $(LEDGER))

# Needs uv. Versions stay as they are where they still fit; UPGRADE=--upgrade takes the newest.
lock:
	@$(COMPILE) $(UPGRADE) pyproject.toml --output-file requirements.lock
	@$(COMPILE) $(UPGRADE) pyproject.toml --group dev --output-file requirements-dev.lock
	@$(COMPILE) --group build --constraint requirements-dev.lock --output-file requirements-build.lock
	@echo ariadne-codegen | $(COMPILE) $(UPGRADE) - --output-file $(CLIENTS)/requirements-ariadne.lock

clean:
	@rm -rf $(addprefix $(CLIENTS)/,.ariadne generated node_modules) graphiql/node_modules
	@rm -rf .venv .venv-* build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage .coverage.*
	@find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
