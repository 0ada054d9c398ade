/* SPDX-License-Identifier: Apache-2.0
 *
 * How many bytes a second, over the size of what is read and written.
 *
 *   machine/bandwidth/CORES/KIND/SIZE
 *
 * CORES is `one`, the first, or `all`; where there are cores of several kinds and the platform tells them apart,
 * `other_kind` as well, one core of another kind than the first, and `other_kind_2` and so on of those behind it.
 * SIZE is what one core touches, in memory of its own node where the platform can place it. Bytes are counted as
 * the code asks for them; what moves between memory and caches is more where a line that is written is read first,
 * and each row says both.
 *
 *   read            each byte loaded, in the widest registers here
 *   write           each byte stored
 *   write_stream    each byte stored past the caches, where the CPU has such stores
 *   copy            half of SIZE into the other half, by the kernel that simd/ chooses here
 *   copy_stream     the same past the caches
 *
 * and the four of STREAM (McCalpin, "Memory Bandwidth and Machine Balance in Current High Performance Computers",
 * 1995), in C, with arrays of SIZE each: its rule is that SIZE be four times the last cache at the least, so that only
 * the large rows are STREAM's.
 */
#include "bench/consume.h"
#include "bench/reference_loops.h"
#include "bench/suites.h"
#include "bench/suites/crew.h"
#include "bench/suites/ladder_sizes.h"
#include "bench/suites/mapping.h"
#include "bench/suites/row_text.h"
#include "lib/units.h"
#include "platform.h"

enum kind {
	KIND_READ,
	KIND_WRITE,
	KIND_WRITE_STREAM,
	KIND_COPY,
	KIND_COPY_STREAM,
	KIND_STREAM_COPY,
	KIND_STREAM_SCALE,
	KIND_STREAM_ADD,
	KIND_STREAM_TRIAD,
	KIND_COUNT
};

/* In halves of SIZE up to copy_stream, in arrays from there on: buffers, bytes counted and bytes that move where the
 * caches do not hold them. */
static const struct kind_of {
	const char *name, *what;
	uint8_t arrays, counted, moved;
} kinds[KIND_COUNT] = {
	[KIND_READ] = {"read", "each byte loaded", 2, 2, 2},
	[KIND_WRITE] = {"write", "each byte stored", 2, 2, 4},
	[KIND_WRITE_STREAM] = {"write_stream", "each byte stored past the caches", 2, 2, 2},
	[KIND_COPY] = {"copy", "one half copied into the other", 2, 2, 3},
	[KIND_COPY_STREAM] = {"copy_stream", "one half copied into the other past the caches", 2, 2, 2},
	[KIND_STREAM_COPY] = {"stream_copy", "STREAM's c = a", 3, 2, 3},
	[KIND_STREAM_SCALE] = {"stream_scale", "STREAM's b = 3 c", 3, 2, 3},
	[KIND_STREAM_ADD] = {"stream_add", "STREAM's c = a + b", 3, 3, 4},
	[KIND_STREAM_TRIAD] = {"stream_triad", "STREAM's a = b + 3 c", 3, 3, 4},
};

/* Two lanes: what both architectures have at the least. */
typedef double pair __attribute__((vector_size(16), may_alias));
enum { STREAM_FACTOR = 3 };

/* One core's share. */
struct share {
	enum kind kind;
	unsigned char *a, *b, *c; /* arrays of `bytes`; where SIZE is in halves, b follows a and there is no c */
	uint64_t bytes;
	reference_loop *loop;
	const struct simd_kernels *kernels;
};

struct bandwidth_state {
	struct crew crew;
	size_t mapped_bytes;
	struct share *shares;
	struct crew_member members[];
};

/* ---- the loops --------------------------------------------------------------------------------------------------- */

/* Functions of their own, so that their loops can be looked at. */
__attribute__((noinline)) static void run_stream_copy(struct share *share) {
	const pair *a = (const pair *)(const void *)share->a;
	pair *c = (pair *)(void *)share->c;
	for (uint64_t i = 0; i < share->bytes / sizeof(pair); i++)
		c[i] = a[i];
}

__attribute__((noinline)) static void run_stream_scale(struct share *share) {
	const pair *c = (const pair *)(const void *)share->c;
	pair *b = (pair *)(void *)share->b;
	for (uint64_t i = 0; i < share->bytes / sizeof(pair); i++)
		b[i] = c[i] * (double)STREAM_FACTOR;
}

