# What people type. `make test` runs everything; the rest are parts of it and helpers.
PYTHON ?= python3
export CARGO_INCREMENTAL ?= 0

.PHONY: help test lint fmt bench faults openapi deploy smoke scale clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

test: ## every suite, counted; SUITES="cargo e2e" runs some
	@$(PYTHON) tests/run.py $(SUITES)

lint: ## formatting, clippy, cargo-deny, and the template
	@$(PYTHON) tests/run.py format clippy deny lint

bench: ## the figures of the README; FIGURES="cold own" measures some
	@$(PYTHON) tests/bench/run.py $(FIGURES)

faults: ## ten thousand mails through senders that are killed; MAILS=300 is what `make test` runs
	@$(PYTHON) tests/faults.py $(MAILS)

fmt: ## format the code
	cargo fmt --all

openapi: ## write infra/openapi.json from the code
	cargo run --quiet -- openapi > infra/openapi.json.new
	mv infra/openapi.json.new infra/openapi.json

deploy: ## check the tools, build, and deploy to AWS; asks for the parameters the first time
	@sh infra/deploy.sh $(DEPLOY)

smoke: ## TOKEN=… make smoke STACK=…: whether a deployed stack works, down to a mail and its events
	@sh infra/smoke.sh "$(STACK)"

scale: ## which limit of AWS a load meets first; RATES="1 12 116" messages a second
	@$(PYTHON) tests/bench/scale.py $(RATES)

clean: ## what builds and suites left in this folder
	cargo clean
	rm -rf .aws-sam .venv .venv-sam .venv-checkov .venv-peer .cache
