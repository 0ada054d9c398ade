/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs one benchmark: set up, warm up, take samples, tear down, each within platform_run_guarded and with an end that
 * no checkpoint puts off. Knows nothing of names, records or statistics. In the timed region is a call of `run` and two
 * reads of the clock, nothing else.
 *
 * Sampling: warm-up doubles the iterations until its time is over, which also gives the cost of one. Then `sample_size`
 * samples of step, 2 step, ... iterations (linear), so that they last `measurement_ns` together; or all of step
 * iterations (flat), where even step 1 would take more than twice that. What is counted beside the time is counted in
 * samples after those (counters/counting.h).
 */
#pragma once

#include "bench/benchmark.h"
#include "bench/counters/counting.h"
#include "bench/placement.h"
#include "bench/room/probe.h"
#include "bench/status.h"
#include "platform.h"

struct runner_plan {
	uint32_t sample_size;
	uint64_t warm_up_ns;
	uint64_t measurement_ns;
	uint64_t timeout_ns;               /* the least; ten times what is expected where that is more */
	const struct placement *placement; /* NULL: the fixed one */
	const struct counting *counting;   /* NULL: nothing is counted beside the time */
};

struct measurement {
	enum bench_status status;
	char reason[96];   /* why not ok */
	const char *phase; /* "setup", "run" or "teardown", where fault says something */
	struct platform_fault fault;
	bool linear;
	uint64_t step;                               /* iterations */
	size_t count;                                /* samples; 0 unless ok */
	uint64_t *ticks;                             /* the caller's, room for sample_size */
	struct counts *counts;                       /* the caller's; NULL where the plan counts nothing */
	struct room_watch *room;                     /* the caller's; NULL: nobody watches */
	uint64_t hz;                                 /* of the ticks, as known when it was measured */
	struct platform_core cores[BENCH_CORES_MAX]; /* others that it ran on */
	unsigned core_count;
	const struct tlb_geometry *tlb_geometry; /* as in bench_context */
};

/* `context` is features and kernels; setup gets a copy of it. */
void runner_measure(const struct benchmark *benchmark, const struct bench_context *context,
		    const struct runner_plan *plan, struct measurement *measurement);

/* How long a phase that is planned to take `planned_ns` may take in all, however it is cut into samples: 20 times that,
 * and `timeout_ns` at the least. */
uint64_t runner_total_ns(double planned_ns, uint64_t timeout_ns);

/* Whether the platform ends what does not come back. Where it has no timer for that, benchmarks run without a limit. */
bool runner_has_limits(void);

/* What the runner itself costs, in ticks. Nothing of it is subtracted anywhere. */
struct runner_overhead {
	/* Least difference between two reads that is not 0: the clock's step, or what a read costs. */
	uint64_t clock_step;
	uint64_t sample_median; /* a sample of 0 iterations: the call and two clock reads */
	uint64_t sample_minimum;
	uint64_t empty_loop_iterations;
	uint64_t empty_loop_ticks; /* of that many iterations that do nothing but consume: least of several */
};
void runner_overhead_measure(struct runner_overhead *overhead);

/* How still the room is: the clock is read without pause, and where two reads lie more than 1 us apart,
 * something else ran. */
struct runner_noise {
	uint64_t span_ticks;
	uint64_t gaps;      /* longer than 1 us */
	uint64_t gap_ticks; /* in all */
	uint64_t longest_ticks;
};
void runner_noise_measure(uint64_t span_ns, uint64_t hz, struct runner_noise *noise);
