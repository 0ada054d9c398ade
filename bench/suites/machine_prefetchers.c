/* SPDX-License-Identifier: Apache-2.0
 *
 * What the hardware prefetchers do: the same reads with them as they were found, with all off that can be switched
 * here, and with each of those off alone.
 *
 *   machine/prefetchers/STATE/PATTERN/SIZE
 *
 * STATE is `found`, `all_off` or `NAME_off`; the last are made where this machine has such a switch. PATTERN:
 *
 *   sequential, stride_4, stride_17   a load that waits for the one before, one, 4 and 17 lines on; every line of SIZE
 *                                     is read before one is read again
 *   random                            the same at random (chase.h), which no prefetcher is to know
 *   read                              each byte loaded, in the widest registers here
 *
 * The loads that wait are one instruction, as there are prefetchers that go by its address.
 */
#include "bench/consume.h"
#include "bench/reference_loops.h"
#include "bench/suites.h"
#include "bench/suites/chase.h"
#include "bench/suites/mapping.h"
#include "bench/suites/row_text.h"
#include "lib/units.h"
#include "platform.h"

enum pattern { PATTERN_SEQUENTIAL, PATTERN_STRIDE_4, PATTERN_STRIDE_17, PATTERN_RANDOM, PATTERN_READ, PATTERN_COUNT };

static const struct pattern_of {
	const char *name, *what;
	unsigned stride; /* lines; 0: none */
} patterns[PATTERN_COUNT] = {
	[PATTERN_SEQUENTIAL] = {"sequential", "one load that waits for the one before, one line on", 1},
	[PATTERN_STRIDE_4] = {"stride_4", "one load that waits for the one before, 4 lines on", 4},
	[PATTERN_STRIDE_17] = {"stride_17", "one load that waits for the one before, 17 lines on", 17},
	[PATTERN_RANDOM] = {"random", "one load that waits for the one before, a random line", 0},
	[PATTERN_READ] = {"read", "each byte loaded", 0},
};

/* Beyond the first cache, the second, and all of them on most machines. */
static const uint64_t sizes[] = {UINT64_C(256) << 10, UINT64_C(4) << 20, UINT64_C(128) << 20};
enum { SIZE_COUNT = sizeof sizes / sizeof sizes[0], ROWS_OF_STATE = PATTERN_COUNT * SIZE_COUNT };

enum { STATE_FOUND, STATE_ALL_OFF, STATE_ONE_OFF /* the first of them */ };

struct prefetchers_state {
	void **at; /* the next to be read */
	unsigned char *memory;
	size_t mapped_bytes;
	uint64_t bytes;
	reference_loop *loop;
};

/* What there is to be switched; asked once. */
static const struct platform_prefetchers *switches(void) {
	static struct platform_prefetchers found;
	static bool asked;
	if (!asked)
		(void)platform_prefetchers_switch(0, &found);
	asked = true;
	return &found;
}

/* ---- what a row is made of --------------------------------------------------------------------------------------- */

struct row_of {
	unsigned state;
	enum pattern pattern;
	uint64_t bytes;
};

static struct row_of row_of_index(uint64_t index) {
	return (struct row_of){
		.state = (unsigned)(index / ROWS_OF_STATE),
		.pattern = (enum pattern)(index / SIZE_COUNT % PATTERN_COUNT),
		.bytes = sizes[index % SIZE_COUNT],
	};
}

static uint64_t mask_of(unsigned state) {
	uint64_t all = (UINT64_C(1) << switches()->count) - 1;
	return state == STATE_FOUND ? 0 : state == STATE_ALL_OFF ? all : UINT64_C(1) << (state - STATE_ONE_OFF);
}

/* ---- the loops --------------------------------------------------------------------------------------------------- */

static void run_chase(void *argument, uint64_t iterations) {
	struct prefetchers_state *state = argument;
	void **at = state->at;
	for (; iterations != 0; iterations--)
		at = *at;
	bench_consume((uint64_t)(uintptr_t)at);
	state->at = at;
}

static void run_read(void *argument, uint64_t iterations) {
	struct prefetchers_state *state = argument;
	if (iterations != 0)
		state->loop(state->memory, state->bytes / REFERENCE_BLOCK_BYTES, iterations);
	bench_consume_memory(state->memory);
}

/* ---- set-up ------------------------------------------------------------------------------------------------------ */

static void teardown(const struct benchmark *benchmark, struct bench_context *context) {
	struct prefetchers_state *state = context->state;
	struct platform_prefetchers now;
	(void)benchmark;
	if (row_of_index(benchmark->parameter).state != STATE_FOUND)
		(void)platform_prefetchers_switch(0, &now);
	if (state != NULL && state->memory != NULL)
		(void)platform_memory_unmap(state->memory, state->mapped_bytes);
	context->state = NULL;
}

