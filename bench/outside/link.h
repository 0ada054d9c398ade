/* SPDX-License-Identifier: Apache-2.0
 *
 * The suites from outside that are in this link. The table is none.c's, which has none, or in its place one that
 * tools/suite.sh wrote.
 */
#pragma once

#include "bench/benchmark.h"

struct outside_linked {
	const char *name; /* its folder's: what its rows' names begin with */
	const char *hash; /* of its object, 16 digits */
	const struct bench_own_suite *suite;
};

extern const struct outside_linked outside_linked[]; /* ends with a NULL name */
