#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The third step of the gate: what it found as report.md, added to the job's summary where there is one, else printed,
# and as a comment where that may be written. docs/gate.md has the variables.
set -euo pipefail

: "${GATE_FOLDER:?the folder of the gate}"
own=$(cd "$(dirname "$0")" && pwd)
[ -d "$GATE_FOLDER" ] || { mkdir -p "$GATE_FOLDER" && touch "$GATE_FOLDER/.anechoic-gate"; }
cd "$GATE_FOLDER"
status=$(cat status 2>/dev/null || echo unbuilt)

case $status in
0) word="no regression" ;;
1) word="a regression" ;;
2) word="not judged" ;;
3) word="inconclusive, and no regression" ;;
4) word="a launch or a benchmark failed" ;;
124) word="a launch took too long" ;;
unbuilt) word="not built: the job's log says why" ;;
*) word="ended by status $status" ;;
esac

# As an indented block nothing in it is Markdown, and nobody is called. What launches say comes first and may be much;
# the words about them all come last.
case $status in
0 | 1 | 3) lines=20 ;;
*) lines=100 ;;
esac
as_code() {
	sed '/^::/d' "$1" | tail -n "$lines" | tr -d '\000-\010\013-\037\177' | sed 's/^/    /'
}

{
	printf '### Anechoic: %s\n\n' "$word"
	[ ! -s verdict.md ] || cat verdict.md
	[ ! -s base.commit ] || [ ! -s head.commit ] ||
		printf '\nA is `%s`, B `%s`.\n' "$(<base.commit)" "$(<head.commit)"
	if [ -s messages ] && [ -n "$(as_code messages)" ]; then
		printf '\n<details><summary>messages</summary>\n\n'
		as_code messages
		printf '\n</details>\n'
	fi
} >report.md

if [ -n "${GITHUB_STEP_SUMMARY-}" ]; then
	cat report.md >>"$GITHUB_STEP_SUMMARY"
else
	cat report.md
fi
if [ -n "${GITHUB_OUTPUT-}" ]; then
	printf 'status=%s\nreport=%s\nlaunches=%s\n' "$status" "$PWD/report.md" "$PWD/launches" >>"$GITHUB_OUTPUT"
fi
[ "${GATE_COMMENT-}" != true ] || "$own/comment.py" report.md
