/* SPDX-License-Identifier: Apache-2.0
 *
 * Store to load: how long until a load has what a store before it wrote, and what becomes of it where the two are not
 * of one size or place.
 *
 *   machine/forwarding/CASE
 *
 * One iteration is a store and a load that depend on one another, and on those of the iteration before. A core that
 * foresees which store a load will have its bytes from takes them before either address is known: then the pair costs
 * a cycle, and not the way through the store queue. Where the load reads other bytes than were stored (`apart`),
 * nothing but the machine's own guess can make it wait: it compares the low 12 bits of addresses first.
 */
#include "bench/consume.h"
#include "bench/suites.h"
#include "lib/units.h"
#include "platform.h"

enum { MAPPED = 4 * PAGE_BYTES, LINE_BYTES = 64 };

struct forwarding {
	unsigned char *memory;
	unsigned char *stored, *loaded;
};

/* Of any alignment. */
#define PLACE(bits) typedef uint##bits##_t place##bits __attribute__((aligned(1), may_alias))
PLACE(8);
PLACE(16);
PLACE(32);
PLACE(64);

#define ACCESS(bits, pointer) (*(volatile place##bits *)(pointer))

/* What is loaded is stored next, and what the other bytes hold does not grow. */
#define LOOP(name, stores, load)                                                                          \
	static void run_##name(void *argument, uint64_t iterations) {                                     \
		struct forwarding *state = argument;                                                      \
		unsigned char *to = state->stored;                                                        \
		unsigned char *from = (unsigned char *)(uintptr_t)bench_opaque((uintptr_t)state->loaded); \
		uint64_t value = 1;                                                                       \
		for (; iterations != 0; iterations--) {                                                   \
			stores;                                                                           \
			value = load;                                                                     \
		}                                                                                         \
		bench_consume(value);                                                                     \
	}

LOOP(same64, ACCESS(64, to) = value, ACCESS(64, from))
LOOP(same32, ACCESS(32, to) = (uint32_t)value, ACCESS(32, from))
LOOP(same16, ACCESS(16, to) = (uint16_t)value, ACCESS(16, from))
LOOP(same8, ACCESS(8, to) = (uint8_t)value, ACCESS(8, from))
LOOP(narrower32, ACCESS(64, to) = value, ACCESS(32, from))
LOOP(narrower8, ACCESS(64, to) = value, ACCESS(8, from))
LOOP(wider, ACCESS(32, to) = (uint32_t)value; ACCESS(32, to + 4) = 0, ACCESS(64, from))
LOOP(partly, ACCESS(32, to) = (uint32_t)value, ACCESS(64, from))

/* ---- set-up ------------------------------------------------------------------------------------------------------ */

/* Offsets into the memory: a row's parameter. */
#define PLACES(stored, loaded) ((uint64_t)(stored) << 32 | (uint64_t)(loaded))

static void teardown(const struct benchmark *benchmark, struct bench_context *context) {
	struct forwarding *state = context->state;
	(void)benchmark;
	if (state != NULL && state->memory != NULL)
		(void)platform_memory_unmap(state->memory, MAPPED);
	context->state = NULL;
}

static enum bench_setup_result setup(const struct benchmark *benchmark, struct bench_context *context) {
	static struct forwarding state; /* one benchmark exists at a time */
	void *memory;
	if (platform_memory_map(MAPPED, PAGE_BYTES, PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE, &memory) != 0) {
		context->reason = "no memory for the places";
		return BENCH_SKIP;
	}
	state.memory = memory;
	state.stored = state.memory + (benchmark->parameter >> 32);
	state.loaded = state.memory + (uint32_t)benchmark->parameter;
	context->state = &state;
	benchmark->run(&state, 1);
	bool found = *state.loaded == (state.loaded == state.stored);
	if (*state.stored == 1 && found && !context->injected_broken)
		return BENCH_READY;
	teardown(benchmark, context);
	context->reason = "what was stored is not there";
	return BENCH_FAIL;
}

#define ROW(row_name, loop, stored, loaded, what)                                                                \
	{                                                                                                        \
		.name = "machine/forwarding/" row_name, .iteration = what, .unit = BENCH_UNIT_ELEMENTS,          \
		.per_iteration = 1, .memory_bytes = MAPPED, .parameter = PLACES(stored, loaded), .setup = setup, \
		.run = run_##loop, .teardown = teardown,                                                         \
	}

enum { AT = PAGE_BYTES, CROSSES_LINE = AT + LINE_BYTES - 4, CROSSES_PAGE = 2 * PAGE_BYTES - 4 };

static const struct benchmark rows[] = {
	ROW("same/64bit", same64, AT, AT, "8 bytes stored, and the same 8 loaded"),
	ROW("same/32bit", same32, AT, AT, "4 bytes stored, and the same 4 loaded"),
	ROW("same/16bit", same16, AT, AT, "2 bytes stored, and the same 2 loaded"),
	ROW("same/8bit", same8, AT, AT, "a byte stored, and the same byte loaded"),
	ROW("narrower/first_half", narrower32, AT, AT, "8 bytes stored, the first 4 loaded"),
	ROW("narrower/second_half", narrower32, AT, AT + 4, "8 bytes stored, the last 4 loaded"),
	ROW("narrower/last_byte", narrower8, AT, AT + 7, "8 bytes stored, the last one loaded"),
	ROW("wider/two_stores", wider, AT, AT, "4 and 4 bytes stored, all 8 loaded at once"),
	ROW("wider/one_store", partly, AT, AT, "4 bytes stored, these and the 4 behind them loaded at once"),
	ROW("across/line", same64, CROSSES_LINE, CROSSES_LINE, "8 bytes stored in two lines, the same 8 loaded"),
	ROW("across/page", same64, CROSSES_PAGE, CROSSES_PAGE, "8 bytes stored in two pages, the same 8 loaded"),
	ROW("apart/line", same64, AT, AT + PAGE_BYTES + LINE_BYTES, "8 bytes stored, 8 others of another line loaded"),
	ROW("apart/alias", same64, AT, AT + PAGE_BYTES, "8 bytes stored, the 8 bytes 4 KiB behind them loaded"),
	ROW("apart/past_alias", same64, AT, AT + PAGE_BYTES + 4,
	    "8 bytes stored, 8 loaded of which the first half lies 4 KiB behind the last half of those"),
};

const struct bench_suite suite_machine_forwarding = {
	.name = "machine/forwarding",
	.benchmarks = rows,
	.count = sizeof rows / sizeof rows[0],
};
