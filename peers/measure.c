/* SPDX-License-Identifier: Apache-2.0
 *
 * Samples of several contestants, interleaved, and what their times come to. Prints nothing.
 */
#include "bench/consume.h"
#include "bench/rng.h"
#include "bench/stats.h"
#include "bench/ticks.h"
#include "peers/peers.h"
#include "platform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	CONTESTANTS_MAX = PEERS_MAX + 1, /* ours is the first */
	ROUNDS_MAX = 256,
	RESAMPLES = 2000,
	CHAIN_ADDITIONS = 20000,
	CHAIN_UNROLLED = 20,
};

/* Ratios are handed to bench/stats.h as whole numbers of this part of one. */
static const double ratio_scale = 1e9;

struct samples {
	const struct peer *who[CONTESTANTS_MAX]; /* absent ones are not in here */
	uint64_t iterations[CONTESTANTS_MAX];
	double ns[CONTESTANTS_MAX][ROUNDS_MAX]; /* an iteration */
	size_t count;
	unsigned rounds;
	double chain_ns; /* least */
};

static double ns_a_tick(void) {
	static double value;
	struct platform_clock clock;
	if (value == 0 && platform_clock_calibrate(&clock) == 0 && clock.hz != 0)
		value = 1e9 / (double)clock.hz;
	return value;
}

static double time_ns(const struct peer *peer, uint64_t iterations) {
	uint64_t begin = ticks_begin();
	peer->run(peer->state, iterations);
	return (double)(ticks_end() - begin) * ns_a_tick();
}

/* Each addition needs the sum before it: as many cycles as there are additions, whatever else the core could do. */
static double chain_ns(void) {
	uint64_t sum = 0, one = 1;
	uint64_t begin = ticks_begin();
	for (unsigned i = 0; i < CHAIN_ADDITIONS / CHAIN_UNROLLED; i++) {
#define ADD5                              \
	sum += one;                       \
	__asm__ volatile("" : "+r"(sum)); \
	sum += one;                       \
	__asm__ volatile("" : "+r"(sum)); \
	sum += one;                       \
	__asm__ volatile("" : "+r"(sum)); \
	sum += one;                       \
	__asm__ volatile("" : "+r"(sum)); \
	sum += one;                       \
	__asm__ volatile("" : "+r"(sum), "+r"(one))
		ADD5;
		ADD5;
		ADD5;
		ADD5;
#undef ADD5
	}
	double ns = (double)(ticks_end() - begin) * ns_a_tick();
	bench_consume(sum);
	return ns;
}

double peer_core_ghz(void) {
	double least = chain_ns();
	for (unsigned i = 0; i < 50; i++) {
		double once = chain_ns();
		least = once < least ? once : least;
	}
	return CHAIN_ADDITIONS / least;
}

/* Doubles the iterations until a sample is long enough; that also warms caches and predictors. */
static uint64_t calibrate(const struct peer *peer, uint64_t sample_ns) {
	uint64_t iterations = 1;
	for (;;) {
		double ns = time_ns(peer, iterations);
		if (ns >= (double)sample_ns / 2) {
			double again = time_ns(peer, iterations);
			ns = again < ns ? again : ns;
		}
		if (ns >= (double)sample_ns)
			return iterations;
		double factor = ns > (double)sample_ns / 8 ? (double)sample_ns / ns * 1.05 : 4;
		uint64_t next = (uint64_t)((double)iterations * factor);
		iterations = next > iterations ? next : iterations + 1;
	}
}

static void sample_rounds(struct samples *s, const struct peer_plan *plan) {
	struct rng rng = rng_seeded(plan->seed);
	uint64_t begin = ticks_begin();
	unsigned most = plan->rounds < ROUNDS_MAX ? plan->rounds : ROUNDS_MAX;
	size_t order[CONTESTANTS_MAX];
	for (size_t i = 0; i < s->count; i++)
		order[i] = i;
	for (s->rounds = 0; s->rounds < most; s->rounds++) {
		double spent_ns = (double)(ticks_begin() - begin) * ns_a_tick();
		if (s->rounds >= plan->rounds_least && spent_ns > (double)plan->row_ns)
			break;
		for (size_t i = s->count; i-- > 1;) {
			size_t other = rng_below(&rng, (uint32_t)i + 1), taken = order[i];
			order[i] = order[other];
			order[other] = taken;
		}
		for (size_t i = 0; i < s->count; i++) {
			size_t who = order[i];
			s->ns[who][s->rounds] = time_ns(s->who[who], s->iterations[who]) / (double)s->iterations[who];
		}
		double chain = chain_ns();
		s->chain_ns = s->rounds == 0 || chain < s->chain_ns ? chain : s->chain_ns;
	}
}

static int compare_doubles(const void *a, const void *b) {
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static struct peer_figure figure(const double *ns, unsigned rounds) {
	double sorted[ROUNDS_MAX];
	memcpy(sorted, ns, rounds * sizeof(*sorted));
	qsort(sorted, rounds, sizeof(*sorted), compare_doubles);
	return (struct peer_figure){sorted[0], (sorted[(rounds - 1) / 2] + sorted[rounds / 2]) / 2};
}

static struct peer_comparison compare(const double *ours, const double *peer, unsigned rounds, uint64_t seed) {
	static double workspace[RESAMPLES * 5 + ROUNDS_MAX * 4];
	uint64_t ratios[ROUNDS_MAX];
	for (unsigned i = 0; i < rounds; i++)
		ratios[i] = (uint64_t)(ours[i] / peer[i] * ratio_scale + 0.5);
	struct stats_input input = {
		.ticks = ratios,
		.count = rounds,
		.step = 1,
		.seed = seed,
		.resamples = RESAMPLES,
		.confidence_level = 0.95,
	};
	struct stats_summary summary;
	if (stats_workspace_bytes(rounds, RESAMPLES) > sizeof(workspace) ||
	    !stats_summarise(&input, workspace, &summary))
		abort();
	return (struct peer_comparison){
		.minima = figure(ours, rounds).minimum_ns / figure(peer, rounds).minimum_ns,
		.median = summary.median.point / ratio_scale,
		.lower = summary.median.lower / ratio_scale,
		.upper = summary.median.upper / ratio_scale,
	};
}

void peer_measure(const struct peer_contest *contest, const struct peer_plan *plan, struct peer_result *result) {
	static struct samples samples;
	size_t place[PEERS_MAX];
	samples = (struct samples){.who = {&contest->ours}, .count = 1};
	for (size_t i = 0; i < contest->count; i++)
		if (contest->peers[i].absent == NULL) {
			place[i] = samples.count;
			samples.who[samples.count++] = &contest->peers[i];
		}
	for (size_t i = 0; i < samples.count; i++)
		samples.iterations[i] = calibrate(samples.who[i], plan->sample_ns);
	sample_rounds(&samples, plan);
	*result = (struct peer_result){
		.ours = figure(samples.ns[0], samples.rounds),
		.core_ghz = CHAIN_ADDITIONS / samples.chain_ns,
		.rounds = samples.rounds,
	};
	for (size_t i = 0; i < contest->count; i++) {
		if (contest->peers[i].absent != NULL)
			continue;
		result->peers[i] = figure(samples.ns[place[i]], samples.rounds);
		result->ratios[i] = compare(samples.ns[0], samples.ns[place[i]], samples.rounds,
					    rng_seed_of(plan->seed, contest->peers[i].name));
	}
}
