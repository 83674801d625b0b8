# What people type. `make test` runs everything; the rest are parts of it and helpers.
PYTHON ?= python3
export CARGO_INCREMENTAL ?= 0

API_TYPES = npx -y -p openapi-typescript@7.13.0 -p typescript@5.9.3 openapi-typescript
# Node of the environment of `make test`, else the one of this machine.
WITH_NODE = PATH="$(CURDIR)/.venv/bin:$$PATH"

.PHONY: help test lint fmt bench faults openapi deploy smoke scale pictures console console-watch console-types clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

test: ## every suite, counted; SUITES="cargo e2e" runs some
	@$(PYTHON) tests/run.py $(SUITES)

lint: ## formatting, clippy, dependencies, the template and the documents
	@$(PYTHON) tests/run.py format clippy deny unused lint

bench: ## the figures of docs/PERFORMANCE.md; FIGURES="cold own" measures some
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

console: console/node_modules ## check and build the console into console/dist
	@cd console && $(WITH_NODE) npm run --silent check && $(WITH_NODE) npm run --silent test && $(WITH_NODE) npm run --silent build

pictures: ## pictures of every screen into target/pictures, and those of the READMEs into docs/pictures
	@$(WITH_NODE) python tests/console/pictures.py

console-watch: console/node_modules ## build the console again at each change; serve it with --console console/dist
	@cd console && $(WITH_NODE) npm run --silent watch

console-types: ## write the console's types of the API from infra/openapi.json
	$(WITH_NODE) $(API_TYPES) infra/openapi.json -o console/src/api/schema.d.ts

console/node_modules: console/package.json console/package-lock.json
	@cd console && $(WITH_NODE) npm ci --ignore-scripts
	touch console/node_modules

clean: ## what builds and suites left in this folder
	cargo clean
	rm -rf .aws-sam .venv .venv-sam .venv-checkov .venv-peer .cache
