/* SPDX-License-Identifier: Apache-2.0
 *
 * Which hardware prefetchers a processor lets privileged code switch off, by which bits: CPUID in, plan out, pure, so
 * that it can be tried for processors that are not at hand. Registers are the processor's own, so only what a manual
 * names for its family and model is in the plan; a guest's are its host's, so a guest gets none.
 *
 * Deliberately not here: the access itself (kernel/x86_64/prefetchers.c).
 * Source: Intel SDM volume 4, MISC_FEATURE_CONTROL and PREFETCH_CONTROL (1A4H) in the tables of each core; Intel,
 * "Hardware Prefetch Controls for Intel Atom Cores" (357930), for 1A4H, 1320H and 1321H of Gracemont and Crestmont; AMD
 * APM volume 3, appendix E (CPUID 8000_0021H EAX[13]), and the processor programming references, PrefetchControl
 * (C000_0108H).
 */
#pragma once

#include "lib/cpuid.h"

#include <stdint.h>

enum { PREFETCH_SWITCHES_MAX = 8 };

/* Setting the bit switches it off. */
struct prefetch_switch {
	const char *name; /* "l2_stream"; NULL behind the last of a table */
	uint32_t msr;
	uint8_t bit;
};

struct prefetch_plan {
	const struct prefetch_switch *switches; /* of a table that stays */
	unsigned count;
};

/* What can be switched on the processor that `read` answers for. NULL; else why nothing can, with *plan empty. */
const char *prefetch_plan_make(cpuid_reader *read, struct prefetch_plan *plan);
