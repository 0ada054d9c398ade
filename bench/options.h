/* SPDX-License-Identifier: Apache-2.0
 *
 * What a user asked for: lines of anechoic.conf first, then the command line, by the same names. Pure: nothing is done
 * here, and what is wrong is written into `complaints`, a line each. A command line with a mistake is refused; a line
 * of the file is named with its number and ignored. Help, the man page and completions are made from the same table.
 */
#pragma once

#include "bench/text.h"
#include "platform.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	OPTIONS_FILTERS_MAX = 128,
	OPTIONS_TABLE_MAX = 40, /* options that every platform has */
	OPTIONS_EXTRA_MAX = 24, /* options that only this platform has */
	OPTIONS_WORDS_BYTES = 8192,
};

enum options_format { OPTIONS_TABLE, OPTIONS_JSON, OPTIONS_CSV };

enum options_command {
	OPTIONS_RUN,
	OPTIONS_LIST,
	OPTIONS_HELP,
	OPTIONS_VERSION,
	OPTIONS_SELF_TEST,
	OPTIONS_CAPS,
	OPTIONS_TUNE,
	OPTIONS_NOISE,
	OPTIONS_WATCH,
	OPTIONS_SNIPPET,
	OPTIONS_LADDER, /* a run of the rows under machine/latency that show the levels of the memory */
};

struct options {
	enum options_command command;
	enum options_format format;
	bool quick;
	bool exact;
	bool resume_anyway; /* another run's log, too */
	bool rows;          /* of a ladder are shown, too, where the platform shows progress otherwise */
	bool counters;      /* hardware counters beside the time */
	bool unwatched;     /* nobody looks at the room beside samples */
	bool all;           /* without a filter: every benchmark, not the headline ones alone */
	uint32_t sample_size;
	uint64_t warm_up_ns;
	uint64_t measurement_ns;
	uint32_t resamples; /* 0 until options_settle, where not given */
	double confidence_level;
	uint64_t seed;
	uint64_t time_budget_ns; /* for the whole run; 0: every benchmark once, for measurement_ns */
	uint32_t layouts;        /* random placements; 0: none but the fixed one */
	uint64_t timeout_ns;     /* the least that a benchmark gets between two samples */
	const char *profile;     /* a file, or "none"; NULL: this machine's */
	const char *filters[OPTIONS_FILTERS_MAX];
	const char *typed[OPTIONS_FILTERS_MAX]; /* what a filter was made of; NULL: it is as it was typed */
	size_t filter_count;
	const char *near_command;                /* that the first filter may have been meant to be; NULL: none */
	const char *foreign_command;             /* the first filter is one of another platform; NULL: it is not */
	const struct platform_option *of;        /* the last that is one command's; NULL: none was given */
	const char *inject[OPTIONS_FILTERS_MAX]; /* names under inject/ */
	size_t inject_count;
	const char *extra[OPTIONS_EXTRA_MAX]; /* value of platform option i; NULL: not given */

	bool given[OPTIONS_TABLE_MAX];  /* by row of the table, so that --quick changes the others only */
	bool worded[OPTIONS_TABLE_MAX]; /* likewise, among a command's words: not by a line of the file */
	bool command_given;
	const char *command_word;        /* as given; NULL: none was, or nothing but `help` */
	char words[OPTIONS_WORDS_BYTES]; /* copies of all the above point in here: not to be moved */
	size_t words_used;
};

/* An option with a value that only this platform has, `--name value`. `set` is called once, before the run; it says
 * itself what is wrong. */
struct platform_option {
	const char *name;    /* without the dashes */
	const char *value;   /* what the value is, for help: "FILE" */
	const char *summary; /* one line */
	int (*set)(const char *value);
	const char *of; /* the one command that takes it; NULL: it is no one command's */
};

/* An option or a command, for help. */
struct options_entry {
	const char *name;  /* without the dashes */
	const char *value; /* NULL: takes none */
	const char *summary;
};

/* Defaults; `resamples` and `resamples_quick` are the platform's. */
void options_start(struct options *options);

/* Bad lines are complained of and ignored. false: a word of `arguments` was wrong, which is no more ignored than on a
 * command line. */
bool options_config(struct options *options, const struct platform_option *extra, struct platform_text config,
		    struct text *complaints);

/* false: a word was wrong, and complaints says which. */
bool options_command_line(struct options *options, const struct platform_option *extra, int argc, char **argv,
			  struct text *complaints);

/* The first option among the words that the command of these does nothing with, without dashes; NULL: none. A line of
 * the file is for all commands. */
const char *options_not_taken(const struct options *options);

/* What was not given gets its default: --quick's, the ladder's, and that of a platform with few or many resamples. */
void options_settle(struct options *options, uint32_t resamples, uint32_t resamples_quick);

/* Option `index` of those that the help names, the platform's last; false: past the last. */
bool options_entry(const struct platform_option *extra, size_t index, struct options_entry *entry);

/* Option `index` of those that `list` takes; false: past the last. */
bool options_list_entry(size_t index, struct options_entry *entry);

/* Command `index` of those that every platform has; false: past the last. */
bool options_command(size_t index, struct options_entry *entry);

/* A line of help: its name behind `dashes`, its value's name, and from `column` on what it is. */
void options_describe(const struct options_entry *entry, const char *dashes, size_t column, struct text *text);
