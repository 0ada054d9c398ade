/* SPDX-License-Identifier: Apache-2.0
 *
 * What every command is and takes, in one table: its help page, the man page and the completions are all made from it.
 */
#pragma once

#include "bench/options.h"
#include "bench/text.h"

/* What a value or an operand is, for completion. */
enum help_kind {
	HELP_NOTHING, /* that a shell could name */
	HELP_WORDS,
	HELP_FILES,
	HELP_FOLDERS,
	HELP_RESULTS, /* *.json, and folders of them */
	HELP_SHOWN,   /* those, and the state of a watch: *.db */
	HELP_CORES,
	HELP_BASELINES,
	HELP_BENCHMARKS,
	HELP_COMMANDS,
	HELP_PROGRAMS, /* and files: what they take */
};

struct help_page {
	const char *command;
	const char *synopsis;             /* behind "anechoic COMMAND" */
	const char *summary;              /* NULL: as options_command has it */
	const char *text;                 /* paragraphs, each ends with a line end */
	bool takes_run_options;           /* those of bench/options.h */
	bool takes_list_options;          /* of those, the ones that `list` takes */
	struct options_entry options[20]; /* ends with a NULL name */
	const char *status;
};

/* One rule; the first that matches decides. */
struct help_value {
	const char *command; /* NULL: of any */
	/* An option's name without the dashes; of an operand "1": the first; "*": every; another word: those behind it,
	 * where it is the first. NULL: any option. */
	const char *of;
	const char *value; /* an option's value, as its help calls it; NULL: whatever it is called */
	enum help_kind kind;
	const char *words; /* of HELP_WORDS, blanks between */
};

/* Both end with HELP_NOTHING for all. */
extern const struct help_value help_option_values[], help_operand_values[];

/* What an option's value is; never NULL. */
const struct help_value *help_value_of(const struct help_page *page, const struct options_entry *entry);

/* Ends with a NULL command. */
extern const struct help_page help_pages[];

/* NULL: no such command. */
const struct help_page *help_find(const char *command);

const char *help_summary(const struct help_page *page);

/* Option `index` of the page, the run's included; false: past the last. */
bool help_option(const struct help_page *page, size_t index, struct options_entry *entry);

/* Whether its value may be left out, which is called "[=VALUE]" then; what stands between its name and the value's. */
static inline bool help_value_is_optional(const struct options_entry *entry) {
	return entry->value && entry->value[0] == '[';
}
static inline const char *help_before_value(const struct options_entry *entry) {
	return entry->value && !help_value_is_optional(entry) ? " " : "";
}

/* All commands' together, two lines. */
extern const char help_exit_statuses[];

/* The command's page on standard error, as the answer to a wrong use of it; 2, the exit status for that. */
int help_usage(const char *command);

/* Says on standard error why the command does not take the word, and what may have been meant; 2, as above. */
int help_refuse(const char *command, const char *word);

void help_write_overview(struct text *text);
void help_write_page(const struct help_page *page, struct text *text);
void help_write_man(struct text *text);
void help_write_bash(struct text *text);
void help_write_zsh(struct text *text);
