/* SPDX-License-Identifier: Apache-2.0
 *
 * The word for what happened beside a benchmark, on made-up samples and counts.
 */
#include "bench/room/room.h"
#include "bench/room/show.h"
#include "bench/suites/room_loops.h"

#include <criterion/criterion.h>
#include <string.h>

enum { SAMPLES = 100, US = 1000 };

/* A second in which nobody did anything, on a core of which the documents say enough. */
static struct room_seen still(void) {
	struct room_seen seen = {
		.measured_ns = 1000000000,
		.probes = 20,
		.chains = ROOM_CHAINS,
		.ratio_low = 1.48,
		.ratio_median = 1.50,
		.ratio_high = 1.53,
		.ratio_alone = 2,
		.add_before = 0.5,
		.add_after = 0.5,
	};
	for (int i = 0; i < ROOM_COUNTS; i++)
		seen.counted[i] = true;
	return seen;
}

static enum room_word word_of(const struct room_seen *seen) {
	return room_judge(seen, seen->ratio_low);
}

Test(room, words_have_names_and_no_others) {
	enum room_word word;
	for (int i = ROOM_LOUD; i < ROOM_WORDS; i++) {
		cr_expect(room_word_of(room_word_name((enum room_word)i), &word));
		cr_expect_eq((int)word, i);
	}
	cr_expect_not(room_word_of("not known", &word), "nobody can ask for it");
	cr_expect_not(room_word_of("Quiet", &word));
	cr_expect_not(room_word_of("", &word));
}

Test(room, nothing_seen_is_not_known) {
	struct room_seen nothing = {0}, unprobed = still();
	unprobed.probes = 0;
	cr_expect_eq(room_judge(&nothing, 0), ROOM_UNKNOWN);
	cr_expect_eq(room_judge(&unprobed, 1.48), ROOM_UNKNOWN);
}

Test(room, silent_only_where_nothing_happened) {
	struct room_seen seen = still();
	cr_expect_eq(word_of(&seen), ROOM_SILENT);
	seen.counts[ROOM_WAITS] = 3;
	cr_expect_eq(word_of(&seen), ROOM_SILENT, "its own will");
	seen.between = 1;
	cr_expect_eq(word_of(&seen), ROOM_QUIET);
	seen = still();
	seen.counts[ROOM_INTERRUPTS] = 1;
	cr_expect_eq(word_of(&seen), ROOM_QUIET);
	seen.counted[ROOM_INTERRUPTS] = false;
	cr_expect_eq(word_of(&seen), ROOM_SILENT, "nobody counted");
	seen.counts[ROOM_SWITCHES] = 1;
	cr_expect_eq(word_of(&seen), ROOM_QUIET);
}

Test(room, lost_time_by_whoever_saw_most_of_it) {
	const enum room_count thieves[] = {ROOM_STOLEN_NS, ROOM_AWAY_NS};
	for (size_t i = 0; i < 2; i++) {
		struct room_seen seen = still();
		seen.within = 1;
		seen.within_ns = 1000;
		seen.counts[thieves[i]] = 10000000;
		cr_expect_eq(word_of(&seen), ROOM_QUIET, "a hundredth");
		seen.counts[thieves[i]] = 10000001;
		cr_expect_eq(word_of(&seen), ROOM_USABLE);
		seen.counts[thieves[i]] = 100000001;
		cr_expect_eq(word_of(&seen), ROOM_LOUD);
		seen.counted[thieves[i]] = false;
		cr_expect_eq(word_of(&seen), ROOM_QUIET, "nobody counted");
		seen.within_ns = 100000001;
		cr_expect_eq(word_of(&seen), ROOM_LOUD, "samples saw it themselves");
	}
}

Test(room, a_clock_that_changed) {
	struct room_seen seen = still();
	seen.add_after = 0.509;
	cr_expect_eq(word_of(&seen), ROOM_SILENT);
	seen.add_after = 0.511;
	cr_expect_eq(word_of(&seen), ROOM_USABLE);
	seen.add_after = 0.45;
	cr_expect_eq(word_of(&seen), ROOM_LOUD, "faster is other, too");
}

Test(room, another_core_is_usable_at_best) {
	struct room_seen seen = still();
	seen.counts[ROOM_MOVES] = 1;
	cr_expect_eq(word_of(&seen), ROOM_USABLE);
}

