#!/usr/bin/env bash
# Measures for some minutes, and writes the results to target/bench.md: `ringfall bench`, then the parts by Criterion.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --release --locked
mkdir -p target
out=target/bench.md

ringfall() { cargo run --release --locked --quiet -- "$@"; }

# Criterion prints the time of a part on one line, or on two if its name is long.
criterion() {
  cargo bench --locked --bench '*' -- --warm-up-time 0.3 --measurement-time 0.6 --sample-size 10 --noplot |
    awk '/%/ { next }
         /time: +\[/ { sub(/time: +\[[^ ]+ [^ ]+ /, "| "); sub(/ [^ ]+ [^ ]+\]/, " |"); print "| " (/^ /? name $0 : $0); next }
         /^[A-Za-z]/ && !/^(Benchmarking|Found|Gnuplot|Warning)/ { name = $0 }'
}

{
  echo "# ringfall, measured"
  echo
  echo "$(date -u +%F), $(git describe --always --dirty 2>/dev/null || echo 'no git'), $(rustc --version), load $(cut -d ' ' -f 1-3 /proc/loadavg 2>/dev/null || echo unknown)"
  echo
  echo "## Frames (\`ringfall bench --preset all --frames 200 --texel u8\`)"
  echo
  ringfall bench --preset all --frames 200 --texel u8 --max-seconds 10
  echo
  echo "## Analysis (\`ringfall bench --stft\`)"
  echo
  ringfall bench --stft
  echo
  echo "## From samples to the picture (\`ringfall bench --pipeline\`)"
  echo
  ringfall bench --pipeline
  echo
  if command -v xvfb-run >/dev/null; then
    echo "## In a window without a screen (\`xvfb-run ringfall bench --window --preset 1080p\`)"
    echo
    xvfb-run -a -s "-screen 0 1920x1080x24" cargo run --release --locked --quiet -- bench --window --preset 1080p --frames 200 --max-seconds 5
    echo
  fi
  echo "## Parts (Criterion, the middle of the estimate)"
  echo
  echo "| part | time |"
  echo "| ---- | ---: |"
  criterion
} | tee "$out"
echo "bench: written to $out" >&2
