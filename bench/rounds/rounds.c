/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/rounds/rounds.h"

#include "bench/match.h"
#include "bench/rng.h"
#include "bench/room_alone.h"
#include "bench/runner.h"
#include "bench/suites.h"
#include "bench/ticks.h"
#include "bench/tune/profile_use.h"
#include "build_info.h"
#include "lib/units.h"
#include "platform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMEOUT_MS = 1000 };

/* What machines slow down by, each by something short: the levels of the memory and the way to them, the TLB, the
 * clock and the vector units, the allocator, the kernel. */
static const char *const usual[] = {
	"machine/latency/4KiB/line/16KiB",
	"machine/latency/4KiB/line/256KiB",
	"machine/latency/4KiB/line/4MiB",
	"machine/bandwidth/one/read/16KiB",
	"machine/bandwidth/one/read/4MiB",
	"tlb/lookup/mixed_workload",
	"simd/add32/1000/vector",
	"copy/16KiB/bytes",
	"pool/pool_vs_standard/stack_pool_cycle",
	"pool/pool_vs_standard/standard_allocate",
	"os/call",
	"os/fault",
};
enum { USUAL = sizeof(usual) / sizeof(usual[0]) };

struct rounds {
	double duty;
	uint64_t seed;
	struct rng rng;
	struct platform_clock clock;
	simd_features features;
	struct bench_context context;
	struct profile_use profile;
	struct simd_kernels kernels;
	struct room_watch room;
	bool has_room;
	uint64_t ticks[ROUNDS_SAMPLES], gaps[ROUNDS_SAMPLES];
	double sorted[ROUNDS_SAMPLES], values[ROUNDS_SAMPLES];
	char reason[96];
	size_t count, next, last;
	unsigned failures[ROUNDS_BENCHMARKS_MOST]; /* in a row */
	size_t order[ROUNDS_BENCHMARKS_MOST];
	struct bench_row rows[ROUNDS_BENCHMARKS_MOST]; /* copies: strings of those that are made are in them */
};

/* ---- which ------------------------------------------------------------------------------------------------------- */

static bool is_of_machine(const char *name) {
	return strncmp(name, "machine", 7) == 0;
}

static bool is_wanted(const struct rounds_request *request, const char *name) {
	for (size_t i = 0; request->filter_count == 0 && i < USUAL; i++)
		if (strcmp(usual[i], name) == 0)
			return true;
	for (size_t i = 0; i < request->filter_count; i++) {
		const char *filter = request->filters[i];
		if ((!is_of_machine(name) || is_of_machine(filter)) && match_name(filter, name, request->exact))
			return true;
	}
	return false;
}

/* false: it is one too many. */
static bool add(struct rounds *rounds, const struct benchmark *benchmark, const struct bench_row *made) {
	if (rounds->count == ROUNDS_BENCHMARKS_MOST)
		return false;
	struct bench_row *row = &rounds->rows[rounds->count++];
	if (benchmark == &made->benchmark) {
		*row = *made;
		row->benchmark.name = row->name;
		row->benchmark.iteration = row->iteration;
	} else {
		row->benchmark = *benchmark;
	}
	return true;
}

static bool is_injected(const struct rounds_request *request, const char *name) {
	for (size_t i = 0; i < request->inject_count; i++)
		if (strcmp(request->inject[i], strchr(name, '/') + 1) == 0)
			return true;
	return false;
}

static bool choose(struct rounds *rounds, const struct rounds_request *request) {
	struct bench_row row = {.name = ""};
	for (size_t i = 0; i < suite_inject.count; i++)
		if (is_injected(request, suite_inject.benchmarks[i].name) &&
		    !add(rounds, &suite_inject.benchmarks[i], &row))
			return false;
	const struct bench_suite *suite;
	for (size_t s = 0; (suite = bench_suite_at(s)); s++)
		for (size_t i = 0, count = bench_suite_count(suite); i < count; i++) {
			const struct benchmark *benchmark = bench_suite_row(suite, i, &row);
			if (is_wanted(request, benchmark->name) && !add(rounds, benchmark, &row))
				return false;
		}
	return true;
}

/* ---- rounds ------------------------------------------------------------------------------------------------------ */

static void shuffle(struct rounds *rounds) {
	for (size_t i = 0; i < rounds->count; i++) {
		size_t other = rng_below(&rounds->rng, (uint32_t)i + 1);
		rounds->order[i] = rounds->order[other];
		rounds->order[other] = i;
	}
	rounds->next = 0;
}

static uint64_t to_ns(const struct rounds *rounds, uint64_t ticks) {
	return (uint64_t)((double)ticks / (double)rounds->clock.hz * NS_PER_SECOND);
}

static void take(struct rounds *rounds, const struct measurement *m, struct round *round) {
	double tick_ns = (double)NS_PER_SECOND / (double)m->hz;
	for (size_t i = 0; i < m->count; i++) {
		double iterations = (double)m->step * (m->linear ? (double)i + 1 : 1);
		rounds->values[i] = (double)m->ticks[i] * tick_ns / iterations;
	}
	round->status = m->status;
	round->count = m->count;
	round->room = m->room && m->count > 0 ? &m->room->seen : NULL;
	memcpy(rounds->reason, m->reason, sizeof(rounds->reason));
}

static void measure(struct rounds *rounds, const struct benchmark *benchmark, struct round *round) {
	const struct runner_plan plan = {
		.sample_size = ROUNDS_SAMPLES,
		.warm_up_ns = ROUNDS_WARM_UP_NS,
		.measurement_ns = ROUNDS_MEASUREMENT_NS,
		.timeout_ns = TIMEOUT_MS * NS_PER_MS,
	};
	struct measurement measurement = {
		.ticks = rounds->ticks, .room = rounds->has_room ? &rounds->room : NULL, .hz = rounds->clock.hz};
	uint64_t begin = ticks_begin();
	*round = (struct round){.benchmark = benchmark->name, .reason = rounds->reason, .values = rounds->values};
	runner_measure(benchmark, &rounds->context, &plan, &measurement);
	take(rounds, &measurement, round);
	round->cost_ns = to_ns(rounds, ticks_end() - begin);
}