__attribute__((noinline)) static void run_stream_add(struct share *share) {
	const pair *a = (const pair *)(const void *)share->a, *b = (const pair *)(const void *)share->b;
	pair *c = (pair *)(void *)share->c;
	for (uint64_t i = 0; i < share->bytes / sizeof(pair); i++)
		c[i] = a[i] + b[i];
}

__attribute__((noinline)) static void run_stream_triad(struct share *share) {
	const pair *b = (const pair *)(const void *)share->b, *c = (const pair *)(const void *)share->c;
	pair *a = (pair *)(void *)share->a;
	for (uint64_t i = 0; i < share->bytes / sizeof(pair); i++)
		a[i] = b[i] + c[i] * (double)STREAM_FACTOR;
}

static void pass_once(struct share *share) {
	switch (share->kind) {
	case KIND_WRITE_STREAM:
		share->kernels->fills.zero_stream(share->a, 2 * share->bytes);
		break;
	case KIND_COPY:
		share->kernels->copies.copy(share->b, share->a, share->bytes);
		break;
	case KIND_COPY_STREAM:
		share->kernels->copies.copy_stream(share->b, share->a, share->bytes);
		break;
	case KIND_STREAM_COPY:
		run_stream_copy(share);
		break;
	case KIND_STREAM_SCALE:
		run_stream_scale(share);
		break;
	case KIND_STREAM_ADD:
		run_stream_add(share);
		break;
	default:
		run_stream_triad(share);
	}
}

static void work(void *argument, uint64_t passes) {
	struct share *share = argument;
	if (passes == 0)
		return;
	if (share->loop != NULL)
		share->loop(share->a, 2 * share->bytes / REFERENCE_BLOCK_BYTES, passes);
	else
		for (; passes != 0; passes--) {
			pass_once(share);
			bench_consume_memory(share->a);
		}
	bench_consume_memory(share->a);
}

static void wait(void *argument, uint64_t passes) {
	(void)argument;
	(void)passes;
}

static void run(void *argument, uint64_t iterations) {
	struct bandwidth_state *state = argument;
	crew_run(&state->crew, iterations);
}

/* ---- what a row is made of --------------------------------------------------------------------------------------- */

/* CORES; those of a further kind follow one another. */
enum { CORES_ONE, CORES_ALL, CORES_OTHER_KIND, CORES_OTHER_KINDS_MOST = 8 };

struct row_of {
	unsigned cores;
	enum kind kind;
	uint64_t bytes; /* SIZE */
};

enum { CORES_SHIFT = 60, KIND_SHIFT = 56 };
_Static_assert(KIND_COUNT <= 16 && CORES_OTHER_KIND + CORES_OTHER_KINDS_MOST <= 16, "four bits each");

static uint64_t row_pack(const struct row_of *row) {
	return (uint64_t)row->cores << CORES_SHIFT | (uint64_t)row->kind << KIND_SHIFT | row->bytes;
}

static struct row_of row_unpack(uint64_t packed) {
	return (struct row_of){
		.cores = (unsigned)(packed >> CORES_SHIFT),
		.kind = (enum kind)(packed >> KIND_SHIFT & 0xf),
		.bytes = packed & ((UINT64_C(1) << KIND_SHIFT) - 1),
	};
}

static bool is_stream(enum kind kind) {
	return kind >= KIND_STREAM_COPY;
}

/* That work. */
static unsigned cores_of(const struct row_of *row) {
	return row->cores == CORES_ALL ? platform_describe()->cores_usable : 1;
}

/* Of the crew: the first core waits where it is another one that works. */
static unsigned members_of(const struct row_of *row) {
	return cores_of(row) + (row->cores >= CORES_OTHER_KIND);
}

static uint64_t array_bytes(const struct row_of *row) {
	return is_stream(row->kind) ? row->bytes : row->bytes / 2;
}

