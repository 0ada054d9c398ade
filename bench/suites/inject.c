/* SPDX-License-Identifier: Apache-2.0
 *
 * Benchmarks that are broken on purpose, to show that a fault in one is a line in the results and that those after it run.
 * What they do wrong is in bench/<arch>/inject.S. They need no setup: what is tested is `run`.
 */
#include "bench/suites.h"

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

#define BROKEN(word, what, function) \
	{ .name = "inject/" word, .iteration = what, .setup = nothing_to_set_up, .run = function }

static const struct benchmark broken[] = {
	BROKEN("ud", "execute an illegal instruction", inject_illegal_instruction),
	BROKEN("null", "read from page 0", inject_null_read),
	BROKEN("wx", "write to its own code", inject_code_write),
	BROKEN("stack", "recurse until the stack's guard page", inject_stack_overflow),
	BROKEN("hang", "loop without end", inject_endless_loop),
};

const struct bench_suite suite_inject = {
	.name = "inject",
	.benchmarks = broken,
	.count = sizeof(broken) / sizeof(broken[0]),
};
