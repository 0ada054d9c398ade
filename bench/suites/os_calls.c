/* SPDX-License-Identifier: Apache-2.0
 *
 * What a system takes to answer the programme: platform_os_repeat around each.
 *
 *   os/call         a call into the kernel that asks for next to nothing
 *   os/clock        the time is read
 *   os/fault        a load faults, and the programme's own handler is told
 *   os/wake         another core, asleep, is woken, answers, and is asleep again
 *
 * What another core takes to answer while it looks on is machine/cores/pair's to say.
 */
#include "bench/suites.h"
#include "lib/units.h"
#include "platform.h"

enum { CHECKED_ROUNDS = 3 };

static void run(void *argument, uint64_t iterations) {
	struct platform_os_request *request = argument;
	request->rounds = iterations;
	(void)platform_os_repeat(request);
}

static void teardown(const struct benchmark *benchmark, struct bench_context *context) {
	(void)benchmark;
	(void)platform_os_rest();
	context->core_count = 0;
}

static const char *reason_of(int status) {
	switch (status) {
	case PLATFORM_EUNSUPPORTED:
		return "this system has no such thing for a program";
	case PLATFORM_ENOMEM:
		return "no memory";
	default:
		return "there is no second core";
	}
}

static enum bench_setup_result setup(const struct benchmark *benchmark, struct bench_context *context) {
	static struct platform_os_request request; /* one benchmark exists at a time */
	request = (struct platform_os_request){.work = benchmark->parameter, .rounds = CHECKED_ROUNDS, .core = 1};
	context->state = &request;
	int status = platform_os_repeat(&request);
	if (status == PLATFORM_EIO || request.done + context->injected_broken > CHECKED_ROUNDS) {
		context->reason = "not every round came to its end";
		return BENCH_FAIL;
	}
	if (status != 0) {
		context->reason = reason_of(status);
		return BENCH_SKIP;
	}
	if (request.work == PLATFORM_OS_WAKE)
		context->cores[context->core_count++] = (unsigned)request.core;
	return BENCH_READY;
}

#define ROW(row_name, os_work, what)                                                                          \
	{                                                                                                     \
		.name = "os/" row_name, .iteration = what, .unit = BENCH_UNIT_ELEMENTS, .per_iteration = 1,   \
		.memory_bytes = PAGE_BYTES, .parameter = os_work, .quick_ns = 60 * NS_PER_MS, .setup = setup, \
		.run = run, .teardown = teardown,                                                             \
	}

static const struct benchmark rows[] = {
	ROW("call", PLATFORM_OS_CALL, "one call into the kernel that asks for next to nothing"),
	ROW("clock", PLATFORM_OS_CLOCK, "the time is read, as a program reads it there"),
	ROW("fault", PLATFORM_OS_FAULT, "one load that faults, of which the program's own handler is told"),
	ROW("wake", PLATFORM_OS_WAKE, "another core, asleep, is woken, answers, and is asleep again"),
};

const struct bench_suite suite_os_calls = {.name = "os", .benchmarks = rows, .count = sizeof rows / sizeof rows[0]};
