#!/usr/bin/env bash
# The public interface of the renderer, item by item, is kept in docs/public-api.txt, so that a change of it shows in a diff.
#   scripts/public-api.sh          is it as it is kept?
#   scripts/public-api.sh --write  keep it as it is
# It needs `cargo install --locked cargo-public-api` and a nightly toolchain beside the stable one.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v cargo-public-api >/dev/null || ! rustup run nightly true 2>/dev/null; then
  echo "public-api: SKIPPED, it needs cargo-public-api and a nightly toolchain (tests/public_api.rs compares the names)" >&2
  exit 0
fi
# Without what is derived or implemented for everything. The paths of re-exported items are the public ones.
now=$(CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/public-api" \
  cargo +nightly public-api --no-default-features -sss --color never 2>/dev/null)
if [[ ${1-} == --write ]]; then
  mkdir -p docs
  printf '%s\n' "$now" >docs/public-api.txt
elif ! diff -u docs/public-api.txt <(printf '%s\n' "$now"); then
  echo "public-api: it has changed; if that is meant, scripts/public-api.sh --write keeps it" >&2
  exit 1
fi
