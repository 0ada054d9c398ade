/* SPDX-License-Identifier: Apache-2.0
 *
 * A benchmark that hangs on where its data lies, to try `--layouts` on: a chain of dependent loads through two
 * mappings, of each of whose seven pages it uses one half. As mapped by default they use different halves, so no set of
 * a first-level cache with 64 sets gets more than seven lines, and all hit. Elsewhere the halves may meet: up to
 * fourteen lines want the 8 or 12 ways of a set.
 * Not headline: it says of a machine only that its cache has sets.
 */
#include "bench/consume.h"
#include "bench/suites.h"
#include "bench/suites/pattern.h"
#include "lib/units.h"
#include "platform.h"

#include <stddef.h>

enum {
	LINE_BYTES = 64,
	PAGES = 7,
	LINES_A_PAGE = PAGE_BYTES / 2 / LINE_BYTES,
	LINES_A_HALF = PAGES * LINES_A_PAGE,
	LINES = 2 * LINES_A_HALF,
	MAPPING_BYTES = PAGES * PAGE_BYTES,
	SEED = 1,
};

/* A line of the chain. */
struct link {
	struct link *next;
	unsigned char unused[LINE_BYTES - sizeof(struct link *)];
};

static struct {
	struct link *at;
	void *halves[2];
} sets;

static struct link *link_of(size_t line) {
	size_t half = line / LINES_A_HALF, page = line % LINES_A_HALF / LINES_A_PAGE, in_page = line % LINES_A_PAGE;
	uint8_t *base = (uint8_t *)sets.halves[half] + half * (PAGE_BYTES / 2);
	return (struct link *)(void *)(base + page * PAGE_BYTES + in_page * LINE_BYTES);
}

/* One cycle through all lines, in random order: nothing is fetched ahead. */
static void chain_links(void) {
	uint32_t order[LINES];
	for (size_t i = 0; i < LINES; i++)
		order[i] = (uint32_t)i;
	pattern_shuffle(order, LINES, SEED);
	for (size_t i = 0; i < LINES; i++)
		link_of(order[i])->next = link_of(order[(i + 1) % LINES]);
	sets.at = link_of(order[0]);
}

static void sets_teardown(const struct benchmark *benchmark, struct bench_context *context) {
	(void)benchmark;
	(void)context;
	for (int half = 0; half < 2; half++)
		if (sets.halves[half] != NULL)
			(void)platform_memory_unmap(sets.halves[half], MAPPING_BYTES);
	sets.halves[0] = sets.halves[1] = NULL;
}

static enum bench_setup_result sets_setup(const struct benchmark *benchmark, struct bench_context *context) {
	for (int half = 0; half < 2; half++)
		if (platform_memory_map(MAPPING_BYTES, PAGE_BYTES, PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE,
					&sets.halves[half]) != 0) {
			sets.halves[half] = NULL;
			sets_teardown(benchmark, context);
			context->reason = "no memory for the chain";
			return BENCH_SKIP;
		}
	chain_links();
	context->state = &sets;
	return BENCH_READY;
}

static void sets_run(void *state, uint64_t iterations) {
	struct link *at = sets.at;
	(void)state;
	for (; iterations != 0; iterations--)
		at = at->next;
	bench_consume_memory(at);
	sets.at = at;
}

static const struct benchmark benchmarks[] = {{
	.name = "reference/sets",
	.iteration =
		"a dependent load in a chain of 448 lines, which fill the first-level cache where none of them meet",
	.unit = BENCH_UNIT_ELEMENTS,
	.per_iteration = 1,
	.memory_bytes = 2 * MAPPING_BYTES,
	.setup = sets_setup,
	.run = sets_run,
	.teardown = sets_teardown,
}};

const struct bench_suite suite_reference_sets = {
	.name = "reference_sets",
	.benchmarks = benchmarks,
	.count = 1,
};
