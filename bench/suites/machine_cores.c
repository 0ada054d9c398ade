/* SPDX-License-Identifier: Apache-2.0
 *
 * What it takes to hand a cache line from core to core, and to share one.
 *
 *   machine/cores/pair/A/B   one line goes from one core to the other and back, each by a compare-and-swap
 *   machine/cores/add/N      N cores add to one word at the same time
 *   machine/cores/cas/N      the same by a load and compare-and-swaps until one succeeds
 *
 * Cores are numbered as platform.h numbers them: 0 is the one that the programme runs on; a row's record names the
 * others. Of more than CORES_MOST, as many are taken from all over the order.
 *
 * Of a pair, A is where the lines are at home: it writes them first, and their memory is of its node where the platform
 * can place it. LINE_COUNT lines take turns, because a line's address decides which slice of the last cache keeps
 * account of it. Where neither of the two is core 0, that one says how many rounds, and times.
 */
#include "bench/line_loops.h"
#include "bench/suites.h"
#include "bench/suites/row_text.h"
#include "bench/suites/team.h"
#include "lib/units.h"
#include "platform.h"

enum { CORES_MOST = 64 /* 4032 pairs */, CHECKED_ROUNDS = 3 * LINE_ROUNDS + 1 };

struct cores_state {
	struct line_state line;
	const struct line_loops *loops;
	size_t mapped_bytes;
	bool has_lost; /* a core that may still look at all this */
};

static void run_pair(void *argument, uint64_t iterations) {
	struct cores_state *state = argument;
	state->loops->run_pair(&state->line, iterations);
}

static void run_pair_of_others(void *argument, uint64_t iterations) {
	struct cores_state *state = argument;
	state->loops->run_pair_of_others(&state->line, iterations);
}

static void run_add(void *argument, uint64_t iterations) {
	struct cores_state *state = argument;
	state->loops->add.run(&state->line, iterations);
}

static void run_cas(void *argument, uint64_t iterations) {
	struct cores_state *state = argument;
	state->loops->cas.run(&state->line, iterations);
}

/* ---- what a row is made of --------------------------------------------------------------------------------------- */

enum kind { KIND_PAIR, KIND_ADD, KIND_CAS, KIND_COUNT };

struct row_of {
	enum kind kind;
	unsigned first, second; /* of a pair: the home, and the other; else `first` is how many */
};

enum { KIND_SHIFT = 32, FIRST_SHIFT = 16, CORE_MASK = 0xffff };

static uint64_t row_pack(const struct row_of *row) {
	return (uint64_t)row->kind << KIND_SHIFT | (uint64_t)row->first << FIRST_SHIFT | row->second;
}

static struct row_of row_unpack(uint64_t packed) {
	return (struct row_of){
		.kind = (enum kind)(packed >> KIND_SHIFT),
		.first = packed >> FIRST_SHIFT & CORE_MASK,
		.second = packed & CORE_MASK,
	};
}

static bool has_others_only(const struct row_of *row) {
	return row->kind == KIND_PAIR && row->first != 0 && row->second != 0;
}

static const struct kind_of {
	const char *name;
	void (*run)(void *state, uint64_t iterations);
	const char *what;
} kinds[KIND_COUNT] = {
	[KIND_PAIR] = {"pair", run_pair, NULL},
	[KIND_ADD] = {"add", run_add, "one atomic addition to a word, by whichever of "},
	[KIND_CAS] = {"cas", run_cas, "one successful compare-and-swap of a word, by whichever of "},
};

static const struct line_sharing *sharing_of(const struct cores_state *state, const struct row_of *row) {
	return row->kind == KIND_ADD ? &state->loops->add : &state->loops->cas;
}

/* ---- set-up ------------------------------------------------------------------------------------------------------ */

static enum bench_setup_result fail(struct bench_context *context, const char *reason) {
	context->reason = reason;
	return BENCH_FAIL;
}

static enum bench_setup_result join(struct cores_state *state, struct bench_context *context) {
	state->has_lost |= !team_join(context);
	return state->has_lost ? fail(context, "another core does not come back") : BENCH_READY;
}

