/* SPDX-License-Identifier: Apache-2.0
 *
 * `tune`: what the code of simd/ should use on this machine.
 */
#include "bench/decimal.h"
#include "bench/tune/profile_c.h"
#include "bench/tune/publish.h"
#include "hosted/cli/commands/commands.h"
#include "hosted/cli/help.h"
#include "hosted/cli/launch.h"
#include "hosted/cli/output.h"
#include "hosted/cli/still.h"
#include "hosted/cli/tune_launches.h"
#include "hosted/cli/words.h"
#include "hosted/profile/glibc_tunables.h"
#include "hosted/profile/profile_files.h"
#include "hosted/results/files.h"
#include "lib/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	TIMEOUT_SECONDS = 10,
	BUDGET_SECONDS_MOST = 3600,
	GLIBC_SECONDS = 4,
	GLIBC_SECONDS_THOROUGH = 40,
	GLIBC_SHARE = 16, /* of a budget that was asked for, in hundredths */
};

struct tune_words {
	struct tune_request request;
	const char *out, *header; /* NULL: not given */
	bool as_json, save, reset, still;
};

static bool take_budget(struct tune_words *words, const char *value) {
	char *end;
	double seconds = decimal_of(value, &end);
	if (*end || !(seconds > 0) || seconds > BUDGET_SECONDS_MOST) {
		words_complain_of_value("--budget", value, "seconds, above 0 and at most 3600");
		return false;
	}
	words->request.budget_ns = (uint64_t)(seconds * NS_PER_SECOND);
	return true;
}

static bool take_option(struct tune_words *words, int argc, char **argv, int *i) {
	const char *value;
	if ((value = words_out(argc, argv, i))) {
		words->out = value;
	} else if ((value = words_value(argc, argv, i, "--for"))) {
		if (tune_for_of(value, &words->request.what_for))
			return true;
		words_complain_of_value("--for", value, "mixed or bulk");
		return false;
	} else if ((value = words_value(argc, argv, i, "--seed"))) {
		return launch_parse_count("--seed", value, 0, UINT64_MAX, &words->request.seed);
	} else if ((value = words_value(argc, argv, i, "--budget"))) {
		return take_budget(words, value);
	} else if ((value = words_value(argc, argv, i, "--header"))) {
		words->header = value;
	} else if ((value = words_value(argc, argv, i, "--format"))) {
		return words_take_format(value, &words->as_json);
	} else if (strcmp(argv[*i], "--thorough") == 0) {
		words->request.thorough = true;
	} else if (strcmp(argv[*i], "--in-caches") == 0) {
		words->request.in_caches = true;
	} else if (strcmp(argv[*i], "--still") == 0) {
		words->still = true;
	} else if (strcmp(argv[*i], "--save") == 0) {
		words->save = true;
	} else if (strcmp(argv[*i], "--reset") == 0) {
		words->reset = true;
	} else {
		help_refuse("tune", argv[*i]);
		return false;
	}
	return true;
}

static void show_progress(const char *phase, double share) {
	fprintf(stderr, "\r\033[K%s %3.0f %%", phase, share * 100);
}

static void end_progress(const struct tune_request *request) {
	if (request->progress)
		fputs("\r\033[K", stderr);
}

static int reset(const struct tune_words *words) {
	struct text removed = {0}, complaint = {0};
	const char *other = words->save ? "--save" : words->header ? "--header" : words->out ? "--out" : NULL;
	if (other) {
		output_say(
			stderr,
			"tune: --reset removes what was kept and measures nothing, so that %s has nothing: give one of "
			"the two\n",
			other);
		return 2;
	}
	int error = profile_files_reset(&removed, &complaint);
	if (removed.length != 0)
		printf("removed:\n%.*s", (int)removed.length, removed.bytes);
	else
		printf("there was no profile\n");
	text_free(&removed);
	return output_complain(&complaint) || error != 0 ? 2 : 0;
}

static int save_header(const struct tune *tune, const struct profile_about *about, const char *name) {
	struct text header = {0};
	struct simd_profile profile;
	tune_profile(tune, about->what_for, &profile);
	profile_c_write(&header, about, &profile);
	return output_save(name, &header);
}

static int keep(const struct profile_about *about, const struct text *json) {
	struct text path = {0}, complaint = {0};
	int error = profile_files_save(about->signature, json, &path, &complaint);
	if (error == 0)
		output_say(stderr, "runs here take it from %.*s; `tune --reset` removes it\n", (int)path.length,
			   path.bytes);
	text_free(&path);
	return output_complain(&complaint) || error != 0 ? 2 : 0;
}