/* A page more, so that two cores' arrays do not meet in one. */
static uint64_t share_bytes(const struct row_of *row) {
	return (kinds[row->kind].arrays * array_bytes(row) + 2 * PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
}

static uint64_t state_bytes(const struct row_of *row) {
	uint64_t bytes = sizeof(struct bandwidth_state) + members_of(row) * sizeof(struct crew_member) +
			 cores_of(row) * sizeof(struct share);
	return (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
}

static uint64_t row_memory(const struct row_of *row) {
	uint64_t bytes = state_bytes(row) + cores_of(row) * share_bytes(row);
	return (bytes + LARGE_PAGE_BYTES - 1) / LARGE_PAGE_BYTES * LARGE_PAGE_BYTES;
}

static void share_start(struct share *share, const struct row_of *row, unsigned char *memory,
			const struct simd_kernels *kernels) {
	uint64_t bytes = array_bytes(row);
	*share = (struct share){
		.kind = row->kind,
		.a = memory,
		.b = memory + bytes,
		.c = memory + 2 * bytes,
		.bytes = bytes,
		.loop = row->kind == KIND_READ    ? reference_widest(reference_loads, kernels)
			: row->kind == KIND_WRITE ? reference_widest(reference_stores, kernels)
						  : NULL,
		.kernels = kernels,
	};
}

/* ---- what it should have done ------------------------------------------------------------------------------------ */

/* The last double of an array. */
static double *last(unsigned char *array, uint64_t bytes) {
	return (double *)(void *)(array + bytes) - 1;
}

static bool is_right(struct share *share) {
	double *a = last(share->a, share->bytes), *b = last(share->b, share->bytes), *c;
	*a = 1, *b = 2;
	if (!is_stream(share->kind)) {
		work(share, 1);
		bool copies = share->kind == KIND_COPY || share->kind == KIND_COPY_STREAM;
		return share->kind == KIND_READ ? *a == 1 && *b == 2 : copies ? *b == 1 : *a == 0 && *b == 0;
	}
	c = last(share->c, share->bytes);
	*c = 5;
	work(share, 1);
	const double wanted[][3] = {{1, 2, 1}, {1, STREAM_FACTOR * 5, 5}, {1, 2, 3}, {2 + STREAM_FACTOR * 5, 2, 5}};
	const double *row = wanted[share->kind - KIND_STREAM_COPY];
	return *a == row[0] && *b == row[1] && *c == row[2];
}

/* ---- set-up and the rows ----------------------------------------------------------------------------------------- */

static void teardown(const struct benchmark *benchmark, struct bench_context *context) {
	struct bandwidth_state *state = context->state;
	(void)benchmark;
	if (state != NULL && crew_end(&state->crew))
		(void)platform_memory_unmap(state, state->mapped_bytes);
	context->state = NULL;
}

static const char *lacks(const struct row_of *row) {
	if (row->cores == CORES_ALL && platform_describe()->cores_usable < 2)
		return "there is but one core";
	if (row_memory(row) > platform_describe()->memory_bytes / 2)
		return "it is more than half of the memory";
	return NULL;
}

/* The last members work, each on its share. */
static void crew_make(struct bandwidth_state *state, const struct row_of *row, unsigned other) {
	unsigned count = members_of(row), waiting = count - cores_of(row);
	state->crew.members = state->members;
	state->crew.count = count;
	for (unsigned i = 0; i < count; i++) {
		state->members[i].work = i < waiting ? wait : work;
		state->members[i].argument = i < waiting ? NULL : &state->shares[i - waiting];
		state->members[i].core = i != 0 && waiting != 0 ? other : i;
	}
}

static struct bandwidth_state *state_make(const struct row_of *row, unsigned other,
					  const struct bench_context *context) {
	unsigned cores = cores_of(row);
	size_t mapped_bytes;
	struct bandwidth_state *state = mapping_of(row_memory(row), &mapped_bytes);
	if (state == NULL)
		return NULL;
	unsigned char *memory = (unsigned char *)state + state_bytes(row);
	state->mapped_bytes = mapped_bytes;
	state->shares = (struct share *)(void *)(state->members + members_of(row));
	for (unsigned i = 0; i < cores; i++)
		share_start(&state->shares[i], row, memory + i * share_bytes(row), context->kernels);
	crew_make(state, row, other);
	return state;
}

/* Memory comes from the first core's node, whose bus would then be all that is measured. */
static enum bench_setup_result place(struct bandwidth_state *state, const struct row_of *row,
				     struct bench_context *context) {
	for (unsigned i = 1; i < state->crew.count; i++) {
		const struct share *share = state->members[i].argument;
		int error = platform_memory_place_near(share->a, share_bytes(row), state->members[i].core);
		if (error == PLATFORM_EUNSUPPORTED)
			break;
		if (error != 0)
			return team_say(context, BENCH_SKIP, state->members[i].core,
					": its arrays cannot be put on its node");
	}
	return BENCH_READY;
}

static enum bench_setup_result setup(const struct benchmark *benchmark, struct bench_context *context) {
	const struct row_of row = row_unpack(benchmark->parameter);
	int other = row.cores < CORES_OTHER_KIND ? 0 : platform_core_find_kind(row.cores - CORES_OTHER_KIND);
	context->reason = other < 0 ? "there is no core of another kind" : lacks(&row);
	if (context->reason != NULL)
		return BENCH_SKIP;
	struct bandwidth_state *state = state_make(&row, (unsigned)other, context);
	context->state = state;
	if (state == NULL) {
		context->reason = "no memory for the arrays";
		return BENCH_SKIP;
	}
	enum bench_setup_result result = place(state, &row, context);
	for (unsigned i = 0; i < cores_of(&row) && result != BENCH_SKIP; i++)
		if (!is_right(&state->shares[i]) || context->injected_broken)
			result = BENCH_FAIL;
	if (result == BENCH_FAIL)
		context->reason = "what was written is not what should have been";
	unsigned missing;
	int error = result == BENCH_READY ? crew_start(&state->crew, &missing) : 0;
	if (error != 0)
		result = team_lacks(context, missing, error);
	for (unsigned i = 1; i < state->crew.count && context->core_count < BENCH_CORES_MAX; i++)
		context->cores[context->core_count++] = state->members[i].core;
	if (result != BENCH_READY)
		teardown(benchmark, context);
	return result;
}

static const struct benchmark model = {.unit = BENCH_UNIT_BYTES, .setup = setup, .run = run, .teardown = teardown};

static void describe(const struct row_of *row, struct row_text *text) {
	const struct kind_of *kind = &kinds[row->kind];
	uint64_t bytes = array_bytes(row);
	row_word(text, kind->what);
	row_word(text, row->cores == CORES_ONE ? ", " : row->cores == CORES_ALL ? ", each core " : ", other kind ");
	row_size(text, row->bytes);
	row_word(text, is_stream(row->kind) ? " an array: counted " : ": counted ");
	row_number(text, kind->counted * bytes);
	row_word(text, " B, moved beyond caches ");
	row_number(text, kind->moved * bytes);
	row_word(text, " B");
}

static void make_row(const struct row_of *row, struct bench_row *made) {
	struct row_text name = {made->name, sizeof made->name, 0};
	struct row_text iteration = {made->iteration, sizeof made->iteration, 0};
	row_word(&name, "machine/bandwidth/");
	row_word(&name, row->cores == CORES_ONE ? "one" : row->cores == CORES_ALL ? "all" : "other_kind");
	if (row->cores > CORES_OTHER_KIND) {
		row_word(&name, "_");
		row_number(&name, row->cores - CORES_OTHER_KIND + 1);
	}
	row_word(&name, "/");
	row_word(&name, kinds[row->kind].name);
	row_word(&name, "/");
	row_size(&name, row->bytes);
	describe(row, &iteration);
	made->benchmark = model;
	made->benchmark.name = made->name;
	made->benchmark.iteration = made->iteration;
	made->benchmark.per_iteration = kinds[row->kind].counted * array_bytes(row) * cores_of(row);
	made->benchmark.memory_bytes = row_memory(row);
	made->benchmark.parameter = row_pack(row);
}

/* Two sizes an octave, 4 KiB to 1 GiB. */
enum { FIRST = 2 * LADDER_AN_OCTAVE, STEP = LADDER_AN_OCTAVE / 2, SIZES = (LADDER_SIZES - FIRST - 1) / STEP + 1 };

static void make(size_t index, struct bench_row *made) {
	const struct row_of row = {
		.cores = (unsigned)(index / SIZES / KIND_COUNT),
		.kind = (enum kind)(index / SIZES % KIND_COUNT),
		.bytes = ladder_size(FIRST + (unsigned)(index % SIZES) * STEP),
	};
	make_row(&row, made);
}

static size_t count_made(void) {
	unsigned others = 0;
	while (others < CORES_OTHER_KINDS_MOST && platform_core_find_kind(others) >= 0)
		others++;
	return (CORES_OTHER_KIND + others) * (size_t)KIND_COUNT * SIZES;
}

const struct bench_suite suite_machine_bandwidth = {
	.name = "machine/bandwidth", .count_made = count_made, .make = make};
