/* SPDX-License-Identifier: Apache-2.0
 *
 * The architecture has no switch for prefetchers: cores have implementation defined registers (CPUECTLR_EL1 and its
 * like), whose writes trap to EL3 unless the firmware let them through in ACTLR_EL3, and nothing says whether it did.
 */
#include "kernel/arch.h"
#include "kernel/format.h"

int arch_prefetchers_switch(uint64_t off, struct platform_prefetchers *prefetchers) {
	(void)off;
	*prefetchers = (struct platform_prefetchers){0};
	format_copy(prefetchers->reason, sizeof(prefetchers->reason),
		    "an aarch64 core's switches of prefetchers are its firmware's, at EL3");
	return 0;
}

void arch_prefetchers_put_back(void) {
}

bool arch_prefetchers_lost(void) {
	return false;
}
