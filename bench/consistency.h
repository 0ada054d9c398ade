/* SPDX-License-Identifier: Apache-2.0
 *
 * What each part of combined/consistency costs in the mix over what it costs alone: 100 % is a part that does not care
 * what runs beside it. Computed from the run's own samples:
 *
 *     (round with all parts - round without the part) / round of the part alone
 *
 * of the rows' figures, with an interval of their bootstrapped standard errors carried through the quotient (to first
 * order, normal); and of the minima, which noise only ever raises. The seven benchmarks are measured one after another:
 * a machine that got slower in between moves the first and is not in its interval. Where the two differ by more than
 * that, believe neither.
 */
#pragma once

#include "bench/collect.h"

enum { CONSISTENCY_PARTS = 3 };

struct consistency {
	const char *part; /* "pool", "tlb", "copy" */
	double ratio;     /* of the figures */
	double lower;     /* of 0.95 */
	double upper;
	double ratio_of_minima;
};

/* false: one of the benchmarks that it takes has no summary: see collect_summarise. */
bool consistency_of(const struct collector *collector, size_t part, struct consistency *consistency);
