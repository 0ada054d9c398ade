/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/settle.h"

#include "bench/suites/tune_loops.h"
#include "bench/ticks.h"
#include "lib/units.h"
#include "platform.h"

enum { WINDOWS_A_WARM_UP = 20, FIRST_ADDS = 1000 };

/* Ten a nanosecond: no clock is so fast, and a counter that stands still gives no time to divide by. */
static const double adds_a_ns_most = 10;

bool settling_take(struct settling *settling, uint64_t ticks) {
	uint64_t before = settling->last_ticks;
	settling->last_ticks = ticks;
	settling->windows++;
	if (settling->windows == 1 || ticks == 0 || before == 0)
		return false;
	settling->ratio = ticks < before ? (double)ticks / (double)before : (double)before / (double)ticks;
	settling->settled = settling->ratio >= SETTLE_RATIO;
	return settling->settled;
}

static uint64_t time_adds(uint64_t adds) {
	uint64_t begin = ticks_begin();
	tune_loop_add(adds);
	return ticks_end() - begin;
}

static uint64_t time_window(uint64_t adds) {
	uint64_t fastest = UINT64_MAX;
	for (int part = 0; part < SETTLE_PARTS; part++) {
		uint64_t ticks = time_adds(adds);
		fastest = ticks < fastest ? ticks : fastest;
	}
	return fastest;
}

void settle_clock(uint64_t warm_up_ns, uint64_t hz, struct settling *settling) {
	*settling = (struct settling){.window_ns = warm_up_ns / WINDOWS_A_WARM_UP};
	if (hz == 0 || settling->window_ns == 0 || platform_describe()->emulated[0])
		return;
	double part_ns = (double)settling->window_ns / SETTLE_PARTS;
	double add_ns = (double)time_adds(FIRST_ADDS) / FIRST_ADDS / (double)hz * NS_PER_SECOND;
	if (!(add_ns > 1 / adds_a_ns_most))
		add_ns = 1 / adds_a_ns_most;
	uint64_t adds = (uint64_t)(part_ns / add_ns) + 1;
	while (settling->windows < SETTLE_WINDOWS_MOST && !settling_take(settling, time_window(adds)))
		;
}

void settling_describe(const struct settling *settling, struct text *text) {
	if (settling->windows == 0)
		return;
	text_member_object(text, "settling");
	text_member_bool(text, "settled", settling->settled);
	text_member_u64(text, "windows", settling->windows);
	text_member_u64(text, "window_ns", settling->window_ns);
	text_member_double(text, "ratio", settling->ratio);
	text_add_string(text, "}");
}
