/* SPDX-License-Identifier: Apache-2.0
 *
 * This machine's settings: each is a command before the sample's own, or a word in its environment, as whoever follows
 * the advice would say it.
 */
#include "hosted/advise/costs.h"
#include "hosted/advise/settings.h"
#include "hosted/profile/own_sample.h"

#define SELF "/proc/self/exe"

enum { WORDS_MOST = 12 };

static size_t add_words(const char **words, size_t count, const char *const *more) {
	while (*more)
		words[count++] = *more++;
	return count;
}

static bool sample_in_process(void *self, enum costs_setting setting, double ns[COSTS_ROWS]) {
	static const char *const before[COSTS_SETTINGS][6] = {
		[COSTS_RECORDED] = {"record", "-o", "/dev/null", "--", NULL},
		[COSTS_KERNELS] = {"apply", NULL},
		[COSTS_POOLS] = {"apply", "--no-kernels", "--pools", "--", NULL},
	};
	static const char *const sample[] = {"advise", "sample", NULL};
	const char *profile = self;
	const char *words[WORDS_MOST + 1] = {NULL};
	size_t count = add_words(words, 0, before[setting]);
	if (setting == COSTS_KERNELS) {
		if (profile)
			count = add_words(words, count, (const char *const[]){"--profile", profile, NULL});
		words[count++] = "--";
	}
	if (count)
		words[count++] = SELF;
	count = add_words(words, count, sample);
	words[count] = NULL;
	const struct own_sample process = {words, setting == COSTS_HUGE ? SETTINGS_HUGE : "", -1};
	bool good = own_sample_read(&process, ns, COSTS_ROWS);
	words[count] = "start";
	for (int i = 1; good && i < COSTS_STARTS; i++) {
		double start;
		good = own_sample_read(&process, &start, 1);
		if (good && start < ns[COSTS_ROW_START])
			ns[COSTS_ROW_START] = start;
	}
	return good;
}

int costs_measure_here(const char *profile, void (*progress)(const char *phase, double share), struct costs *costs) {
	const struct costs_subject subject = {(void *)(uintptr_t)profile, sample_in_process, progress};
	return costs_measure(&subject, 1, costs);
}
