# The front door. Every command works on a fresh clone: what is missing is
# installed or built first. README.md explains them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build

ROOT := $(CURDIR)
PROVIDER := build/release/terraform-provider-wandb
JOBS ?= $(shell nproc)
PLUGIN_DIR ?= $(HOME)/.terraform.d/plugins
export WANDB_TOOLS_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/terraform-provider-wandb/tools

.PHONY: help build demo test unit check acceptance sanitize bench fuzz lint fmt docs dist install deps tools dev clean

help: ## This list
	@sed -nE 's/^([a-z]+):.* ## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

build: deps ## The optimised provider: build/release/terraform-provider-wandb
	cmake --preset release >/dev/null
	cmake --build build/release -j $(JOBS)

dev: deps ## Debug build with all tests, in build/dev
	cmake --preset dev >/dev/null
	cmake --build build/dev -j $(JOBS)

demo: ## A real apply against a real API server
	scripts/demo.sh

test: deps ## Every test
	scripts/test.sh

unit: deps ## Unit tests but those of cost and patience, no network
	cmake --preset dev >/dev/null
	cmake --build build/dev -j $(JOBS) --target unit_programs
	ctest --test-dir build/dev --output-on-failure -j $$((4 * $(JOBS))) -L quick

acceptance: build dev tools ## Real tofu and terraform against a real API server
	WANDB_ACC_PROVIDER=$(ROOT)/$(PROVIDER) ctest --test-dir build/dev --output-on-failure -j $$((2 * $(JOBS))) -L acceptance

sanitize: deps ## Unit tests under AddressSanitizer, UBSan and ThreadSanitizer
	for preset in asan tsan; do \
	  cmake --preset $$preset >/dev/null; \
	  cmake --build build/$$preset -j $(JOBS); \
	  ctest --test-dir build/$$preset --output-on-failure -j $(JOBS) -L unit; \
	done

bench: build tools ## Start-up, memory, and plan and apply times
	bench/run.sh

fuzz: deps ## Each fuzz target for FUZZ_SECONDS (default 20)
	cmake --preset fuzz >/dev/null
	cmake --build build/fuzz -j $(JOBS) --target fuzzers terraform-provider-wandb
	scripts/fuzz.sh build/fuzz

lint: dev ## clang-format, clang-tidy over what changed, layers
	scripts/lint.sh

check: lint ## The same, and that docs/ is what would be written
	ctest --test-dir build/dev --output-on-failure -R DocPagesTest

fmt: ## clang-format over every source
	git ls-files '*.cc' '*.h' | xargs clang-format -i

docs: deps ## Registry documentation from the schema and the examples
	cmake --preset dev >/dev/null
	cmake --build build/dev -j $(JOBS) --target write_docs
	build/dev/write_docs .

dist: deps ## Release archive, checksums and manifest in build/dist
	cmake --preset release -DTFW_RELEASE=ON >/dev/null
	cmake --build build/release -j $(JOBS)
	scripts/dist.sh

install: build ## Into the local plugin mirror, for tofu init and terraform init
	scripts/install.sh "$(PROVIDER)" "$(PLUGIN_DIR)"

deps: ## Install what building needs
	@scripts/install-deps.sh

tools: deps ## Build the programs that tests run against
	@scripts/install-tools.sh

clean: ## Remove build/
	rm -rf build
