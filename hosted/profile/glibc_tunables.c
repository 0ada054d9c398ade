/* SPDX-License-Identifier: Apache-2.0
 *
 * The choice among thresholds: no machine is known here. What a threshold does at a size is one of two things, so that
 * the time of both at every size says where it belongs.
 */
#include "hosted/profile/glibc_tunables.h"

#include "bench/rng.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	SEARCH_PERCENT = 70,
	/* glibc takes no lower one of x86_non_temporal_threshold than 0x4040. */
	PAST_CACHES_FIRST = 5,
};

#define LEAST_NS_MOST UINT64_C(20000000000)

/* `rep` of both functions at once, as no function has both. */
enum arm { ARM_OWN, ARM_REP, ARM_NO_REP, ARM_PAST_CACHES, ARM_NEVER_PAST_CACHES, ARMS };

static const struct glibc_thresholds search_arms[ARMS] = {
	[ARM_REP] = {.rep_movsb = 1024, .rep_stosb = 1024},
	[ARM_NO_REP] = {.rep_movsb = GLIBC_NEVER, .rep_stosb = GLIBC_NEVER},
	[ARM_PAST_CACHES] = {.non_temporal = UINT64_C(1024) << PAST_CACHES_FIRST},
	[ARM_NEVER_PAST_CACHES] = {.non_temporal = GLIBC_NEVER},
};

struct rounds {
	const struct glibc_subject *subject;
	struct rng rng;
	uint32_t count;
	double ratio[ARMS][GLIBC_FUNCTIONS][GLIBC_SIZES][TUNE_ROUNDS_MAX]; /* to arm 0 in the same round */
};

/* ---- rounds ------------------------------------------------------------------------------------------------------ */

static bool is_good(const struct glibc_sample *sample) {
	for (int function = 0; function < GLIBC_FUNCTIONS; function++)
		for (int size = 0; size < GLIBC_SIZES; size++)
			if (!(sample->ns[function][size] > 0) || !isfinite(sample->ns[function][size]))
				return false;
	return true;
}

static void shuffle(size_t *order, size_t count, struct rng *rng) {
	for (size_t i = 0; i < count; i++) {
		size_t other = rng_below(rng, (uint32_t)i + 1);
		order[i] = order[other];
		order[other] = i;
	}
}

/* One sample of each arm, in random order. */
static bool add_round(struct rounds *rounds, const struct glibc_thresholds *arms, size_t count) {
	struct glibc_sample samples[ARMS];
	size_t order[ARMS];
	shuffle(order, count, &rounds->rng);
	for (size_t i = 0; i < count; i++) {
		struct glibc_sample *sample = &samples[order[i]];
		if (!rounds->subject->sample(rounds->subject->self, &arms[order[i]], sample) || !is_good(sample))
			return false;
	}
	for (size_t arm = 0; arm < count; arm++)
		for (int function = 0; function < GLIBC_FUNCTIONS; function++)
			for (int size = 0; size < GLIBC_SIZES; size++)
				rounds->ratio[arm][function][size][rounds->count] =
					samples[arm].ns[function][size] / samples[0].ns[function][size];
	rounds->count++;
	return true;
}

/* Whether the least number of rounds is more than anybody waits for. */
static bool is_hopeless(const struct rounds *rounds, uint64_t spent, uint64_t budget_ns) {
	uint64_t most = budget_ns > LEAST_NS_MOST ? budget_ns : LEAST_NS_MOST;
	return rounds->count < TUNE_ROUNDS_LEAST && spent / rounds->count * TUNE_ROUNDS_LEAST > most;
}

