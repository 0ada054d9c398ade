#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# fuzz.sh TARGETS FOUND SECONDS: runs each fuzz target in the folder TARGETS for SECONDS, from fuzz/seeds/NAME and
# what earlier runs left in FOUND/NAME. What breaks one is kept there as crash-*, leak-*, timeout-* or oom-*. Exit
# status 1 where something did.
set -euo pipefail

if [ $# -ne 3 ]; then
	echo "usage: ${0##*/} TARGETS FOUND SECONDS" >&2
	exit 2
fi
targets=$1 found=$2 seconds=$3
cd "$(dirname "$0")/.."
status=0
for source in fuzz/*.c; do
	name=$(basename "$source" .c)
	mkdir -p "$found/$name"
	if "$targets/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 \
		-dict="fuzz/$name.dict" -artifact_prefix="$found/$name-" -print_final_stats=1 \
		"$found/$name" "fuzz/seeds/$name" >"$found/$name.log" 2>&1; then
		runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$found/$name.log")
		echo "fuzz: $name: nothing in $seconds s, $runs inputs"
	else
		tail -n 30 "$found/$name.log" >&2
		echo "fuzz: $name: FOUND something; whole output: $found/$name.log"
		status=1
	fi
done
exit $status
