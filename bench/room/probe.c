/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/room/probe.h"

#include "bench/stats.h"
#include "bench/suites/room_loops.h"
#include "bench/ticks.h"
#include "lib/units.h"

#include <string.h>

/* About a microsecond for each loop: a hundred steps of a coarse clock. */
enum { STEPS = 2048, TIME_PART = 200 };

/* And so many more that such a step is far below what the rule asks of the clock. */
enum { STEPS_OF_CLOCK = 8 * STEPS, ROUNDS_OF_CLOCK = 2 };

static void probe(struct room_watch *watch) {
	uint64_t begin = ticks_begin();
	room_loop_one(STEPS);
	uint64_t middle = ticks_begin();
	room_loop_four(STEPS);
	uint64_t end = ticks_end();
	watch->probed += end - begin;
	if (middle > begin && end > middle)
		watch->ratios[watch->seen.probes++] = (double)(end - middle) / (double)(middle - begin);
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
	watch->seen = (struct room_seen){.ratio_alone = watch->ratio_alone};
	watch->probed = 0;
	platform_witness_read(&watch->before, watch->whole);
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

static void sort_ratios(double *ratios, size_t count) {
	for (size_t i = 1; i < count; i++) {
		double ratio = ratios[i];
		size_t at = i;
		for (; at > 0 && ratios[at - 1] > ratio; at--)
			ratios[at] = ratios[at - 1];
		ratios[at] = ratio;
	}
}

static void set(struct room_seen *seen, enum room_count count, bool known, uint64_t value) {
	seen->counted[count] = known;
	seen->counts[count] = known ? value : 0;
}

static void take_counts(const struct platform_witness *before, bool whole, struct room_seen *seen) {
	struct platform_witness after;
	platform_witness_read(&after, whole);
	bool switches = before->switches_known && after.switches_known;
	uint64_t waits = after.waits - before->waits, ran_ns = after.ran_ns - before->ran_ns;
	set(seen, ROOM_INTERRUPTS, before->interrupts_known && after.interrupts_known,
	    after.interrupts - before->interrupts);
	set(seen, ROOM_SMIS, before->smis_known && after.smis_known, after.smis - before->smis);
	set(seen, ROOM_SWITCHES, switches, after.switches - before->switches);
	set(seen, ROOM_WAITS, switches, waits);
	set(seen, ROOM_MOVES, before->cpu_known && after.cpu_known, after.cpu != before->cpu);
	set(seen, ROOM_STOLEN_NS, before->stolen_known && after.stolen_known, after.stolen_ns - before->stolen_ns);
	/* A benchmark that waits is away of its own will. */
	set(seen, ROOM_AWAY_NS, before->ran_known && after.ran_known && waits == 0,
	    seen->measured_ns > ran_ns ? seen->measured_ns - ran_ns : 0);
}

void room_watch_end(struct room_watch *watch, const struct room_times *times) {
	struct room_seen *seen = &watch->seen;
	probe_often(watch);
	seen->measured_ns = (uint64_t)((double)(ticks_end() - watch->begin_ticks) / (double)times->hz * NS_PER_SECOND);
	take_counts(&watch->before, watch->whole, seen);
	seen->add_after = find_clock();
	sort_ratios(watch->ratios, seen->probes);
	seen->ratio_low = stats_quantile(watch->ratios, seen->probes, 0.1);
	seen->ratio_median = stats_quantile(watch->ratios, seen->probes, 0.5);
	seen->ratio_high = stats_quantile(watch->ratios, seen->probes, 0.9);
	room_find_detours(times, watch->sorted, seen);
}

void room_whole(const struct platform_witness *before, uint64_t elapsed_ns, struct room_seen *seen) {
	*seen = (struct room_seen){.measured_ns = elapsed_ns};
	take_counts(before, true, seen);
}
