/* SPDX-License-Identifier: Apache-2.0
 *
 * How long a load from memory takes while other cores use the memory, and what they get of it.
 *
 *   machine/loaded/idle/latency             nobody else does
 *   machine/loaded/MIX/PAUSE/latency        one load of a pointer chase on the first core
 *   machine/loaded/MIX/PAUSE/bandwidth      bytes that the others move while it runs
 *
 * The others go through a stream each, a line after the other, and do nothing for PAUSE rounds of an empty loop, a
 * cycle each or so, behind every BLOCK_LINES lines. MIX is what they make the memory do: `reads` are loads alone; of
 * `two_to_one` every second line is written, of `one_to_one` every line, and a line that is written is read before and
 * written back. Bytes are counted so, and not as the code asks for them.
 *
 * They are the other cores of the first one's package but its sibling threads, which would take its units rather than
 * the memory; where there are only such, one of them, and the row's record says so.
 */
#include "bench/consume.h"
#include "bench/suites.h"
#include "bench/suites/apart.h"
#include "bench/suites/chase.h"
#include "bench/suites/row_text.h"
#include "bench/suites/team.h"
#include "bench/suites/team_await.h"
#include "bench/ticks.h"
#include "lib/units.h"
#include "platform.h"

#include <stdatomic.h>

enum { BLOCK_LINES = 8, BLOCKS_AN_ITERATION = 128, LOADS_BETWEEN_LOOKS = 64 };

/* Together larger than last caches are, so that what is measured is the memory. */
static const uint64_t chase_bytes = UINT64_C(256) << 20;
static const uint64_t streams_bytes = UINT64_C(256) << 20, stream_least_bytes = UINT64_C(16) << 20;

struct line {
	_Alignas(APART_BYTES) _Atomic(uint64_t) value;
};

/* One core's; what it writes itself stands in lines of its own. */
struct stream {
	unsigned char *memory;
	uint64_t bytes; /* a multiple of a block's */
	uint64_t pause;
	const struct line *stop;
	_Alignas(APART_BYTES) _Atomic(uint64_t) blocks; /* that it has gone through, ever */
};

struct loaded_state {
	void **at; /* the next to be read */
	size_t mapped_bytes;
	unsigned stream_count;
	struct line stop;
	struct stream streams[BENCH_CORES_MAX];
};

/* ---- what the others do ------------------------------------------------------------------------------------------ */

static bool is_stopped(const struct stream *stream) {
	return atomic_load_explicit(&stream->stop->value, memory_order_relaxed) != 0;
}

/* `written`: of how many lines one is; 0: none. */
static inline void go_through(struct stream *stream, unsigned written) {
	const uint64_t block = BLOCK_LINES * CHASE_LINE_BYTES;
	for (uint64_t at = 0, blocks = 1; !is_stopped(stream); blocks++) {
		uint64_t sum = 0;
		for (unsigned i = 0; i < BLOCK_LINES; i++) {
			uint64_t *word = (uint64_t *)(void *)(stream->memory + at + i * CHASE_LINE_BYTES);
			sum += *word;
			if (written != 0 && i % written == 0)
				*word = blocks;
		}
		bench_consume(sum);
		bench_consume_memory(stream->memory);
		atomic_store_explicit(&stream->blocks, blocks, memory_order_relaxed);
		for (uint64_t left = stream->pause; left != 0; left--)
			bench_consume(left);
		at = at + block < stream->bytes ? at + block : 0;
	}
}

static void go_through_reads(void *argument) {
	go_through(argument, 0);
}

static void go_through_two_to_one(void *argument) {
	go_through(argument, 2);
}

static void go_through_one_to_one(void *argument) {
	go_through(argument, 1);
}

static const struct mix {
	const char *name;
	const char *what;
	void (*other)(void *stream);
	uint64_t block_lines; /* that the memory moves for a block */
} mixes[] = {
	{"reads", " others read", go_through_reads, BLOCK_LINES},
	{"two_to_one", " others read 2 lines, write 1", go_through_two_to_one, BLOCK_LINES + BLOCK_LINES / 2},
	{"one_to_one", " others read 1 line, write 1", go_through_one_to_one, 2 * BLOCK_LINES},
};
enum { MIXES = sizeof mixes / sizeof mixes[0] };

/* From all that they can to next to nothing, on one other core as on sixty. */
static const uint32_t pauses[] = {1, 16, 48, 128, 384, 1024, 3072, 8192, 24576, 65536};
enum { PAUSES = sizeof pauses / sizeof pauses[0] };