/* Of glibc nothing is said where there is none, or no memory for it. */
static void measure_glibc(const struct tune_request *request, struct profile_about *about,
			  struct profile_tunables *tunables) {
	uint64_t seconds = request->thorough ? GLIBC_SECONDS_THOROUGH : GLIBC_SECONDS;
	uint64_t budget_ns = request->budget_ns ? request->budget_ns / 100 * GLIBC_SHARE : seconds * NS_PER_SECOND;
	if (strcmp(platform_describe()->architecture, "x86_64") != 0 ||
	    platform_memory_free_bytes() < 2 * GLIBC_MEMORY_BYTES)
		return;
	int error = glibc_tunables_measure(budget_ns, request->seed, request->progress, tunables);
	if (error == 0)
		about->tunables = tunables;
	end_progress(request);
	if (error != 0 && error != PLATFORM_EUNSUPPORTED)
		fprintf(stderr,
			"tune: glibc's thresholds could not be measured: a sample failed, or %d rounds take too long\n",
			TUNE_ROUNDS_LEAST);
}

/* What cannot go where it was to go comes on standard output in the table's place, unless a file has it: minutes were
 * spent on it. `lost`: --save or --header failed. */
static int show(const struct tune_words *words, bool lost, struct text *json, struct text *table) {
	struct text complaint = {0};
	bool to_file = words->out != NULL && strcmp(words->out, "-") != 0;
	bool saved = to_file && files_save(words->out, json, &complaint) == 0;
	(void)output_complain(&complaint);
	if (saved && lost)
		output_say(stderr, "tune: the profile is in %s\n", words->out);
	else if (lost || (to_file && !saved))
		fprintf(stderr, "tune: the profile follows on standard output\n");
	if (saved)
		return words->as_json ? 0 : output_save("-", table);
	int status = output_save("-", lost || words->as_json || words->out != NULL ? json : table);
	return to_file ? 2 : status;
}

/* The worst of what becomes of it: 0, 3 or 2. */
static int deliver(const struct tune *tune, const struct tune_words *words) {
	struct tune_signature signature;
	struct profile_about about;
	struct profile_tunables tunables;
	struct text json = {0}, table = {0};
	int status = tune_status(tune);
	if (publish_about(&words->request, &signature, &about) != 0) {
		fprintf(stderr, "tune: out of memory\n");
		return 2;
	}
	measure_glibc(&words->request, &about, &tunables);
	profile_json_write(&json, &about, tune);
	tune_show_table(tune, about.what_for, platform_describe()->columns, &table);
	if (about.tunables)
		glibc_tunables_describe(about.tunables, &table);
	bool lost = words->save && keep(&about, &json) != 0;
	if (words->header != NULL && save_header(tune, &about, words->header) != 0)
		lost = true;
	if (show(words, lost, &json, &table) != 0 || lost)
		status = 2;
	text_free(&json);
	text_free(&table);
	return status;
}

static bool may_keep(void) {
	struct text complaint = {0};
	(void)profile_files_may_save(&complaint);
	return !output_complain(&complaint);
}

int command_tune(int argc, char **argv) {
	struct tune_words words = {.request = {.seed = 1, .timeout_ns = TIMEOUT_SECONDS * NS_PER_SECOND}};
	struct tune_launches launches;
	struct text complaint = {0};
	struct tune *tune;
	if (argc == 2 && strcmp(argv[1], "sample-glibc") == 0)
		return glibc_sample_print();
	if (tune_launches_are_words(argc, argv))
		return tune_launches_measure(argv, &words.request);
	for (int i = 1; i < argc; i++)
		if (!take_option(&words, argc, argv, &i))
			return 2;
	if (words.reset)
		return reset(&words);
	if (!output_may_write(words.out) || !output_may_write(words.header) || (words.save && !may_keep()))
		return 2;
	if (words.still)
		still_begin();
	if (isatty(STDERR_FILENO))
		words.request.progress = show_progress;
	tune_launches_open(&launches, words.request.timeout_ns);
	words.request.launcher = &launches.launcher;
	int status = tune_make(&words.request, &tune, &complaint);
	tune_launches_close(&launches);
	end_progress(&words.request);
	if (status == 0)
		status = deliver(tune, &words);
	free(tune);
	(void)output_complain(&complaint);
	return status;
}
