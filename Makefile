# make setup | serve | quick | test | pythons | clients | graphiql | chaos | lock | clean.
# Requires only Python 3.11 or newer.

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
# Marker files: the packages for `make serve` are installed; those for everything else are installed, too.
SERVE_READY := $(VENV)/serve-ready
READY := $(VENV)/ready
LOG = $(VENV)/log-$(@F)
# Install exactly the versions in a lock file. pip resolves nothing, so new releases of packages change nothing.
INSTALL := -m pip install --quiet --no-deps --require-hashes
COMPILE := uv pip compile --quiet --generate-hashes --universal --python-version 3.11 \
	--no-emit-index-url --no-header --no-annotate

MAKEFLAGS += --no-print-directory
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PIP_ROOT_USER_ACTION = ignore
# Otherwise every process that the tests start would compile the source again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup serve test quick check types changed-types tests quick-tests pythons environments clients ariadne graphiql chaos lock clean

setup: $(READY)

$(SERVE_READY): requirements.lock requirements-build.lock pyproject.toml
	@$(or $(PYTHON),false) -c "$(NEW_ENOUGH)" >/dev/null 2>&1 || { echo "Python 3.11 or newer is required, \
	and $(or $(PYTHON),python3) is not. Set its path: make PYTHON=/path/to/python3.11" >&2; exit 1; }
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

# The output of a tool is shown only if it fails. Tests spend much time waiting, so there are two processes for each
# core, and all other checks run at the same time.
PROCESSES := --numprocesses $(shell echo $$((2 * $$(getconf _NPROCESSORS_ONLN)))) --maxprocesses 8 --dist worksteal

test: $(READY)
	@$(MAKE) --jobs 3 check types tests

# For use before a commit: all checks, with the types of files that differ from the last commit, and the quick tests.
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

# PYTEST_OPTIONS="--cov --cov-branch" measures the test coverage, and takes one and a half times as long.
tests: $(READY)
	@echo "* tests";        $(BIN)/pytest --quiet $(PROCESSES) $(PYTEST_OPTIONS)

# The tests that are not marked as slow. pyproject.toml defines the marker.
quick-tests: $(READY)
	@echo "* quick tests";  $(BIN)/pytest --quiet $(PROCESSES) -m "not slow" $(PYTEST_OPTIONS)

# Runs the quick tests with every other supported version of Python on this machine.
pythons: environments
	@while read -r version python; do \
	echo "* Python $$version: $$python"; .venv-$$version/bin/ordergraph schema --check && \
	$(MAKE) quick-tests VENV=.venv-$$version </dev/null || exit 1; done <$(OTHERS)

# Creates an environment for each of them, in parallel, since each pip uses only one core.
OTHERS := $(VENV)/other-pythons
environments: $(READY)
	@$(BIN)/python -m tests.pythons >$(OTHERS)
	@awk '{ print "setup VENV=.venv-" $$1 " PYTHON=" $$2 }' $(OTHERS) | xargs -r -L 1 -P 4 $(MAKE)

# Installs the packages for the tests of client libraries and accessibility, which are skipped without them. Requires
# Node 20 or newer.
CLIENTS := tests/clients
clients: ariadne
	@npm ci --loglevel=error --prefix $(CLIENTS)

# ariadne-codegen and the gateway require different versions of graphql-core.
ariadne: $(READY)
	@$(BIN)/python -m venv --clear $(CLIENTS)/.ariadne
	@$(CLIENTS)/.ariadne/bin/python $(INSTALL) -r $(CLIENTS)/requirements-ariadne.lock
	@$(CLIENTS)/.ariadne/bin/python -m pip check >$(LOG) 2>&1 || { cat $(LOG); exit 1; }

# Builds the GraphiQL page after a change to its sources. The output is committed. Requires Node 20.19 or newer.
graphiql:
	@npm ci --loglevel=error --prefix graphiql
	@npm run build --prefix graphiql

# A long kill test: places N orders while the gateway is killed repeatedly.
# WORKERS is its number of processes. LEDGER is the URL of an empty database, or `postgresql` for a temporary one.
chaos: $(READY)
	@$(BIN)/python -m tests.chaos --orders $(N) --seed $(SEED) --workers $(WORKERS) $(if $(LEDGER),--ledger $(LEDGER))

# Requires uv. Versions stay the same if they are still valid; UPGRADE=--upgrade uses the newest ones.
lock:
	@$(COMPILE) $(UPGRADE) pyproject.toml --output-file requirements.lock
	@$(COMPILE) $(UPGRADE) pyproject.toml --group dev --output-file requirements-dev.lock
	@$(COMPILE) --group build --constraint requirements-dev.lock --output-file requirements-build.lock
	@echo ariadne-codegen | $(COMPILE) $(UPGRADE) - --output-file $(CLIENTS)/requirements-ariadne.lock

clean:
	@rm -rf $(addprefix $(CLIENTS)/,.ariadne generated node_modules) graphiql/node_modules
	@rm -rf .venv .venv-* build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage .coverage.*
	@find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
