/* SPDX-License-Identifier: Apache-2.0
 *
 * Hardware counters beside the time. They count in samples of their own, after those that are timed, so that no figure
 * has anything of it: a run of n iterations and one of 2n, read before and after; the difference of the two is what n
 * iterations cost, and what reading costs is in both. Where there are more events than counters, groups of them are
 * counted one after the other, each with samples of its own; cycles and instructions are in every group, and told of
 * the first.
 */
#pragma once

#include "bench/benchmark.h"
#include "bench/counters/events.h"
#include "bench/json.h"
#include "bench/text.h"
#include "platform.h"

enum { COUNTING_ROUNDS = 5 };

struct counting_group {
	unsigned count;
	enum event events[PLATFORM_PMU_EVENTS_MAX];
};

/* What can be counted here, by groups that count together. */
struct counting {
	struct platform_pmu pmu;
	char design[64]; /* as caps/ names it; "": not known */
	struct event_code codes[EVENT_COUNT];
	unsigned group_count;
	struct counting_group groups[EVENT_COUNT];
};

/* Asks this machine, and tries. Milliseconds; in the image no other core is started. */
void counting_prepare(struct counting *counting);

/* What was counted of a benchmark. */
struct counts {
	uint64_t iterations; /* n */
	unsigned rounds;     /* of each group; 0: nothing was counted */
	bool counted[EVENT_COUNT];
	uint64_t values[EVENT_COUNT][COUNTING_ROUNDS][2]; /* in n and in 2n iterations */
	const char *reason;                               /* why nothing was; static, NULL: it was */
};

/* Counts one group in counts->rounds rounds. `before` is called ahead of each run, with its iterations. Within a
 * guarded function. false: counters were taken away, or do not start; `counts` has nothing of it then. */
bool counting_measure(const struct counting *counting, unsigned group, const struct benchmark *benchmark, void *state,
		      void (*before)(void *argument, uint64_t iterations), void *argument, struct counts *counts);

/* ---- in records and results -------------------------------------------------------------------------------------- */

/* Member `counters` of a context: source, groups, each event's code, or the reason why there are none. */
void counting_describe(struct text *text, const struct counting *counting);

/* Member `counters` of END; nothing where there is nothing. */
void counts_record(struct text *text, const struct counts *counts);

/* An iteration's, of END. */
struct counts_figures {
	uint64_t iterations;
	size_t rounds;
	bool counted[EVENT_COUNT];
	double per_iteration[EVENT_COUNT];
	char reason[96];
};
/* false: nobody asked for them. */
bool counts_read(struct json_span end, struct counts_figures *figures);

/* Member `counters` of a benchmark's results, and the lines under its row. */
void counts_write(struct text *text, const struct counts_figures *figures);
void counts_show(struct text *text, const struct counts_figures *figures);
