/* SPDX-License-Identifier: Apache-2.0
 *
 * `tune`: what the code of simd/ should use on this machine.
 */
#include "bench/tune/make.h"
#include "hosted/cli/commands/commands.h"
#include "hosted/cli/help.h"
#include "hosted/cli/output.h"
#include "hosted/cli/words.h"
#include "lib/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TIMEOUT_SECONDS = 10 };

struct tune_words {
	struct tune_request request;
	const char *out;
};

static bool take_option(struct tune_words *words, int argc, char **argv, int *i) {
	const char *value;
	if ((value = words_out(argc, argv, i))) {
		words->out = value;
	} else if ((value = words_value(argc, argv, i, "--for"))) {
		if (tune_for_of(value, &words->request.what_for))
			return true;
		words_complain_of_value("for", value, "mixed or bulk");
		return false;
	} else if ((value = words_value(argc, argv, i, "--seed"))) {
		words->request.seed = strtoull(value, NULL, 0);
	} else if (strcmp(argv[*i], "--thorough") == 0) {
		words->request.thorough = true;
	} else {
		help_usage("tune");
		return false;
	}
	return true;
}

static void show_progress(const char *phase, double share) {
	fprintf(stderr, "\r\033[K%s %3.0f %%", phase, share * 100);
}

int command_tune(int argc, char **argv) {
	struct tune_words words = {.request = {.seed = 1, .timeout_ns = TIMEOUT_SECONDS * NS_PER_SECOND}};
	struct text complaint = {0}, content = {0};
	struct tune *tune;
	for (int i = 1; i < argc; i++)
		if (!take_option(&words, argc, argv, &i))
			return 2;
	if (isatty(STDERR_FILENO))
		words.request.progress = show_progress;
	int status = tune_make(&words.request, &tune, &complaint);
	if (status == 0) {
		tune_show_table(tune, words.request.what_for, &content);
		status = tune_status(tune);
		fwrite(content.bytes, 1, content.length, stdout);
		text_free(&content);
	}
	free(tune);
	return output_complain(&complaint) && status == 0 ? 2 : status;
}
