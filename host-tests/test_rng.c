/* SPDX-License-Identifier: Apache-2.0
 *
 * The generator against numbers of other implementations: SplitMix64 seeded with 1234567 and xoshiro256** from
 * the state 1, 2, 3, 4 are in many projects' tests; the rest was computed by a twenty-line Python
 * transcription of the two papers.
 */
#include "bench/rng.h"

#include <criterion/criterion.h>

Test(rng, state_is_splitmix64_of_the_seed) {
	struct rng rng = rng_seeded(1234567);
	cr_expect_eq(rng.state[0], UINT64_C(6457827717110365317));
	cr_expect_eq(rng.state[1], UINT64_C(3203168211198807973));
	cr_expect_eq(rng.state[2], UINT64_C(9817491932198370423));
}

Test(rng, known_sequence) {
	static const uint64_t known[] = {11520,
					 0,
					 1509978240,
					 UINT64_C(1215971899390074240),
					 UINT64_C(1216172134540287360),
					 UINT64_C(607988272756665600)};
	struct rng rng = {{1, 2, 3, 4}};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		cr_expect_eq(rng_next(&rng), known[i], "number %zu", i);
}

Test(rng, seeded_sequence) {
	struct rng rng = rng_seeded(1);
	cr_expect_eq(rng_next(&rng), UINT64_C(0xb3f2af6d0fc710c5));
	cr_expect_eq(rng_next(&rng), UINT64_C(0x853b559647364cea));
	cr_expect_eq(rng_next(&rng), UINT64_C(0x92f89756082a4514));
	cr_expect_eq(rng_next(&rng), UINT64_C(0x642e1c7bc266a3a7));
}

Test(rng, below_reaches_all_and_no_more) {
	struct rng rng = rng_seeded(5);
	unsigned seen[7] = {0};
	for (int i = 0; i < 7000; i++) {
		uint32_t number = rng_below(&rng, 7);
		cr_assert_lt(number, 7);
		seen[number]++;
	}
	for (int i = 0; i < 7; i++)
		cr_expect(seen[i] > 850 && seen[i] < 1150, "%d came %u times of 7000", i, seen[i]);
}

/* FNV-1a's "foobar" is in its authors' tests: 0x85944171f73967e8. */
Test(rng, a_names_seed) {
	cr_expect_eq(rng_seed_of(1234567, "foobar"), UINT64_C(0x995b151d58f3494d));
	cr_expect_neq(rng_seed_of(1, "a"), rng_seed_of(1, "b"));
	cr_expect_neq(rng_seed_of(1, "a"), rng_seed_of(2, "a"));
}
