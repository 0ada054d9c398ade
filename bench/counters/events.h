/* SPDX-License-Identifier: Apache-2.0
 *
 * What is counted beside the time, and by which code each design counts it. A design that is not in the table has what
 * its architecture promises, and nothing else: a code that means something else is worse than none.
 */
#pragma once

#include "caps/raw.h"
#include "platform.h"

#include <stdbool.h>
#include <stdint.h>

/* In the order in which they are shown. Lines and pages that loads miss; where a design counts stores with them, they
 * are in it. */
#define EVENTS(EVENT)                                                                                  \
	EVENT(CYCLES, "cycles")               /* of the core's own clock */                            \
	EVENT(INSTRUCTIONS, "instructions")   /* retired */                                            \
	EVENT(L1D_MISSES, "l1d_misses")       /* of the first data cache */                            \
	EVENT(L2_MISSES, "l2_misses")         /* of the second cache, by the core's demand for data */ \
	EVENT(LLC_MISSES, "llc_misses")       /* of the last level: memory was asked */                \
	EVENT(DTLB_MISSES, "dtlb_misses")     /* of the first data TLB */                              \
	EVENT(PAGE_WALKS, "page_walks")       /* of data, where no TLB had the page */                 \
	EVENT(BRANCHES, "branches")           /* retired */                                            \
	EVENT(BRANCH_MISSES, "branch_misses") /* retired, mispredicted */

#define EVENT_NUMBER(NAME, name) EVENT_##NAME,
enum event { EVENTS(EVENT_NUMBER) EVENT_COUNT };
#undef EVENT_NUMBER

/* "cycles" */
const char *event_name(enum event event);

struct event_code {
	uint64_t code;    /* as platform_pmu_event has it */
	const char *name; /* its maker's; NULL: the design does not count that */
};

/* `design` as caps/ names it; `architectural`: CPUID has leaf 0AH from version 2 on, whose events have fixed codes. */
struct event_code events_code(enum caps_architecture architecture, bool architectural, const char *design,
			      enum event event);

/* ---- the table (events_table.c) ---------------------------------------------------------------------------------- */

struct event_row {
	const char *designs[4]; /* NULL behind the last */
	struct event_code codes[EVENT_COUNT];
};

/* Ends with a row without a design. Written by tools/counters_table.py. */
extern const struct event_row events_table[];