/* ---- what the first one does ------------------------------------------------------------------------------------- */

static void run_latency(void *argument, uint64_t iterations) {
	struct loaded_state *state = argument;
	void **at = chase_follow(state->at, iterations);
	bench_consume((uint64_t)(uintptr_t)at);
	state->at = at;
}

static uint64_t blocks_now(const struct loaded_state *state) {
	uint64_t sum = 0;
	for (unsigned i = 0; i < state->stream_count; i++)
		sum += atomic_load_explicit(&state->streams[i].blocks, memory_order_relaxed);
	return sum;
}

static void run_bandwidth(void *argument, uint64_t iterations) {
	struct loaded_state *state = argument;
	void **at = state->at;
	uint64_t end = blocks_now(state) + iterations * BLOCKS_AN_ITERATION;
	while (blocks_now(state) < end)
		at = chase_follow(at, LOADS_BETWEEN_LOOKS);
	bench_consume((uint64_t)(uintptr_t)at);
	state->at = at;
}

/* ---- who the others are ------------------------------------------------------------------------------------------ */

/* Cores 1 to this one: those of another package, and siblings, come behind them (platform.h). At the least one, whether
 * there is such a core or not. */
static unsigned count_others(void) {
	static const enum platform_relation behind[] = {PLATFORM_RELATION_OTHER_PACKAGE, PLATFORM_RELATION_SIBLING};
	unsigned end = platform_describe()->cores_usable;
	for (unsigned i = 0; i < sizeof behind / sizeof behind[0]; i++) {
		int first = platform_core_find(behind[i], 0);
		if (first > 0 && (unsigned)first < end)
			end = (unsigned)first;
	}
	unsigned count = end > 1 ? end - 1 : 1;
	return count < BENCH_CORES_MAX ? count : BENCH_CORES_MAX;
}

/* Without a word to the platform, as rows are made in every run that has a filter. */
static unsigned others_most(void) {
	unsigned cores = platform_describe()->cores_usable;
	return cores < 2 ? 1 : cores - 1 < BENCH_CORES_MAX ? cores - 1 : BENCH_CORES_MAX;
}

static uint64_t stream_bytes(unsigned streams) {
	uint64_t each = streams_bytes / streams / PAGE_BYTES * PAGE_BYTES;
	return each > stream_least_bytes ? each : stream_least_bytes;
}

/* ---- set-up ------------------------------------------------------------------------------------------------------ */

struct row_of {
	bool is_idle, is_bandwidth;
	unsigned mix, pause; /* indices */
};

/* `index` is struct benchmark's parameter. */
static struct row_of row_of_index(size_t index) {
	if (index == 0)
		return (struct row_of){.is_idle = true};
	index--;
	return (struct row_of){
		.is_bandwidth = index % 2 != 0,
		.mix = (unsigned)(index / 2 / PAUSES),
		.pause = (unsigned)(index / 2 % PAUSES),
	};
}

static void teardown(const struct benchmark *benchmark, struct bench_context *context) {
	struct loaded_state *state = context->state;
	(void)benchmark;
	if (state == NULL)
		return;
	atomic_store_explicit(&state->stop.value, 1, memory_order_relaxed);
	if (team_join(context))
		(void)platform_memory_unmap(state, state->mapped_bytes);
	context->state = NULL;
}

static uint64_t state_bytes(void) {
	return (sizeof(struct loaded_state) + LARGE_PAGE_BYTES - 1) / LARGE_PAGE_BYTES * LARGE_PAGE_BYTES;
}

/* The chase's memory lies behind the state, the streams' behind that. */
static enum bench_setup_result start_streams(struct loaded_state *state, const struct row_of *row,
					     struct bench_context *context) {
	enum bench_setup_result result = BENCH_READY;
	state->stream_count = row->is_idle ? 0 : count_others();
	for (unsigned i = 0; i < state->stream_count && result == BENCH_READY; i++) {
		struct stream *stream = &state->streams[i];
		stream->bytes = stream_bytes(state->stream_count);
		stream->memory = (unsigned char *)state + state_bytes() + chase_bytes + i * stream->bytes;
		stream->pause = pauses[row->pause];
		stream->stop = &state->stop;
		result = team_start(context, i + 1, mixes[row->mix].other, stream);
	}
	for (unsigned i = 0; i < state->stream_count && result == BENCH_READY; i++)
		result = team_await(context, i + 1, &state->streams[i].blocks);
	return result;
}

