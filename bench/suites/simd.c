/* SPDX-License-Identifier: Apache-2.0
 *
 * Lane arithmetic, vector against scalar. Kernels are called through the pointer that a user of simd_select would call
 * them through: one well-predicted call an iteration.
 *
 * The three arrays start a quarter of a page or more apart modulo 4 KiB, so that a store is never taken for the source
 * of a load that comes soon after it.
 */
#include "bench/consume.h"
#include "bench/suites.h"
#include "bench/suites/pattern.h"
#include "platform.h"

#define PAGE_BYTES    4096u
#define MAPPING_BYTES (8 * PAGE_BYTES)
#define SEED          UINT64_C(0x13198a2e03707344)

enum { OFFSET_A = 1 * PAGE_BYTES, OFFSET_B = 3 * PAGE_BYTES + 2048, OFFSET_SUM = 5 * PAGE_BYTES + 3072 };
enum { LANES_MOST = 1024 };

struct simd_state {
	simd_add32_function *add32;
	uint32_t *sum;
	const uint32_t *a;
	const uint32_t *b;
	size_t count;
};

static void add32_nothing(uint32_t *sum, const uint32_t *a, const uint32_t *b, size_t count) {
	(void)sum;
	(void)a;
	(void)b;
	(void)count;
}

static bool adds_right(const struct simd_state *state) {
	state->add32(state->sum, state->a, state->b, state->count);
	for (size_t i = 0; i < state->count; i++)
		if (state->sum[i] != state->a[i] + state->b[i])
			return false;
	return true;
}

static enum bench_setup_result add32_setup(const struct benchmark *benchmark, struct bench_context *context) {
	bool scalar = benchmark->parameter == SIMD_WIDTH_SCALAR;
	void *memory;
	if (platform_memory_map(MAPPING_BYTES, PAGE_BYTES, PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE, &memory) !=
	    0) {
		context->reason = "no memory for the arrays";
		return BENCH_SKIP;
	}
	uint8_t *base = memory;
	pattern_fill(base + PAGE_BYTES, MAPPING_BYTES - PAGE_BYTES, SEED);
	struct simd_state *state = memory;
	*state = (struct simd_state){
		.add32 = scalar ? context->kernels->width[SIMD_WIDTH_SCALAR]->add32 : context->kernels->add32,
		.sum = (uint32_t *)(void *)(base + OFFSET_SUM),
		.a = (const uint32_t *)(void *)(base + OFFSET_A),
		.b = (const uint32_t *)(void *)(base + OFFSET_B),
		.count = benchmark->per_iteration,
	};
	if (context->injected_broken)
		state->add32 = add32_nothing;
	context->state = state;
	if (!adds_right(state)) {
		context->reason = "a sum is wrong";
		return BENCH_FAIL;
	}
	return BENCH_READY;
}

static void add32_run(void *argument, uint64_t iterations) {
	const struct simd_state state = *(const struct simd_state *)argument;
	for (; iterations != 0; iterations--) {
		state.add32(state.sum, state.a, state.b, state.count);
		bench_consume_memory(state.sum);
	}
}

static void add32_teardown(const struct benchmark *benchmark, struct bench_context *context) {
	(void)benchmark;
	if (context->state != NULL)
		(void)platform_memory_unmap(context->state, MAPPING_BYTES);
}

#define ADD32(lanes, which, width, how)                                                                            \
	{                                                                                                          \
		.name = "simd/add32/" #lanes "/" which,                                                            \
		.iteration =                                                                                       \
			"one call through a pointer: " #lanes " additions of 32-bit lanes, " how ", arrays in L1", \
		.unit = BENCH_UNIT_ELEMENTS, .per_iteration = (lanes), .memory_bytes = MAPPING_BYTES,              \
		.parameter = (width), .setup = add32_setup, .run = add32_run, .teardown = add32_teardown,          \
		.headline = true,                                                                                  \
	}

_Static_assert(OFFSET_SUM + LANES_MOST * sizeof(uint32_t) <= MAPPING_BYTES, "the last array fits");

static const struct benchmark additions[] = {
	ADD32(1000, "scalar", SIMD_WIDTH_SCALAR, "one lane a step"),
	ADD32(1000, "vector", SIMD_WIDTH_COUNT, "in the vectors that simd_select chooses on this machine"),
};

const struct bench_suite suite_simd = {
	.name = "simd",
	.benchmarks = additions,
	.count = sizeof additions / sizeof additions[0],
};
