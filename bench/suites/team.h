/* SPDX-License-Identifier: Apache-2.0
 *
 * Other cores that run for as long as a benchmark is set up, as its record names them. They are told to end in a way
 * of the suite's own.
 */
#pragma once

#include "bench/benchmark.h"
#include "platform.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* NULL, or why the core does not run it. Up to BENCH_CORES_MAX of them. */
static inline const char *team_start(struct bench_context *context, unsigned core, void (*function)(void *argument),
				     void *argument) {
	if (context->core_count == BENCH_CORES_MAX)
		return "too many cores";
	switch (platform_core_start(core, function, argument)) {
	case 0:
		context->cores[context->core_count++] = core;
		return NULL;
	case PLATFORM_EUNSUPPORTED:
		return "this platform runs nothing on further cores";
	case PLATFORM_EINVAL:
		return core == 1 ? "there is no second core" : "there is no such core";
	default:
		return "another core could not be started";
	}
}

/* One that was told to end, and is ended where it does not. false: what it looks at must stay mapped. */
static inline bool team_end(unsigned core) {
	const uint64_t patience_ns = UINT64_C(5000000000);
	int joined = platform_core_join(core, patience_ns);
	if (joined == PLATFORM_EBUSY)
		joined = platform_core_stop(core);
	return joined == 0 || joined == PLATFORM_EINVAL;
}

/* team_end of all that team_start started. */
static inline bool team_join(struct bench_context *context) {
	bool all = true;
	for (; context->core_count != 0; context->core_count--)
		all &= team_end(context->cores[context->core_count - 1]);
	return all;
}
