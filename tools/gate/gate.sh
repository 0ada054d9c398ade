#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# gate.sh BASE [HEAD]: the whole gate, of the repository that it is called in, without a service. docs/gate.md has the
# variables; the folder of the gate is build/gate there unless GATE_FOLDER says another.
set -euo pipefail

export GATE_BASE=${1-${GATE_BASE-}} GATE_HEAD=${2-${GATE_HEAD-HEAD}}
[ -n "$GATE_BASE" ] || { echo "usage: ${0##*/} BASE [HEAD]" >&2; exit 2; }
GATE_REPOSITORY=$(git rev-parse --show-toplevel)
export GATE_REPOSITORY
GATE_FOLDER=$(realpath -m -- "${GATE_FOLDER:-$GATE_REPOSITORY/build/gate}") # the steps go into other folders
export GATE_FOLDER
own=$(cd "$(dirname "$0")" && pwd)
"$own/build.sh"
"$own/judge.sh"
"$own/report.sh"
"$own/verdict.sh"