/* Ten milliseconds are one step of Linux's, and say that anything up to two may have been taken. */
Test(room, one_step_of_steal_is_no_proof_of_as_much) {
	struct room_seen seen = still();
	seen.measured_ns = 50000000;
	seen.counts[ROOM_STOLEN_NS] = 10000000;
	cr_expect_eq(word_of(&seen), ROOM_USABLE, "a fifth, or nothing");
	cr_expect_float_eq(room_lost(&seen), 0, 1e-9);
	seen.counts[ROOM_STOLEN_NS] = 20000000;
	cr_expect_eq(word_of(&seen), ROOM_LOUD, "a fifth at the least");
	seen.counts[ROOM_STOLEN_NS] = 9999999;
	cr_expect_eq(word_of(&seen), ROOM_LOUD, "counted in nanoseconds");
	seen.measured_ns = 1000000000;
	seen.counts[ROOM_STOLEN_NS] = 10000000;
	cr_expect_eq(word_of(&seen), ROOM_QUIET, "two hundredths at the most, one as likely as not");
}

/* ---- the probe --------------------------------------------------------------------------------------------------- */

/* By paper: what a core of so many units takes for the chains. */
static double ratio_on(double units) {
	return units < ROOM_CHAINS ? (double)ROOM_CHAINS / units : 1;
}

/* All probes of a benchmark alike. */
static struct room_seen probed(double ratio) {
	struct room_seen seen = still();
	seen.ratio_low = seen.ratio_median = seen.ratio_high = ratio;
	return seen;
}

Test(room, a_core_of_any_width_is_quiet_alone_and_loud_beside_a_busy_sibling) {
	for (int units = 4; units <= 6; units++)
		for (int unevenly = 100; unevenly <= 108; unevenly += 4) {
			double alone = ratio_on(units) * unevenly / 100;
			struct room_seen quiet = probed(alone), busy = probed(ratio_on(units / 2.0) * unevenly / 100);
			cr_expect_eq(word_of(&quiet), ROOM_SILENT, "%d units", units);
			cr_expect_eq(room_judge(&busy, alone), ROOM_LOUD, "%d units, it was away once", units);
			cr_expect_eq(word_of(&busy), ROOM_LOUD, "%d units, by the documents of such cores", units);
		}
}

Test(room, without_documents_a_busy_run_is_no_quiet_one) {
	struct room_seen seen = still();
	seen.ratio_alone = 0;
	cr_expect_eq(word_of(&seen), ROOM_SILENT, "no core with a sibling has half as much");
	seen = probed(4);
	seen.ratio_alone = 0;
	cr_expect_eq(room_probe_of(&seen, 4), ROOM_PROBE_UNKNOWN, "two units, or half of four");
	cr_expect_eq(word_of(&seen), ROOM_USABLE);
	cr_expect_eq(room_judge(&seen, 2.05), ROOM_LOUD);
	seen = probed(8);
	seen.ratio_alone = 0;
	cr_expect_eq(room_judge(&seen, 4), ROOM_LOUD, "two units, of which one is taken");
}

Test(room, a_sibling_for_a_part_of_the_time) {
	struct room_seen seen = still();
	seen.ratio_high = 2;
	cr_expect_eq(room_probe_of(&seen, 1.48), ROOM_PROBE_PARTLY);
	cr_expect_eq(word_of(&seen), ROOM_USABLE);
}

/* As a Zen 5 had it on two CPUs of one guest in one minute, whose figures were 23 and 44 % apart: another guest's
 * thread beside the second. */
Test(room, a_guest_beside_this_one_is_seen_on_six_units_too) {
	struct room_seen alone = probed(1.50), beside = probed(1.97);
	beside.ratio_low = 1.55;
	cr_expect_eq(room_judge(&alone, 1.50), ROOM_SILENT);
	cr_expect_eq(room_judge(&beside, 1.55), ROOM_LOUD);
}

/* Results of before the number of chains was told: there were four, which takes as long as one where there are four
 * units. */
Test(room, four_chains_are_judged_as_four) {
	struct room_seen seen = probed(1.06), busy = probed(1.6);
	seen.chains = busy.chains = 4;
	seen.ratio_alone = busy.ratio_alone = 1;
	cr_expect_eq(word_of(&seen), ROOM_SILENT);
	cr_expect_eq(word_of(&busy), ROOM_LOUD);
}

/* ---- detours ----------------------------------------------------------------------------------------------------- */

/* 10 ns an iteration, with a spread of 1 %; a hundred samples of 100, 200, ... iterations. */
static void fill(uint64_t ticks[SAMPLES], uint64_t gaps[SAMPLES]) {
	for (uint64_t i = 0; i < SAMPLES; i++) {
		ticks[i] = (i + 1) * (1000 + i * 7 % 10);
		gaps[i] = 300 + i % 3;
	}
}

static struct room_seen find(const uint64_t ticks[SAMPLES], const uint64_t gaps[SAMPLES]) {
	const struct room_times times = {.ticks = ticks,
					 .gaps = gaps,
					 .count = SAMPLES,
					 .step = 100,
					 .linear = true,
					 .us = US,
					 .hz = 1000000000};
	double sorted[SAMPLES];
	struct room_seen seen = still();
	room_find_detours(&times, sorted, &seen);
	return seen;
}

