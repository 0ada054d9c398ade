#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The second step of the gate: base and head in turn, and the verdicts on them. Leaves verdict.md, the words beside it
# in messages, and the exit status in status; its own is 0 whatever that is. docs/gate.md has the variables.
set -euo pipefail
# What is built and run here is not told of the files by which it would change the step that has the token.
unset GITHUB_ENV GITHUB_OUTPUT GITHUB_PATH GITHUB_STATE GITHUB_STEP_SUMMARY

: "${GATE_FOLDER:?the folder of the gate}"
cd "$GATE_FOLDER"
judge=$(<judge)

quoted() {
	printf " '%s'" "${1//\'/\'\\\'\'}"
}

command=${GATE_COMMAND-}
if [ -z "$command" ]; then
	read -rd '' -a filters <<<"${GATE_FILTER-}" || true # of all lines
	command="build/anechoic run --out {out}$(for filter in "${filters[@]}"; do quoted "$filter"; done)"
fi
words=(--format=markdown "--keep=$PWD/launches")
[ -z "${GATE_BUDGET-}" ] || words+=("--budget=$GATE_BUDGET")
[ -z "${GATE_PAIRS-}" ] || words+=("--pairs=$GATE_PAIRS")
[ -z "${GATE_ROOM-}" ] || words+=("--room=$GATE_ROOM")
# The base's, as a change may not move its own thresholds.
[ -z "${GATE_THRESHOLDS-}" ] || words+=("--per-benchmark=base/$GATE_THRESHOLDS")

rm -rf launches
status=0
"$judge" ab "${words[@]}" -- "cd base && $command" "cd head && $command" >verdict.md 2>messages ||
	status=$?
cat messages >&2
printf '%s\n' "$status" >status
