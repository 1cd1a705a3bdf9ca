# Two commands on a fresh machine: make demo, make test.
PYTHON = .venv/bin/python
WORKERS ?= auto
KILLS ?= 20
SEEDS ?= 300
FIRST ?= 0
.PHONY: demo test check bench golden kill simulate mutants setup setup-test clean help

help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

demo: setup ## plan the sample company, write reports into out/, send it to a twin
	@mkdir -p out
	@$(PYTHON) -m adapter.edge.demo

test: setup-test ## all tests
	@$(PYTHON) -m pytest -q -n $(WORKERS) $(PYTEST_ARGS)

check: setup-test ## lint, types, shipped rules and their cases, house rules, in about a minute
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m mypy
	@$(PYTHON) -m adapter.edge.cli check
	@$(PYTHON) -m adapter.edge.cli test
	@$(PYTHON) -m pytest -q -n $(WORKERS) tests/test_tidy.py

bench: setup-test ## benchmarks; writes benchmarks/results.json and results.md
	@$(PYTHON) -m pip install --disable-pip-version-check -q -e '.[bench]'
	@$(PYTHON) -m benchmarks

golden: setup-test ## rewrite the golden files; read the diff before you commit it
	@FIELDLEDGER_GOLDEN=write $(PYTHON) -m pytest -q tests/test_golden_files.py \
	  tests/test_golden_events.py tests/test_golden_life.py tests/test_explaining_event.py

kill: setup-test ## kill real workers at every point: KILLS=200 FIRST=0
	@$(PYTHON) -m tests.proof.kill --kills $(KILLS) --first $(FIRST)

simulate: setup-test ## seeds with faults in clock, network and database: SEEDS=3000 FIRST=0
	@$(PYTHON) -m tests.proof.simulate --seeds $(SEEDS) --first $(FIRST)

mutants: setup-test ## faults of our own, planted one by one: each must be found
	@$(PYTHON) -m tests.proof.mutants

setup:
	@tools/setup.sh

setup-test:
	@tools/setup.sh test

clean: ## remove what was made
	rm -rf .venv out
