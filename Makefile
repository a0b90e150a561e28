# Every target is one command on a machine with Python 3.11 or newer and make: it first installs
# what it needs into .venv, where that is missing or older than pyproject.toml or constraints.txt.
#
#   make run       open the app
#   make test      format and style, types, import contracts, tests: the same in every run
#   make fuzz      the tests that draw their examples, with new ones; ROUNDS=10 says how often
#   make bench     start-up, first update, memory, what health, the screen, many runs, a busy
#                  neighbour and one image, value by value, cost
#   make torture   kills, damage, full disks, crowds, hostile files, stray keys, signals: over an hour
#   make install   only install
#   make clean     remove .venv and everything that tools leave behind; never data or runs
#
# PIP_FLAGS goes to every pip install, for instance to name another package index.

PYTHON ?= python3
PIP_FLAGS ?=
ROUNDS ?= 10
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL = $(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check $(PIP_FLAGS) --constraint constraints.txt
# pip compiles on one core; this takes half of the time. Files that are no Python of this version,
# such as templates, are nobody's concern.
COMPILE = $(BIN)/python -m compileall -qq -j 0 $(VENV)/lib core tui convsole_start.py || true
PYTEST = $(BIN)/python -m pytest --numprocesses logical --maxprocesses 4 --dist worksteal

.PHONY: install run test fuzz lint format bench torture clean

install: $(VENV)/.installed

run: $(VENV)/.installed
	@$(BIN)/convsole

test: lint
	$(PYTEST)

# A failure ends with a line to put above the test, which then draws that example; it is also kept,
# and tried first by the next `make fuzz`.
fuzz: $(VENV)/.installed-dev
	@for round in $$(seq $(ROUNDS)); do \
	  echo "Round $$round of $(ROUNDS)"; \
	  $(PYTEST) -m hypothesis --hypothesis-profile fuzz || exit 1; \
	done

lint: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.installed-dev
	$(BIN)/python -m bench.startup
	$(BIN)/python -m bench.first_update
	$(BIN)/python -m bench.memory
	$(BIN)/python -m bench.given_back
	$(BIN)/python -m bench.health
	$(BIN)/python -m bench.screen
	$(BIN)/python -m bench.runs
	$(BIN)/python -m bench.panes
	$(BIN)/python -m bench.explain
	$(BIN)/python -m bench.walk
	$(BIN)/python -m bench.sweeps
	$(BIN)/python -m bench.busy

torture: $(VENV)/.installed-dev
	$(BIN)/python -m torture.kill
	$(BIN)/python -m torture.updates
	$(BIN)/python -m torture.forks
	$(BIN)/python -m torture.damage
	$(BIN)/python -m torture.disk
	$(BIN)/python -m torture.crowd
	$(BIN)/python -m torture.hostile
	$(BIN)/python -m torture.keys
	$(BIN)/python -m torture.named_keys
	$(BIN)/python -m torture.signals
	$(BIN)/python -m torture.sweeps
	$(BIN)/python -m torture.soak

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Convsole needs Python 3.11 or newer; name one with make PYTHON=..."; exit 1; }
	@echo "Making $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing Convsole and what it needs into $(VENV): once, a few minutes"
	@$(PIP_INSTALL) --editable '.[sweep]'
	@$(COMPILE)
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing Convsole and its tools into $(VENV): once, a few minutes"
	@$(PIP_INSTALL) --editable '.[dev]'
	@$(COMPILE)
	@touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) build dist *.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache \
	  .import_linter_cache snapshot_report.html
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
