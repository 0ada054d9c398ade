/* SPDX-License-Identifier: Apache-2.0
 *
 * results.json, schema anechoic/1, from a collected run; the same text from the same records, in the image and on the
 * host. `times` are nanoseconds, `iters` iterations, one a sample; estimates are nanoseconds an iteration.
 */
#pragma once

#include "bench/collect.h"
#include "bench/text.h"

void results_write(struct collector *collector, struct text *text);

/* Members of an entry of `benchmarks`, from `figure` to `outliers`; `summary` is of ticks of `tick_ns`, its intervals
 * hold with `level`. */
void results_write_estimates(const struct stats_summary *summary, double tick_ns, double level, struct text *text);

/* The same run, a row a benchmark. */
void results_write_csv(struct collector *collector, struct text *text);
