#!/usr/bin/env bash
# Checks that the compiler does not make: the library neither prints nor exits, there are no leftovers, links in the
# documentation have targets, and the shell scripts are sound. Needs no build. (tests/layers.rs checks the floors.)
set -euo pipefail
cd "$(dirname "$0")/.."

wrong=0
complain() {
  printf 'check: %s\n' "$1" >&2
  printf '  %s\n' "${2//$'\n'/$'\n  '}" >&2
  wrong=1
}

# The matching lines of Rust in these files or folders, without comments. A path that does not exist has none.
code() { # pattern  path...
  local pattern=$1 path found=()
  shift
  for path in "$@"; do [[ ! -e $path ]] || found+=("$path"); done
  [[ ${#found[@]} -gt 0 ]] || return 0
  grep -rnE --include='*.rs' "$pattern" "${found[@]}" | grep -vE '^[^:]+:[0-9]+:[[:space:]]*//' || true
}

lines=$(code '\b(e?print(ln)?|dbg)!|\bprocess::(exit|abort)\b' src |
  grep -vE '^src/interrupt\.rs:.*process::exit|/tests\.rs:' || true)
[[ -z $lines ]] || complain "the library logs and returns errors, and the program writes by crate::terminal, which cannot panic:" "$lines"

lines=$(grep -rnE --include='*.rs' --include='*.wgsl' '\b(todo|unimplemented)!|FIXME|#\[ignore' \
  src tests examples benches shaders 2>/dev/null || true)
[[ -z $lines ]] || complain "left over:" "$lines"

# ](path) in Markdown and src="path" in its HTML, except for URLs and anchors in the same page.
while IFS= read -r link; do
  file=${link%%:*} link=${link#*:}
  [[ -e ${file%/*}/${link%%#*} ]] || complain "$file points at a file that is not here:" "$link"
done < <(grep -oHE '\]\([^)#][^)]*\)|(src|href)="[^"#][^"]*"' ./*.md docs/*.md |
  sed -E 's/^([^:]*:)(\]\(|(src|href)=")/\1/; s/[")]$//' | grep -vE '^[^:]+:[a-z]+:' || true)

if command -v shellcheck >/dev/null; then
  shellcheck scripts/*.sh .ci/run || wrong=1
else
  echo "check: SKIPPED the shell scripts, there is no shellcheck" >&2
fi

[[ $wrong -eq 0 ]] || exit 1
echo "check: left-overs, links and scripts are in order"
