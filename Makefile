# make up and make test do all the set-up that they need; the second time they find it done.

python := .venv/bin/python
pytest := $(python) -m pytest

# Many tests wait more than they work, so one process more than there are processors is quickest.
workers := $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))

help:
	@echo "make up           set up, start the cloud, run the guided tour"
	@echo "make down         stop it"
	@echo "make test         style, types and all tests"
	@echo "make lint         style and types only"
	@echo "make conformance  what official clients see"
	@echo "make conformance-terraform  the same for Terraform, with the alicloud provider if it is here"
	@echo "make bench        start, memory and speed, beside moto"
	@echo "make docs         write docs/reference anew from the code"

up: .venv/.with-tour
	@scripts/setup system
	@.venv/bin/yun up --tour

down:
	@if [ -x .venv/bin/yun ]; then .venv/bin/yun down; else echo "OpenYun was not running."; fi

test: lint
	@scripts/setup system
	@.venv/bin/yun prepare
	$(pytest) -n $(workers) --dist loadgroup

lint: .venv/.with-test
	$(python) -m ruff check
	$(python) -m ruff format --check
	$(python) -m mypy

conformance: .venv/.with-test
	$(pytest) tests/conformance
	$(python) -m tests.conformance.oss2_suite.suite
	$(python) -m tests.conformance.go_suite

conformance-terraform: .venv/.with-test
	$(pytest) -rs tests/conformance/test_terraform.py tests/conformance/terraform_flows

bench: .venv/.with-test .venv/.with-bench
	@scripts/setup system
	$(python) -m bench.run
	$(python) -m bench.fleet
	$(python) -m bench.objects

docs: .venv/.with-test
	$(python) -m tools.reference

.venv/.with-%: pyproject.toml
	@scripts/setup python $*
	@touch $@

.PHONY: help up down test lint conformance conformance-terraform bench docs
.PRECIOUS: .venv/.with-%
