/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of help_pages.c as text for people; help_man.c and help_completion.c make the rest of it.
 */
#include "hosted/cli/help.h"

#include "bench/match.h"
#include "build_info.h"
#include "hosted/cli/output.h"
#include "hosted/cli/run_options.h"

#include <stdio.h>
#include <string.h>

enum { HELP_COLUMN = 32 };

const struct help_page *help_find(const char *command) {
	for (const struct help_page *page = help_pages; page->command; page++)
		if (strcmp(page->command, command) == 0)
			return page;
	return NULL;
}

const char *help_summary(const struct help_page *page) {
	struct options_entry entry;
	for (size_t i = 0; !page->summary && options_command(i, &entry); i++)
		if (strcmp(entry.name, page->command) == 0)
			return entry.summary;
	return page->summary;
}

bool help_option(const struct help_page *page, size_t index, struct options_entry *entry) {
	for (size_t i = 0; i < sizeof(page->options) / sizeof(page->options[0]) && page->options[i].name; i++)
		if (index-- == 0) {
			*entry = page->options[i];
			return true;
		}
	if (page->takes_list_options)
		return options_list_entry(index, entry);
	return page->takes_run_options && options_entry(run_options, index, entry);
}

const struct help_value *help_value_of(const struct help_page *page, const struct options_entry *entry) {
	const struct help_value *rule = help_option_values;
	while (rule->kind != HELP_NOTHING &&
	       ((rule->command && strcmp(rule->command, page->command) != 0) ||
		(rule->of && strcmp(rule->of, entry->name) != 0) ||
		(rule->value && (!entry->value || strcmp(rule->value, entry->value) != 0))))
		rule++;
	return rule;
}

/* ---- for people -------------------------------------------------------------------------------------------------- */

const char help_exit_statuses[] =
	"0 all well, 1 a regression, 2 usage or tool error, 3 inconclusive, 4 a benchmark failed or hung,\n"
	"77 skipped, 124 time-out, 130 or 143 interrupted (SIGINT, SIGTERM)";

void help_write_overview(struct text *text) {
	text_add_string(text, "usage: anechoic [COMMAND] [OPTION...] [WORD...]\n\ncommands:\n");
	for (const struct help_page *page = help_pages; page->command; page++)
		options_describe(&(struct options_entry){page->command, NULL, help_summary(page)}, "", HELP_COLUMN,
				 text);
	text_add_string(
		text,
		"\n`anechoic help COMMAND` says more of each; the options of a run are under `run`.\n\nexit status: ");
	text_add_string(text, help_exit_statuses);
	text_add_string(text, "\nNO_COLOR is honoured (there are no colours); progress shows only on a terminal that "
			      "is not TERM=dumb.\n");
}

static void describe(const struct options_entry *entry, struct text *text) {
	char name[64];
	snprintf(name, sizeof(name), "%s%s%s", entry->name, help_before_value(entry), entry->value ? entry->value : "");
	options_describe(&(struct options_entry){name, NULL, entry->summary}, "--", HELP_COLUMN, text);
}

void help_write_page(const struct help_page *page, struct text *text) {
	struct options_entry entry;
	text_format(text, "usage: anechoic %s%s%s\n\n", page->command, *page->synopsis ? " " : "", page->synopsis);
	text_format(text, "%s: %s\n\n", page->command, help_summary(page));
	text_add_string(text, page->text);
	for (size_t i = 0; help_option(page, i, &entry); i++) {
		bool begins_own = page->takes_run_options && entry.name == run_options[0].name;
		text_add_string(text, i == 0 ? "\noptions:\n" : begins_own ? "\non Linux alone:\n" : "");
		describe(&entry, text);
	}
	text_format(text, "\nexit status: %s\n", page->status);
}

int help_refuse(const char *command, const char *word) {
	bool is_short = strcmp(word, "-o") == 0, is_option = is_short || strncmp(word, "--", 2) == 0;
	const char *name = is_short ? "out" : is_option ? word + 2 : word;
	struct match_nearest nearest = match_nearest_to(name);
	struct options_entry entry;
	for (size_t i = 0; help_option(help_find(command), i, &entry); i++) {
		if (entry.value && is_option && strcmp(name, entry.name) == 0) {
			output_say(stderr, "%s: %s wants %s behind it\n", command, word, entry.value);
			return 2;
		}
		match_try(&nearest, entry.name);
	}
	output_say(stderr, "%s takes no '%s'; `anechoic help %s` has all that it takes", command, word, command);
	if (nearest.name)
		output_say(stderr, "; did you mean `--%s`?", nearest.name);
	fprintf(stderr, "\n");
	return 2;
}

int help_usage(const char *command) {
	struct text text = {0};
	help_write_page(help_find(command), &text);
	if (!text.failed)
		fwrite(text.bytes, 1, text.length, stderr);
	text_free(&text);
	return 2;
}
