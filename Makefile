# make run | quick | test | package | bench | help. The recipes are plain cargo commands; nothing else depends on this file.

.DEFAULT_GOAL := help
.PHONY: run quick test package bench help

# rustup's folder, for shells that were opened before Rust was installed.
export PATH := $(PATH):$(HOME)/.cargo/bin

# Tests that take seconds, compiling included.
QUICK := dsp fuzz layers noop public_api sender shaders

run: ## install what is missing, build, and show the demonstration (without a display: draw it to waterfall.png)
	@scripts/setup.sh run
	cargo build --release --locked
	@# The program exits with 3, and only then, where there is no display.
	@status=0; cargo run --release --locked --quiet -- demo || status=$$?; \
	if [ $$status -ne 3 ]; then exit $$status; fi; \
	cargo run --release --locked --quiet -- render demo --axes -o waterfall.png && \
	echo "No display here, so the demonstration is in $(CURDIR)/waterfall.png"

quick: ## the daily loop: format, clippy, and the tests that need neither a picture nor a window
	cargo fmt --all --check
	cargo clippy --locked --all-targets --quiet -- -D warnings
	cargo test --locked --quiet --lib --bins $(QUICK:%=--test %)

# Property tests draw the same cases each time here; a plain `cargo test` draws new ones.
test: export PROPTEST_RNG_SEED = 1
test: ## install what is missing, and run every check
	@scripts/setup.sh test
	@scripts/check.sh
	cargo fmt --all --check
	cargo clippy --locked --all-targets -- -D warnings
	cargo clippy --locked --lib --no-default-features -- -D warnings
	cargo clippy --locked --lib --no-default-features --features dsp -- -D warnings
	cargo test --locked
	@scripts/embedder.sh
	@scripts/public-api.sh
	@scripts/wasm.sh
	@scripts/soapy.sh
	@scripts/package.sh --list
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps
	@scripts/peers.sh
	@echo "All checks passed."

package: ## pack the crate, and run its tests where it is unpacked
	@scripts/package.sh

bench: ## install what is missing, and measure: a few minutes, written to target/bench.md
	@scripts/setup.sh run
	@scripts/bench.sh

help: ## print this
	@echo "usage: make TARGET"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-7s  %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
