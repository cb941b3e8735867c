#!/usr/bin/env bash
# Compiles the renderer for browsers: wasm32-unknown-unknown, with wgpu's WebGPU and WebGL.
#   scripts/wasm.sh          check it
#   scripts/wasm.sh --link   build it, and link it into target/wasm/wasm32-unknown-unknown/debug/ringfall.wasm
# It needs the target's standard library, from one of two places:
#   rustup target add wasm32-unknown-unknown
#   on Debian without rustup: apt-get install rustc-web cargo-web rust-web-src lld   (the library is built from source)
# If both are missing it prints SKIPPED, which is not a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

case ${1-} in
  "") what=(check --lib) ;;
  --link) what=(rustc --lib --crate-type cdylib) ;;
  *)
    echo "usage: scripts/wasm.sh [--link]" >&2
    exit 2
    ;;
esac

target=wasm32-unknown-unknown
# Where Debian's packages are; another folder if they were unpacked rather than installed.
debian=${RINGFALL_RUSTC_WEB:-/usr}
cargo=(cargo)
if ! compgen -G "$(rustc --print sysroot)/lib/rustlib/$target/lib/libcore-*.rlib" >/dev/null; then
  if [[ ! -x $debian/bin/rustc || ! -x $debian/bin/cargo || ! -d $debian/lib/rustlib/src/rust/library/std ]]; then
    echo "wasm: SKIPPED, the standard library of $target is not installed: rustup target add $target" >&2
    exit 0
  fi
  PATH=$PATH:$debian/bin
  linker=$(command -v wasm-ld || compgen -c wasm-ld- | sort -V | tail -n 1) || true
  if [[ -z $linker ]]; then
    echo "wasm: SKIPPED, Debian's rustc-web is here, but its linker is not: apt-get install lld" >&2
    exit 0
  fi
  # The library has to be of the compiler's own version, so this is Debian's cargo with Debian's rustc.
  export RUSTC_BOOTSTRAP=1 RUSTC="$debian/bin/rustc" CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$linker"
  cargo=("$debian/bin/cargo" "-Zbuild-std=std,panic_abort")
fi

CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/wasm" \
  "${cargo[@]}" "${what[@]}" --quiet --locked --target "$target" \
  --no-default-features --features wgpu/webgpu,wgpu/webgl
echo "wasm: the renderer compiles for $target with WebGPU and WebGL"
