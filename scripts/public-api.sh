#!/usr/bin/env bash
# The public interface of the library, item by item and feature by feature, is kept in docs/public-api.txt, so that a change of
# it shows in a diff.
#   scripts/public-api.sh          compare it with the file
#   scripts/public-api.sh --write  update the file
# It uses rustdoc's JSON, which the stable compiler can write too. If the compiler is not the one whose JSON
# scripts/public-api reads, it prints SKIPPED (tests/public_api.rs still compares the names).
set -euo pipefail
cd "$(dirname "$0")/.."
if [[ $# -gt 1 || (${1-} != "" && ${1-} != --write) ]]; then
  echo "usage: scripts/public-api.sh [--write]" >&2
  exit 2
fi

# Each set of features, and the ones that it includes.
sets=(renderer dsp+renderer sound+dsp audio-files+dsp recordings+dsp arrays+renderer images+arrays egui+renderer publish+dsp app+sound+audio-files+recordings+images+egui+publish)

target=${CARGO_TARGET_DIR:-target}
mkdir -p "$target/public-api"
# Only rustdoc gets the variable: build scripts that see it would build other dependencies than those that are there.
rustdoc=$target/public-api/rustdoc
# shellcheck disable=SC2016 # $@ is the written script's
printf '#!/bin/sh\nRUSTC_BOOTSTRAP=1 exec rustdoc "$@"\n' >"$rustdoc"
chmod +x "$rustdoc"
arguments=()
for set in "${sets[@]}"; do
  name=${set%%+*}
  features=${name/#renderer/}
  RUSTDOC=$(realpath "$rustdoc") cargo rustdoc --quiet --locked --lib --no-default-features --features "$features" \
    -- --cap-lints allow -Z unstable-options --output-format json
  cp "$target/doc/ringfall.json" "$target/public-api/$name.json"
  arguments+=("$set=$target/public-api/$name.json")
done

status=0
CARGO_TARGET_DIR=$target/public-api cargo run --quiet --locked --manifest-path scripts/public-api/Cargo.toml -- \
  "${arguments[@]}" >"$target/public-api/now.txt" || status=$?
if [[ $status -eq 3 ]]; then
  echo "public-api: SKIPPED, see above: Rust $(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml) is the compiler to check it with" >&2
  exit 0
elif [[ $status -ne 0 ]]; then
  exit "$status"
fi

if [[ ${1-} == --write ]]; then
  cp "$target/public-api/now.txt" docs/public-api.txt
  echo "public-api: written to docs/public-api.txt"
elif ! diff -u docs/public-api.txt "$target/public-api/now.txt"; then
  echo "public-api: the interface has changed, see above. If that is meant: scripts/public-api.sh --write, and commit docs/public-api.txt" >&2
  exit 1
else
  echo "public-api: as it is kept in docs/public-api.txt"
fi