/* As many rounds as fit, and the least number of them in any case. false: a sample failed, or those take too long. */
static bool run_rounds(struct rounds *rounds, const struct glibc_thresholds *arms, size_t count, uint64_t budget_ns) {
	const struct glibc_subject *subject = rounds->subject;
	uint64_t start = subject->now_ns(subject->self), spent = 0;
	rounds->count = 0;
	while (rounds->count < TUNE_ROUNDS_LEAST ||
	       (rounds->count < TUNE_ROUNDS_MAX && spent + spent / rounds->count <= budget_ns)) {
		if (subject->progress)
			subject->progress("glibc's thresholds", fmin((double)spent / (double)(budget_ns + 1), 1));
		if (!add_round(rounds, arms, count))
			return false;
		spent = subject->now_ns(subject->self) - start;
		if (is_hopeless(rounds, spent, budget_ns))
			return false;
	}
	return true;
}

/* ---- choice ------------------------------------------------------------------------------------------------------ */

/* The logarithm of an arm's ratio at a size; 0 where its interval does not exclude glibc's own. */
static double cost_at(struct rounds *rounds, enum arm arm, int function, int size) {
	struct tune_ratio ratio = tune_ratio_of(rounds->ratio[arm][function][size], rounds->count);
	return ratio.upper < 1 || ratio.lower > 1 ? log(ratio.point) : 0;
}

enum threshold { NON_TEMPORAL, REP_MOVSB, REP_STOSB, THRESHOLDS };

/* Both ends of each: what holds below it, and from there on. */
static const struct ends {
	enum arm below, from;
	enum glibc_function function;
	int first; /* place of the least size that it can be */
} ends_of[THRESHOLDS] = {
	[NON_TEMPORAL] = {ARM_NEVER_PAST_CACHES, ARM_PAST_CACHES, GLIBC_MEMCPY, PAST_CACHES_FIRST},
	[REP_MOVSB] = {ARM_NO_REP, ARM_REP, GLIBC_MEMCPY, 0},
	[REP_STOSB] = {ARM_NO_REP, ARM_REP, GLIBC_MEMSET, 0},
};

/* Places of sizes, as bits. */
typedef uint32_t size_set;

struct choice {
	uint64_t bytes; /* 0: glibc's own is as good */
	size_set moved; /* where it differs from that */
};

static double cost_of_ends(struct rounds *rounds, const struct ends *ends, int edge, int size) {
	return cost_at(rounds, size < edge ? ends->below : ends->from, ends->function, size);
}

/* The threshold of the least sum of logarithms over sizes. */
static struct choice choose(struct rounds *rounds, const struct ends *ends) {
	struct choice choice = {0, 0};
	double least = 0;
	for (int edge = ends->first; edge <= GLIBC_SIZES; edge++) {
		double cost = 0;
		size_set moved = 0;
		for (int size = 0; size < GLIBC_SIZES; size++) {
			double own = cost_of_ends(rounds, ends, edge, size);
			cost += own;
			moved |= (size_set)(own != 0) << size;
		}
		if (cost < least) {
			least = cost;
			choice.bytes = edge == GLIBC_SIZES ? GLIBC_NEVER : glibc_size(edge);
			choice.moved = moved;
		}
	}
	return choice;
}

/* Over these sizes, in each round. rounds 0: there are none. */
static struct tune_ratio mean_ratio(const struct rounds *rounds, int arm, enum glibc_function function,
				    size_set sizes) {
	double means[TUNE_ROUNDS_MAX];
	for (uint32_t round = 0; round < rounds->count; round++) {
		double sum = 0;
		int count = 0;
		for (int size = 0; size < GLIBC_SIZES; size++)
			if (sizes >> size & 1) {
				sum += log(rounds->ratio[arm][function][size][round]);
				count++;
			}
		means[round] = exp(sum / (count ? count : 1));
	}
	return tune_ratio_of(means, sizes ? rounds->count : 0);
}

static struct glibc_thresholds thresholds_of(const struct choice choices[THRESHOLDS]) {
	return (struct glibc_thresholds){
		.non_temporal = choices[NON_TEMPORAL].bytes,
		.rep_movsb = choices[REP_MOVSB].bytes,
		.rep_stosb = choices[REP_STOSB].bytes,
	};
}

