# mibgate: the verbs of development. `make help` lists them.
SHELL := /bin/bash

# golangci-lint is pinned and built from the Go module proxy: 100 s on two cores, once.
LINT_VERSION := v2.15.0
LINT         := .cache/bin/golangci-lint-$(LINT_VERSION)

VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
# The time of the commit, so that the same commit makes the same binary: floor of the element's clock.
BUILD    := $(shell git log -1 --format=%cI 2>/dev/null)
FUZZTIME ?= 20s
SOAKTIME ?= 10m

# The version is stamped by us: Go's own stamping fails in a clone that belongs to another user.
GOBUILD := go build -trimpath -buildvcs=false -ldflags '-s -w -X main.version=$(VERSION) -X mibgate/element/hoc.buildTime=$(BUILD)'

.DEFAULT_GOAL := help
.PHONY: run test unit generate lint bench bench-snmp fuzz soak build deb deps clean help

run: build ## show the whole main job on loopback: gateway, SIP server, traps
	@command -v snmpwalk >/dev/null || .ci/deps snmp || echo "going on without net-snmp: the commands printed below need it"
	bin/mibgate lab

test: ## everything CI checks; as root it installs the peers it needs first
	@.ci/test

unit: ## go vet and all tests with the race detector
	go vet $$(.ci/testpackages)
	MIBGATE_REQUIRE_PEERS=1 go test -race -timeout 10m $$(.ci/testpackages)
	go test -count=1 -run '^(TestAnsweringMakesNoGarbage|TestNextDoesNotDependOnTableSize|TestMemoryOfACell|TestStartIsQuick)$$' ./agent/snmp ./element/store ./cmd/mibgate # what the race detector distorts

generate: ## write the Go packages of the MIB modules, and testdata/nms
	go run ./cmd/mibgen
	go test ./agent/nms -run '^TestFilesAreUpToDate$$' -update

lint: $(LINT) ## our own rules (cmd/miblint) and golangci-lint
	@test -z "$$(gofmt -l agent cmd drivers element mib testdata 2>/dev/null | tee /dev/stderr)" || { echo "not gofmt-clean" >&2; exit 1; }
	go run ./cmd/miblint
	$(LINT) run $$(.ci/testpackages)

$(LINT):
	GOBIN=$(CURDIR)/.cache/bin GOFLAGS=-buildvcs=false go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	mv .cache/bin/golangci-lint $@

bench: ## write docs/figures.md: start, memory, CPU beside snmpd; then all Go benchmarks
	@mkdir -p docs
	MIBGATE_FIGURES=$(CURDIR)/docs/figures.md MIBGATE_REQUIRE_PEERS=1 go test -count=1 -v -run '^TestFigures$$' ./cmd/mibgate
	go test -run '^$$' -bench . -benchmem $$(.ci/testpackages)

bench-snmp: build ## write docs/bench-snmp.md: SNMP beside snmpd and GoSNMPServer (6 minutes)
	go run ./cmd/mibbench -mibgate bin/mibgate -o docs/bench-snmp.md

fuzz: ## every fuzzer for FUZZTIME (default 20s) each
	@FUZZTIME=$(FUZZTIME) .ci/fuzz

soak: ## the long tests, TestSoak…, for SOAKTIME (default 10m) each
	MIBGATE_SOAK=$(SOAKTIME) go test -v -run '^TestSoak' -timeout 0 $$(.ci/testpackages)

build: ## bin/mibgate
	$(GOBUILD) -o bin/mibgate ./cmd/mibgate

deb: build ## a Debian package in dist/
	@.ci/deb '$(VERSION)'

deps: ## install the Debian packages the tests need (.ci/packages); as root
	@.ci/deps

clean: ## remove build output and tool caches
	rm -rf bin dist .cache

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
