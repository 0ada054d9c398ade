/* SPDX-License-Identifier: Apache-2.0
 *
 * Every set of kernels that this CPU runs, through every check of simd_check.c.
 */
#include "host-tests/simd_check.h"

#include <criterion/criterion.h>
#include <string.h>

static void run(const char *wanted) {
	struct simd_kernels kernels;
	const char *set;
	unsigned ran = 0;
	for (size_t at = 0; simd_check_next_set(&at, &kernels, &set);)
		for (const struct simd_check *check = simd_checks; check->name != NULL; check++) {
			if (strcmp(check->name, wanted) != 0)
				continue;
			const char *wrong = check->run(&kernels);
			cr_expect(wrong == NULL, "%s/%s: %s", set, check->name, wrong != NULL ? wrong : "");
			ran++;
		}
	cr_expect_geq(ran, 3u,
		      "scalar, one vector variant and the selection run on every CPU of the two architectures");
}

Test(simd, copies) {
	run("copies");
}

Test(simd, moves) {
	run("moves");
}

Test(simd, fills) {
	run("fills");
}

Test(simd, scans) {
	run("scans");
}

Test(simd, sums) {
	run("sums");
}

Test(simd, hashes) {
	run("hashes");
}

Test(simd, lanes) {
	run("lanes");
}

Test(simd, oracle) {
	run("oracle");
}

Test(simd, profile_changes_the_method) {
	static uint8_t from[256], to[256];
	const struct simd_profile profile = {.copy_stream_bytes = 128, .zero_stream_bytes = 128};
	struct simd_kernels kernels;
	simd_select(simd_features_detect(), &profile, &kernels);
	cr_expect_eq(kernels.copy_stream_bytes, 128);
	memset(from, 7, sizeof(from));
	for (size_t bytes = 120; bytes <= 136; bytes++) {
		memset(to, 1, sizeof(to));
		simd_copy(&kernels, to, from, bytes);
		cr_expect(memcmp(to, from, bytes) == 0 && to[bytes] == 1);
		simd_zero(&kernels, to, bytes);
		cr_expect(to[0] == 0 && to[bytes - 1] == 0 && to[bytes] == 1);
	}
}
