/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/ladder/clusters.h"

#include <math.h>
#include <stdlib.h>

/* A level ends where the next joining is farther by a fifth: more than what noise of 5 % leaves between means, and
 * less than what lies between kinds that anybody would tell apart (40 and 53 ns on one machine that has three). */
static const double gap = 0.18232155679395462; /* ln 1.2 */

enum { CONTRARY = 2 };

static bool is_known(double latency) {
	return isfinite(latency) && latency > 0;
}

/* The less of both directions; 0: neither is known. */
static double pair_latency(const double *latency, size_t count, size_t a, size_t b) {
	double there = latency[a * count + b], back = latency[b * count + a];
	if (is_known(there) && is_known(back))
		return there < back ? there : back;
	return is_known(there) ? there : is_known(back) ? back : 0;
}

static bool pair_is_contrary(const double *latency, size_t count, size_t a, size_t b) {
	double there = latency[a * count + b], back = latency[b * count + a];
	return is_known(there) && is_known(back) && (there >= CONTRARY * back || back >= CONTRARY * there);
}

/* ---- joining ----------------------------------------------------------------------------------------------------- */

/* Groups are named by their first core. */
struct joining {
	struct clusters_work *work;
	size_t count;
	uint8_t group[CLUSTERS_CORES_MOST];
};

static void begin(struct joining *joining, const double *latency, size_t count, struct clusters_work *work) {
	joining->work = work;
	joining->count = count;
	for (size_t a = 0; a < count; a++) {
		joining->group[a] = (uint8_t)a;
		for (size_t b = 0; b < count; b++) {
			double pair = a != b ? pair_latency(latency, count, a, b) : 0;
			work->known[a][b] = pair > 0;
			work->sum[a][b] = pair > 0 ? log(pair) : 0;
		}
	}
}

static bool is_group(const struct joining *joining, size_t core) {
	return joining->group[core] == core;
}

/* false: no two are left that anything is known of. */
static bool nearest(const struct joining *joining, size_t *first, size_t *second, double *distance) {
	const struct clusters_work *work = joining->work;
	bool found = false;
	for (size_t a = 0; a < joining->count; a++)
		for (size_t b = a + 1; is_group(joining, a) && b < joining->count; b++) {
			if (!is_group(joining, b) || work->known[a][b] == 0)
				continue;
			double mean = work->sum[a][b] / work->known[a][b];
			if (found && mean >= *distance)
				continue;
			found = true;
			*distance = mean;
			*first = a;
			*second = b;
		}
	return found;
}

static void join(struct joining *joining, size_t first, size_t second) {
	struct clusters_work *work = joining->work;
	for (size_t other = 0; other < joining->count; other++) {
		work->sum[first][other] += work->sum[second][other];
		work->known[first][other] += work->known[second][other];
		work->sum[other][first] = work->sum[first][other];
		work->known[other][first] = work->known[first][other];
		if (joining->group[other] == second)
			joining->group[other] = (uint8_t)first;
	}
}

/* ---- levels ------------------------------------------------------------------------------------------------------ */

static int ascending(const void *a, const void *b) {
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void take_clusters(const struct joining *joining, struct clusters_level *level) {
	uint8_t number[CLUSTERS_CORES_MOST];
	level->clusters = 0;
	for (size_t core = 0; core < joining->count; core++) {
		if (is_group(joining, core))
			number[core] = (uint8_t)level->clusters++;
		level->cluster[core] = number[joining->group[core]];
	}
}

/* `below`: NULL for the first level. */
static void take_latencies(const double *latency, size_t count, const struct clusters_level *below, double *pairs,
			   struct clusters_level *level) {
	level->pairs = level->contrary = 0;
	for (size_t a = 0; a < count; a++)
		for (size_t b = a + 1; b < count; b++) {
			double pair = pair_latency(latency, count, a, b);
			bool is_new = level->cluster[a] == level->cluster[b] &&
				      (below == NULL || below->cluster[a] != below->cluster[b]);
			if (!is_new || !(pair > 0))
				continue;
			pairs[level->pairs++] = pair;
			level->contrary += pair_is_contrary(latency, count, a, b);
		}
	qsort(pairs, level->pairs, sizeof(pairs[0]), ascending);
	size_t half = level->pairs / 2;
	level->latency = level->pairs % 2 != 0 ? pairs[half] : (pairs[half - 1] + pairs[half]) / 2;
	level->least = pairs[0];
	level->most = pairs[level->pairs - 1];
}

/* The last one takes all that comes where there are more than fit. */
static void end_level(const struct joining *joining, const double *latency, struct clusters *clusters) {
	if (clusters->level_count == CLUSTERS_LEVELS_MOST)
		clusters->level_count--;
	struct clusters_level *level = &clusters->levels[clusters->level_count];
	take_clusters(joining, level);
	take_latencies(latency, joining->count, clusters->level_count > 0 ? level - 1 : NULL, joining->work->pairs,
		       level);
	clusters->level_count++;
}

void clusters_find(const double *latency, size_t count, struct clusters_work *work, struct clusters *clusters) {
	struct joining joining;
	size_t first = 0, second = 0, joined = 0;
	double distance = 0, before = 0;
	*clusters = (struct clusters){.count = count};
	if (count < 2 || count > CLUSTERS_CORES_MOST) {
		clusters->outcome = count < 2 ? CLUSTERS_TOO_FEW : CLUSTERS_TOO_MANY;
		return;
	}
	begin(&joining, latency, count, work);
	for (; nearest(&joining, &first, &second, &distance); joined++) {
		if (joined > 0 && distance - before >= gap)
			end_level(&joining, latency, clusters);
		before = joined > 0 && before > distance ? before : distance;
		join(&joining, first, second);
	}
	if (joined > 0)
		end_level(&joining, latency, clusters);
	clusters->outcome = joined == count - 1 ? CLUSTERS_FOUND : CLUSTERS_APART;
}

bool clusters_are_sure(const struct clusters_level *level) {
	return 4 * level->contrary <= level->pairs;
}

enum clusters_relation clusters_compare(const struct clusters_level *level, const uint32_t *told, size_t count) {
	bool splits = false, joins = false;
	for (size_t a = 0; a < count; a++)
		for (size_t b = a + 1; b < count; b++) {
			bool together = level->cluster[a] == level->cluster[b];
			splits |= !together && told[a] == told[b];
			joins |= together && told[a] != told[b];
		}
	return splits && joins ? CLUSTERS_ACROSS : splits ? CLUSTERS_FINER : joins ? CLUSTERS_COARSER : CLUSTERS_SAME;
}