/* Column by column, where a row is as long as the stride. */
static void make_strided_cycle(const struct chase_elements *elements, uint64_t stride) {
	void **first = chase_element(elements, 0), **last = first;
	for (uint64_t column = 0; column < stride; column++)
		for (uint64_t i = column; i < elements->count; i += stride) {
			*last = chase_element(elements, i);
			last = *last;
		}
	*last = first;
}

static bool chain_make(struct prefetchers_state *state, const struct row_of *row, bool broken) {
	const struct chase_elements elements = {
		.memory = state->memory, .bytes = CHASE_LINE_BYTES, .count = state->bytes / CHASE_LINE_BYTES};
	if (row->pattern == PATTERN_RANDOM)
		chase_make_cycle(&elements);
	else
		make_strided_cycle(&elements, patterns[row->pattern].stride);
	state->at = chase_element(&elements, 0);
	if (broken)
		*state->at = state->at;
	return chase_is_long_enough(state->at, elements.count);
}

static enum bench_setup_result refuse(const struct benchmark *benchmark, struct bench_context *context,
				      enum bench_setup_result result, const char *reason) {
	context->reason = reason;
	teardown(benchmark, context);
	return result;
}

static bool switch_to(const struct row_of *row, struct bench_context *context) {
	struct platform_prefetchers now = *switches();
	if (row->state == STATE_FOUND)
		return true;
	if (now.count != 0 && platform_prefetchers_switch(mask_of(row->state), &now) != 0)
		return false;
	struct row_text reason = {context->reason_text, sizeof context->reason_text, 0};
	row_word(&reason, now.reason);
	return reason.length == 0;
}

static enum bench_setup_result setup(const struct benchmark *benchmark, struct bench_context *context) {
	static struct prefetchers_state state; /* one benchmark exists at a time */
	const struct row_of row = row_of_index(benchmark->parameter);
	state = (struct prefetchers_state){.bytes = row.bytes};
	context->state = &state;
	if (row.bytes > platform_describe()->memory_bytes / 2)
		return refuse(benchmark, context, BENCH_SKIP, "it is more than half of the memory");
	if (!switch_to(&row, context))
		return refuse(benchmark, context, BENCH_SKIP, context->reason_text);
	state.memory = mapping_of(row.bytes, &state.mapped_bytes);
	if (state.memory == NULL)
		return refuse(benchmark, context, BENCH_SKIP, "no memory");
	state.loop = reference_widest(reference_loads, context->kernels);
	bool right = row.pattern == PATTERN_READ ? !context->injected_broken
						 : chain_make(&state, &row, context->injected_broken);
	return right ? BENCH_READY
		     : refuse(benchmark, context, BENCH_FAIL, "not every line is read before one is read again");
}

/* ---- the rows ---------------------------------------------------------------------------------------------------- */

static size_t count_made(void) {
	return (STATE_ONE_OFF + (size_t)switches()->count) * ROWS_OF_STATE;
}

static void state_name(unsigned state, struct row_text *text) {
	if (state >= STATE_ONE_OFF) {
		row_word(text, switches()->names[state - STATE_ONE_OFF]);
		row_word(text, "_off");
	} else {
		row_word(text, state == STATE_FOUND ? "found" : "all_off");
	}
}

static void describe(const struct row_of *row, struct row_text *text) {
	row_word(text, patterns[row->pattern].what);
	row_word(text, ", over ");
	row_size(text, row->bytes);
	row_word(text, "; prefetchers ");
	if (row->state == STATE_FOUND)
		row_word(text, "as found");
	else if (row->state == STATE_ALL_OFF)
		row_word(text, "off, all that can be switched");
	else
		row_word(text, "as found, ");
	if (row->state >= STATE_ONE_OFF) {
		row_word(text, switches()->names[row->state - STATE_ONE_OFF]);
		row_word(text, " off");
	}
}

static const struct benchmark model = {.setup = setup, .teardown = teardown};

static void make(size_t index, struct bench_row *made) {
	const struct row_of row = row_of_index(index);
	struct row_text name = {made->name, sizeof made->name, 0};
	struct row_text iteration = {made->iteration, sizeof made->iteration, 0};
	row_word(&name, "machine/prefetchers/");
	state_name(row.state, &name);
	row_word(&name, "/");
	row_word(&name, patterns[row.pattern].name);
	row_word(&name, "/");
	row_size(&name, row.bytes);
	describe(&row, &iteration);
	bool reads = row.pattern == PATTERN_READ;
	made->benchmark = model;
	made->benchmark.name = made->name;
	made->benchmark.iteration = made->iteration;
	made->benchmark.unit = reads ? BENCH_UNIT_BYTES : BENCH_UNIT_ELEMENTS;
	made->benchmark.per_iteration = reads ? row.bytes : 1;
	made->benchmark.memory_bytes = (row.bytes + LARGE_PAGE_BYTES - 1) / LARGE_PAGE_BYTES * LARGE_PAGE_BYTES;
	made->benchmark.parameter = index;
	made->benchmark.run = reads ? run_read : run_chase;
}

const struct bench_suite suite_machine_prefetchers = {
	.name = "machine/prefetchers", .count_made = count_made, .make = make};
