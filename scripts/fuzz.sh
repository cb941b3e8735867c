#!/usr/bin/env bash
# Runs a target of fuzz/ with libFuzzer on the stable toolchain (it needs a C++ compiler; the first build takes minutes).
#   scripts/fuzz.sh TARGET [LIBFUZZER'S FLAGS]     such as: scripts/fuzz.sh audio -max_total_time=600
# The corpus is kept in fuzz/corpus/TARGET, crashes in fuzz/artifacts. `cargo +nightly fuzz run TARGET` does the same.
set -euo pipefail
cd "$(dirname "$0")/../fuzz"

targets=$(sed -n 's/^name = "\(.*\)"$/\1/p' Cargo.toml | tail -n +2)
if [[ $# -eq 0 ]] || ! grep -qxF -- "$1" <<<"$targets"; then
  echo "usage: scripts/fuzz.sh TARGET [FLAGS]; the targets are ${targets//$'\n'/, }" >&2
  exit 2
fi
target=$1
shift
host=$(rustc -vV | sed -n 's/^host: //p')
# The flags that cargo-fuzz sets, except the sanitizer, which the stable compiler lacks (and safe Rust hardly needs).
flags="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table
  -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1"
RUSTFLAGS=${flags//$'\n'/ } CARGO_TARGET_DIR=target cargo build --release --locked --bin "$target" --target "$host"
mkdir -p "corpus/$target" artifacts
exec "target/$host/release/$target" "corpus/$target" -artifact_prefix=artifacts/"$target"- -max_len=65536 "$@"
