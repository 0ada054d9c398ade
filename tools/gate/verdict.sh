#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The last step of the gate: its exit status is that of the verdicts, 0 in the place of those that GATE_FAIL_ON lets
# pass. docs/gate.md has the variables.
set -euo pipefail

: "${GATE_FOLDER:?the folder of the gate}"
status=$(cat "$GATE_FOLDER/status" 2>/dev/null || echo 2)
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/fail_on.sh"
for one in "${passing[@]}"; do
	[ "$status" != "$one" ] || exit 0
done
echo "gate: fails with status $status" >&2
exit "$status"
