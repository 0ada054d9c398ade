/* SPDX-License-Identifier: Apache-2.0
 *
 * `anechoic os-tax`: a run on Linux against one of the image, row by row.
 */
#include "hosted/verdict/os_tax.h"
#include "hosted/cli/commands/commands.h"
#include "hosted/cli/comparison.h"
#include "hosted/cli/fold.h"
#include "hosted/cli/help.h"
#include "hosted/cli/os_tax_table.h"
#include "hosted/cli/output.h"
#include "hosted/cli/words.h"
#include "hosted/report/report_os_tax.h"

#include <stdio.h>
#include <string.h>

enum { SIDES = 2, NOISES_MAX = 8, INPUTS_MAX = SIDES + NOISES_MAX, UNANSWERED = 3 };

struct os_tax_words {
	const char *inputs[INPUTS_MAX]; /* the two sides, then records of noise */
	size_t sides, noises;
	const char *out; /* NULL: no page */
	bool as_json;
};

/* 1 taken, 0 a name, -1 wrong and said so. */
static int take_option(struct os_tax_words *words, int argc, char **argv, int *i) {
	const char *value;
	if ((value = words_out(argc, argv, i))) {
		words->out = value;
	} else if ((value = words_value(argc, argv, i, "--noise"))) {
		if (words->noises == NOISES_MAX) {
			output_say(stderr, "os-tax: --noise %s is one too many: it takes %d\n", value, NOISES_MAX);
			return -1;
		}
		words->inputs[SIDES + words->noises++] = value;
	} else if ((value = words_value(argc, argv, i, "--format"))) {
		if (!words_take_format(value, &words->as_json))
			return -1;
	} else if (argv[*i][0] == '-' && argv[*i][1]) {
		help_refuse("os-tax", argv[*i]);
		return -1;
	} else {
		return 0;
	}
	return 1;
}

/* false: said what is wrong. */
static bool take_words(struct os_tax_words *words, int argc, char **argv) {
	bool ended = false;
	for (int i = 1; i < argc; i++) {
		if (words_end_options(argv[i], &ended))
			continue;
		int taken = ended ? 0 : take_option(words, argc, argv, &i);
		if (taken < 0)
			return false;
		if (taken > 0)
			continue;
		if (words->sides == SIDES)
			return help_refuse("os-tax", argv[i]) == 0;
		words->inputs[words->sides++] = argv[i];
	}
	return words->sides == SIDES || help_usage("os-tax") == 0;
}

static int show(const struct os_tax *tax, const struct os_tax_words *words) {
	struct text page = {0}, table = {0};
	int status = 0;
	const bool page_alone = words->out && strcmp(words->out, "-") == 0;
	if (words->out) {
		report_os_tax(&page, tax);
		status = output_save(words->out, &page);
	}
	if (page_alone)
		return status;
	if (words->as_json) {
		os_tax_json_add(&table, tax);
		return output_save("-", &table) != 0 ? 2 : status;
	}
	os_tax_table_add(&table, tax);
	fold_begin();
	if (!table.failed)
		fwrite(table.bytes, 1, table.length, stdout);
	fold_end();
	text_free(&table);
	return status;
}

static int answer(struct os_tax *tax, const struct launches sides[SIDES], const struct os_tax_words *words) {
	struct text complaint = {0};
	const char *why = os_tax_take(tax, &sides[0], &sides[1]);
	if (why) {
		output_say(stderr, "%s and %s are no answer to what Linux costs: %s\n", sides[0].name, sides[1].name,
			   why);
		return 2;
	}
	for (size_t i = 0; i < words->noises; i++)
		if (os_tax_read_noise(tax, words->inputs[SIDES + i], &complaint) != 0) {
			output_complain(&complaint);
			return 2;
		}
	comparison_complain_of_incomplete(sides, SIDES);
	if (!os_tax_judge(tax)) {
		fprintf(stderr, "out of memory\n");
		return 2;
	}
	bool said = comparison_complain_of_no_time(sides, SIDES);
	if (tax->count == 0 && !said)
		comparison_complain_of_nothing_in_common(sides, SIDES);
	return tax->count == 0 ? UNANSWERED : show(tax, words);
}

int command_os_tax(int argc, char **argv) {
	struct os_tax_words words = {.out = NULL};
	struct launches sides[SIDES];
	struct os_tax tax = {.count = 0};
	struct text complaint = {0};
	size_t read = 0;
	if (!take_words(&words, argc, argv))
		return 2;
	if (words.out && output_refuses(words.out, words.inputs, SIDES + words.noises, false))
		return 2;
	while (read < SIDES && launches_read(words.inputs[read], &sides[read], &complaint) == 0)
		read++;
	output_complain(&complaint);
	int status = read == SIDES ? answer(&tax, sides, &words) : 2;
	os_tax_free(&tax);
	while (read > 0)
		launches_free(&sides[--read]);
	return status;
}
