/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/room/probe.h"

#include "bench/stats.h"
#include "bench/suites/room_loops.h"
#include "bench/ticks.h"
#include "lib/units.h"

#include <string.h>

/* About a microsecond for each loop: a hundred steps of a coarse clock. */
enum { STEPS = 2048, STEPS_WARM = STEPS / 8, TIME_PART = 200 };

/* And so many more that such a step is far below what the rule asks of the clock. */
enum { STEPS_OF_CLOCK = 8 * STEPS, ROUNDS_OF_CLOCK = 2 };

/* The benchmark has left the loops cold: a microsecond is not much beside what it takes to fetch them. */
static void warm(void) {
	room_loop_one(STEPS_WARM);
	room_loop_chains(STEPS_WARM);
}

static void probe(struct room_watch *watch) {
	uint64_t cold = ticks_begin();
	warm();
	uint64_t begin = ticks_begin();
	room_loop_one(STEPS);
	uint64_t middle = ticks_begin();
	room_loop_chains(STEPS);
	uint64_t end = ticks_end();
	watch->probed += end - cold;
	if (middle <= begin || end <= middle)
		return;
	watch->one[watch->seen.probes] = (double)(middle - begin);
	watch->chains[watch->seen.probes++] = (double)(end - middle);
}

static void probe_often(struct room_watch *watch) {
	for (int i = 0; i < ROOM_PROBES_ENDS; i++)
		probe(watch);
}

/* Ticks of an addition that waits for the one before. The least: what came between is none of the clock's. */
static double find_clock(void) {
	uint64_t least = UINT64_MAX;
	for (int i = 0; i < ROUNDS_OF_CLOCK; i++) {
		uint64_t begin = ticks_begin();
		room_loop_one(STEPS_OF_CLOCK);
		uint64_t ticks = ticks_end() - begin;
		least = ticks < least ? ticks : least;
	}
	return (double)least / STEPS_OF_CLOCK;
}

void room_watch_begin(struct room_watch *watch, size_t samples, double sampling_ns, uint64_t hz) {
	watch->seen = (struct room_seen){.chains = ROOM_CHAINS, .ratio_alone = watch->ratio_alone};
	watch->probed = 0;
	room_count_now(&watch->before, watch->whole);
	probe(watch); /* which finds the loops out of the caches */
	watch->seen.probes = watch->probed = 0;
	watch->seen.add_before = find_clock();
	watch->begin_ticks = ticks_begin();
	probe_often(watch);
	double each_ns = (double)watch->probed / ROOM_PROBES_ENDS / (double)hz * NS_PER_SECOND;
	double most = sampling_ns / TIME_PART / (each_ns > 1 ? each_ns : 1);
	size_t between = most < ROOM_PROBES_MOST ? (size_t)most : ROOM_PROBES_MOST;
	watch->every = between > 0 ? (samples + between - 1) / between : 0;
	watch->probed = 0;
}

void room_watch_sample(struct room_watch *watch, size_t index) {
	watch->probed = 0;
	if (watch->every != 0 && index % watch->every == 0 && watch->seen.probes < ROOM_PROBES_MOST + ROOM_PROBES_ENDS)
		probe(watch);
}

static void sort_times(double *times, size_t count) {
	for (size_t i = 1; i < count; i++) {
		double time = times[i];
		size_t at = i;
		for (; at > 0 && times[at - 1] > time; at--)
			times[at] = times[at - 1];
		times[at] = time;
	}
}

static void set(struct room_seen *seen, enum room_count count, bool known, uint64_t value) {
	seen->counted[count] = known;
	seen->counts[count] = known ? value : 0;
}

void room_count_now(struct room_counted *counted, bool whole) {
	platform_thread_read(&counted->thread);
	counted->whole = whole && platform_witness_read(&counted->core, 1) == 0;
}

/* A guest's own count says nothing of SMIs, which are the host's. One that went back says nothing: steal does on some
 * hosts, interrupts where a CPU was switched off. */
static void take_core(const struct room_counted *before, const struct room_counted *after, struct room_seen *seen) {
	static const struct {
		enum room_count count;
		enum platform_count of;
	} counts[] = {{ROOM_INTERRUPTS, PLATFORM_COUNT_INTERRUPTS},
		      {ROOM_SMIS, PLATFORM_COUNT_SMIS},
		      {ROOM_STOLEN_NS, PLATFORM_COUNT_STOLEN_NS}};
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		const struct platform_counted *from = &before->core.counts[counts[i].of];
		const struct platform_counted *to = &after->core.counts[counts[i].of];
		bool known = before->whole && after->whole && from->counting == PLATFORM_COUNTING &&
			     to->counting == PLATFORM_COUNTING && to->value >= from->value;
		set(seen, counts[i].count, known, to->value - from->value);
	}
}

void room_counts_between(const struct room_counted *before, const struct room_counted *after, struct room_seen *seen) {
	const struct platform_thread *from = &before->thread, *to = &after->thread;
	bool switches = from->switches_known && to->switches_known;
	uint64_t waits = to->waits - from->waits, ran_ns = to->ran_ns - from->ran_ns;
	take_core(before, after, seen);
	set(seen, ROOM_SWITCHES, switches, to->switches - from->switches);
	set(seen, ROOM_WAITS, switches, waits);
	set(seen, ROOM_MOVES, from->cpu_known && to->cpu_known, to->cpu != from->cpu);
	/* A benchmark that waits is away of its own will. */
	set(seen, ROOM_AWAY_NS, from->ran_known && to->ran_known && waits == 0,
	    seen->measured_ns > ran_ns ? seen->measured_ns - ran_ns : 0);
}

static void take_counts(const struct room_counted *before, bool whole, struct room_seen *seen) {
	struct room_counted now;
	room_count_now(&now, whole);
	room_counts_between(before, &now, seen);
}

/* Over what the one chain takes undisturbed: an interrupt in it is none of the core's width. */
static void take_ratios(struct room_watch *watch) {
	struct room_seen *seen = &watch->seen;
	if (seen->probes == 0)
		return;
	sort_times(watch->one, seen->probes);
	sort_times(watch->chains, seen->probes);
	double one = stats_quantile(watch->one, seen->probes, 0.1);
	seen->ratio_low = stats_quantile(watch->chains, seen->probes, 0.1) / one;
	seen->ratio_median = stats_quantile(watch->chains, seen->probes, 0.5) / one;
	seen->ratio_high = stats_quantile(watch->chains, seen->probes, 0.9) / one;
}

static void stop(struct room_watch *watch, uint64_t hz) {
	probe_often(watch);
	int64_t ticks = (int64_t)(ticks_end() - watch->begin_ticks);
	/* A clock that went back says nothing. */
	watch->seen.measured_ns = ticks > 0 ? (uint64_t)((double)ticks / (double)hz * NS_PER_SECOND) : 0;
}

void room_watch_end(struct room_watch *watch, const struct room_times *times) {
	stop(watch, times->hz);
	take_counts(&watch->before, watch->whole, &watch->seen);
	watch->seen.add_after = find_clock();
	take_ratios(watch);
	room_find_detours(times, watch->sorted, &watch->seen);
}

void room_watch_close(struct room_watch *watch, uint64_t hz) {
	stop(watch, hz);
	watch->seen.add_after = find_clock();
	take_ratios(watch);
}

void room_whole(const struct room_counted *before, uint64_t elapsed_ns, struct room_seen *seen) {
	*seen = (struct room_seen){.measured_ns = elapsed_ns};
	take_counts(before, true, seen);
}
