/* SPDX-License-Identifier: Apache-2.0
 *
 * What every command is and takes, in one table: its help page, the man page and the completions are all made from it.
 */
#pragma once

#include "bench/options.h"
#include "bench/text.h"

struct help_page {
	const char *command;
	const char *synopsis;   /* behind "anechoic COMMAND" */
	const char *summary;    /* NULL: as options_command has it */
	const char *text;       /* paragraphs, each ends with a line end */
	const char *words;      /* what completion offers for the first word, blanks between; "" nothing; NULL: files */
	bool takes_run_options; /* those of bench/options.h, and benchmarks' names */
	struct options_entry options[16]; /* ends with a NULL name */
	const char *status;
};

/* Ends with a NULL command. */
extern const struct help_page help_pages[];

/* NULL: no such command. */
const struct help_page *help_find(const char *command);

const char *help_summary(const struct help_page *page);

/* Option `index` of the page, the run's included; false: past the last. */
bool help_option(const struct help_page *page, size_t index, struct options_entry *entry);

/* All commands' together, two lines. */
extern const char help_exit_statuses[];

/* The command's page on standard error, as the answer to a wrong use of it; 2, the exit status for that. */
int help_usage(const char *command);

void help_write_overview(struct text *text);
void help_write_page(const struct help_page *page, struct text *text);
void help_write_man(struct text *text);
void help_write_bash(struct text *text);
void help_write_zsh(struct text *text);