static void teardown(const struct benchmark *benchmark, struct bench_context *context) {
	struct cores_state *state = context->state;
	(void)benchmark;
	if (state == NULL)
		return;
	atomic_store_explicit(&state->line.stop.value, 1, memory_order_relaxed);
	atomic_store_explicit(&state->line.wanted.value, LINE_ENDED, memory_order_release);
	for (unsigned i = 0; i < LINE_COUNT; i++)
		atomic_store_explicit(&state->line.lines[i].value, LINE_ENDED, memory_order_release);
	(void)join(state, context);
	if (!state->has_lost)
		(void)platform_memory_unmap(state, state->mapped_bytes);
	context->state = NULL;
}

static void write_lines(void *argument) {
	struct line_state *line = argument;
	for (unsigned i = 0; i < LINE_COUNT; i++)
		atomic_store_explicit(&line->lines[i].value, 0, memory_order_relaxed);
}

static bool is_of_other_package(unsigned core) {
	int found;
	for (unsigned i = 0; (found = platform_core_find(PLATFORM_RELATION_OTHER_PACKAGE, i)) >= 0; i++)
		if ((unsigned)found == core)
			return true;
	return false;
}

static enum bench_setup_result settle(struct cores_state *state, unsigned home, struct bench_context *context) {
	if (home == 0) {
		write_lines(&state->line);
		return BENCH_READY;
	}
	if (is_of_other_package(home))
		(void)platform_memory_place(state, state->mapped_bytes, PLATFORM_PLACE_REMOTE);
	enum bench_setup_result result = team_start(context, home, write_lines, &state->line);
	return result != BENCH_READY ? result : join(state, context);
}

/* Core 0 leads where it is one of the two. */
static enum bench_setup_result start_pair(struct cores_state *state, const struct row_of *row,
					  struct bench_context *context) {
	unsigned leader = row->second == 0 ? 0 : row->first, follower = row->second == 0 ? row->first : row->second;
	enum bench_setup_result result = settle(state, row->first, context);
	if (result == BENCH_READY)
		result = team_start(context, follower, state->loops->follow, &state->line);
	if (result == BENCH_READY && leader != 0)
		result = team_start(context, leader, state->loops->lead, &state->line);
	return result;
}

static enum bench_setup_result start_all(struct cores_state *state, const struct row_of *row, void (*function)(void *),
					 struct bench_context *context) {
	enum bench_setup_result result = BENCH_READY;
	for (unsigned core = 1; core < row->first && result == BENCH_READY; core++)
		result = team_start(context, core, function, &state->line);
	return result;
}

/* Rounds were played, each by both. */
static enum bench_setup_result check_pair(struct cores_state *state, const struct benchmark *benchmark,
					  struct bench_context *context) {
	uint64_t sum = context->injected_broken;
	benchmark->run(state, CHECKED_ROUNDS);
	for (unsigned i = 0; i < LINE_COUNT; i++)
		sum += atomic_load_explicit(&state->line.lines[i].value, memory_order_acquire);
	return sum == 2 * (uint64_t)CHECKED_ROUNDS ? BENCH_READY
						   : fail(context, "a line was not handed over as often as it should");
}

/* A known number of changes each, and none lost. */
static enum bench_setup_result check_all(struct cores_state *state, const struct row_of *row,
					 struct bench_context *context) {
	void (*changes)(void *) = sharing_of(state, row)->checked;
	enum bench_setup_result result = start_all(state, row, changes, context);
	if (result != BENCH_READY)
		return result;
	if (!context->injected_broken)
		changes(&state->line);
	result = join(state, context);
	if (result != BENCH_READY)
		return result;
	return atomic_load_explicit(&state->line.shared.value, memory_order_relaxed) ==
			       (uint64_t)row->first * LINE_CHECKED_CHANGES
		       ? BENCH_READY
		       : fail(context, "a change was lost");
}

