/* SPDX-License-Identifier: Apache-2.0
 *
 * Thresholds of glibc's on machines that are simulated: times are formulas, with noise from a generator.
 */
#include "bench/rng.h"
#include "hosted/profile/glibc_tunables.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

/* What glibc has by itself, and from where on each way would be faster: 0: never. */
struct machine {
	struct rng rng;
	uint64_t now_ns, sample_ns;
	struct glibc_thresholds own, better;
	double noise;
	unsigned fails_at, samples;
};

static uint64_t given(uint64_t asked, uint64_t own) {
	return asked ? asked : own;
}

static double way_ns(bool taken, uint64_t bytes, uint64_t better) {
	bool best = (better != 0 && bytes >= better) == taken;
	return best ? (double)bytes / 32 : (double)bytes / 24;
}

static double noisy(struct machine *machine, double ns) {
	double u = (double)(rng_next(&machine->rng) >> 11) / 9007199254740992.0;
	return ns * (1 + machine->noise * u);
}

static bool machine_sample(void *self, const struct glibc_thresholds *asked, struct glibc_sample *sample) {
	struct machine *machine = self;
	const struct glibc_thresholds *own = &machine->own, *better = &machine->better;
	machine->now_ns += machine->sample_ns;
	if (++machine->samples == machine->fails_at)
		return false;
	for (int size = 0; size < GLIBC_SIZES; size++) {
		uint64_t bytes = glibc_size(size);
		bool past = bytes >= given(asked->non_temporal, own->non_temporal);
		bool movsb = bytes >= given(asked->rep_movsb, own->rep_movsb);
		bool stosb = bytes >= given(asked->rep_stosb, own->rep_stosb);
		sample->ns[GLIBC_MEMCPY][size] = noisy(machine, way_ns(past, bytes, better->non_temporal) +
									way_ns(movsb, bytes, better->rep_movsb));
		sample->ns[GLIBC_MEMSET][size] = noisy(machine, way_ns(stosb, bytes, better->rep_stosb));
	}
	return true;
}

static uint64_t machine_now(void *self) {
	return ((struct machine *)self)->now_ns;
}

static int find(struct machine *machine, struct profile_tunables *found) {
	const struct glibc_subject subject = {.self = machine, .sample = machine_sample, .now_ns = machine_now};
	machine->rng = rng_seeded(3);
	machine->sample_ns = machine->sample_ns ? machine->sample_ns : 50000000;
	return glibc_tunables_find(&subject, UINT64_C(4000000000), 1, found);
}

static bool says(const struct profile_tunables *found, const char *what) {
	struct text text = {0};
	glibc_tunables_describe(found, &text);
	text_add(&text, "", 1);
	bool there = strstr(text.bytes, what) != NULL;
	if (!there)
		cr_log_error("%s", text.bytes);
	text_free(&text);
	return there;
}

Test(glibc_tunables, own_thresholds_that_are_right_stay) {
	const struct glibc_thresholds right = {32 << 20, 4096, 2048};
	for (int noise = 0; noise < 2; noise++) {
		struct machine machine = {.own = right, .better = right, .noise = noise * 0.3};
		struct profile_tunables found;
		cr_assert_eq(find(&machine, &found), 0);
		cr_expect_str_empty(found.line);
		cr_expect_eq(found.memcpy_gain.rounds + found.memset_gain.rounds, 0);
		cr_expect(says(&found, "no gain by other thresholds"));
	}
}

Test(glibc_tunables, each_threshold_is_found_where_it_belongs) {
	struct machine machine = {.own = {GLIBC_NEVER, 2048, 2048}, .better = {16 << 20, 32 << 10, 0}, .noise = 0.02};
	struct profile_tunables found;
	cr_assert_eq(find(&machine, &found), 0);
	cr_expect_str_eq(found.line, "GLIBC_TUNABLES=glibc.cpu.x86_non_temporal_threshold=0x1000000:"
				     "glibc.cpu.x86_rep_movsb_threshold=0x8000:"
				     "glibc.cpu.x86_rep_stosb_threshold=0x10000000000");
	cr_expect(found.memcpy_gain.lower <= found.memcpy_gain.point && found.memcpy_gain.upper < 0.95);
	cr_expect(fabs(found.memset_gain.point - 0.75) < 0.02, "%g", found.memset_gain.point);
	cr_expect_geq(found.rounds, TUNE_ROUNDS_LEAST);
	cr_expect(says(&found, "memcpy -"));
	cr_expect(says(&found, found.line));
}

Test(glibc_tunables, of_two_functions_the_one_that_gains_is_told) {
	struct machine machine = {.own = {GLIBC_NEVER, 2048, 2048}, .better = {0, 2048, 65536}, .noise = 0.02};
	struct profile_tunables found;
	cr_assert_eq(find(&machine, &found), 0);
	cr_expect_str_eq(found.line, "GLIBC_TUNABLES=glibc.cpu.x86_rep_stosb_threshold=0x10000");
	cr_expect_eq(found.memcpy_gain.rounds, 0);
	cr_expect(says(&found, "memcpy no gain, memset "));
}

Test(glibc_tunables, what_cannot_be_measured_is_no_answer) {
	struct profile_tunables found;
	struct machine failing = {.own = {GLIBC_NEVER, 2048, 2048}, .fails_at = 9};
	struct machine slow = {.own = {GLIBC_NEVER, 2048, 2048}, .sample_ns = 1000000000};
	cr_expect_lt(find(&failing, &found), 0);
	cr_expect_str_empty(found.line);
	cr_expect_lt(find(&slow, &found), 0);
	cr_expect_eq(slow.samples, 5, "one round tells that six take too long");
}

/* A second a round of five, and 70 % of 4 s for all of them. */
Test(glibc_tunables, a_small_budget_is_overdrawn_for_the_least_rounds) {
	struct machine machine = {.own = {GLIBC_NEVER, 2048, 2048}, .better = {0, 2048, 65536}, .sample_ns = 200000000};
	struct profile_tunables found;
	cr_assert_eq(find(&machine, &found), 0);
	cr_expect_eq(machine.samples, 5 * TUNE_ROUNDS_LEAST + 2 * TUNE_ROUNDS_LEAST);
	cr_expect_eq(found.rounds, TUNE_ROUNDS_LEAST);
	cr_expect_str_eq(found.line, "GLIBC_TUNABLES=glibc.cpu.x86_rep_stosb_threshold=0x10000");
}
