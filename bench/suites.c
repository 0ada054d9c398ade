/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/suites.h"

#include "bench/match.h"
#include "bench/outside/registry.h"

#define ROW(name) &suite_##name,
const struct bench_suite *const bench_suites[] = {BENCH_SUITES(ROW) NULL};

static bool has_row(const struct bench_suite *suite, const char *name) {
	struct bench_row row;
	for (size_t i = 0; i < suite->count; i++)
		if (match_is_of(name, bench_suite_row(suite, i, &row)->name))
			return true;
	return false;
}

/* A suite whose rows hang on the machine may have them elsewhere. */
bool bench_suites_have(const char *name) {
	for (const struct bench_suite *const *suite = bench_suites; *suite != NULL; suite++)
		if ((*suite)->count_made != NULL ? match_is_of((*suite)->name, name) : has_row(*suite, name))
			return true;
	return false;
}

const struct bench_suite *bench_suite_at(size_t index) {
	enum { OURS = sizeof bench_suites / sizeof bench_suites[0] - 1 };
	return index < OURS ? bench_suites[index] : outside_suite(index - OURS, bench_suites_have);
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
