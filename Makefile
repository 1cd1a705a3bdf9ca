# Two commands on a fresh machine: make demo, make test.
PYTHON = .venv/bin/python
WORKERS ?= auto
.PHONY: demo test check bench golden setup setup-test clean help

help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

demo: setup ## plan the sample company and write reports into out/
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
	@FIELDLEDGER_GOLDEN=write $(PYTHON) -m pytest -q tests/test_golden_files.py

setup:
	@tools/setup.sh

setup-test:
	@tools/setup.sh test

clean: ## remove what was made
	rm -rf .venv out
