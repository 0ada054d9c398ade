# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034 # who reads this file uses it
# For the gate's steps: the statuses that pass by GATE_FAIL_ON, as the array `passing`.
case ${GATE_FAIL_ON:-regression} in
inconclusive) passing=(0) ;;
regression) passing=(0 3) ;;
nothing) passing=(0 1 3 4 124) ;;
*)
	echo "gate: fail-on is '$GATE_FAIL_ON', and must be regression, inconclusive or nothing" >&2
	exit 2
	;;
esac
