/* SPDX-License-Identifier: Apache-2.0
 *
 * The architectures' own events. Source: Intel SDM volume 3B, table 20-1; Arm ARM (DDI 0487), D13.11.2; AMD processor
 * programming references, PMCx0C2 and PMCx0C3 of all families from 15H on.
 */
#include "bench/counters/events.h"

#include <string.h>

static const struct event_code intel[EVENT_COUNT] = {
	[EVENT_LLC_MISSES] = {0x412e, "LONGEST_LAT_CACHE.MISS"},
	[EVENT_BRANCHES] = {0x00c4, "BR_INST_RETIRED.ALL_BRANCHES"},
	[EVENT_BRANCH_MISSES] = {0x00c5, "BR_MISP_RETIRED.ALL_BRANCHES"},
};
static const struct event_code amd[EVENT_COUNT] = {
	[EVENT_BRANCHES] = {0x00c2, "ExRetBrn"},
	[EVENT_BRANCH_MISSES] = {0x00c3, "ExRetBrnMisp"},
};
static const struct event_code arm[EVENT_COUNT] = {
	[EVENT_L1D_MISSES] = {0x03, "L1D_CACHE_REFILL"},
	[EVENT_L2_MISSES] = {0x17, "L2D_CACHE_REFILL"},
	[EVENT_LLC_MISSES] = {0x37, "LL_CACHE_MISS_RD"},
	[EVENT_DTLB_MISSES] = {0x05, "L1D_TLB_REFILL"},
	[EVENT_PAGE_WALKS] = {0x34, "DTLB_WALK"},
	[EVENT_BRANCHES] = {0x21, "BR_RETIRED"},
	[EVENT_BRANCH_MISSES] = {0x22, "BR_MIS_PRED_RETIRED"},
};

const char *event_name(enum event event) {
#define EVENT_NAME(NAME, name) [EVENT_##NAME] = name,
	static const char *const names[] = {EVENTS(EVENT_NAME)};
#undef EVENT_NAME
	return names[event];
}

static bool is_of(const struct event_row *row, const char *design) {
	for (size_t i = 0; i < sizeof(row->designs) / sizeof(row->designs[0]) && row->designs[i]; i++)
		if (strcmp(row->designs[i], design) == 0)
			return true;
	return false;
}

struct event_code events_code(enum caps_architecture architecture, bool architectural, const char *design,
			      enum event event) {
	if (architecture == CAPS_AARCH64)
		return arm[event];
	for (const struct event_row *row = events_table; row->designs[0]; row++)
		if (is_of(row, design) && row->codes[event].name)
			return row->codes[event];
	return architectural ? intel[event] : amd[event];
}
