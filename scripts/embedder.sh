#!/usr/bin/env bash
# Builds and runs tests/embedder, a crate outside this one that has the renderer alone: its public interface suffices, it
# brings few crates, and none that compiles C or asks for a system library.
set -euo pipefail
cd "$(dirname "$0")/.."

# Crates in addition to wgpu's own, which is only ringfall itself; and crates in total, on this platform.
most_beside=1
most=56

tree() { # package  kinds of dependency
  cargo tree --locked --manifest-path tests/embedder/Cargo.toml --package "$1" --edges "$2" --prefix none |
    sed -E 's/ \(\*\)$//; s/ \(proc-macro\)$//' | cut -d ' ' -f 1,2 | sort -u
}

# A crate that ran a C compiler or pkg-config would fail with these.
CC=/nonexistent CXX=/nonexistent PKG_CONFIG=/nonexistent \
  CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/embedder" \
  cargo run --quiet --locked --manifest-path tests/embedder/Cargo.toml

all=$(tree ringfall normal,build)
beside=$(comm -23 <(tree ringfall normal,build) <(tree wgpu normal,build))
count=$(wc -l <<<"$all")
count_beside=$(wc -l <<<"$beside")
echo "embedder: the renderer has $count crates, $count_beside of them in addition to wgpu's: ${beside//$'\n'/, }"
if ((count > most || count_beside > most_beside)); then
  echo "embedder: expected at most $most crates, $most_beside in addition to wgpu's" >&2
  exit 1
fi
if native=$(grep -E '^(cc|cmake|pkg-config|bindgen|system-deps|vcpkg|autotools) ' <<<"$all"); then
  echo "embedder: the renderer must build without C, got $native" >&2
  exit 1
fi
