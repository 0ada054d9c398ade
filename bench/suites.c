/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/suites.h"

#include "bench/outside/registry.h"

#define ROW(name) &suite_##name,
const struct bench_suite *const bench_suites[] = {BENCH_SUITES(ROW) NULL};

const struct bench_suite *bench_suite_at(size_t index) {
	enum { OURS = sizeof bench_suites / sizeof bench_suites[0] - 1 };
	return index < OURS ? bench_suites[index] : outside_suite(index - OURS);
}

size_t bench_suite_count(const struct bench_suite *suite) {
	return suite->count_made != NULL ? suite->count_made() : suite->count;
}

const struct benchmark *bench_suite_row(const struct bench_suite *suite, size_t index, struct bench_row *row) {
	if (suite->benchmarks != NULL)
		return &suite->benchmarks[index];
	suite->make(index, row);
	return &row->benchmark;
}
