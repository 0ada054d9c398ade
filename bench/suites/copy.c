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
#include "lib/units.h"
#include "platform.h"

#define SEED UINT64_C(0x243f6a8885a308d3)

/* The state's page, the source, half a page, the destination, and what unaligned ones are off by. */
#define DESTINATION_OFFSET(bytes) (PAGE_BYTES + (bytes) + PAGE_BYTES / 2)
#define MAPPING_BYTES(bytes)      (DESTINATION_OFFSET(bytes) + (bytes) + 64)

enum { UNALIGNED_SOURCE = 3, UNALIGNED_DESTINATION = 17 };

/* The first four are widths: enum simd_width. */
enum method { METHOD_ADAPTIVE = SIMD_WIDTH_COUNT, METHOD_UNALIGNED, METHOD_PREFETCH, METHOD_STREAM, METHOD_ORDINARY };

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

/* The copy is compared with the pattern it came from, generated anew: a kernel that changed its source would be
 * seen. */
static bool copies_right(const struct copy_state *state) {
	state->copy(state->destination, state->source, state->bytes);
	uint64_t seed = SEED;
	for (size_t i = 0; i < state->bytes; i++)
		if (state->destination[i] != (uint8_t)(pattern_next(&seed) >> 32))
			return false;
	return true;
}

/* What simd_copy calls with that many bytes, were there no size from which on it streams. */
static simd_copy_function *ordinary_for(const struct simd_kernels *kernels, size_t bytes) {
	if (bytes <= SIMD_PAGE_BYTES)
		return kernels->copies.copy;
	return kernels->by_size.copy[simd_band(kernels, SIMD_OPERATION_COPY, bytes)];
}

/* What simd_copy calls with that many bytes. */
static simd_copy_function *chosen_for(const struct simd_kernels *kernels, size_t bytes) {
	bool streams = bytes > SIMD_PAGE_BYTES && bytes >= kernels->copy_stream_bytes;
	return streams ? kernels->copies.copy_stream : ordinary_for(kernels, bytes);
}

/* NULL: this machine has none, and context->reason says so. */
static simd_copy_function *copy_of(const struct benchmark *benchmark, struct bench_context *context) {
	const struct simd_kernels *kernels = context->kernels;
	switch ((unsigned)benchmark->parameter) {
	case METHOD_ADAPTIVE:
	case METHOD_UNALIGNED:
		return chosen_for(kernels, benchmark->per_iteration);
	case METHOD_PREFETCH:
		return kernels->copies.copy_prefetch;
	case METHOD_STREAM:
		return kernels->copies.copy_stream;
	case METHOD_ORDINARY:
		return ordinary_for(kernels, benchmark->per_iteration);
	}
	enum simd_width width = (enum simd_width)benchmark->parameter;
	if (!simd_width_missing(*context->features, SIMD_FAMILY_COPIES, width, context->reason_text,
				sizeof context->reason_text))
		return kernels->width[SIMD_FAMILY_COPIES][width]->copies->copy;
	context->reason = context->reason_text;
	return NULL;
}

static enum bench_setup_result copy_setup(const struct benchmark *benchmark, struct bench_context *context) {
	simd_copy_function *copy = copy_of(benchmark, context);
	if (copy == NULL)
		return BENCH_SKIP;
	void *memory;
	if (platform_memory_map(mapping_bytes(benchmark), PAGE_BYTES, PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE,
				&memory) != 0) {
		context->reason = "no memory for the buffers";
		return BENCH_SKIP;
	}
	bool unaligned = benchmark->parameter == METHOD_UNALIGNED;
	uint8_t *source = (uint8_t *)memory + PAGE_BYTES + (unaligned ? UNALIGNED_SOURCE : 0);
	uint8_t *destination = (uint8_t *)memory + DESTINATION_OFFSET(benchmark->per_iteration);
	pattern_fill(source, benchmark->per_iteration, SEED);
	struct copy_state *state = memory;
	*state = (struct copy_state){
		.copy = context->injected_broken ? copy_nothing : copy,
		.destination = destination + (unaligned ? UNALIGNED_DESTINATION : 0),
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

#define COPY_ROW(row_name, size, method, how, is_headline)                                              \
	{                                                                                               \
		.name = "copy/" row_name,                                                               \
		.iteration = "one call through a pointer: copy " #size " bytes, " how                   \
			     ", both buffers warm, half a page apart modulo 4 KiB",                     \
		.unit = BENCH_UNIT_BYTES, .per_iteration = (size), .memory_bytes = MAPPING_BYTES(size), \
		.parameter = (method), .setup = copy_setup, .run = copy_run, .teardown = copy_teardown, \
		.headline = (is_headline), .limit = "reference/stores",                                 \
	}

#define COPY(row_name, size, method, how) COPY_ROW(row_name, size, method, how, false)

#define CHOSEN                            "by the method that the profile in use chooses on this machine"

#define COPIES(size_name, size)                                                                        \
	COPY_ROW(size_name "/bytes", size, SIMD_WIDTH_SCALAR, "one byte a step", true),                \
		COPY_ROW(size_name "/128bit", size, SIMD_WIDTH_128, "16-byte loads and stores", true), \
		COPY_ROW(size_name "/256bit", size, SIMD_WIDTH_256, "32-byte loads and stores", true), \
		COPY_ROW(size_name "/512bit", size, SIMD_WIDTH_512, "64-byte loads and stores", true)

static const struct benchmark copies[] = {
	COPIES("4KiB", 4096),
	COPIES("16KiB", 16384),
	COPY("4KiB/chosen", 4096, METHOD_ADAPTIVE, CHOSEN),
	COPY("16KiB/chosen", 16384, METHOD_ADAPTIVE, CHOSEN),
	COPY("strategies/64B", 64, METHOD_ADAPTIVE, CHOSEN),
	COPY("strategies/1KiB", 1024, METHOD_ADAPTIVE, CHOSEN),
	COPY("strategies/64KiB", 65536, METHOD_ADAPTIVE, CHOSEN),
	COPY("strategies/1MiB", 1048576, METHOD_ADAPTIVE, CHOSEN),
	COPY("alignment/aligned", 4096, METHOD_ADAPTIVE, "from and to aligned addresses, " CHOSEN),
	COPY("alignment/unaligned", 4096, METHOD_UNALIGNED, "3 and 17 bytes off alignment, " CHOSEN),
	COPY("prefetch/with", 16384, METHOD_PREFETCH, "with prefetch instructions 512 bytes ahead"),
	COPY("prefetch/without", 16384, METHOD_ORDINARY, "without prefetch instructions, " CHOSEN),
	COPY("non_temporal/on", 262144, METHOD_STREAM, "with stores that go past the caches"),
	COPY("non_temporal/off", 262144, METHOD_ORDINARY, "with ordinary stores, " CHOSEN),
	COPY("width/128", 8192, SIMD_WIDTH_128, "16-byte loads and stores"),
	COPY("width/256", 8192, SIMD_WIDTH_256, "32-byte loads and stores"),
	COPY("width/512", 8192, SIMD_WIDTH_512, "64-byte loads and stores"),
	COPY("width/adaptive", 8192, METHOD_ADAPTIVE, CHOSEN),
};

const struct bench_suite suite_copy = {
	.name = "copy",
	.benchmarks = copies,
	.count = sizeof copies / sizeof copies[0],
};
