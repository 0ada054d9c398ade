/* SPDX-License-Identifier: Apache-2.0
 *
 * Every copy that this CPU can run, against the bytes that it should have copied: lengths, alignments, guard pages on
 * both sides.
 */
#include "host-tests/guarded.h"
#include "simd/simd.h"

#include <criterion/criterion.h>
#include <string.h>

enum { LENGTH_MOST = 4200, AREA = 8192, CANARY = 0xa5 };

struct copy_test {
	const struct simd_variant *variant;
	struct guarded source, destination;
	uint64_t seed;
};

/* Copies `length` bytes between the two places, and looks at all of the destination's memory and of the source's bytes.
 * */
static void expect_copy(struct copy_test *test, size_t to, size_t from, size_t length) {
	static uint8_t expected[AREA];
	uint8_t *source = test->source.bytes + from;
	uint8_t *destination = test->destination.bytes;
	for (size_t i = 0; i < length; i++)
		source[i] = (uint8_t)(next_random(&test->seed) >> 16);
	memset(expected, CANARY, AREA);
	memcpy(expected + to, source, length);
	memset(destination, CANARY, AREA);
	test->variant->copy(destination + to, source, length);
	cr_assert_eq(memcmp(destination, expected, AREA), 0, "%s: %zu bytes from offset %zu to offset %zu",
		     test->variant->name, length, from, to);
	cr_assert_eq(memcmp(source, expected + to, length), 0, "%s: the source changed", test->variant->name);
}

static size_t next_length(size_t length) {
	return length < 320 ? length + 1 : length + 37;
}

static void against_guards(struct copy_test *test) {
	for (size_t length = 0; length <= LENGTH_MOST; length = next_length(length)) {
		expect_copy(test, 0, 0, length);
		expect_copy(test, AREA - length, AREA - length, length);
		expect_copy(test, 0, AREA - length, length);
		expect_copy(test, AREA - length, 0, length);
	}
}

static void over_alignments(struct copy_test *test) {
	static const size_t offsets[] = {0, 1, 3, 8, 15, 16, 31, 32, 33, 48, 63, 64};
	static const size_t lengths[] = {1,   2,   7,   16,  31,  33,  63,  64,   65,   127,  128,
					 129, 255, 256, 257, 511, 512, 513, 1000, 1024, 4096, LENGTH_MOST};
	for (size_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++)
		for (size_t to = 0; to < sizeof offsets / sizeof offsets[0]; to++)
			for (size_t from = 0; from < sizeof offsets / sizeof offsets[0]; from++)
				expect_copy(test, offsets[to], 1024 + offsets[from], lengths[l]);
}

static void for_each_variant(void (*body)(struct copy_test *test)) {
	simd_features features = simd_features_detect();
	unsigned ran = 0;
	for (size_t i = 0; i < simd_variant_count; i++) {
		if (!simd_variant_runs(&simd_variants[i], features)) {
			cr_log_info("%s: %s", simd_variants[i].name, simd_variants[i].missing);
			continue;
		}
		struct copy_test test = {&simd_variants[i], guarded_map(AREA), guarded_map(AREA), 88172645463325252u};
		body(&test);
		guarded_unmap(test.source);
		guarded_unmap(test.destination);
		ran++;
	}
	cr_expect_geq(ran, 2u, "scalar and one vector variant run on every CPU of the two architectures");
}

Test(simd_copy, lengths_against_guard_pages) {
	for_each_variant(against_guards);
}

Test(simd_copy, alignments) {
	for_each_variant(over_alignments);
}
