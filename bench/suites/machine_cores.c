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
 * A pair, each core spins on the compare-and-swap itself. It plays on LINES lines in turn, ROUNDS_A_LINE rounds on
 * each, because a line's address decides which slice of the last cache keeps account of it. A is where they are at
 * home: it writes them first, and their memory is of its node where the platform can place it. Where neither of the two
 * is core 0, that one says how many rounds, and times.
 *
 * Ordering: a line's value is the number of times that it was handed over, changed with acquire and release. What core
 * 0 wants is stored to `wanted` with release; `played` likewise the other way.
 */
#include "bench/consume.h"
#include "bench/suites.h"
#include "bench/suites/row_text.h"
#include "bench/suites/team.h"
#include "bench/ticks.h"
#include "lib/units.h"
#include "platform.h"

#include <stdatomic.h>

enum {
	CORES_MOST = 64, /* 4032 pairs */
	LINES = 64,
	APART = 256, /* lines are fetched in pairs, and pairs ahead */
	ROUNDS_A_LINE = 64,
	CHECKED_ROUNDS = 3 * ROUNDS_A_LINE + 1,
	CHECKED_CHANGES = 1000,
};

/* Of a line, or of what is wanted: it is over. */
#define ENDED UINT64_MAX

struct line {
	_Alignas(APART) _Atomic(uint64_t) value;
};

struct cores_state {
	struct line lines[LINES];
	struct line wanted, played; /* rounds ever, of a leader on another core */
	struct line shared, stop;
	_Alignas(APART) uint64_t round; /* the leader's */
	size_t mapped_bytes;
};

/* ---- a pair ------------------------------------------------------------------------------------------------------ */

static struct line *line_of(struct cores_state *state, uint64_t round) {
	return &state->lines[round / ROUNDS_A_LINE % LINES];
}

/* Its line's value when the round begins. */
static uint64_t value_of(uint64_t round) {
	return 2 * (round / (ROUNDS_A_LINE * LINES) * ROUNDS_A_LINE + round % ROUNDS_A_LINE);
}

/* false: it is over. */
static inline bool hand_over(struct line *line, uint64_t value) {
	for (;;) {
		uint64_t seen = value;
		if (atomic_compare_exchange_strong_explicit(&line->value, &seen, value + 1, memory_order_acq_rel,
							    memory_order_acquire))
			return true;
		if (seen == ENDED)
			return false;
	}
}

static inline bool await_value(struct line *line, uint64_t value) {
	uint64_t seen;
	do
		seen = atomic_load_explicit(&line->value, memory_order_acquire);
	while (seen != value && seen != ENDED);
	return seen == value;
}

/* A round ends with the other's answer, for which the next one waits by itself. */
static inline bool lead(struct cores_state *state, uint64_t rounds) {
	uint64_t round = state->round, end = round + rounds;
	while (round != end) {
		struct line *line = line_of(state, round);
		uint64_t value = value_of(round), left = ROUNDS_A_LINE - round % ROUNDS_A_LINE;
		if (left > end - round)
			left = end - round;
		for (round += left; left != 0; left--, value += 2)
			if (!hand_over(line, value))
				return false;
		if (!await_value(line, value))
			return false;
	}
	state->round = end;
	return true;
}

static void follow(void *argument) {
	struct cores_state *state = argument;
	for (uint64_t round = 0;; round++)
		if (!hand_over(line_of(state, round), value_of(round) + 1))
			return;
}

static void lead_for_first(void *argument) {
	struct cores_state *state = argument;
	for (uint64_t played = 0;;) {
		uint64_t wanted = atomic_load_explicit(&state->wanted.value, memory_order_acquire);
		if (wanted == ENDED)
			return;
		if (wanted == played) {
			(void)ticks_end(); /* a core that shares its units with this one has them meanwhile */
			continue;
		}
		if (!lead(state, wanted - played))
			return;
		played = wanted;
		atomic_store_explicit(&state->played.value, played, memory_order_release);
	}
}

static void run_pair(void *argument, uint64_t iterations) {
	(void)lead(argument, iterations);
}

static void run_pair_of_others(void *argument, uint64_t iterations) {
	struct cores_state *state = argument;
	uint64_t wanted = atomic_load_explicit(&state->wanted.value, memory_order_relaxed) + iterations;
	atomic_store_explicit(&state->wanted.value, wanted, memory_order_release);
	while (atomic_load_explicit(&state->played.value, memory_order_acquire) != wanted)
		(void)ticks_end();
}

