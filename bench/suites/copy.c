/* SPDX-License-Identifier: Apache-2.0
 *
 * Copies between two buffers that stay in the caches, in each width. The kernel is called through the pointer that a
 * user of simd_select would call it through: one well-predicted call an iteration, part of what a copy costs.
 *
 * Modulo 4 KiB the destination starts half a page from the source: a store is never taken for the source of a load that
 * comes soon after it (addresses alike modulo 4 KiB), which some copies pay thirtyfold.
 */
#include "bench/consume.h"
#include "bench/suites.h"
#include "bench/suites/pattern.h"
#include "platform.h"

#define PAGE_BYTES 4096u
#define SEED       UINT64_C(0x243f6a8885a308d3)

/* The state's page, the source, half a page, the destination. */
#define DESTINATION_OFFSET(bytes) (PAGE_BYTES + (bytes) + PAGE_BYTES / 2)
#define MAPPING_BYTES(bytes)      (DESTINATION_OFFSET(bytes) + (bytes))

struct copy_state {
	simd_copy_function *copy;
	uint8_t *destination;
	const uint8_t *source;
	size_t bytes;
};

static size_t mapping_bytes(const struct benchmark *benchmark) {
	return MAPPING_BYTES(benchmark->per_iteration);
}

static void copy_nothing(void *destination, const void *source, size_t bytes) {
	(void)destination;
	(void)source;
	(void)bytes;
}

/* The copy is compared with the pattern it came from, generated anew: a kernel that changed its source would be seen.
 * */
static bool copies_right(const struct copy_state *state) {
	state->copy(state->destination, state->source, state->bytes);
	uint64_t seed = SEED;
	for (size_t i = 0; i < state->bytes; i++)
		if (state->destination[i] != (uint8_t)(pattern_next(&seed) >> 32))
			return false;
	return true;
}

static enum bench_setup_result copy_setup(const struct benchmark *benchmark, struct bench_context *context) {
	enum simd_width width = (enum simd_width)benchmark->parameter;
	const struct simd_variant *variant = context->kernels->width[width];
	if (variant == NULL) {
		context->reason = simd_width_missing(context->features, width);
		return BENCH_SKIP;
	}
	void *memory;
	if (platform_memory_map(mapping_bytes(benchmark), PAGE_BYTES, PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE,
				&memory) != 0) {
		context->reason = "no memory for the buffers";
		return BENCH_SKIP;
	}
	uint8_t *source = (uint8_t *)memory + PAGE_BYTES;
	pattern_fill(source, benchmark->per_iteration, SEED);
	struct copy_state *state = memory;
	*state = (struct copy_state){
		.copy = context->injected_broken ? copy_nothing : variant->copy,
		.destination = (uint8_t *)memory + DESTINATION_OFFSET(benchmark->per_iteration),
		.source = source,
		.bytes = benchmark->per_iteration,
	};
	context->state = state;
	if (!copies_right(state)) {
		context->reason = "the copy differs from its source";
		return BENCH_FAIL;
	}
	return BENCH_READY;
}

static void copy_run(void *argument, uint64_t iterations) {
	const struct copy_state state = *(const struct copy_state *)argument;
	for (; iterations != 0; iterations--) {
		state.copy(state.destination, state.source, state.bytes);
		bench_consume_memory(state.destination);
	}
}

static void copy_teardown(const struct benchmark *benchmark, struct bench_context *context) {
	if (context->state != NULL)
		(void)platform_memory_unmap(context->state, mapping_bytes(benchmark));
}

#define COPY(size_name, size, width_name, simd_width, how)                                                  \
	{                                                                                                   \
		.name = "copy/" size_name "/" width_name,                                                   \
		.iteration = "one call through a pointer: copy " #size " bytes, " how                       \
			     ", both buffers warm, half a page apart modulo 4 KiB",                         \
		.unit = BENCH_UNIT_BYTES, .per_iteration = (size), .memory_bytes = MAPPING_BYTES(size),     \
		.parameter = (simd_width), .setup = copy_setup, .run = copy_run, .teardown = copy_teardown, \
		.headline = true,                                                                           \
	}

#define COPIES(size_name, size)                                                              \
	COPY(size_name, size, "bytes", SIMD_WIDTH_SCALAR, "one byte a step"),                \
		COPY(size_name, size, "128bit", SIMD_WIDTH_128, "16-byte loads and stores"), \
		COPY(size_name, size, "256bit", SIMD_WIDTH_256, "32-byte loads and stores"), \
		COPY(size_name, size, "512bit", SIMD_WIDTH_512, "64-byte loads and stores")

static const struct benchmark copies[] = {
	COPIES("4KiB", 4096),
	COPIES("16KiB", 16384),
};

const struct bench_suite suite_copy = {
	.name = "copy",
	.benchmarks = copies,
	.count = sizeof copies / sizeof copies[0],
};