/* NULL, or what is wrong with it. */
static const char *make_chase(struct loaded_state *state, bool broken) {
	const struct chase_elements elements = {
		.memory = (unsigned char *)state + state_bytes(),
		.bytes = CHASE_LINE_BYTES,
		.count = chase_bytes / CHASE_LINE_BYTES,
	};
	chase_make_cycle(&elements);
	state->at = chase_element(&elements, 0);
	if (broken)
		**(void ***)state->at = state->at;
	return chase_is_long_enough(state->at, elements.count) ? NULL
							       : "the cycle closes before it has been everywhere";
}

static enum bench_setup_result setup(const struct benchmark *benchmark, struct bench_context *context) {
	const struct row_of row = row_of_index(benchmark->parameter);
	void *memory;
	if (!row.is_idle && platform_describe()->cores_usable < 2)
		context->reason = "there is no second core";
	else if ((platform_describe()->page_sizes & PLATFORM_PAGE_2MIB) == 0)
		context->reason = "this platform has no pages of 2MiB";
	else if (benchmark->memory_bytes > platform_describe()->memory_bytes / 2)
		context->reason = "it is more than half of the memory";
	else if (platform_memory_map(benchmark->memory_bytes, LARGE_PAGE_BYTES,
				     PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE, &memory) != 0)
		context->reason = "no memory in pages of 2MiB";
	if (context->reason != NULL)
		return BENCH_SKIP;
	struct loaded_state *state = memory;
	state->mapped_bytes = benchmark->memory_bytes;
	context->state = state;
	context->reason = make_chase(state, context->injected_broken);
	enum bench_setup_result result = BENCH_FAIL;
	if (context->reason == NULL)
		result = start_streams(state, &row, context);
	if (result != BENCH_READY)
		teardown(benchmark, context);
	return result;
}

/* ---- the rows ---------------------------------------------------------------------------------------------------- */

static void describe(const struct row_of *row, struct row_text *text) {
	row_word(text, row->is_bandwidth ? "bytes that memory moves for others beside a chase over "
					 : "one load that waits for the one before, random, over ");
	row_size(text, chase_bytes);
	if (row->is_idle)
		return;
	row_word(text, ":");
	row_word(text, mixes[row->mix].what);
	row_word(text, ", ");
	row_number(text, pauses[row->pause]);
	row_word(text, " rounds apart");
}

static void name_row(const struct row_of *row, struct row_text *text) {
	row_word(text, "machine/loaded/");
	if (row->is_idle) {
		row_word(text, "idle/latency");
		return;
	}
	row_word(text, mixes[row->mix].name);
	row_word(text, "/");
	row_number(text, pauses[row->pause]);
	row_word(text, row->is_bandwidth ? "/bandwidth" : "/latency");
}

static const struct benchmark latency = {
	.unit = BENCH_UNIT_ELEMENTS, .per_iteration = 1, .setup = setup, .run = run_latency, .teardown = teardown};
static const struct benchmark bandwidth = {
	.unit = BENCH_UNIT_BYTES, .setup = setup, .run = run_bandwidth, .teardown = teardown};

static void make(size_t index, struct bench_row *made) {
	const struct row_of row = row_of_index(index);
	struct row_text name = {made->name, sizeof made->name, 0};
	struct row_text iteration = {made->iteration, sizeof made->iteration, 0};
	uint64_t streams = row.is_idle ? 0 : others_most() * stream_bytes(others_most());
	name_row(&row, &name);
	describe(&row, &iteration);
	made->benchmark = row.is_bandwidth ? bandwidth : latency;
	made->benchmark.name = made->name;
	made->benchmark.iteration = made->iteration;
	made->benchmark.parameter = index;
	made->benchmark.memory_bytes =
		(state_bytes() + chase_bytes + streams + LARGE_PAGE_BYTES - 1) / LARGE_PAGE_BYTES * LARGE_PAGE_BYTES;
	if (row.is_bandwidth)
		made->benchmark.per_iteration = BLOCKS_AN_ITERATION * mixes[row.mix].block_lines * CHASE_LINE_BYTES;
}

const struct bench_suite suite_machine_loaded = {
	.name = "machine/loaded", .make = make, .count = 1 + 2 * (size_t)MIXES * PAUSES};
