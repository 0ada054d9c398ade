/* SPDX-License-Identifier: Apache-2.0
 *
 * What a run says about itself, as records: RUN before the first benchmark, CONTEXT after it, DONE after the last.
 * RUN is short, since a console may cost 30 us a byte and the first benchmark waits for it: it has what a cut-off
 * run needs to be resumed.
 */
#pragma once

#include "bench/options.h"
#include "bench/runner.h"
#include "bench/text.h"
#include "bench/tune/profile_use.h"
#include "lib/civil.h"
#include "simd/simd.h"

struct run_opening {
	const struct options *options;
	const struct platform_clock *clock;
	const struct runner_overhead *overhead;
	const struct settling *settling; /* by the time of record_context */
	simd_features features;
	const struct profile_use *profile;
	const struct counting *counting; /* NULL: --counters was not given */
	size_t planned;                  /* benchmarks */
	bool resumed;                    /* goes on with the run in platform_previous_log */
	size_t kept;                     /* benchmarks that it had finished */
	char began[CIVIL_TEXT_BYTES];    /* the date of that run's first start; "": it begins here */
	uint64_t ready_ticks;            /* now: since start_ticks, until the first benchmark */
};
void record_run(struct text *text, const struct run_opening *opening);
void record_context(struct text *text, const struct run_opening *opening);

struct run_closing {
	int status;
	const struct platform_clock *clock;
	const struct settling *settling; /* NULL: nobody tried */
	const struct platform_counters *counters;
	const struct runner_noise *noise;
	const struct room_seen *room; /* over the whole run, counts alone; NULL: nobody watched */
	uint64_t elapsed_ns;          /* from start_ticks */
	const char *began;            /* as in run_opening; NULL or "": at start_ticks */
	uint64_t end_ticks;
};
void record_done(struct text *text, const struct run_closing *closing);

/* The date at these ticks, which count `hz` a second; "unknown" where nobody says. */
void context_utc(uint64_t ticks, uint64_t hz, char text[CIVIL_TEXT_BYTES]);

/* Members of a file that is no run's: version and commit of this programme, the date, and `machine`,
 * what it runs on. */
void context_write_maker(struct text *text, uint64_t hz);

/* "unverified" where the machine does not promise a constant rate. */
const char *context_clock_trust(const struct platform_clock *clock);

/* How far two sources of the frequency lie apart, as a fraction; 0 where there is one. */
double context_clock_difference(const struct platform_clock *clock);
