/* SPDX-License-Identifier: Apache-2.0
 *
 * The mix against its parts: known answers.
 */
#include "bench/consistency.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static struct collected row(const char *name, double figure, double error, double minimum) {
	struct collected benchmark = {.finished = true, .has_summary = true};
	strcpy(benchmark.name, name);
	benchmark.summary.low_decile = (struct stats_estimate){.point = figure, .standard_error = error};
	benchmark.summary.minimum = minimum;
	return benchmark;
}

Test(consistency, a_part_costs_in_the_mix_what_the_mix_costs_more_with_it) {
	struct collected benchmarks[] = {row("combined/consistency/mix", 100, 3, 90),
					 row("combined/consistency/pool/without", 60, 4, 54),
					 row("combined/consistency/pool/alone", 32, 0, 30)};
	struct collector collector = {.benchmarks = benchmarks, .count = 3};
	struct consistency seen;
	cr_assert(consistency_of(&collector, 0, &seen));
	cr_expect_str_eq(seen.part, "pool");
	cr_expect_eq(seen.ratio, 1.25);
	cr_expect_eq(seen.ratio_of_minima, 1.2);
	cr_expect(fabs(seen.upper - seen.lower - 2 * 1.959964 * 5 / 32) < 1e-12, "errors of 3 and 4 make 5");
	benchmarks[2] = row("combined/consistency/pool/alone", 32, 4, 30);
	cr_assert(consistency_of(&collector, 0, &seen));
	cr_expect(fabs(seen.upper - seen.lower - 2 * 1.959964 * sqrt(50) / 32) < 1e-12, "1.25 times 4 makes 5 more");
}

Test(consistency, nothing_is_said_of_what_was_not_measured) {
	struct collected benchmarks[] = {row("combined/consistency/mix", 100, 3, 90),
					 row("combined/consistency/tlb/without", 60, 4, 54),
					 row("combined/consistency/tlb/alone", 32, 0, 30)};
	struct collector collector = {.benchmarks = benchmarks, .count = 3};
	struct consistency seen;
	cr_expect_not(consistency_of(&collector, 0, &seen), "no rows of the pool's");
	cr_expect(consistency_of(&collector, 1, &seen));
	benchmarks[1].has_summary = false;
	cr_expect_not(consistency_of(&collector, 1, &seen), "one was skipped");
	benchmarks[1].has_summary = true;
	benchmarks[2].summary.low_decile.point = 0;
	cr_expect_not(consistency_of(&collector, 1, &seen), "no quotient by nothing");
}
