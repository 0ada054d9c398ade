/* SPDX-License-Identifier: Apache-2.0
 *
 * This machine's settings: each is a command before the sample's own, or a word in its environment, as whoever follows
 * the advice would say it.
 */
#include "hosted/advise/costs.h"
#include "hosted/advise/replay.h"
#include "hosted/advise/settings.h"
#include "hosted/profile/own_sample.h"
#include "hosted/profile/tunables.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SELF "/proc/self/exe"

enum { WORDS_MOST = 12 };

static size_t add_words(const char **words, size_t count, const char *const *more) {
	while (*more)
		words[count++] = *more++;
	return count;
}

/* What is said before `sample`, and that. */
static size_t make_words(const char **words, enum costs_setting setting, const char *profile, const char *pools,
			 const char *const *sample) {
	static const char *const before[COSTS_SETTINGS][5] = {
		[COSTS_RECORDED] = {"record", "-o", "/dev/null", "--", NULL},
		[COSTS_KERNELS] = {"apply", NULL},
		[COSTS_POOLS] = {"apply", "--no-kernels", NULL},
	};
	size_t count = add_words(words, 0, before[setting]);
	if (setting == COSTS_KERNELS && profile)
		count = add_words(words, count, (const char *const[]){"--profile", profile, NULL});
	if (setting == COSTS_POOLS)
		words[count++] = pools;
	if (setting == COSTS_KERNELS || setting == COSTS_POOLS)
		words[count++] = "--";
	if (count)
		words[count++] = SELF;
	count = add_words(words, count, sample);
	words[count] = NULL;
	return count;
}

/* `last`: the word behind the sample's own, for which there is room. What such a process does behind its main is its
 * end; under `record` that is another one's, too, which no record counts. */
static bool read_sample(struct own_sample process, const char **last, double ns[COSTS_ROWS]) {
	bool good = own_sample_read(&process, ns, COSTS_ROWS);
	*last = "start";
	ns[COSTS_ROW_END] = HUGE_VAL;
	for (int i = 1; good && i < COSTS_STARTS; i++) {
		double start, whole;
		good = own_sample_read_whole(&process, &start, 1, &whole);
		if (!good)
			break;
		ns[COSTS_ROW_START] = fmin(ns[COSTS_ROW_START], start);
		ns[COSTS_ROW_END] = fmin(ns[COSTS_ROW_END], fmax(whole - start, 1));
	}
	return good;
}

static bool sample_in_process(void *self, enum costs_setting setting, double ns[COSTS_ROWS]) {
	const char *words[WORDS_MOST + 1] = {NULL}; /* one more is added behind */
	size_t count = make_words(words, setting, self, "--pools", (const char *const[]){"advise", "sample", NULL});
	struct text line = {0};
	text_add_string(&line, TUNABLES_VARIABLE "=");
	tunables_join(getenv(TUNABLES_VARIABLE), SETTINGS_HUGE, &line);
	text_add(&line, "", 1);
	const struct own_sample process = {words, setting == COSTS_HUGE ? line.bytes : NULL, -1};
	bool good = !line.failed && read_sample(process, &words[count], ns);
	text_free(&line);
	return good;
}

int costs_measure_here(const char *profile, void (*progress)(const char *phase, double share), struct costs *costs) {
	const struct costs_subject subject = {(void *)(uintptr_t)profile, sample_in_process, progress};
	return costs_measure(&subject, 1, costs);
}

/* ---- a record's blocks ------------------------------------------------------------------------------------------- */

static const enum costs_setting replayed[] = {COSTS_PLAIN, COSTS_POOLS, COSTS_RECORDED};
enum { REPLAYED = sizeof(replayed) / sizeof(replayed[0]) };

/* Settings in turns, the order of which changes from round to round. */
static bool replay_rounds(const char *word, const char *pools, double ns[COSTS_SETTINGS][COSTS_ROUNDS]) {
	const char *const sample[] = {"advise", "sample", "replay", word, NULL};
	const char *words[WORDS_MOST + 1];
	for (size_t i = 0; i < REPLAYED * COSTS_ROUNDS; i++) {
		size_t round = i / REPLAYED;
		enum costs_setting setting = replayed[(i + round) % REPLAYED];
		(void)make_words(words, setting, NULL, pools, sample);
		if (!own_sample_read(&(struct own_sample){words, NULL, -1}, &ns[setting][round], 1))
			return false;
	}
	return true;
}

void replay_measure_here(const struct record *record, const char *sizes, struct replay *replay) {
	struct replay_mixture mixture;
	struct text word = {0}, pools = {0};
	double ns[COSTS_SETTINGS][COSTS_ROUNDS];
	memset(replay, 0, sizeof(*replay));
	if (!replay_mixture_of(record, &mixture))
		return;
	replay_mixture_write(&mixture, &word);
	text_add(&word, "", 1);
	text_format(&pools, "--pools=%s", sizes);
	text_add(&pools, "", 1);
	replay->is_known = replay_rounds(word.bytes, pools.bytes, ns);
	for (int i = 0; replay->is_known && i < COSTS_ROUNDS; i++) {
		ns[COSTS_RECORDED][i] -= ns[COSTS_PLAIN][i];
		ns[COSTS_POOLS][i] -= ns[COSTS_PLAIN][i];
	}
	for (size_t i = 0; replay->is_known && i < REPLAYED; i++)
		replay->figures[replayed[i]] = costs_figure_of(ns[replayed[i]], COSTS_ROUNDS);
	text_free(&word);
	text_free(&pools);
}
