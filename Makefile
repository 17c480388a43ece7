# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
READY = $(VENV)/.ready

# Demo and tests start the bot many times: where a machine forbids bytecode, each start would compile it anew.
export PYTHONDONTWRITEBYTECODE =

.PHONY: demo demo-script test lint bench mutants docs screenshot clean

demo: $(READY)
	@$(BIN)/gonogo demo

demo-script: $(READY)
	@$(BIN)/gonogo demo --script

test: lint
	@$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder -q

lint: $(READY)
	@$(BIN)/ruff check bot checks tests docs
	@$(BIN)/ruff format --check --quiet bot checks tests docs
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache > /dev/null || $(BIN)/lint-imports --no-cache

docs: $(READY)
	@$(BIN)/python -m docs.generate

bench: $(READY)
	@$(BIN)/python -m tests.bench

# Changes the rules of trust one by one and prints each change that no test notices; tests/mutants.md explains the rest.
mutants: $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[mutants]'
	@$(BIN)/python -m tests.mutants

screenshot: $(READY)
	@$(BIN)/python -m tests.demo.page.screenshot docs/images/workspace.png

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "gonogo needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Say which one: make PYTHON=python3.12")'
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Setting up $(VENV) (once, a minute or two) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]' || { echo "The packages could not be installed: is PyPI reachable from here?"; exit 1; }
	@touch $(READY)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis test-output
