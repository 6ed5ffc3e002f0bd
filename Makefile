# make demo and make test need Go and nothing set up before.

FUZZTIME ?= 1m
BENCH    ?= .
COUNT    ?= 1

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## run the uppercase example; open the URL it prints
	go run ./examples/uppercase

.PHONY: test
test: ## run everything this machine can: format, vet, linters, tests, wasm, fuzz targets for seconds
	@bash .ci/test

.PHONY: check-fast
check-fast: ## what to run before each commit: format, vet, tests without the race detector
	@bash .ci/test format vet unit

.PHONY: fmt
fmt: ## format the Go files
	gofmt -w -s .

.PHONY: lint
lint: ## run staticcheck and golangci-lint (the first time builds them, about two minutes)
	@bash .ci/test staticcheck lint

.PHONY: interop
interop: ## run the tests with a real Dioxus as the peer (needs Rust; the first time builds it, some minutes)
	@bash .ci/test peers dioxus

.PHONY: fuzz
fuzz: ## run each fuzz target for FUZZTIME (1m)
	@FUZZTIME=$(FUZZTIME) bash .ci/fuzz

.PHONY: bench
bench: ## run the benchmarks matching BENCH (.), COUNT (1) times each
	go test -run='^$$' -bench='$(BENCH)' -benchmem -count=$(COUNT) ./...

.PHONY: bench-check
bench-check: ## hold what tandem costs in memory, as ratios to a floor, against the budgets (20 seconds)
	go run ./bench -check

.PHONY: clean
clean: ## remove what tests and builds leave behind
	find . -name node_modules -prune -exec rm -rf {} +
	find . \( -name '*.test' -o -name '*.prof' -o -name 'coverage.out' \) -type f -delete
	rm -rf bin dist
