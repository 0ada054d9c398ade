/* SPDX-License-Identifier: Apache-2.0
 *
 * Every 32-bit addition that this CPU can run, against the scalar one, and that one against C: lengths, alignments, in
 * place, guard pages on both sides.
 */
#include "host-tests/guarded.h"
#include "simd/simd.h"

#include <criterion/criterion.h>
#include <string.h>

enum { COUNT_MOST = 1100, AREA_LANES = 2048, AREA = AREA_LANES * 4 };
#define CANARY UINT32_C(0xa5a5a5a5)

struct add_test {
	const struct simd_variant *variant;
	struct guarded a, b, sum;
	uint64_t seed;
};

static void fill(struct add_test *test, uint32_t *lanes, size_t count) {
	for (size_t i = 0; i < count; i++)
		lanes[i] = (uint32_t)(next_random(&test->seed) >> 16);
}

/* Places are in lanes from the start of each area. */
static void expect_sum(struct add_test *test, size_t to, size_t from_a, size_t from_b, size_t count) {
	static uint32_t expected[AREA_LANES];
	uint32_t *a = (uint32_t *)(void *)test->a.bytes + from_a;
	uint32_t *b = (uint32_t *)(void *)test->b.bytes + from_b;
	uint32_t *sum = (uint32_t *)(void *)test->sum.bytes;
	fill(test, a, count);
	fill(test, b, count);
	for (size_t i = 0; i < AREA_LANES; i++)
		expected[i] = sum[i] = CANARY;
	for (size_t i = 0; i < count; i++)
		expected[to + i] = a[i] + b[i];
	test->variant->add32(sum + to, a, b, count);
	cr_assert_eq(memcmp(sum, expected, AREA), 0, "%s: %zu lanes at %zu, %zu, %zu", test->variant->name, count, to,
		     from_a, from_b);
}

static void expect_sum_in_place(struct add_test *test, size_t offset, size_t count) {
	static uint32_t expected[COUNT_MOST];
	uint32_t *a = (uint32_t *)(void *)test->a.bytes + offset;
	uint32_t *b = (uint32_t *)(void *)test->b.bytes + AREA_LANES - count;
	fill(test, a, count);
	fill(test, b, count);
	for (size_t i = 0; i < count; i++)
		expected[i] = a[i] + b[i];
	test->variant->add32(a, a, b, count);
	cr_assert_eq(memcmp(a, expected, count * 4), 0, "%s: sum is a, %zu lanes", test->variant->name, count);
	memcpy(b, a, count * 4);
	for (size_t i = 0; i < count; i++)
		expected[i] += expected[i];
	test->variant->add32(b, a, b, count);
	cr_assert_eq(memcmp(b, expected, count * 4), 0, "%s: sum is b, %zu lanes", test->variant->name, count);
}

static size_t next_count(size_t count) {
	return count < 150 ? count + 1 : count + 19;
}

static void over_counts(struct add_test *test) {
	for (size_t count = 0; count <= COUNT_MOST; count = next_count(count)) {
		size_t last = AREA_LANES - count;
		expect_sum(test, 0, 0, 0, count);
		expect_sum(test, last, last, last, count);
		expect_sum(test, 0, last, 0, count);
		expect_sum_in_place(test, count % 17, count);
	}
}

static void over_alignments(struct add_test *test) {
	for (size_t to = 0; to < 16; to++)
		for (size_t from = 0; from < 16; from++)
			for (size_t count = 1; count < 300; count += 43)
				expect_sum(test, to, from, (from * 7 + to) % 16, count);
}

static void for_each_variant(void (*body)(struct add_test *test)) {
	simd_features features = simd_features_detect();
	unsigned ran = 0;
	for (size_t i = 0; i < simd_variant_count; i++) {
		if (!simd_variant_runs(&simd_variants[i], features)) {
			cr_log_info("%s: %s", simd_variants[i].name, simd_variants[i].missing);
			continue;
		}
		struct add_test test = {&simd_variants[i], guarded_map(AREA), guarded_map(AREA), guarded_map(AREA),
					88172645463325252u};
		body(&test);
		guarded_unmap(test.a);
		guarded_unmap(test.b);
		guarded_unmap(test.sum);
		ran++;
	}
	cr_expect_geq(ran, 2u, "scalar and one vector variant run on every CPU of the two architectures");
}

Test(simd_add, counts_against_guard_pages_and_in_place) {
	for_each_variant(over_counts);
}

Test(simd_add, alignments) {
	for_each_variant(over_alignments);
}
