/* SPDX-License-Identifier: Apache-2.0
 *
 * Chains of dependent additions: work whose cost is known, a cycle an addition, and which nothing but the core's clock
 * can change. They are what the harness itself is tried on. Not headline: they say nothing of a machine.
 *
 *   reference/adds/3           what Google Benchmark's users write first; a loop of three dependent additions
 *   reference/chain/plain/P    a kernel of 1,000 additions, three times the same
 *   reference/chain/slowed/P   the same kernel with a delay of P % behind it, in the timed loop
 *   reference/chain/whole      the kernel that ratios are taken to
 */
#include "bench/consume.h"
#include "bench/suites.h"

enum { CHAIN = 1000 };

static enum bench_setup_result reference_setup(const struct benchmark *benchmark, struct bench_context *context) {
	static uint64_t delay; /* one benchmark exists at a time */
	delay = benchmark->parameter;
	context->state = &delay;
	return BENCH_READY;
}

/* Each addition waits for the one before; the compiler sees each result used. */
static inline uint64_t add_times(uint64_t value, uint64_t times) {
	for (; times != 0; times--) {
		value++;
		__asm__ volatile("" : "+r"(value));
	}
	return value;
}

static void chain_run(void *state, uint64_t iterations) {
	const uint64_t delay = *(const uint64_t *)state;
	uint64_t value = 0;
	for (; iterations != 0; iterations--) {
		value = add_times(value, CHAIN + delay);
		bench_consume(value);
	}
}

static void adds_run(void *state, uint64_t iterations) {
	uint64_t value = 0;
	(void)state;
	for (; iterations != 0; iterations--) {
		value++;
		__asm__ volatile("" : "+r"(value));
		value++;
		__asm__ volatile("" : "+r"(value));
		value++;
		__asm__ volatile("" : "+r"(value));
	}
	bench_consume(value);
}

#define CHAIN_OF(which, how, per_mille)                                                                     \
	{                                                                                                   \
		.name = "reference/chain/" which, .iteration = "1,000 dependent additions" how,             \
		.unit = BENCH_UNIT_ELEMENTS, .per_iteration = CHAIN, .parameter = (per_mille)*CHAIN / 1000, \
		.setup = reference_setup, .run = chain_run,                                                 \
	}

static const struct benchmark references[] = {
	{.name = "reference/adds/3",
	 .iteration = "three dependent additions",
	 .unit = BENCH_UNIT_ELEMENTS,
	 .per_iteration = 3,
	 .setup = reference_setup,
	 .run = adds_run},
	CHAIN_OF("whole", "", 0),
	CHAIN_OF("plain/1", "", 0),
	CHAIN_OF("plain/2", "", 0),
	CHAIN_OF("plain/5", "", 0),
	CHAIN_OF("slowed/1", ", and 10 more", 10),
	CHAIN_OF("slowed/2", ", and 20 more", 20),
	CHAIN_OF("slowed/5", ", and 50 more", 50),
};

const struct bench_suite suite_reference = {
	.name = "reference",
	.benchmarks = references,
	.count = sizeof references / sizeof references[0],
};