Test(room, a_benchmark_of_its_own_spread_has_no_detours) {
	uint64_t ticks[SAMPLES], gaps[SAMPLES];
	fill(ticks, gaps);
	struct room_seen seen = find(ticks, gaps);
	cr_expect_eq(seen.within, 0);
	cr_expect_eq(seen.between, 0);
	cr_expect_eq(seen.longest_ns, 0);
}

Test(room, detours_within_and_between_samples) {
	uint64_t ticks[SAMPLES], gaps[SAMPLES];
	fill(ticks, gaps);
	ticks[3] += 20 * US;
	ticks[90] += 50 * US;
	gaps[0] += 1000 * US; /* before the first there is none */
	gaps[7] += 5 * US;
	struct room_seen seen = find(ticks, gaps);
	cr_expect_eq(seen.within, 2);
	cr_expect(seen.within_ns > 69 * US && seen.within_ns < 71 * US, "%llu", (unsigned long long)seen.within_ns);
	cr_expect_eq(seen.between, 1);
	cr_expect(seen.between_ns > 4 * US && seen.between_ns < 6 * US);
	cr_expect(seen.longest_ns > 49 * US && seen.longest_ns < 51 * US);
}

Test(room, which_samples_were_disturbed) {
	uint64_t ticks[SAMPLES], gaps[SAMPLES], detours[SAMPLES];
	double sorted[SAMPLES];
	struct room_times times = {.ticks = ticks, .step = 100, .linear = true, .us = US, .hz = 1000000000};
	fill(ticks, gaps);
	ticks[3] += 20 * US;
	ticks[90] += 50 * US;
	times.count = SAMPLES;
	room_detours_within(&times, sorted, detours);
	for (size_t i = 0; i < SAMPLES; i++)
		cr_expect_eq(detours[i] > 0, i == 3 || i == 90, "sample %zu", i);
	cr_expect(detours[3] > 19 * US && detours[3] < 21 * US, "%llu", (unsigned long long)detours[3]);
	times.count = 1;
	room_detours_within(&times, sorted, detours);
	cr_expect_eq(detours[0], 0, "one sample has none to be told from");
}

Test(room, less_than_a_microsecond_is_none) {
	uint64_t ticks[SAMPLES], gaps[SAMPLES];
	fill(ticks, gaps);
	ticks[0] += US / 2;
	gaps[5] += US / 2;
	struct room_seen seen = find(ticks, gaps);
	cr_expect_eq(seen.within + seen.between, 0);
}

/* ---- many words -------------------------------------------------------------------------------------------------- */

Test(room, of_many_the_word_that_nine_tenths_reach) {
	struct room_tally tally = {.words = {[ROOM_SILENT] = 90, [ROOM_QUIET] = 10}};
	cr_expect_eq(room_of_many(&tally, false), ROOM_SILENT);
	tally.words[ROOM_QUIET] = 11;
	cr_expect_eq(room_of_many(&tally, false), ROOM_QUIET);
	cr_expect_eq(room_of_many(&tally, true), ROOM_USABLE, "launches apart");
	tally.words[ROOM_LOUD] = 1;
	cr_expect_eq(room_of_many(&tally, false), ROOM_USABLE, "one is loud");
	tally.words[ROOM_LOUD] = 40;
	cr_expect_eq(room_of_many(&tally, true), ROOM_LOUD);
	tally = (struct room_tally){.words = {[ROOM_UNKNOWN] = 7}};
	cr_expect_eq(room_of_many(&tally, false), ROOM_UNKNOWN);
}

Test(room, what_is_written_is_read_back) {
	struct room_seen seen = still(), read;
	seen.within = 3;
	seen.within_ns = 4;
	seen.counts[ROOM_STOLEN_NS] = 20000000;
	seen.counted[ROOM_SMIS] = false;
	struct text text = {0};
	text_add_string(&text, "{");
	room_write(&text, &seen, "usable");
	text_add_string(&text, "}");
	cr_assert(room_read((struct json_span){text.bytes, text.length}, &read));
	cr_expect_eq(memcmp(&read.counts, &seen.counts, sizeof(seen.counts)), 0);
	cr_expect_eq(memcmp(&read.counted, &seen.counted, sizeof(seen.counted)), 0);
	cr_expect_eq(read.ratio_high, seen.ratio_high);
	cr_expect_eq(read.chains, ROOM_CHAINS);
	cr_expect_eq(read.within_ns, 4);
	cr_expect_eq(read.add_after, 0.5);
	text_free(&text);
	cr_expect_not(room_read((struct json_span){"{}", 2}, &read));
}
