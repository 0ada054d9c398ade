/* SPDX-License-Identifier: Apache-2.0
 *
 * Bursts of copies of one width between slices of dependent additions. The arm without vectors has additions in the
 * place of copies, for as long.
 */
#include "bench/tune/subject.h"

#include "bench/suites/tune_loops.h"
#include "bench/ticks.h"
#include "lib/units.h"
#include "platform.h"

#include <stdlib.h>

enum {
	COPY_BYTES = SIMD_PAGE_BYTES,
	SLICE_NS = 10000,
	PATTERN_NS = 100000,
	SETTLED_SLICES = 9,
	SAMPLE_NS = 2 * 1000 * 1000, /* the least */
	GAP_NS_MOST = 50 * 1000 * 1000,
	PAUSE_NS = 2 * 1000 * 1000, /* longer than any known core keeps its wide units awake for nothing */
	STALL_CALLS = 64,
	SLICES_MAX = 1 << 15,
};

/* Slices in a row within this share of the idle speed: settled. */
#define SETTLED 0.01

struct sampling {
	struct subject *subject;
	struct tune_loop loop; /* kernels NULL: the arm without vectors */
	struct simd_kernels kernels;
	double add_ns, call_ns; /* about */
	float *slices;          /* ns an addition */
	double *after;          /* ns since the burst's end */
	size_t count;
};

static double ns_since(const struct sampling *sampling, uint64_t begin) {
	return (double)(ticks_end() - begin) * NS_PER_SECOND / (double)sampling->subject->hz;
}

static size_t arms(void *self, enum simd_width *arm) {
	const struct subject *subject = self;
	struct simd_kernels kernels;
	size_t count = 0;
	simd_select(subject->features, NULL, &kernels);
	arm[count++] = SIMD_WIDTH_SCALAR;
	for (unsigned width = SIMD_WIDTH_128; width < SIMD_WIDTH_COUNT; width++)
		if (kernels.width[SIMD_FAMILY_COPIES][width] != NULL)
			arm[count++] = (enum simd_width)width;
	return count;
}

static void set_up(struct sampling *sampling, struct subject *subject, enum simd_width arm) {
	simd_select(subject->features, NULL, &sampling->kernels);
	sampling->subject = subject;
	sampling->loop = (struct tune_loop){
		.operation = SIMD_OPERATION_COPY,
		.to = subject->area[0] + PAGE_BYTES / 2,
		.a = subject->area[1],
		.b = subject->area[2],
		.bytes = COPY_BYTES,
	};
	uint64_t begin = ticks_begin();
	tune_loop_add(1 << 14);
	sampling->add_ns = ns_since(sampling, begin) / (1 << 14);
	sampling->call_ns = COPY_BYTES / 32 * sampling->add_ns;
	if (arm == SIMD_WIDTH_SCALAR)
		return;
	sampling->kernels.copies = *sampling->kernels.width[SIMD_FAMILY_COPIES][arm]->copies;
	sampling->loop.kernels = &sampling->kernels;
	tune_loop_run(&sampling->loop, 8);
	begin = ticks_begin();
	tune_loop_run(&sampling->loop, 64);
	sampling->call_ns = ns_since(sampling, begin) / 64;
}

/* `calls` copies, or additions for as long. */
static void burst(struct sampling *sampling, uint64_t calls) {
	if (sampling->loop.kernels != NULL)
		tune_loop_run(&sampling->loop, calls);
	else
		tune_loop_add((uint64_t)((double)calls * sampling->call_ns / sampling->add_ns));
}

static void add_slices(struct sampling *sampling, double gap_ns) {
	uint64_t end_of_burst = ticks_begin();
	double slice_ns = gap_ns < SLICE_NS ? gap_ns : SLICE_NS;
	uint64_t adds = (uint64_t)(slice_ns / sampling->add_ns) + 1;
	for (double done = 0; done < gap_ns && sampling->count < SLICES_MAX; done += slice_ns) {
		uint64_t begin = ticks_begin();
		tune_loop_add(adds);
		sampling->slices[sampling->count] = (float)(ns_since(sampling, begin) / (double)adds);
		sampling->after[sampling->count++] = ns_since(sampling, end_of_burst);
	}
}

/* Single calls: a gap is too short to be timed by itself. So the pattern goes on for a while, and behind it comes one
 * slice, which finds the clock as the pattern left it. */
static void add_slice_behind_calls(struct sampling *sampling, double gap_ns) {
	uint64_t adds = (uint64_t)(gap_ns / sampling->add_ns) + 1;
	for (double done = 0; done < PATTERN_NS; done += gap_ns + sampling->call_ns) {
		burst(sampling, 1);
		tune_loop_add(adds);
	}
	add_slices(sampling, SLICE_NS);
}

