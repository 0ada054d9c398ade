/* SPDX-License-Identifier: Apache-2.0
 *
 * Benchmarks that are broken on purpose, to show that a fault in one is a line in the results and that those after it
 * run. What they do wrong is in bench/<arch>/inject.S. They need no setup: what is tested is `run`.
 */
#include "bench/suites.h"
#include "lib/units.h"
#include "platform.h"

#include <string.h>

void inject_illegal_instruction(void *state, uint64_t iterations);
void inject_null_read(void *state, uint64_t iterations);
void inject_code_write(void *state, uint64_t iterations);
void inject_stack_overflow(void *state, uint64_t iterations);
void inject_endless_loop(void *state, uint64_t iterations);

static enum bench_setup_result nothing_to_set_up(const struct benchmark *benchmark, struct bench_context *context) {
	(void)benchmark;
	(void)context;
	return BENCH_READY;
}

/* Only the image contains a fault on another core. */
static enum bench_setup_result core_set_up(const struct benchmark *benchmark, struct bench_context *context) {
	(void)benchmark;
	const struct platform_info *info = platform_describe();
	context->reason = info->cores < 2 ? "there is but one core"
			  : memcmp(info->hold, "process", sizeof("process")) == 0
				  ? "a fault on another core ends the process"
				  : NULL;
	return context->reason ? BENCH_SKIP : BENCH_READY;
}

static void read_null(void *argument) {
	inject_null_read(argument, 1);
}

/* The join does not come back. */
static void fault_on_other_core(void *state, uint64_t iterations) {
	(void)iterations;
	if (platform_core_start(1, read_null, state) == 0)
		platform_core_join(1, 0);
}

/* Every checkpoint puts the time-out off: what ends this is the bound over all of them. */
static void inject_checkpoints(void *state, uint64_t iterations) {
	(void)state;
	(void)iterations;
	const uint64_t a_minute_ns = 60 * NS_PER_SECOND;
	for (;;)
		platform_checkpoint(a_minute_ns);
}

#define BROKEN(word, what, function) \
	{ .name = "inject/" word, .iteration = what, .setup = nothing_to_set_up, .run = function }

static const struct benchmark broken[] = {
	BROKEN("ud", "execute an illegal instruction", inject_illegal_instruction),
	BROKEN("null", "read from page 0", inject_null_read),
	BROKEN("wx", "write to its own code", inject_code_write),
	BROKEN("stack", "recurse until the stack's guard page", inject_stack_overflow),
	BROKEN("hang", "loop without end", inject_endless_loop),
	BROKEN("checkpoint", "call checkpoints without end", inject_checkpoints),
	{.name = "inject/core",
	 .iteration = "read from page 0 on another core",
	 .setup = core_set_up,
	 .run = fault_on_other_core},
};

const struct bench_suite suite_inject = {
	.name = "inject",
	.benchmarks = broken,
	.count = sizeof(broken) / sizeof(broken[0]),
};
