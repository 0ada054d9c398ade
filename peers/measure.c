/* SPDX-License-Identifier: Apache-2.0
 *
 * Samples of several contestants, interleaved, and what their times come to. Prints nothing.
 */
#include "bench/consume.h"
#include "bench/rng.h"
#include "bench/stats.h"
#include "bench/ticks.h"
#include "lib/units.h"
#include "peers/peers.h"
#include "peers/steps.h"
#include "platform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	CONTESTANTS_MAX = PEER_ENTRIES_MAX + PEER_PROBES, /* ours is the first */
	ROUNDS_MAX = 256,
	RESAMPLES = 2000,
};

/* Ratios are handed to bench/stats.h as whole numbers of this part of one. */
static const double ratio_scale = 1e9;

struct samples {
	const struct peer *who[CONTESTANTS_MAX]; /* absent ones are not in here */
	uint64_t iterations[CONTESTANTS_MAX];
	double ns[CONTESTANTS_MAX][ROUNDS_MAX]; /* an iteration */
	size_t count;
	size_t place[PEER_ENTRIES_MAX]; /* in here, of each entry of the record */
	size_t probe[PEER_PROBES];
	unsigned rounds;
	bool claims;                /* somebody's need all steps */
	struct peer_chains *chains; /* NULL: not between the rounds */
	struct peer_steps steps;
};

double peer_ns_a_tick(void) {
	static double value;
	struct platform_clock clock;
	if (value == 0 && platform_clock_calibrate(&clock) == 0 && clock.hz != 0)
		value = NS_PER_SECOND / (double)clock.hz;
	return value;
}

static double time_ns(const struct peer *peer, uint64_t iterations) {
	uint64_t begin = ticks_begin();
	peer->run(peer->state, iterations);
	return (double)(ticks_end() - begin) * peer_ns_a_tick();
}

double peer_core_ghz(void) {
	struct peer_steps steps = {0};
	for (unsigned i = 0; i < 50; i++)
		peer_steps_sample_clock(&steps);
	return 1 / steps.ns[PEER_ADD];
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
		double spent_ns = (double)(ticks_begin() - begin) * peer_ns_a_tick();
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
		if (s->claims)
			peer_steps_sample(&s->steps);
		else
			peer_steps_sample_clock(&s->steps);
		if (s->chains != NULL)
			peer_chains_sample(s->chains, 1);
	}
}

static int compare_doubles(const void *a, const void *b) {
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

struct figure {
	double minimum_ns, median_ns;
};

static struct figure figure(const double *ns, unsigned rounds) {
	double sorted[ROUNDS_MAX];
	memcpy(sorted, ns, rounds * sizeof(*sorted));
	qsort(sorted, rounds, sizeof(*sorted), compare_doubles);
	return (struct figure){sorted[0], (sorted[(rounds - 1) / 2] + sorted[rounds / 2]) / 2};
}

/* The median's interval into the entry. */
static void resample(struct peer_entry *entry, const double *ratios, unsigned rounds, uint64_t seed) {
	static double workspace[RESAMPLES * 5 + ROUNDS_MAX * 4];
	uint64_t whole[ROUNDS_MAX];
	for (unsigned i = 0; i < rounds; i++)
		whole[i] = (uint64_t)(ratios[i] * ratio_scale + 0.5);
	struct stats_input input = {
		.ticks = whole,
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
	entry->paired_least = summary.median.lower / ratio_scale;
	entry->paired_most = summary.median.upper / ratio_scale;
}

static void compare(struct peer_entry *entry, const double *ours, const double *peer, unsigned rounds,
		    const struct peer_plan *plan) {
	double ratios[ROUNDS_MAX] = {0};
	for (unsigned i = 0; i < rounds; i++)
		ratios[i] = ours[i] / peer[i];
	entry->paired = entry->paired_least = entry->paired_most = figure(ratios, rounds).median_ns;
	if (plan->intervals)
		resample(entry, ratios, rounds, rng_seed_of(plan->seed, entry->name));
}

/* Who is there and samples, ours first, then the entries of the record in their order; probes have none. */
static size_t add(struct samples *s, const struct peer *peer) {
	s->who[s->count] = peer;
	s->claims |= peer->claims;
	return s->count++;
}

static void add_entry(struct samples *s, struct peer_record *record, const struct peer *peer, enum peer_role role) {
	struct peer_entry *entry = &record->entries[record->count];
	if (peer->run == NULL)
		return;
	*entry = (struct peer_entry){.role = role,
				     .reference = peer->reference,
				     .claims = peer->claims,
				     .claim = peer->claim,
				     .walks = peer->walks};
	peer_words_copy(entry->name, sizeof entry->name, peer->name);
	peer_words_copy(entry->absent, sizeof entry->absent, peer->absent != NULL ? peer->absent : "");
	s->place[record->count++] = peer->absent == NULL ? add(s, peer) : 0;
}

static void add_all(struct samples *s, const struct peer_contest *contest, struct peer_record *record) {
	add_entry(s, record, &contest->ours, PEER_OURS);
	add_entry(s, record, &contest->limit, PEER_LIMIT_OF_OURS);
	for (size_t i = 0; i < contest->method_count; i++) {
		add_entry(s, record, &contest->methods[i].kernel, PEER_OURS_METHOD);
		add_entry(s, record, &contest->methods[i].limit, PEER_LIMIT_OF_METHOD);
	}
	for (size_t i = 0; i < contest->count; i++)
		add_entry(s, record, &contest->peers[i], PEER_OTHER);
	for (size_t i = 0; i < PEER_PROBES; i++)
		if (contest->probes[i].run != NULL)
			s->probe[i] = add(s, &contest->probes[i]);
}

void peer_measure(const struct peer_contest *contest, const struct peer_plan *plan, struct peer_chains *chains,
		  struct peer_record *record) {
	static struct samples s;
	s = (struct samples){.chains = contest->other_core ? NULL : chains};
	record->count = 0;
	add_all(&s, contest, record);
	for (size_t i = 0; i < s.count; i++) {
		s.iterations[i] = calibrate(s.who[i], plan->sample_ns);
		if (s.iterations[i] < contest->iterations_least)
			s.iterations[i] = contest->iterations_least;
	}
	sample_rounds(&s, plan);
	for (size_t i = 0; i < PEER_PROBES; i++)
		if (contest->probes[i].run != NULL)
			s.steps.ns[PEER_PROBE_0 + i] =
				figure(s.ns[s.probe[i]], s.rounds).minimum_ns / contest->probe_steps[i];
	record->costs = peer_costs_of(&s.steps);
	record->core_ghz = 1 / s.steps.ns[PEER_ADD];
	for (size_t i = 0; i < record->count; i++) {
		struct peer_entry *entry = &record->entries[i];
		if (entry->absent[0] != 0)
			continue;
		struct figure seen = figure(s.ns[s.place[i]], s.rounds);
		entry->minimum_ns = seen.minimum_ns;
		entry->median_ns = seen.median_ns;
		compare(entry, s.ns[0], s.ns[s.place[i]], s.rounds, plan);
	}
}