/* ---- one word for all -------------------------------------------------------------------------------------------- */

static inline uint64_t add(struct line *line) {
	return atomic_fetch_add_explicit(&line->value, 1, memory_order_relaxed) + 1;
}

/* The value as far as it is known then: one more than `seen` where it was that. */
static inline uint64_t swap(struct line *line, uint64_t seen) {
	uint64_t next = seen + 1;
	return atomic_compare_exchange_strong_explicit(&line->value, &seen, next, memory_order_relaxed,
						       memory_order_relaxed)
		       ? next
		       : seen;
}

static uint64_t value_now(struct line *line) {
	return atomic_load_explicit(&line->value, memory_order_relaxed);
}

static bool is_stopped(struct cores_state *state) {
	return value_now(&state->stop) != 0;
}

static void add_until_stopped(void *argument) {
	struct cores_state *state = argument;
	while (!is_stopped(state))
		(void)add(&state->shared);
}

static void swap_until_stopped(void *argument) {
	struct cores_state *state = argument;
	for (uint64_t value = value_now(&state->shared); !is_stopped(state);)
		value = swap(&state->shared, value);
}

static void add_checked(void *argument) {
	struct cores_state *state = argument;
	for (unsigned i = 0; i < CHECKED_CHANGES; i++)
		(void)add(&state->shared);
}

static void swap_checked(void *argument) {
	struct cores_state *state = argument;
	uint64_t value = value_now(&state->shared);
	for (unsigned i = 0; i < CHECKED_CHANGES;) {
		uint64_t next = value + 1;
		value = swap(&state->shared, value);
		i += value == next;
	}
}

/* Takes part until the word is larger by so many, whoever did it. */
static void run_add(void *argument, uint64_t iterations) {
	struct cores_state *state = argument;
	uint64_t value = value_now(&state->shared);
	for (uint64_t end = value + iterations; value < end;)
		value = add(&state->shared);
}

static void run_cas(void *argument, uint64_t iterations) {
	struct cores_state *state = argument;
	uint64_t value = value_now(&state->shared);
	for (uint64_t end = value + iterations; value < end;)
		value = swap(&state->shared, value);
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
	void (*other)(void *state);
} kinds[KIND_COUNT] = {
	[KIND_PAIR] = {"pair", run_pair, NULL, follow},
	[KIND_ADD] = {"add", run_add, "one atomic addition to a word, by whichever of ", add_until_stopped},
	[KIND_CAS] = {"cas", run_cas, "one successful compare-and-swap of a word, by whichever of ",
		      swap_until_stopped},
};

/* ---- set-up ------------------------------------------------------------------------------------------------------ */

static void teardown(const struct benchmark *benchmark, struct bench_context *context) {
	struct cores_state *state = context->state;
	(void)benchmark;
	if (state == NULL)
		return;
	atomic_store_explicit(&state->stop.value, 1, memory_order_relaxed);
	atomic_store_explicit(&state->wanted.value, ENDED, memory_order_release);
	for (unsigned i = 0; i < LINES; i++)
		atomic_store_explicit(&state->lines[i].value, ENDED, memory_order_release);
	if (team_join(context))
		(void)platform_memory_unmap(state, state->mapped_bytes);
	context->state = NULL;
}

static void write_lines(void *argument) {
	struct cores_state *state = argument;
	for (unsigned i = 0; i < LINES; i++)
		atomic_store_explicit(&state->lines[i].value, 0, memory_order_relaxed);
}

static bool is_of_other_package(unsigned core) {
	int found;
	for (unsigned i = 0; (found = platform_core_find(PLATFORM_RELATION_OTHER_PACKAGE, i)) >= 0; i++)
		if ((unsigned)found == core)
			return true;
	return false;
}

/* NULL, or why not. */
static const char *settle(struct cores_state *state, unsigned home, struct bench_context *context) {
	if (home == 0) {
		write_lines(state);
		return NULL;
	}
	if (is_of_other_package(home))
		(void)platform_memory_place(state, state->mapped_bytes, PLATFORM_PLACE_REMOTE);
	const char *reason = team_start(context, home, write_lines, state);
	if (reason == NULL && !team_join(context))
		reason = "another core does not come back";
	return reason;
}

/* Core 0 leads where it is one of the two. */
static const char *start_pair(struct cores_state *state, const struct row_of *row, struct bench_context *context) {
	unsigned leader = row->second == 0 ? 0 : row->first, follower = row->second == 0 ? row->first : row->second;
	const char *reason = settle(state, row->first, context);
	if (reason == NULL)
		reason = team_start(context, follower, follow, state);
	if (reason == NULL && leader != 0)
		reason = team_start(context, leader, lead_for_first, state);
	return reason;
}

