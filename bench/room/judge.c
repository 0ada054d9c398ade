/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/room/room.h"

#include "bench/stats.h"
#include "lib/units.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[ROOM_WORDS] = {[ROOM_UNKNOWN] = "not known",
					      [ROOM_LOUD] = "loud",
					      [ROOM_USABLE] = "usable",
					      [ROOM_QUIET] = "quiet",
					      [ROOM_SILENT] = "silent"};

const char *room_word_name(enum room_word word) {
	return names[word];
}

bool room_word_of(const char *name, enum room_word *word) {
	for (int i = ROOM_LOUD; i < ROOM_WORDS; i++)
		if (strcmp(name, names[i]) == 0) {
			*word = (enum room_word)i;
			return true;
		}
	return false;
}

/* ---- detours ----------------------------------------------------------------------------------------------------- */

#define DETOUR_SPREADS 3.0

static int compare_doubles(const void *a, const void *b) {
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double iterations_of(const struct room_times *times, size_t index) {
	return (double)times->step * (times->linear ? (double)index + 1 : 1);
}

/* Median and what lies beyond it by itself, of values that are sorted here. */
struct usual {
	double median, spread;
};

static struct usual usual_of(double *values, size_t count) {
	qsort(values, count, sizeof(*values), compare_doubles);
	struct usual usual = {.median = stats_quantile(values, count, 0.5)};
	usual.spread = usual.median - stats_quantile(values, count, 0.1);
	return usual;
}

/* 0: it is none. */
static uint64_t detour_of(double ticks, double weight, struct usual usual, const struct room_times *times) {
	double beyond = ticks - usual.median * weight;
	bool is_one = beyond > (double)times->us && beyond > DETOUR_SPREADS * usual.spread * weight;
	return is_one ? (uint64_t)(beyond / (double)times->hz * NS_PER_SECOND) : 0;
}

static void take(uint64_t ns, uint64_t *count, uint64_t *sum, uint64_t *longest) {
	*count += ns > 0;
	*sum += ns;
	*longest = ns > *longest ? ns : *longest;
}

static struct usual usual_of_samples(const struct room_times *times, double *sorted) {
	for (size_t i = 0; i < times->count; i++)
		sorted[i] = (double)times->ticks[i] / iterations_of(times, i);
	return usual_of(sorted, times->count);
}

void room_detours_within(const struct room_times *times, double *sorted, uint64_t *detours) {
	struct usual usual = {0};
	if (times->count >= 2)
		usual = usual_of_samples(times, sorted);
	for (size_t i = 0; i < times->count; i++)
		detours[i] = times->count < 2
				     ? 0
				     : detour_of((double)times->ticks[i], iterations_of(times, i), usual, times);
}

void room_find_detours(const struct room_times *times, double *sorted, struct room_seen *seen) {
	seen->within = seen->within_ns = seen->between = seen->between_ns = seen->longest_ns = 0;
	if (times->count < 2 || times->hz == 0)
		return;
	struct usual usual = usual_of_samples(times, sorted);
	for (size_t i = 0; i < times->count; i++)
		take(detour_of((double)times->ticks[i], iterations_of(times, i), usual, times), &seen->within,
		     &seen->within_ns, &seen->longest_ns);
	for (size_t i = 1; i < times->count; i++)
		sorted[i - 1] = (double)times->gaps[i];
	usual = usual_of(sorted, times->count - 1);
	for (size_t i = 1; i < times->count; i++)
		take(detour_of((double)times->gaps[i], 1, usual, times), &seen->between, &seen->between_ns,
		     &seen->longest_ns);
}

/* ---- the probe --------------------------------------------------------------------------------------------------- */

/* Beyond what the end of a loop, uneven queues and a coarse clock cost, and less than a neighbour takes that does as
 * much as the probe. */
#define RATIO_BEYOND 1.2

/* Cores with siblings have six units at the most, of which half is three: who gets as much as four alone gets all. */
#define UNITS_ALONE 4.0

double room_alone(const struct room_seen *seen, double best) {
	double most = (double)seen->chains / UNITS_ALONE;
	most = (seen->ratio_alone > most ? seen->ratio_alone : most) * RATIO_BEYOND;
	if (best > 0 && best <= most)
		return best < 1 ? 1 : best;
	return seen->ratio_alone;
}

enum room_probe room_probe_of(const struct room_seen *seen, double best) {
	double alone = room_alone(seen, best);
	if (seen->probes == 0)
		return ROOM_PROBE_UNKNOWN;
	double limit = (alone > 0 ? alone : best) * RATIO_BEYOND;
	if (!(limit > 0))
		return ROOM_PROBE_UNKNOWN;
	if (seen->ratio_median > limit)
		return ROOM_PROBE_BUSY;
	if (seen->ratio_high > limit)
		return ROOM_PROBE_PARTLY;
	return alone > 0 ? ROOM_PROBE_ALONE : ROOM_PROBE_UNKNOWN;
}

/* ---- words ------------------------------------------------------------------------------------------------------- */

#define LOST_QUIET   0.01
#define LOST_USABLE  0.10
#define CLOCK_QUIET  0.02
#define CLOCK_USABLE 0.10

/* Of USER_HZ, which is 100 on both architectures. */
#define STEAL_STEP_NS 10000000

uint64_t room_stolen_surely(uint64_t stolen_ns) {
	return stolen_ns > 0 && stolen_ns % STEAL_STEP_NS == 0 ? stolen_ns - STEAL_STEP_NS : stolen_ns;
}

static double share(uint64_t lost_ns, const struct room_seen *seen) {
	return seen->measured_ns > 0 ? (double)lost_ns / (double)seen->measured_ns : 0;
}

double room_lost(const struct room_seen *seen) {
	uint64_t lost = seen->within_ns;
	uint64_t stolen = seen->counted[ROOM_STOLEN_NS] ? room_stolen_surely(seen->counts[ROOM_STOLEN_NS]) : 0;
	lost = stolen > lost ? stolen : lost;
	if (seen->counted[ROOM_AWAY_NS] && seen->counts[ROOM_AWAY_NS] > lost)
		lost = seen->counts[ROOM_AWAY_NS];
	return share(lost, seen);
}

static enum room_word word_of_lost(double lost) {
	return lost > LOST_USABLE ? ROOM_LOUD : lost > LOST_QUIET ? ROOM_USABLE : ROOM_SILENT;
}

enum room_word room_best_of_lost(const struct room_seen *seen) {
	enum room_word surely = word_of_lost(room_lost(seen));
	bool may_be_more = seen->counted[ROOM_STOLEN_NS] && share(seen->counts[ROOM_STOLEN_NS], seen) > LOST_QUIET;
	return surely == ROOM_SILENT && may_be_more ? ROOM_USABLE : surely;
}

double room_clock_change(const struct room_seen *seen) {
	if (!(seen->add_before > 0) || !(seen->add_after > 0))
		return 0;
	double ratio = seen->add_after / seen->add_before;
	return ratio > 1 ? ratio - 1 : 1 / ratio - 1;
}

static bool nothing_happened(const struct room_seen *seen) {
	for (int i = 0; i < ROOM_COUNTS; i++)
		if (seen->counted[i] && seen->counts[i] != 0 && i != ROOM_WAITS && i != ROOM_AWAY_NS)
			return false;
	return seen->within == 0 && seen->between == 0;
}

enum room_word room_judge(const struct room_seen *seen, double best) {
	enum room_probe probe = room_probe_of(seen, best);
	enum room_word most = room_best_of_lost(seen);
	double clock = room_clock_change(seen);
	if (seen->measured_ns == 0 || seen->probes == 0)
		return ROOM_UNKNOWN;
	if (probe == ROOM_PROBE_BUSY || most == ROOM_LOUD || clock > CLOCK_USABLE)
		return ROOM_LOUD;
	if (probe != ROOM_PROBE_ALONE || most == ROOM_USABLE || clock > CLOCK_QUIET || seen->counts[ROOM_MOVES] != 0)
		return ROOM_USABLE;
	return nothing_happened(seen) ? ROOM_SILENT : ROOM_QUIET;
}

enum room_word room_of_many(const struct room_tally *tally, bool apart) {
	enum { PART = 10 }; /* one in so many may be worse */
	size_t total = 0, worse = 0;
	for (int word = ROOM_LOUD; word < ROOM_WORDS; word++)
		total += tally->words[word];
	if (total == 0)
		return ROOM_UNKNOWN;
	enum room_word word = ROOM_LOUD;
	while (word < ROOM_SILENT && (worse + tally->words[word]) * PART <= total)
		worse += tally->words[word++];
	bool is_marred = apart || tally->words[ROOM_LOUD] != 0;
	return is_marred && word > ROOM_USABLE ? ROOM_USABLE : word;
}
