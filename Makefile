# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
READY = $(VENV)/.ready
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check
# uv is fast, and knows only the public index; pip also what this machine says of mirrors and proxies, so it comes after.
UV = $(BIN)/uv pip install --quiet --python $(BIN)/python

# Demo and tests start the bot many times: where a machine forbids bytecode, each start would compile it anew.
export PYTHONDONTWRITEBYTECODE =

.PHONY: demo demo-script test suite lint bench mutants docs screenshot lock clean

demo: $(READY)
	@$(BIN)/gonogo demo

demo-script: $(READY)
	@$(BIN)/gonogo demo --script

# Types take one core for twenty seconds, which the first tests leave free.
test: $(READY)
	@$(MAKE) --no-print-directory -j2 lint suite

suite: $(READY)
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
	@$(BIN)/python -m tests.mutants

screenshot: $(READY)
	@$(BIN)/python -m tests.demo.page.screenshot docs/images

# What is installed is what was pinned, byte for byte: `make lock` writes requirements.lock anew from pyproject.toml.
lock: $(READY)
	@$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --all-extras --generate-hashes --no-annotate --no-header --quiet --output-file requirements.lock

$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "gonogo needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Say which one: make PYTHON=python3.12")'
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Setting up $(VENV) (once, a few seconds; without uv a minute) ..."
	@$(PYTHON) -m venv $(VENV)
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > $(VENV)/uv.lock
	@$(PIP) --require-hashes --requirement $(VENV)/uv.lock && $(UV) --require-hashes --requirement requirements.lock || $(PIP) --require-hashes --requirement requirements.lock || { echo "The packages could not be installed: is PyPI reachable from here?"; exit 1; }
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $(READY)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis test-output