static const char *start_all(struct cores_state *state, const struct row_of *row, void (*function)(void *),
			     struct bench_context *context) {
	const char *reason = NULL;
	for (unsigned core = 1; core < row->first && reason == NULL; core++)
		reason = team_start(context, core, function, state);
	return reason;
}

/* Rounds were played, each by both. */
static const char *check_pair(struct cores_state *state, const struct benchmark *benchmark, bool broken) {
	uint64_t sum = broken;
	benchmark->run(state, CHECKED_ROUNDS);
	for (unsigned i = 0; i < LINES; i++)
		sum += atomic_load_explicit(&state->lines[i].value, memory_order_acquire);
	return sum == 2 * (uint64_t)CHECKED_ROUNDS ? NULL : "a line was not handed over as often as it should";
}

/* A known number of changes each, and none lost. */
static const char *check_all(struct cores_state *state, const struct row_of *row, struct bench_context *context) {
	void (*changes)(void *) = row->kind == KIND_ADD ? add_checked : swap_checked;
	const char *reason = start_all(state, row, changes, context);
	if (reason != NULL)
		return reason;
	if (!context->injected_broken)
		changes(state);
	if (!team_join(context))
		return "another core does not come back";
	return value_now(&state->shared) == (uint64_t)row->first * CHECKED_CHANGES ? NULL : "a change was lost";
}

static struct cores_state *state_make(struct bench_context *context) {
	const size_t bytes = (sizeof(struct cores_state) + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
	void *memory;
	if (platform_memory_map(bytes, PAGE_BYTES, PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE, &memory) != 0)
		return NULL;
	struct cores_state *state = memory;
	state->mapped_bytes = bytes;
	context->state = state;
	return state;
}

static enum bench_setup_result setup(const struct benchmark *benchmark, struct bench_context *context) {
	const struct row_of row = row_unpack(benchmark->parameter);
	struct cores_state *state = NULL;
	enum bench_setup_result result = BENCH_SKIP;
	unsigned cores = team_cores();
	if (row.kind == KIND_PAIR ? row.first >= cores || row.second >= cores : row.first > cores)
		context->reason = "there is no second core";
	else if ((state = state_make(context)) == NULL)
		context->reason = "no memory for the lines";
	if (context->reason != NULL)
		return result;
	if (row.kind == KIND_PAIR) {
		context->reason = start_pair(state, &row, context);
		if (context->reason == NULL)
			context->reason = check_pair(state, benchmark, context->injected_broken);
	} else {
		context->reason = check_all(state, &row, context);
		if (context->reason == NULL)
			context->reason = start_all(state, &row, kinds[row.kind].other, context);
	}
	if (context->reason == NULL)
		return BENCH_READY;
	teardown(benchmark, context);
	return BENCH_FAIL;
}

/* ---- the rows ---------------------------------------------------------------------------------------------------- */

/* Where there is but one, the rows of two say so. */
static unsigned cores_taken(void) {
	unsigned cores = team_cores();
	return cores < 2 ? 2 : cores > CORES_MOST ? CORES_MOST : cores;
}

/* The `index`th of those that pairs are made of. */
static unsigned core_taken(unsigned index) {
	unsigned cores = team_cores(), taken = cores_taken();
	return cores > taken ? index * (cores - 1) / (taken - 1) : index;
}

static const uint8_t shares[] = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, CORES_MOST};

/* Rows of each of the two that share a word: those below the number of cores, and that number. */
static size_t shares_below(void) {
	size_t count = 0;
	while (shares[count] < cores_taken())
		count++;
	return count;
}

static size_t count_made(void) {
	size_t cores = cores_taken();
	return cores * (cores - 1) + 2 * (shares_below() + 1);
}

static struct row_of row_of_index(size_t index) {
	size_t cores = cores_taken(), pairs = cores * (cores - 1), each = shares_below() + 1;
	if (index < pairs) {
		size_t first = index / (cores - 1), second = index % (cores - 1);
		second += second >= first;
		return (struct row_of){KIND_PAIR, core_taken((unsigned)first), core_taken((unsigned)second)};
	}
	index -= pairs;
	unsigned count = index % each < each - 1 ? shares[index % each] : (unsigned)cores;
	return (struct row_of){index < each ? KIND_ADD : KIND_CAS, count, 0};
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
