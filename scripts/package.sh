#!/usr/bin/env bash
# Checks that the packaged crate is complete: it passes its own tests after unpacking, without a network.
#   scripts/package.sh --list   only check that no file is missing from it (a second)
#   scripts/package.sh [ARG..]  pack, unpack in a temporary folder, and cargo test there (with these arguments, if any)
set -euo pipefail
cd "$(dirname "$0")/.."

# Files that are excluded on purpose; cargo itself excludes packages within this one (fuzz, tests/embedder, …).
meant='^(\.ci/|\.gitignore$|Makefile$|docs/.*\.png$|scripts/.*\.(sh|py)$|(fuzz|tests/embedder|scripts/public-api|python|web)/)'
# Largest crate, compressed, in kB: crates.io accepts 10 MB, but a small crate downloads faster.
most=1000

if git rev-parse --git-dir >/dev/null 2>&1; then
  left_out=$(comm -23 <(git ls-files | LC_ALL=C sort) <(cargo package --quiet --locked --offline --allow-dirty --list | LC_ALL=C sort) |
    grep -vE "$meant" || true)
  if [[ -n $left_out ]]; then
    printf 'package: left out of the crate, and not in the list of what may be (scripts/package.sh):\n%s\n' "$left_out" >&2
    exit 1
  fi
fi
if [[ ${1-} == --list ]]; then
  echo "package: nothing is left out that should be in it"
  exit 0
fi

target=$(realpath "${CARGO_TARGET_DIR:-target}")
CARGO_TARGET_DIR=$target cargo package --quiet --locked --offline --allow-dirty --no-verify
version=$(sed -n '0,/^version = /s/^version = "\(.*\)"$/\1/p' Cargo.toml)
crate=$target/package/ringfall-$version.crate
kilobytes=$(($(stat -c %s "$crate") / 1000))
if ((kilobytes > most)); then
  echo "package: ${crate##*/} is $kilobytes kB, expected at most $most" >&2
  exit 1
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
tar -xzf "$crate" -C "$folder"
cd "$folder"/ringfall-*
# Cargo detects changes by file times, and all files in a package have the same.
find . -type f -exec touch {} +
# A separate target folder, which keeps the dependencies for the next run. In the usual one cargo would confuse these results
# with those of the working tree.
CARGO_TARGET_DIR=$target/packaged cargo test --locked --offline "$@"
echo "package: ${crate##*/} ($kilobytes kB) passes its own tests"
