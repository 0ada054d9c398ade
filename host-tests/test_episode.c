/* SPDX-License-Identifier: Apache-2.0
 *
 * What is told of rows of strengths: N none, O opened, g goes on, C closed.
 */
#include "hosted/watch/episode.h"

#include "bench/rng.h"

#include <criterion/criterion.h>
#include <math.h>

static const struct episode_rules usual = {.open = 4, .close = 2, .open_after = 3, .close_after = 2, .first = 2};
static struct episode episode;

static const char *told(const struct episode_rules *rules, const double *strengths, int count) {
	static char words[64];
	cr_assert(episode_begin(&episode, rules));
	for (int i = 0; i < count; i++)
		words[i] = "NOgC"[episode_add(&episode, strengths[i])];
	words[count] = '\0';
	return words;
}

#define TOLD(wanted, ...)                                                                                           \
	do {                                                                                                        \
		double strengths[] = {__VA_ARGS__};                                                                 \
		cr_expect_str_eq(told(&usual, strengths, (int)(sizeof(strengths) / sizeof(strengths[0]))), wanted); \
	} while (0)

Test(episode, one_event_is_told_once) {
	TOLD("NNNNNOgggC", 0, 0, 0, 5, 6, 9, 5, 5, 1, 1);
	cr_expect_eq(episode.first, 3);
	cr_expect_eq(episode.last, 7);
	cr_expect_eq(episode.evidence, 5);
	cr_expect(!episode.is_open && episode.side == 0);
	cr_expect_eq(episode.peak, 9);
	TOLD("NNNNOggggggC", 0, 0, -5, -5, -5, -3, -3, -1, -3, -5, 0, 0);
	cr_expect_eq(episode.first, 2);
	cr_expect_eq(episode.peak, -5);
	cr_expect_eq(episode.evidence, 4);
}

Test(episode, outliers_open_none) {
	TOLD("NNNNNNNNN", 0, 0, 99, 0, 99, 0, 99, 99, 0);
	TOLD("NNNNNNN", 0, 0, 99, INFINITY, -99, 99, 99);
	cr_expect_eq(episode.streak, 2);
}

Test(episode, first_windows_open_none) {
	TOLD("NNNN", 99, 99, 99, 99);
	TOLD("NNNNO", 99, 99, 99, 99, 99);
	cr_expect_eq(episode.first, 2);
}

/* Between the thresholds nothing begins, and nothing that has begun is forgotten. */
Test(episode, hysteresis) {
	TOLD("NNNNNN", 0, 0, 3, 3, 3, 3);
	TOLD("NNNNNNO", 0, 0, 5, 3, 5, 3, 5);
	TOLD("NNNNOggggg", 0, 0, 5, 5, 5, 3, 3, 3, 3, 3);
	TOLD("NNNNOgggg", 0, 0, 5, 5, 5, 1, 3, 1, 3);
}

Test(episode, what_is_no_number_changes_nothing) {
	TOLD("NNNNNO", 0, 0, 5, NAN, 5, 5);
	TOLD("NNNNOggC", 0, 0, 5, 5, 5, 1, NAN, 1);
}

Test(episode, other_side_is_another_event) {
	TOLD("NNNNOgCNNO", 0, 0, 5, 5, 5, -5, -5, -5, -5, -5);
	cr_expect_eq(episode.side, -1);
	cr_expect_eq(episode.first, 7);
	cr_expect_eq(episode.evidence, 3);
}

Test(episode, rules_outside_of_what_they_say_are_refused) {
	struct episode_rules rules[] = {usual, usual, usual, usual, usual};
	rules[0].close = 0;
	rules[1].close = 5;
	rules[2].open = NAN;
	rules[3].open_after = 1;
	rules[4].close_after = 0;
	for (int i = 0; i < 5; i++)
		cr_expect_not(episode_begin(&episode, &rules[i]), "%d", i);
}

/* Whatever comes: OPENED and CLOSED take turns, each OPENED has its windows of evidence, none within the first. */
Test(episode, opened_and_closed_take_turns) {
	struct rng rng = rng_seeded(1);
	bool open = false;
	cr_assert(episode_begin(&episode, &usual));
	for (int i = 0; i < 100000; i++) {
		enum episode_answer answer = episode_add(&episode, (double)rng_below(&rng, 13) - 6);
		cr_assert(answer == (open ? EPISODE_GOES_ON : EPISODE_NONE) ||
			  answer == (open ? EPISODE_CLOSED : EPISODE_OPENED));
		if (answer == EPISODE_OPENED) {
			cr_assert_geq(episode.evidence, usual.open_after);
			cr_assert_geq(episode.first, usual.first);
		}
		open = answer == EPISODE_OPENED || answer == EPISODE_GOES_ON;
	}
}
