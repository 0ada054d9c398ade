/* SPDX-License-Identifier: Apache-2.0
 *
 * Which references are taken for what they are, on machines with the steps of several cores.
 */
#include "peers/judge/plausible.h"
#include "peers/suites/pool_claims.h"

#include <criterion/criterion.h>

/* Cycles a step: a Zen 4 renames memory, so that forwarding through a variable costs next to nothing; a
 * Cascade Lake does not. */
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

/* Either way is right: what is given back may be at hand. */
Test(plausible, what_caches_may_have_kept_counts_at_the_slowest_only) {
	const struct peer_claim claim = {.loops = {{.chain = {[PEER_LOAD] = 1}, .perhaps = {[PEER_LOAD] = 2}}}};
	struct peer_range range = peer_range_of(&claim, &cascade_lake);
	cr_expect_float_eq(range.least, 0.8 * 5, 1e-9);
	cr_expect_float_eq(range.most, 2 * 15, 1e-9);
}

/* ---- times that were seen ---------------------------------------------------------------------------------------- */

static const struct peer_costs zen5 = {{[PEER_ADD] = 1,
					[PEER_MULTIPLY] = 3,
					[PEER_LOAD] = 4,
					[PEER_FORWARD] = 0,
					[PEER_LOADS] = 0.25,
					[PEER_STORES] = 0.5,
					[PEER_NOPS] = 0.125,
					[PEER_TURNS] = 1}};

struct seen {
	const char *what;
	const struct peer_costs *costs;
	double touch, walk; /* of an object */
	double cycles[3];   /* stack, list, floor; 0: not known */
};

static void expect_believed(const struct seen *seen, struct peer_claim (*claim_of)(enum pool_reference who)) {
	struct peer_costs costs = *seen->costs;
	costs.cycles[PEER_PROBE_0 + POOL_TOUCH] = costs.cycles[PEER_PROBE_0 + POOL_TOUCH_ASCENDING] = seen->touch;
	costs.cycles[PEER_PROBE_0 + POOL_WALK] = seen->walk;
	for (int who = POOL_STACK; who <= POOL_FLOOR; who++) {
		struct peer_claim claim = claim_of((enum pool_reference)who);
		struct peer_range range = peer_range_of(&claim, &costs);
		double cycles = seen->cycles[who];
		cr_expect(cycles == 0 || peer_judge(&claim, &costs, cycles) == PEER_VALID,
			  "%s, %d: %g of %g to %g cycles", seen->what, who, cycles, range.least, range.most);
	}
}

/* What objects cost in rows of large memory is made up where it was not measured. */
Test(plausible, references_of_three_cores_are_believed) {
	static const struct seen pairs[] = {{"Zen 4", &zen4, 0, 0, {4.0, 4.0, 1.0}},
					    {"Cascade Lake", &cascade_lake, 0, 0, {11.2, 8.7}},
					    {"Zen 5", &zen5, 0, 0, {2.0, 2.0, 1.0}}};
	static const struct seen waves[] = {
		{"Zen 4, 64, last in first out", &zen4, 1, 4, {5.0, 6.0, 3.1}},
		{"Zen 4, 4096, last in first out", &zen4, 1.2, 5, {5.3, 7.2, 3.2}},
		{"Zen 4, 4096, random", &zen4, 1.5, 15, {5.6, 18.4, 3.3}},
		{"Cascade Lake, 64, last in first out", &cascade_lake, 1, 5, {13.0, 13.0}},
		{"Cascade Lake, 64, random", &cascade_lake, 1, 5, {14.9, 14.0}},
		{"Cascade Lake, 4096, last in first out", &cascade_lake, 4, 14, {16.7, 23.3}},
		{"Cascade Lake, 4096, random", &cascade_lake, 12, 60, {25.4, 79.4}},
		{"Zen 5, 64, last in first out", &zen5, 1, 4, {2.8, 5.2, 2.2}},
		{"Zen 5, 4096, random", &zen5, 1.4, 15, {3.9, 15.9, 3.2}},
		{"Zen 5, 262144, random", &zen5, 10.9, 830, {26.3, 707.2, 11.9}},
		{"Zen 5, 4 KiB apart", &zen5, 24.8, 24.8, {24.3, 36.4, 33.2}}};
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		expect_believed(&pairs[i], claim_of_pool_pairs);
	for (size_t i = 0; i < sizeof(waves) / sizeof(waves[0]); i++)
		expect_believed(&waves[i], claim_of_pool_waves);
}

Test(plausible, a_list_that_is_not_walked_or_twice_is_void) {
	struct peer_claim list = claim_of_pool_waves(POOL_LIST);
	struct peer_costs costs = zen4;
	costs.cycles[PEER_PROBE_0 + POOL_TOUCH] = 14;
	costs.cycles[PEER_PROBE_0 + POOL_WALK] = 50;
	cr_expect_eq(peer_judge(&list, &costs, 20), PEER_TOO_FAST);
	cr_expect_eq(peer_judge(&list, &costs, 200), PEER_TOO_SLOW);
}
