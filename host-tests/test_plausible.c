/* SPDX-License-Identifier: Apache-2.0
 *
 * Which references are taken for what they are, on machines with the steps of several cores.
 */
#include "peers/plausible.h"

#include <criterion/criterion.h>

/* Cycles a step: a Zen 4 renames memory, so that forwarding through a variable costs next to nothing; a Cascade Lake does not. */
static const struct peer_costs zen4 = {{[PEER_ADD] = 1,
					[PEER_MULTIPLY] = 3,
					[PEER_LOAD] = 4,
					[PEER_FORWARD] = 0,
					[PEER_LOADS] = 0.34,
					[PEER_STORES] = 0.5,
					[PEER_NOPS] = 0.17,
					[PEER_TURNS] = 1}};
static const struct peer_costs cascade_lake = {{[PEER_ADD] = 1,
						[PEER_MULTIPLY] = 3,
						[PEER_LOAD] = 5,
						[PEER_FORWARD] = 5,
						[PEER_LOADS] = 0.5,
						[PEER_STORES] = 1,
						[PEER_NOPS] = 0.25,
						[PEER_TURNS] = 1}};

/* A stack of pointers, one object at a time. */
static const struct peer_claim pair = {
	.loops = {{.chain = {[PEER_ADD] = 2, [PEER_FORWARD] = 2},
		   .all = {[PEER_LOADS] = 4, [PEER_STORES] = 4, [PEER_TURNS] = 1}}},
	.instructions = 15,
	.instructions_most = 21,
};

Test(plausible, the_same_reference_takes_what_the_machine_makes_it_take) {
	/* Nanoseconds of PEERS' tables at 3.7 and 3.1 GHz. */
	cr_expect_eq(peer_judge(&pair, &zen4, 1.25 * 2.6), PEER_VALID);
	cr_expect_eq(peer_judge(&pair, &cascade_lake, 3.6 * 3.1), PEER_VALID);
	/* What the one does is not what the other can do. */
	cr_expect_eq(peer_judge(&pair, &cascade_lake, 1.25 * 2.6), PEER_TOO_FAST);
	cr_expect_eq(peer_judge(&pair, &zen4, 3.6 * 3.1), PEER_TOO_SLOW);
}

Test(plausible, a_loop_that_the_compiler_emptied_is_too_fast_on_any_machine) {
	cr_expect_eq(peer_judge(&pair, &zen4, 0.5), PEER_TOO_FAST);
	cr_expect_eq(peer_judge(&pair, &cascade_lake, 0.5), PEER_TOO_FAST);
}

Test(plausible, more_instructions_than_its_source_has) {
	struct peer_claim bloated = pair;
	bloated.instructions = 30;
	cr_expect_eq(peer_judge(&bloated, &cascade_lake, 11), PEER_TOO_MANY_INSTRUCTIONS);
	bloated.instructions = 0; /* they could not be counted */
	cr_expect_eq(peer_judge(&bloated, &cascade_lake, 11), PEER_VALID);
}

Test(plausible, instructions_that_were_counted_bound_the_time_below) {
	struct peer_claim claim = {.instructions = 40, .instructions_most = 60};
	struct peer_range range = peer_range_of(&claim, &cascade_lake);
	cr_expect_float_eq(range.least, 0.8 * 10, 1e-9);
	cr_expect_float_eq(range.most, 2 * 10, 1e-9);
}

Test(plausible, loops_add_up_and_each_takes_the_longer_of_chain_and_flood) {
	const struct peer_claim claim = {.loops = {{.chain = {[PEER_LOAD] = 1}, .all = {[PEER_STORES] = 2}},
						   {.chain = {[PEER_ADD] = 1}, .all = {[PEER_STORES] = 3}}}};
	struct peer_range range = peer_range_of(&claim, &cascade_lake);
	cr_expect_float_eq(range.least, 0.8 * (5 + 3), 1e-9);
	cr_expect_float_eq(range.most, 2 * (5 + 3), 1e-9);
}

Test(plausible, operations_that_overlap_may_take_as_little_as_their_floods) {
	const struct peer_claim claim = {.loops = {{.chain = {[PEER_LOAD] = 2}, .all = {[PEER_LOADS] = 4}}},
					 .overlaps = true};
	struct peer_range range = peer_range_of(&claim, &cascade_lake);
	cr_expect_float_eq(range.least, 0.8 * 2, 1e-9);
	cr_expect_float_eq(range.most, 2 * 10, 1e-9);
}

Test(plausible, a_rows_own_probe_counts_as_a_step) {
	struct peer_costs costs = cascade_lake;
	costs.cycles[PEER_PROBE_0] = 40;
	const struct peer_claim claim = {.loops = {{.chain = {[PEER_PROBE_0] = 1}}}};
	cr_expect_eq(peer_judge(&claim, &costs, 31), PEER_TOO_FAST);
	cr_expect_eq(peer_judge(&claim, &costs, 45), PEER_VALID);
	cr_expect_eq(peer_judge(&claim, &costs, 81), PEER_TOO_SLOW);
	for (int validity = PEER_VALID; validity <= PEER_TOO_MANY_INSTRUCTIONS; validity++)
		cr_expect_not_null(peer_validity_name((enum peer_validity)validity));
}
