/* SPDX-License-Identifier: Apache-2.0
 *
 * The checks of simd_check.c as a programme of its own: `make simd-check` runs it on this CPU or under qemu. Says which sets it ran;
 * exit status 1 where one is wrong or only the scalar one ran.
 */
#include "host-tests/simd_check.h"

#include <stdio.h>

int main(void) {
	struct simd_kernels kernels;
	const char *name;
	unsigned sets = 0, failed = 0;
	for (size_t at = 0; simd_check_next_set(&at, &kernels, &name); sets++)
		for (const struct simd_check *check = simd_checks; check->name != NULL; check++) {
			const char *wrong = check->run(&kernels);
			if (wrong == NULL)
				continue;
			printf("FAIL %s/%s: %s\n", name, check->name, wrong);
			failed++;
		}
	simd_features features = simd_features_detect();
	printf("simd-check: %u sets of kernels, the widest \"%s\" (SVE: %u bits), %u checks failed\n", sets,
	       kernels.selected->name, (unsigned)features.sve_bits, failed);
	return failed != 0 || sets < 3;
}
