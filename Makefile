# A fresh machine needs Python 3.11 or newer with venv, and make. `make help` lists what there is.

VENV := .venv
PY := $(VENV)/bin/python
UV := $(VENV)/bin/uv
PACKAGES := $(VENV)/.packages-installed
NODE_PACKAGES := sandbox/data_api/node_modules/.installed-from

# Pyright and Node come as wheels; whatever node the machine has is left alone.
export PYRIGHT_PYTHON_GLOBAL_NODE := 0
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1
export UV_PYTHON_DOWNLOADS := never
# Compiled code is kept even where the machine says not to: the tests start many short programs.
export PYTHONDONTWRITEBYTECODE :=
ifdef PIP_INDEX_URL
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif

COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-billing up test test-all check audit bench rights matrix faults chaos blue-green upgrade hostile drill lock check-compose clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name says; do \
		printf '  make %-15s %s\n' "$$name" "$$says"; done

setup: $(PACKAGES) $(NODE_PACKAGES) ## Install everything into this folder (the other targets do so by themselves)

demo: setup ## Show one registration from chat to receipt, in the embedded world
	$(PY) -m sandbox demo $(ARGS)

demo-billing: setup ## Show a payment that fails and the 30 days after it, in a minute
	$(PY) -m sandbox demo-billing $(ARGS)

up: setup ## Run the whole system on this machine until Ctrl-C; its data stay in .sandbox
	$(PY) -m sandbox up --data .sandbox $(ARGS)

# As many workers as the smallest machine has cores: a scene that has to be killed in within seconds
# is over before that where several worlds start at once.
test: setup ## Run the tests (ARGS="tests/console -k cancel" runs some)
	$(PY) -m pytest -n 2 $(ARGS)

test-all: setup ## Run those too that repeat with a world of their own what another test shows
	$(PY) -m pytest -n 2 -m "full or not full" $(ARGS)

check: setup ## Lint, format, types, and the rules of the house
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/pyright
	$(PY) -m pytest -q tests/house

audit: setup ## Ask the advisory services what they know of the locked versions (needs the internet)
	@$(PY) -m tests.house.audit

bench: setup ## Compare how late bookings leave with other designs (ARGS="--short" in 90 s)
	$(PY) -m bench $(ARGS)

rights: setup ## Try everything that every role could do in the database, and print what went
	$(PY) -m tests.database.matrix

matrix: setup ## Kill the worker at every point of every step (ARGS="--cell book/after_effect/other_worker")
	$(PY) -m tests.chaos matrix $(ARGS)

faults: setup ## Break everything outside, alone and in pairs (ARGS="--cell bookeo.hang+smtp.refuse")
	$(PY) -m tests.chaos faults $(ARGS)

chaos: setup ## Soak it while everything breaks (ARGS="--minutes 30 --seed 7 --rate 2")
	$(PY) -m tests.chaos soak $(ARGS)

blue-green: setup ## Let two workers with clocks apart do minutely jobs, killed in between (ARGS="--minutes 10")
	$(PY) -m tests.schedules $(ARGS)

upgrade: setup ## Let this release finish what the previous one began (ARGS="--versioned --seed 7")
	$(PY) -m tests.release $(ARGS)

hostile: setup ## Send ten thousand generated bad inputs to the MCP server (ARGS="--seed 7 --count 500")
	$(PY) -m tests.hostile $(ARGS)

drill: setup ## Try alert rules and dashboard with a real Prometheus over a real opening
	$(PY) -m tests.drill $(ARGS)

lock: $(UV) ## Write the lock files anew from pyproject.toml
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) pyproject.toml --extra sandbox -c requirements.lock -o requirements-sandbox.lock
	$(COMPILE) pyproject.toml --extra sandbox --extra dev -c requirements-sandbox.lock -o requirements-dev.lock
	$(COMPILE) requirements-bootstrap.in -c requirements-dev.lock -o requirements-bootstrap.lock

check-compose: $(PACKAGES) ## Let Docker Compose itself read docker-compose.yml
	@if docker compose version >/dev/null 2>&1; then compose="docker compose"; \
	elif docker-compose version >/dev/null 2>&1; then compose=docker-compose; \
	else echo "Docker Compose is not installed here, so nothing was checked. Install its plugin;" \
		"without it, make check still holds docker-compose.yml to the compose schema." >&2; exit 1; fi; \
	variables=$$(mktemp); trap 'rm -f "$$variables"' EXIT; \
	$(PY) deploy/simulator_env.py >"$$variables" && \
	$$compose --env-file "$$variables" --profile simulators --profile observability config --quiet && \
	echo "$$compose accepts docker-compose.yml."

clean: ## Remove what was installed or made here, the sandbox's data included
	rm -rf $(VENV) sandbox/data_api/node_modules .sandbox .drill .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(UV): requirements-bootstrap.lock
	@python=; \
	for name in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11); do \
		if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
			python=$$name; break; fi; done; \
	if [ -z "$$python" ]; then \
		echo "SignupAssist needs Python 3.11 or newer, and none was found:" \
			"python3 is $$(python3 --version 2>&1 | tail -n 1)." \
			"Install one, or name it: make PYTHON=/path/to/python3." >&2; exit 1; fi; \
	echo "Setting up $(VENV) with $$("$$python" --version) ..."; \
	"$$python" -m venv $(VENV) || { \
		echo "Python's venv module does not work here. Install it (Debian and Ubuntu: python3-venv)" \
			"and run make again." >&2; rm -rf $(VENV); exit 1; }
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(PACKAGES): requirements-dev.lock $(UV)
	$(UV) pip sync --quiet --python $(PY) --compile-bytecode --require-hashes $<
	@touch $@

$(NODE_PACKAGES): sandbox/data_api/package-lock.json sandbox/data_api/package.json $(PACKAGES)
	$(PY) -m sandbox install
	@touch $@
