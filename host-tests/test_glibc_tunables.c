/* SPDX-License-Identifier: Apache-2.0
 *
 * Thresholds of glibc's on machines that are simulated: times are formulas, with noise from a generator.
 */
#include "bench/rng.h"
#include "hosted/profile/glibc_tunables.h"
#include "hosted/profile/tunables.h"

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

Test(glibc_tunables, the_last_word_for_each_counts) {
	static const struct {
		const char *old, *more, *joined;
	} values[] = {
		{NULL, "", ""},
		{NULL, "a.b=1", "a.b=1"},
		{"", "a.b=1", "a.b=1"},
		{":x=1::y=2:", "", "x=1:y=2"},
		{"x=1:y=2", "a.b=1", "x=1:y=2:a.b=1"},
		{"a.b=0:y=2", "a.b=1", "y=2:a.b=1"},
		{"y=1:a.b=0:y=2", "a.b=1", "y=2:a.b=1"},
		{"a.bc=0:a.=3:ca.b=2", "a.b=1", "a.bc=0:a.=3:ca.b=2:a.b=1"},
		{"h=-A,-B=x:h", "a.b=1", "h:a.b=1"},
	};
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct text joined = {0};
		text_add_string(&joined, "=");
		tunables_join(values[i].old, values[i].more, &joined);
		text_add(&joined, "", 1);
		cr_expect_str_eq(joined.bytes + 1, values[i].joined);
		text_free(&joined);
	}
}

Test(glibc_tunables, other_words_have_another_key) {
	char keys[4][CRC32C_DIGITS + 1];
	const char *const words[] = {"x=1:y=2", ":x=0:x=1:y=2", "x=1:y=3", ":"};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		setenv(TUNABLES_VARIABLE, words[i], 1);
		tunables_key(keys[i]);
	}
	cr_expect(strlen(keys[0]) == CRC32C_DIGITS && strcmp(keys[0], keys[1]) == 0, "%s", keys[1]);
	cr_expect_str_neq(keys[0], keys[2]);
	cr_expect_str_empty(keys[3]);
	unsetenv(TUNABLES_VARIABLE);
	tunables_key(keys[0]);
	cr_expect_str_empty(keys[0]);
}
