#!/usr/bin/env bash
# What the compiler does not check: that modules know only those below them, that the library neither prints nor exits, that
# nothing is left over, that the README's links lead somewhere, and that the shell scripts are sound. Needs no build.
set -euo pipefail
cd "$(dirname "$0")/.."

wrong=0
complain() {
  printf 'check: %s\n' "$1" >&2
  printf '  %s\n' "${2//$'\n'/$'\n  '}" >&2
  wrong=1
}

# The lines of Rust in these files or folders that match, but for comments. A path that does not exist has none.
code() { # pattern  path...
  local pattern=$1 path found=()
  shift
  for path in "$@"; do [[ ! -e $path ]] || found+=("$path"); done
  [[ ${#found[@]} -gt 0 ]] || return 0
  grep -rnE --include='*.rs' "$pattern" "${found[@]}" | grep -vE '^[^:]+:[0-9]+:[[:space:]]*//' || true
}

# Floors, from the ground up; DESIGN's rule is that a lower one never imports a higher one.
floor() { # name  pattern of what it must not know  path...
  local lines
  lines=$(code "$2" "${@:3}")
  [[ -z $lines ]] || complain "$1 must not know of what is above it:" "$lines"
}
above_dsp='headless|export|app|bench|cli|palette'
floor "the ground floor" "\\bwgpu\\b|\\bcrate::(waterfall|history|dsp|source|$above_dsp)\\b" \
  src/colormap.rs src/colormap src/scale.rs src/scale src/stamp.rs src/view.rs src/view
floor "the renderer" "\\bcrate::(history|dsp|source|$above_dsp)\\b" src/waterfall.rs src/waterfall
floor "the history" "\\bwgpu\\b|\\bcrate::(waterfall|dsp|source|$above_dsp)\\b" src/history.rs src/history
floor "DSP" "\\bwgpu\\b|\\bcrate::(waterfall|source|$above_dsp)\\b" src/dsp.rs src/dsp
floor "a source" "\\bwgpu\\b|\\bcrate::(waterfall|$above_dsp)\\b" src/source.rs src/source
floor "what draws off screen" '\bcrate::(app|bench|cli)\b' src/headless.rs src/headless src/export.rs src/export

lines=$(code '\b(e?print(ln)?|dbg)!|\bprocess::(exit|abort)\b' src |
  grep -vE '^src/interrupt\.rs:.*process::exit|/tests\.rs:' || true)
[[ -z $lines ]] || complain "the library logs and returns errors, and the program writes by crate::terminal, which cannot panic:" "$lines"

lines=$(grep -rnE --include='*.rs' --include='*.wgsl' '\b(todo|unimplemented)!|FIXME|#\[ignore' \
  src tests examples benches shaders 2>/dev/null || true)
[[ -z $lines ]] || complain "left over:" "$lines"

# ](path) in Markdown and src="path" in its HTML, but for addresses and places in the same page.
while IFS= read -r link; do
  [[ -e ${link%%#*} ]] || complain "README.md points at a file that is not here:" "$link"
done < <(grep -oE '\]\([^)#][^)]*\)|(src|href)="[^"#][^"]*"' README.md |
  sed -E 's/^\]\(|\)$|^(src|href)="|"$//g' | grep -vE '^[a-z]+:' || true)

if command -v shellcheck >/dev/null; then
  shellcheck scripts/*.sh .ci/run || wrong=1
else
  echo "check: SKIPPED the shell scripts, there is no shellcheck" >&2
fi

[[ $wrong -eq 0 ]] || exit 1
echo "check: layers, left-overs, links and scripts are in order"
