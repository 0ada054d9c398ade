/* SPDX-License-Identifier: Apache-2.0
 *
 * How long the parts of the way to the first benchmark took: the kernel's, by platform_describe(), and the programme's
 * own. What `make bench-start` prints; nothing is judged by it.
 */
#pragma once

#include "bench/text.h"

#include <stdint.h>

/* The programme's parts, in their order. */
enum start_phase {
	START_PHASE_RUNTIME, /* to main: memory, initialisers, command line */
	START_PHASE_PLAN,    /* options, benchmarks, buffers */
	START_PHASE_CLOCK,
	START_PHASE_RUNNER, /* its own cost, the kernels chosen */
	START_PHASE_RUN,    /* the RUN record written, an earlier log read before */
	START_PHASE_TABLE,  /* the table's head */
	START_PHASE_SETTLE, /* the core's clock has settled, or does not */
	START_PHASE_START,  /* the START record written: the first benchmark begins */
	START_PHASE_COUNT,
};

/* Called as each ends, from the first core; only the first call for a phase counts. */
void start_phase_end(enum start_phase phase);

/* A member `start_ns` of the object that is being written: name and ns of each part that there was. `hz`:
 * of the ticks, not 0. */
void start_describe(struct text *text, uint64_t hz);
