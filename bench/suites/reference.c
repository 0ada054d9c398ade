/* SPDX-License-Identifier: Apache-2.0
 *
 * Chains of dependent additions: work whose cost is known, a cycle an addition, and which nothing but the core's clock
 * can change. They are what the harness itself is tried on. Not headline: they say nothing of a machine.
 *
 *   reference/adds/3           what Google Benchmark's users write first; a loop of three dependent additions
 *   reference/chain/plain/P    a kernel of 1,000 additions, three times the same
 *   reference/chain/slowed/P   the same kernel with a delay of P % behind it, in the timed loop
 *   reference/chain/whole      the kernel that ratios are taken to
 *
 * And what memory allows, in the widest registers of this CPU: the limits that copies are drawn under
 * (struct benchmark, limit).
 *
 *   reference/loads/SIZE       each byte of a buffer loaded, and nothing else
 *   reference/stores/SIZE      each byte stored: whoever writes a buffer of this size has to do at least this
 */
#include "bench/consume.h"
#include "bench/reference_loops.h"
#include "bench/suites.h"
#include "lib/units.h"
#include "platform.h"

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

/* ---- loads and stores -------------------------------------------------------------------------------------------- */

enum { LOADS = 0, STORES = 1 };

struct memory_state {
	reference_loop *loop;
	void *buffer;
	uint64_t blocks;
};

/* The state's page, and the buffer. */
#define MEMORY_BYTES(bytes) (PAGE_BYTES + (uint64_t)(bytes))

/* Every byte of the buffer is written. */
static bool stores_right(const struct memory_state *state, uint64_t bytes) {
	uint8_t *buffer = state->buffer;
	for (uint64_t i = 0; i < bytes; i++)
		buffer[i] = 1;
	state->loop(buffer, state->blocks, 1);
	for (uint64_t i = 0; i < bytes; i++)
		if (buffer[i] != 0)
			return false;
	return true;
}

static enum bench_setup_result memory_setup(const struct benchmark *benchmark, struct bench_context *context) {
	void *memory;
	if (platform_memory_map(MEMORY_BYTES(benchmark->per_iteration), PAGE_BYTES,
				PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE, &memory) != 0) {
		context->reason = "no memory for the buffer";
		return BENCH_SKIP;
	}
	struct memory_state *state = memory;
	bool stores = benchmark->parameter == STORES;
	*state = (struct memory_state){
		.loop = reference_widest(stores ? reference_stores : reference_loads, context->kernels),
		.buffer = (uint8_t *)memory + PAGE_BYTES,
		.blocks = benchmark->per_iteration / REFERENCE_BLOCK_BYTES,
	};
	if (stores && !stores_right(state, benchmark->per_iteration)) {
		(void)platform_memory_unmap(memory, MEMORY_BYTES(benchmark->per_iteration));
		context->reason = "bytes were not stored";
		return BENCH_FAIL;
	}
	context->state = state;
	return BENCH_READY;
}

static void memory_run(void *argument, uint64_t iterations) {
	const struct memory_state state = *(const struct memory_state *)argument;
	state.loop(state.buffer, state.blocks, iterations);
	bench_consume_memory(state.buffer);
}

static void memory_teardown(const struct benchmark *benchmark, struct bench_context *context) {
	if (context->state != NULL)
		(void)platform_memory_unmap(context->state, MEMORY_BYTES(benchmark->per_iteration));
}

#define MEMORY_ROW(kind, way, what, size_name, size)                                                  \
	{                                                                                             \
		.name = "reference/" kind "/" size_name, .iteration = what, .unit = BENCH_UNIT_BYTES, \
		.per_iteration = (size), .memory_bytes = MEMORY_BYTES(size), .parameter = (way),      \
		.setup = memory_setup, .run = memory_run, .teardown = memory_teardown,                \
	}
#define MEMORY(size_name, size)                                                                                  \
	MEMORY_ROW("loads", LOADS, "each byte of a warm buffer loaded, in the widest registers here", size_name, \
		   size),                                                                                        \
		MEMORY_ROW("stores", STORES, "each byte of a warm buffer stored, in the widest registers here",  \
			   size_name, size)

/* ---- rows -------------------------------------------------------------------------------------------------------- */

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
	MEMORY("64B", 64),
	MEMORY("1KiB", 1024),
	MEMORY("4KiB", 4096),
	MEMORY("8KiB", 8192),
	MEMORY("16KiB", 16384),
	MEMORY("64KiB", 65536),
	MEMORY("256KiB", 262144),
	MEMORY("1MiB", 1048576),
};

const struct bench_suite suite_reference = {
	.name = "reference",
	.benchmarks = references,
	.count = sizeof references / sizeof references[0],
};
