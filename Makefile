# The tasks of the project: `make` or `make help` prints them.

MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := help
SHELL := /bin/bash

# Go's own tarball puts it here, and not every shell is told.
ifeq ($(shell command -v go 2>/dev/null),)
export PATH := /usr/local/go/bin:$(PATH)
endif

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

.PHONY: help run setup build web binary models test check lint fuzz bench bench-web types types-check fmt clean

help: ## Print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-12s %s\n", $$1, $$2 }'

run: ## Install what is missing, build, fetch the speech model, open the demo company on 127.0.0.1:8080 (DEMO=0: an empty Fieldreel)
	@scripts/setup.sh run
	@$(MAKE) --no-print-directory build
	@scripts/run.sh

test: ## Install what is missing and pass every check and test; what CI runs
	@scripts/test.sh

check: ## The quick checks only: formatting, files, go vet
	@scripts/test.sh fast

setup: ## Install what `make test` needs, and nothing else
	@scripts/setup.sh test

build: web ## Build the web client, where Node is, and bin/fieldreel with it inside
	@$(MAKE) --no-print-directory binary

web:
	@scripts/web.sh build

# Always asked for: Go itself knows what is out of date. cgo is for the speech runtime.
binary:
	@mkdir -p bin
	CGO_ENABLED=1 go build -buildvcs=false -trimpath -ldflags '-X main.version=$(VERSION)' -o bin/fieldreel ./cmd/fieldreel

models: build ## Fetch the speech model into the tools folder
	@scripts/models.sh

lint: ## Run golangci-lint
	@scripts/lint.sh

fuzz: ## Run every fuzz target for a few seconds (each: make fuzz EACH=60s)
	@scripts/fuzz.sh $(EACH)

bench: ## Measure against the budgets of the design and write docs/benchmarks.md (no part of the tests)
	@scripts/bench.sh

bench-web: build models ## Measure the web client's load under throttling and write docs/benchmarks-web.md (no part of the tests)
	@node frontend/e2e/perf.mjs

# These need the program and not the client, whose own build needs the types.
types: binary ## Make frontend/src/api/schema.d.ts from the API
	@scripts/types.sh write

types-check: binary ## Fail where frontend/src/api/schema.d.ts is out of date
	@scripts/types.sh check

fmt: ## Format the code, Go and web
	@git ls-files -z -co --exclude-standard -- '*.go' | xargs -0 gofmt -w
	@scripts/web.sh tools && cd frontend && npm run --silent format

clean: ## Delete what was built; data and tools stay
	rm -rf bin frontend/node_modules frontend/e2e/out .tools/web
	find frontend/dist -mindepth 1 ! -name .keep -delete
