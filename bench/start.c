/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/start.h"

#include "bench/ticks.h"
#include "lib/units.h"
#include "platform.h"

static uint64_t phase_ticks[START_PHASE_COUNT];

__attribute__((noinline)) void start_phase_end(enum start_phase phase) {
	if (phase_ticks[phase] == 0)
		phase_ticks[phase] = ticks_end();
}

static void add(struct text *text, const char *name, uint64_t *since, uint64_t ticks, uint64_t hz) {
	if (ticks == 0)
		return;
	text_member_u64(text, name, (uint64_t)((double)(ticks - *since) * NS_PER_SECOND / (double)hz));
	*since = ticks;
}

void start_describe(struct text *text, uint64_t hz) {
	static const char *const of_kernel[PLATFORM_PHASE_COUNT] = {
		[PLATFORM_PHASE_CONSOLE] = "kernel_console",   [PLATFORM_PHASE_PROCESSOR] = "kernel_processor",
		[PLATFORM_PHASE_CLOCK] = "kernel_clock",       [PLATFORM_PHASE_MEMORY] = "kernel_memory",
		[PLATFORM_PHASE_RECORDER] = "kernel_recorder", [PLATFORM_PHASE_PROGRAMME] = "kernel_programme",
	};
	static const char *const own[START_PHASE_COUNT] = {
		[START_PHASE_RUNTIME] = "runtime", [START_PHASE_PLAN] = "plan",   [START_PHASE_CLOCK] = "clock",
		[START_PHASE_RUNNER] = "runner",   [START_PHASE_RUN] = "run",     [START_PHASE_TABLE] = "table",
		[START_PHASE_SETTLE] = "settle",   [START_PHASE_START] = "start",
	};
	const struct platform_info *info = platform_describe();
	uint64_t since = info->boot_ticks;
	text_member_object(text, "start_ns");
	if (info->start_ticks != info->boot_ticks)
		add(text, "way_in", &since, info->start_ticks, hz);
	for (unsigned i = 0; i < PLATFORM_PHASE_COUNT; i++)
		add(text, of_kernel[i], &since, info->phase_ticks[i], hz);
	for (unsigned i = 0; i < START_PHASE_COUNT; i++)
		add(text, own[i], &since, phase_ticks[i], hz);
	text_add_string(text, "}");
}
