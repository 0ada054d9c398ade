/* SPDX-License-Identifier: Apache-2.0
 *
 * The table that people read, at most 100 columns: a head, one row a benchmark as it ends, a foot. Plain ASCII without
 * colours, stable for grep. Times are those of the clock as it is known then; results.json has the final ones.
 */
#pragma once

#include "bench/collect.h"
#include "bench/context.h"

void table_head(struct text *text, const struct run_opening *opening);
void table_row(struct text *text, const struct collector *collector, const struct collected *benchmark, size_t number,
	       size_t total);
void table_foot(struct text *text, struct collector *collector, const struct run_closing *closing,
		const struct runner_overhead *overhead);