static int ascending(const void *left, const void *right) {
	float a = *(const float *)left, b = *(const float *)right;
	return (a > b) - (a < b);
}

/* The mean of the nine fastest tenths: what interrupts took is not the arm's. Sorts them. */
static double mean_of(float *slices, size_t count) {
	double sum = 0;
	size_t kept = count - count / 10;
	qsort(slices, count, sizeof(*slices), ascending);
	for (size_t i = 0; i < kept; i++)
		sum += (double)slices[i];
	return kept != 0 ? sum / (double)kept : 0;
}

/* Of the last gap, `count` slices: where the median of the next ones is at rest. */
static double settle_of(const float *slices, const double *after, size_t count, double idle) {
	for (size_t i = 0; i + SETTLED_SLICES <= count; i++) {
		float next[SETTLED_SLICES];
		for (size_t k = 0; k < SETTLED_SLICES; k++)
			next[k] = slices[i + k];
		qsort(next, SETTLED_SLICES, sizeof(*next), ascending);
		if ((double)next[SETTLED_SLICES / 2] < idle * (1 + SETTLED))
			return i == 0 ? 0 : after[i];
	}
	return 0;
}

static double stall_of(struct sampling *sampling) {
	double longest = 0;
	float calls[STALL_CALLS];
	tune_loop_add((uint64_t)(PAUSE_NS / sampling->add_ns));
	for (unsigned i = 0; i < STALL_CALLS; i++) {
		uint64_t begin = ticks_begin();
		burst(sampling, 1);
		double ns = ns_since(sampling, begin);
		calls[i] = (float)ns;
		longest = ns > longest ? ns : longest;
	}
	qsort(calls, STALL_CALLS, sizeof(*calls), ascending);
	return longest - (double)calls[STALL_CALLS / 2];
}

static void take(struct sampling *sampling, unsigned duty_percent, uint64_t burst_ns, struct price_sample *sample) {
	uint64_t calls = burst_ns == 0 ? 1 : (uint64_t)((double)burst_ns / sampling->call_ns) + 1;
	double own_ns = (double)calls * sampling->call_ns, gap_ns = own_ns * (100 - duty_percent) / duty_percent;
	gap_ns = gap_ns < GAP_NS_MOST ? gap_ns : GAP_NS_MOST;
	size_t last_gap = 0;
	double spent = 0;
	sampling->count = 0;
	sample->stall_ns = stall_of(sampling);
	do {
		last_gap = sampling->count;
		if (burst_ns == 0) {
			add_slice_behind_calls(sampling, gap_ns);
			spent += PATTERN_NS + SLICE_NS;
		} else {
			burst(sampling, calls);
			add_slices(sampling, gap_ns);
			spent += own_ns + gap_ns;
		}
	} while (spent < SAMPLE_NS && sampling->count < SLICES_MAX);
	size_t count = sampling->count - last_gap, quarter = count / 4;
	float *gap = sampling->slices + last_gap;
	if (quarter >= 4) {
		float late[SLICES_MAX / 64];
		size_t kept = quarter < sizeof(late) / sizeof(late[0]) ? quarter : sizeof(late) / sizeof(late[0]);
		for (size_t i = 0; i < kept; i++)
			late[i] = gap[count - kept + i];
		sample->idle_ns = mean_of(late, kept);
		sample->settle_ns = settle_of(gap, sampling->after + last_gap, count, sample->idle_ns);
	}
	sample->add_ns = mean_of(sampling->slices, sampling->count);
	if (quarter < 4)
		sample->idle_ns = sample->add_ns;
}

static bool sample_price(void *self, enum simd_width arm, unsigned duty_percent, uint64_t burst_ns,
			 struct price_sample *sample) {
	static struct sampling sampling; /* large */
	struct subject *subject = self;
	float *slices = malloc(SLICES_MAX * sizeof(*slices));
	double *after = malloc(SLICES_MAX * sizeof(*after));
	*sample = (struct price_sample){0};
	bool good = slices != NULL && after != NULL;
	if (good) {
		sampling = (struct sampling){.slices = slices, .after = after};
		set_up(&sampling, subject, arm);
		take(&sampling, duty_percent, burst_ns, sample);
		platform_checkpoint(subject->timeout_ns);
	}
	free(slices);
	free(after);
	return good && platform_interrupted() == 0;
}

struct price_subject subject_of_price(struct subject *subject) {
	return (struct price_subject){.self = subject, .arms = arms, .sample = sample_price, .now_ns = subject_now_ns};
}
