/* SPDX-License-Identifier: Apache-2.0
 *
 * Which cores belong together, found in what a line takes from each to each and not read from the machine: threads of a
 * core, cores of a cache, of a package. Pure and deterministic; memory is the caller's.
 *
 * The cores are joined from the nearest pair up, two groups at a time, by the mean logarithm over all pairs between
 * them (R. Sokal, C. Michener, "A statistical method for evaluating systematic relationships", 1958). Where the next
 * joining is much farther than the one before, a level ends. That latencies of one kind lie together, with gaps between
 * the kinds, is what G. Chatzopoulos et al., "Abstracting Multi-Core Topologies with MCTOP", EuroSys 2017, found; they
 * split the sorted pairs, where one pair that was disturbed joins two kinds.
 *
 * What it is not: a judgement on what the machine says of itself (clusters_told.h), and no measurement.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CLUSTERS_CORES_MOST = 64, CLUSTERS_LEVELS_MOST = 8 };

enum clusters_outcome {
	CLUSTERS_FOUND,
	CLUSTERS_TOO_FEW,  /* less than two cores */
	CLUSTERS_TOO_MANY, /* more than CLUSTERS_CORES_MOST */
	CLUSTERS_APART,    /* no pair is known between some cores and the others: the last level is several clusters */
};

/* One kind of neighbourhood. Latencies are of the pairs that are in one cluster here and not a level below, in their
 * unit; of a pair's two directions the less counts, as disturbance only adds. */
struct clusters_level {
	double latency; /* median */
	double least, most;
	size_t pairs;
	size_t contrary;                      /* of these, one direction takes twice as long as the other, or longer */
	size_t clusters;                      /* a core that has nobody is one by itself */
	uint8_t cluster[CLUSTERS_CORES_MOST]; /* of each core; from 0 on in the order of their first cores */
};

struct clusters {
	enum clusters_outcome outcome;
	size_t count; /* of cores */
	size_t level_count;
	struct clusters_level
		levels[CLUSTERS_LEVELS_MOST]; /* from the nearest on; each joins clusters of the one before */
};

/* Whether its cores are neighbours for sure: not where more than a quarter of its pairs are contrary, as where a
 * hypervisor moves cores between one measurement and the next. */
bool clusters_are_sure(const struct clusters_level *level);

/* What it needs meanwhile. */
struct clusters_work {
	double sum[CLUSTERS_CORES_MOST][CLUSTERS_CORES_MOST];     /* of logarithms, over pairs between two groups */
	uint32_t known[CLUSTERS_CORES_MOST][CLUSTERS_CORES_MOST]; /* how many */
	double pairs[CLUSTERS_CORES_MOST * CLUSTERS_CORES_MOST / 2];
};

/* latency[from * count + to]; one direction is enough. 0, less, or no finite number: not known. */
void clusters_find(const double *latency, size_t count, struct clusters_work *work, struct clusters *clusters);

/* How what is measured lies to what is told. */
enum clusters_relation {
	CLUSTERS_SAME,
	CLUSTERS_FINER,   /* it splits what is told to be one */
	CLUSTERS_COARSER, /* it joins what is told to be apart */
	CLUSTERS_ACROSS,  /* both */
};

/* told[core]: equal numbers are one group. */
enum clusters_relation clusters_compare(const struct clusters_level *level, const uint32_t *told, size_t count);