/* false: the round of all is over. */
static bool next_of_order(struct rounds *rounds) {
	while (rounds->next < rounds->count) {
		rounds->last = rounds->order[rounds->next++];
		if (rounds->failures[rounds->last] < ROUNDS_FAILURES_MOST)
			return true;
	}
	return false;
}

bool rounds_measure(struct rounds *rounds, struct round *round) {
	if (!next_of_order(rounds)) {
		shuffle(rounds);
		platform_clock_calibrate(&rounds->clock);
		if (!next_of_order(rounds))
			return false;
	}
	measure(rounds, &rounds->rows[rounds->last].benchmark, round);
	rounds->failures[rounds->last] = round->status == BENCH_STATUS_OK ? 0 : rounds->failures[rounds->last] + 1;
	return true;
}

bool rounds_gave_up(const struct rounds *rounds) {
	return rounds->failures[rounds->last] >= ROUNDS_FAILURES_MOST;
}

uint64_t rounds_pause_ns(struct rounds *rounds, uint64_t cost_ns) {
	const double steps = 1 << 20;
	if (rounds->duty <= 0)
		return 0;
	double by_lot = 0.5 + rng_below(&rounds->rng, 1 << 20) / steps;
	return (uint64_t)((double)cost_ns * (1 / rounds->duty - 1) * by_lot);
}

/* ---- begin and end ----------------------------------------------------------------------------------------------- */

static void leave_out(struct rounds *rounds, size_t index, const char *why, struct text *said) {
	text_format(said, "%s is left out: %s\n", rounds->rows[index].benchmark.name, why);
	for (size_t i = index; i + 1 < rounds->count; i++) {
		bool made = rounds->rows[i + 1].benchmark.name == rounds->rows[i + 1].name;
		rounds->rows[i] = rounds->rows[i + 1];
		if (made) {
			rounds->rows[i].benchmark.name = rounds->rows[i].name;
			rounds->rows[i].benchmark.iteration = rounds->rows[i].iteration;
		}
	}
	rounds->count--;
}

/* One that fails is watched, and is told of; one that this machine has nothing for is not. */
static void try_each(struct rounds *rounds, struct text *said) {
	for (size_t i = 0; i < rounds->count;) {
		struct round round;
		measure(rounds, &rounds->rows[i].benchmark, &round);
		if (round.status == BENCH_STATUS_SKIPPED)
			leave_out(rounds, i, round.reason, said);
		else
			i++;
	}
}

static bool prepare(struct rounds *rounds) {
	platform_clock_calibrate(&rounds->clock);
	rounds->features = simd_features_detect();
	rounds->context.features = &rounds->features;
	if (!profile_use_find(NULL, rounds->features, &rounds->profile))
		return false;
	simd_select(rounds->features, profile_use_of(&rounds->profile), &rounds->kernels);
	rounds->context.kernels = &rounds->kernels;
	rounds->has_room = platform_describe()->emulated[0] == '\0';
	rounds->room.ratio_alone = room_ratio_alone(rounds->features);
	rounds->room.gaps = rounds->gaps;
	rounds->room.sorted = rounds->sorted;
	return true;
}

struct rounds *rounds_begin(const struct rounds_request *request, struct text *said, struct text *complaint) {
	struct rounds *rounds = calloc(1, sizeof(*rounds));
	if (rounds == NULL) {
		text_add_string(complaint, "out of memory\n");
		return NULL;
	}
	rounds->duty = request->duty;
	rounds->seed = request->seed;
	rounds->rng = rng_seeded(request->seed);
	if (!choose(rounds, request))
		text_format(complaint, "more than %d benchmarks: a watch has fewer, name them by filters\n",
			    ROUNDS_BENCHMARKS_MOST);
	else if (rounds->count == 0)
		text_add_string(complaint, "no benchmark matches; `list` names all\n");
	else if (prepare(rounds))
		try_each(rounds, said);
	if (complaint->length == 0 && rounds->count == 0)
		text_add_string(complaint, "no benchmark that this machine can run is left\n");
	if (complaint->length > 0) {
		rounds_free(rounds);
		return NULL;
	}
	shuffle(rounds);
	return rounds;
}

void rounds_free(struct rounds *rounds) {
	free(rounds);
}

void rounds_describe(const struct rounds *rounds, struct rounds_head *head) {
	const struct platform_info *info = platform_describe();
	*head = (struct rounds_head){.duty = rounds->duty, .seed = rounds->seed, .count = rounds->count};
	snprintf(head->commit, sizeof(head->commit), "%s", BUILD_COMMIT);
	snprintf(head->cpu, sizeof(head->cpu), "%s", info->cpu_model);
	snprintf(head->architecture, sizeof(head->architecture), "%s", info->architecture);
	snprintf(head->way, sizeof(head->way), "%s", info->way);
	snprintf(head->emulated, sizeof(head->emulated), "%s", info->emulated);
	for (size_t i = 0; i < rounds->count; i++)
		snprintf(head->names[i], sizeof(head->names[i]), "%s", rounds->rows[i].benchmark.name);
}

size_t rounds_names(const struct rounds *rounds, const char *names[ROUNDS_BENCHMARKS_MOST]) {
	for (size_t i = 0; i < rounds->count; i++)
		names[i] = rounds->rows[i].benchmark.name;
	return rounds->count;
}
