#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# layout_padding.sh SEED: assembly with text sections of random sizes, 1 to 32 lines of cache each, which the linker
# strews among functions. The same seed gives the same sizes.
set -eu
# S. Park, K. Miller: "Random Number Generators: Good Ones Are Hard to Find", CACM 31 (1988): awk's own
# differ from awk to awk.
awk -v state="$1" 'BEGIN {
	for (i = 0; i < 128; i++) {
		state = state * 16807 % 2147483647
		printf "\t.section .text.layout_padding_%d,\"ax\"\n\t.skip %d\n", i, 64 * (1 + int(state / 67108864))
	}
	print "\t.section .note.GNU-stack,\"\",%progbits"
}'