/* The best of several is better than it is by luck: only what holds in rounds of its own stays. */
static bool confirm(struct rounds *rounds, uint64_t budget_ns, struct choice choices[THRESHOLDS],
		    struct profile_tunables *found) {
	const struct glibc_thresholds arms[] = {{0, 0, 0}, thresholds_of(choices)};
	size_set moved[GLIBC_FUNCTIONS] = {0};
	if (!run_rounds(rounds, arms, 2, budget_ns))
		return false;
	for (int i = 0; i < THRESHOLDS; i++) {
		enum glibc_function function = ends_of[i].function;
		struct tune_ratio gain = mean_ratio(rounds, 1, function, choices[i].moved);
		if (gain.rounds && gain.upper < 1)
			moved[function] |= choices[i].moved;
		else
			choices[i].bytes = 0;
	}
	found->memcpy_gain = mean_ratio(rounds, 1, GLIBC_MEMCPY, moved[GLIBC_MEMCPY]);
	found->memset_gain = mean_ratio(rounds, 1, GLIBC_MEMSET, moved[GLIBC_MEMSET]);
	return true;
}

static int find(struct rounds *rounds, uint64_t budget_ns, struct profile_tunables *found) {
	struct choice choices[THRESHOLDS];
	bool any = false;
	if (!run_rounds(rounds, search_arms, ARMS, budget_ns / 100 * SEARCH_PERCENT))
		return -1;
	for (int i = 0; i < THRESHOLDS; i++) {
		choices[i] = choose(rounds, &ends_of[i]);
		any |= choices[i].bytes != 0;
	}
	if (any && !confirm(rounds, budget_ns / 100 * (100 - SEARCH_PERCENT), choices, found))
		return -1;
	const struct glibc_thresholds best = thresholds_of(choices);
	found->rounds = rounds->count;
	glibc_tunables_line(&best, found->line);
	return 0;
}

int glibc_tunables_find(const struct glibc_subject *subject, uint64_t budget_ns, uint64_t seed,
			struct profile_tunables *found) {
	struct rounds *rounds = malloc(sizeof(*rounds)); /* large, and a run without `tune` should not map it */
	*found = (struct profile_tunables){.rounds = 0};
	if (!rounds)
		return -1;
	rounds->subject = subject;
	rounds->rng = rng_seeded(rng_seed_of(seed, "glibc tunables"));
	int error = find(rounds, budget_ns, found);
	free(rounds);
	return error;
}

/* ---- words ------------------------------------------------------------------------------------------------------- */

void glibc_tunables_line(const struct glibc_thresholds *thresholds, char line[GLIBC_LINE_BYTES]) {
	static const char *const names[] = {"non_temporal", "rep_movsb", "rep_stosb"};
	const uint64_t bytes[] = {thresholds->non_temporal, thresholds->rep_movsb, thresholds->rep_stosb};
	size_t used = 0;
	line[0] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (bytes[i])
			used += (size_t)snprintf(line + used, GLIBC_LINE_BYTES - used,
						 "%sglibc.cpu.x86_%s_threshold=0x%" PRIx64,
						 used ? ":" : "GLIBC_TUNABLES=", names[i], bytes[i]);
}

static void add_gain(struct text *text, const char *function, const struct tune_ratio *gain) {
	text_add_string(text, function);
	if (gain->rounds)
		text_format(text, " %+.1f %% [%+.1f, %+.1f]", 100 * (gain->point - 1), 100 * (gain->lower - 1),
			    100 * (gain->upper - 1));
	else
		text_add_string(text, " no gain");
}

void glibc_tunables_describe(const struct profile_tunables *found, struct text *text) {
	text_format(text, "\n%s, 1 KiB to 64 MiB: ", found->library);
	if (found->line[0]) {
		text_add_string(text, "change of time by the line below, where it differs\n");
		add_gain(text, "memcpy", &found->memcpy_gain);
		add_gain(text, ", memset", &found->memset_gain);
		text_format(text, "\n%s\n", found->line);
	} else {
		text_add_string(text, "no gain by other thresholds than its own\n");
	}
}
