/* SPDX-License-Identifier: Apache-2.0 */
#include "peers/suites/chase.h"

void *peer_chase(void *at, uint64_t turns) {
	for (; turns != 0; turns--)
		__asm__ volatile(".rept %c1\n\tldr %0, [%0]\n\t.endr" : "+r"(at) : "i"(PEER_CHASE_UNROLL) : "memory");
	return at;
}
