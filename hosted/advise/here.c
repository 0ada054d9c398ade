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
#include "hosted/results/clock.h"

#include <inttypes.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

/* Short ones, and many: where memory lies in a process moves what blocks take in it. */
enum { REPLAY_ROUNDS = 15 };

/* What is played, and under what: the pools, turns of work before each call, settings. */
struct played {
	const char *word, *pools;
	char work[COSTS_WORD_BYTES];
	const enum costs_setting *settings;
	size_t count;
	const cpu_set_t *cores;
	bool is_threaded;
};

/* Cores that others share need not be equally fast, and a program runs on any: rounds are on one after the other, and
 * what is compared in a round is on the same. Blocks that go from core to core have all that are allowed. */
static void take_core(const struct played *played, size_t round) {
	cpu_set_t one;
	size_t count = (size_t)CPU_COUNT(played->cores), left = count ? round % count : 0;
	CPU_ZERO(&one);
	for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, played->cores) && left-- == 0)
			CPU_SET(cpu, &one);
	(void)sched_setaffinity(0, sizeof(one), played->is_threaded ? played->cores : &one);
}

/* Settings in turns, the order of which changes from round to round. Of all but COSTS_PLAIN what it takes more. */
static bool replay_rounds(const struct played *played, double ns[COSTS_SETTINGS][REPLAY_ROUNDS]) {
	const char *const sample[] = {"advise", "sample", "replay", played->word, played->work, NULL};
	const char *words[WORDS_MOST + 1];
	for (size_t i = 0; i < played->count * REPLAY_ROUNDS; i++) {
		size_t round = i / played->count;
		enum costs_setting setting = played->settings[(i + round) % played->count];
		take_core(played, round);
		(void)make_words(words, setting, NULL, played->pools, sample);
		if (!own_sample_read(&(struct own_sample){words, NULL, -1}, &ns[setting][round], 1))
			return false;
	}
	for (size_t i = 0; i < played->count; i++)
		for (int round = 0; played->settings[i] != COSTS_PLAIN && round < REPLAY_ROUNDS; round++)
			ns[played->settings[i]][round] -= ns[COSTS_PLAIN][round];
	return true;
}

static bool replay_back_to_back(struct played *played, struct replay *replay) {
	static const enum costs_setting settings[] = {COSTS_PLAIN, COSTS_POOLS, COSTS_RECORDED};
	double ns[COSTS_SETTINGS][REPLAY_ROUNDS];
	played->settings = settings;
	played->count = sizeof(settings) / sizeof(settings[0]);
	snprintf(played->work, sizeof(played->work), "0");
	if (!replay_rounds(played, ns))
		return false;
	for (size_t i = 0; i < played->count; i++)
		replay->figures[settings[i]] = costs_figure_of(ns[settings[i]], REPLAY_ROUNDS);
	replay->spread = replay->figures[COSTS_POOLS].error * sqrt(REPLAY_ROUNDS);
	return true;
}

static double turn_ns(void) {
	enum { TURNS = 1 << 20 };
	volatile uint64_t number = 1;
	uint64_t start = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	number = replay_work(number, TURNS);
	return (double)(clock_ns(CLOCK_THREAD_CPUTIME_ID) - start) / TURNS;
}

static bool replay_between_work(const struct record *record, struct played *played, struct replay *replay) {
	static const enum costs_setting settings[] = {COSTS_PLAIN, COSTS_POOLS};
	double ns[COSTS_SETTINGS][REPLAY_ROUNDS];
	uint32_t work = replay_work_of(record, replay, turn_ns());
	replay->worked = replay->figures[COSTS_POOLS];
	if (work == 0)
		return true;
	played->settings = settings;
	played->count = sizeof(settings) / sizeof(settings[0]);
	snprintf(played->work, sizeof(played->work), "%" PRIu32, work);
	if (!replay_rounds(played, ns))
		return false;
	replay->worked = costs_figure_of(ns[COSTS_POOLS], REPLAY_ROUNDS);
	return true;
}

void replay_measure_here(const struct record *record, const char *sizes, const cpu_set_t *cores,
			 struct replay *replay) {
	struct replay_mixture mixture;
	struct text word = {0}, pools = {0};
	memset(replay, 0, sizeof(*replay));
	if (!replay_mixture_of(record, &mixture))
		return;
	replay_mixture_write(&mixture, &word);
	text_add(&word, "", 1);
	text_format(&pools, "--pools=%s", sizes);
	text_add(&pools, "", 1);
	struct played played = {.word = word.bytes, .pools = pools.bytes, .cores = cores};
	for (uint32_t i = 0; i < mixture.group_count; i++)
		played.is_threaded |= mixture.groups[i].shape == COSTS_ELSEWHERE;
	replay->is_known = !word.failed && !pools.failed && replay_back_to_back(&played, replay) &&
			   replay_between_work(record, &played, replay);
	(void)sched_setaffinity(0, sizeof(*cores), cores);
	text_free(&word);
	text_free(&pools);
}
