#!/bin/sh
# The feature soapy: clippy and its tests, where SoapySDR and its headers are installed. If not it prints SKIPPED, which is not a
# failure.
set -eu
cd "$(dirname "$0")/.."
if ! pkg-config --exists SoapySDR 2>/dev/null; then
    echo "soapy: SKIPPED, SoapySDR's headers are not installed: apt-get install libsoapysdr-dev" >&2
    exit 0
fi
cargo clippy --locked --all-targets --features soapy -- -D warnings
cargo test --locked --features soapy --test soapy