static struct cores_state *state_make(struct bench_context *context) {
	const size_t bytes = (sizeof(struct cores_state) + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
	void *memory;
	if (platform_memory_map(bytes, PAGE_BYTES, PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE, &memory) != 0)
		return NULL;
	struct cores_state *state = memory;
	state->mapped_bytes = bytes;
	state->loops = line_loops_choose(*context->features);
	context->state = state;
	return state;
}

static enum bench_setup_result setup(const struct benchmark *benchmark, struct bench_context *context) {
	const struct row_of row = row_unpack(benchmark->parameter);
	struct cores_state *state = NULL;
	enum bench_setup_result result = BENCH_SKIP;
	unsigned cores = platform_describe()->cores_usable;
	if (row.kind == KIND_PAIR ? row.first >= cores || row.second >= cores : row.first > cores)
		context->reason = "there is no second core";
	else if ((state = state_make(context)) == NULL)
		context->reason = "no memory for the lines";
	if (context->reason != NULL)
		return result;
	if (row.kind == KIND_PAIR) {
		result = start_pair(state, &row, context);
		if (result == BENCH_READY)
			result = check_pair(state, benchmark, context);
	} else {
		result = check_all(state, &row, context);
		if (result == BENCH_READY)
			result = start_all(state, &row, sharing_of(state, &row)->other, context);
	}
	if (result != BENCH_READY)
		teardown(benchmark, context);
	return result;
}

/* ---- the rows ---------------------------------------------------------------------------------------------------- */

static const uint8_t shares[] = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, CORES_MOST};

struct counts {
	unsigned cores;
	unsigned taken; /* of them; where there is but one, the rows of two say so */
	size_t pairs;
	size_t each; /* rows of each of the two that share a word: `shares` below `taken`, and that */
};

static struct counts count_cores(void) {
	struct counts counts = {.cores = platform_describe()->cores_usable, .each = 1};
	counts.taken = counts.cores < 2 ? 2 : counts.cores > CORES_MOST ? CORES_MOST : counts.cores;
	counts.pairs = (size_t)counts.taken * (counts.taken - 1);
	while (shares[counts.each - 1] < counts.taken)
		counts.each++;
	return counts;
}

/* The `index`th of those that pairs are made of. */
static unsigned core_taken(const struct counts *counts, size_t index) {
	return counts->cores > counts->taken ? (unsigned)(index * (counts->cores - 1) / (counts->taken - 1))
					     : (unsigned)index;
}

static size_t count_made(void) {
	struct counts counts = count_cores();
	return counts.pairs + 2 * counts.each;
}

static struct row_of row_of_index(size_t index) {
	const struct counts counts = count_cores();
	if (index < counts.pairs) {
		size_t first = index / (counts.taken - 1), second = index % (counts.taken - 1);
		second += second >= first;
		return (struct row_of){KIND_PAIR, core_taken(&counts, first), core_taken(&counts, second)};
	}
	index -= counts.pairs;
	size_t share = index % counts.each;
	return (struct row_of){index < counts.each ? KIND_ADD : KIND_CAS,
			       share + 1 < counts.each ? shares[share] : counts.taken, 0};
}

static void describe(const struct row_of *row, struct row_text *text) {
	if (row->kind == KIND_PAIR) {
		row_word(text, "one round trip of a line between cores ");
		row_number(text, row->first);
		row_word(text, " (its home) and ");
		row_number(text, row->second);
		row_word(text, ", a compare-and-swap each; half of it is one way");
	} else {
		row_word(text, kinds[row->kind].what);
		row_number(text, row->first);
		row_word(text, row->first == 1 ? " core" : " cores at once");
	}
}

static const struct benchmark model = {
	.unit = BENCH_UNIT_ELEMENTS,
	.per_iteration = 1,
	.memory_bytes = sizeof(struct cores_state) + PAGE_BYTES,
	.quick_ns = 12 * NS_PER_MS,
	.setup = setup,
	.teardown = teardown,
};

static void make(size_t index, struct bench_row *made) {
	const struct row_of row = row_of_index(index);
	struct row_text name = {made->name, sizeof made->name, 0};
	struct row_text iteration = {made->iteration, sizeof made->iteration, 0};
	row_word(&name, "machine/cores/");
	row_word(&name, kinds[row.kind].name);
	row_word(&name, "/");
	row_number(&name, row.first);
	if (row.kind == KIND_PAIR) {
		row_word(&name, "/");
		row_number(&name, row.second);
	}
	describe(&row, &iteration);
	made->benchmark = model;
	made->benchmark.name = made->name;
	made->benchmark.iteration = made->iteration;
	made->benchmark.parameter = row_pack(&row);
	made->benchmark.run = has_others_only(&row) ? run_pair_of_others : kinds[row.kind].run;
}

const struct bench_suite suite_machine_cores = {.name = "machine/cores", .count_made = count_made, .make = make};
