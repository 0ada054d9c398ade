/* SPDX-License-Identifier: Apache-2.0
 *
 * Other cores that run for as long as a benchmark is set up, as its record names them. They are told to end in a way
 * of the suite's own.
 */
#pragma once

#include "bench/benchmark.h"
#include "bench/suites/row_text.h"
#include "platform.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `result`, with the reason: the core as its platform names it, and then `what`. */
static inline enum bench_setup_result team_say(struct bench_context *context, enum bench_setup_result result,
					       unsigned core, const char *what) {
	struct platform_core described;
	struct row_text text = {context->reason_text, sizeof context->reason_text, 0};
	if (platform_core_describe(core, &described) == 0) {
		row_word(&text, described.text);
	} else {
		row_word(&text, "core ");
		row_number(&text, core);
	}
	row_word(&text, what);
	context->reason = context->reason_text;
	return result;
}

/* What a benchmark is that needs the core, of which platform_core_start said `error`: BENCH_SKIP, and the reason. */
static inline enum bench_setup_result team_lacks(struct bench_context *context, unsigned core, int error) {
	if (error == PLATFORM_EINVAL)
		context->reason = core == 1 ? "there is no second core" : "there is no such core";
	else if (error == PLATFORM_EUNSUPPORTED)
		context->reason = "this platform runs nothing on further cores";
	else
		return team_say(context, BENCH_SKIP, core, ": it could not be started");
	return BENCH_SKIP;
}

/* BENCH_READY; else the core does not run it: BENCH_SKIP, and the reason. Up to BENCH_CORES_MAX of them. */
static inline enum bench_setup_result team_start(struct bench_context *context, unsigned core,
						 void (*function)(void *argument), void *argument) {
	if (context->core_count == BENCH_CORES_MAX) {
		context->reason = "too many cores";
		return BENCH_SKIP;
	}
	int error = platform_core_start(core, function, argument);
	if (error != 0)
		return team_lacks(context, core, error);
	context->cores[context->core_count++] = core;
	return BENCH_READY;
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
