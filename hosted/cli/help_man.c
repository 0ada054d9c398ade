/* SPDX-License-Identifier: Apache-2.0
 *
 * The man page, by groff_man(7).
 */
#include "hosted/cli/help.h"

#include "build_info.h"

/* Text in roff: a backslash and a leading dot or quote would be requests, a plain hyphen a typographic one. */
static void add_roff(struct text *text, const char *string) {
	for (; *string; string++) {
		if ((*string == '.' || *string == '\'') && (text->last == '\n' || text->last == '\0'))
			text_add_string(text, "\\&");
		if (*string == '\\')
			text_add_string(text, "\\e");
		else if (*string == '-')
			text_add_string(text, "\\-");
		else if (*string == '~')
			text_add_string(text, "\\(ti");
		else if (*string == '^')
			text_add_string(text, "\\(ha");
		else if (*string == '`')
			text_add_string(text, "\\(ga");
		else
			text_add(text, string, 1);
	}
}

static void add_man_page(struct text *text, const struct help_page *page) {
	struct options_entry entry;
	text_add_string(text, ".SS anechoic ");
	add_roff(text, page->command);
	text_add_string(text, " ");
	add_roff(text, page->synopsis);
	text_add_string(text, "\n");
	add_roff(text, help_summary(page));
	text_add_string(text, ".\n");
	add_roff(text, page->text);
	for (size_t i = 0; help_option(page, i, &entry); i++) {
		text_add_string(text, ".TP\n.B \\-\\-");
		add_roff(text, entry.name);
		if (entry.value) {
			text_format(text, "%s\\fI", help_before_value(&entry));
			add_roff(text, entry.value);
			text_add_string(text, "\\fR");
		}
		text_add_string(text, "\n");
		add_roff(text, entry.summary);
		text_add_string(text, "\n");
	}
	text_add_string(text, ".PP\nExit status: ");
	add_roff(text, page->status);
	text_add_string(text, ".\n");
}

/* A word and what is to be said of it. */
struct term {
	const char *word, *text;
};

static const struct term files[] = {
	{"anechoic.conf",
	 "Of the image alone, beside the loader: options of a run, one a line, by the same names, as in "
	 "\"sample-size = 200\". This programme reads none."},
	{"$XDG_DATA_HOME/anechoic/history.db", "What history keeps, an SQLite file; --db names another."},
	{"$XDG_DATA_HOME/anechoic/launches.json",
	 "How much launches differ, which ab --save-launches writes and compare "
	 "and --baseline read; --launches names another for compare."},
	{"$XDG_DATA_HOME/anechoic/baselines/NAME.json", "What run --save-baseline NAME keeps, a results.json."},
	{"/run/anechoic/found", "What --still found, until it is put back; doctor --restore does so where it was not."},
	{"build/results/",
	 "Where make run, in a checkout, leaves the image's results and log; the latest have no time in "
	 "their names."},
	{NULL, NULL},
};

static const struct term environment[] = {
	{"ANECHOIC_HOME",
	 "The folder of history.db, launches.json and baselines, in the place of $XDG_DATA_HOME/anechoic."},
	{"ANECHOIC_ROOT", "A folder in the place of / for what doctor reads and --still changes, for tests."},
	{"XDG_DATA_HOME",
	 "The folder that holds anechoic/ with history.db, launches.json and baselines; where it is unset, "
	 "$HOME/.local/share."},
	{"TMPDIR", "Where launches leave their results until they are judged; where it is unset, /tmp."},
	{"XDG_RUNTIME_DIR", "Where record lets processes count, else below ANECHOIC_HOME; the folder is removed."},
	{"LD_PRELOAD", "record and apply put their libraries before what is there."},
	{"ANECHOIC_APPLY", "With \"off\", apply leaves everything to the C library."},
	{"GLIBC_TUNABLES", "What glibc is told; advise and apply measure with it, and what is advised keeps it."},
	{"PATH", "Where record and apply look for the program."},
	{"COLUMNS",
	 "How wide lines may be, else what the terminal says; narrower ones are folded at blanks. JSON, CSV and "
	 "what goes to no terminal without it is as it is."},
	{"TERM", "With \"dumb\", or unset, no progress is shown."},
	{"NO_COLOR", "Honoured: there are no colours."},
	{"GITHUB_ACTIONS",
	 "With \"true\", compare, ab and --baseline write ::error lines for what regressed or broke."},
	{NULL, NULL},
};

/* In this order each finds what it reads, but for the two builds of ab. */
static const struct term examples[] = {
	{"anechoic run --out old.json tlb", "Measure what has tlb in its name, and keep the results:"},
	{"anechoic run --log anechoic.log --out new.json tlb", "The same with a log, by which a cut-off run goes on:"},
	{"anechoic run --resume anechoic.log --log anechoic.log --out new.json tlb", "Go on where that was cut off:"},
	{"anechoic collect anechoic.log -o new.json", "Results from a log, or a capture of the image's console:"},
	{"anechoic compare old.json new.json", "What changed:"},
	{"anechoic ab 'old/anechoic run tlb' 'new/anechoic run tlb'",
	 "Whether a change made it faster or slower, from two builds launched in turn:"},
	{"anechoic run --launches 5 --out launches tlb", "How far launches lie apart:"},
	{"anechoic run --save-baseline main tlb", "A name for results:"},
	{"anechoic run --baseline main tlb", "and what changed since:"},
	{"anechoic history add new.json", "Figures over time:"},
	{"anechoic history show tlb/lookup/mostly_hits", "and where their level changed:"},
	{"anechoic history changes", "The same of all benchmarks, newest first:"},
	{"anechoic export csv new.json -o new.csv", "For another tool:"},
	{"eval \"$(anechoic completion bash)\"", "Completion in this shell:"},
	{NULL, NULL},
};

static void add_terms(struct text *text, const char *title, const struct term *terms) {
	text_format(text, ".SH %s\n", title);
	for (; terms->word; terms++) {
		text_add_string(text, ".TP\n.B ");
		add_roff(text, terms->word);
		text_add_string(text, "\n");
		add_roff(text, terms->text);
		text_add_string(text, "\n");
	}
}

static void add_examples(struct text *text) {
	text_add_string(text, ".SH EXAMPLES\n");
	for (const struct term *example = examples; example->word; example++) {
		text_add_string(text, ".PP\n");
		add_roff(text, example->text);
		text_add_string(text, "\n.PP\n.EX\n");
		add_roff(text, example->word);
		text_add_string(text, "\n.EE\n");
	}
}

void help_write_man(struct text *text) {
	text_add_string(text, ".TH ANECHOIC 1 \"\" \"anechoic " BUILD_VERSION "\" \"User Commands\"\n.SH NAME\n"
			      "anechoic \\- measure memory code, with and without an operating system\n.SH SYNOPSIS\n"
			      ".B anechoic\n[\\fICOMMAND\\fR] [\\fIOPTION\\fR...] [\\fIWORD\\fR...]\n.SH COMMANDS\n");
	for (const struct help_page *page = help_pages; page->command; page++)
		add_man_page(text, page);
	text_add_string(text, ".SH EXIT STATUS\n");
	add_roff(text, help_exit_statuses);
	text_add_string(text, ".\n");
	add_terms(text, "ENVIRONMENT", environment);
	add_terms(text, "FILES", files);
	add_examples(text);
	text_add_string(text, ".SH SEE ALSO\n.BR perf (1),\n.BR numactl (8),\n.BR taskset (1),\n.BR sqlite3 (1)\n.PP\n"
			      "README.md, docs/methodology.md and docs/formats.md of the sources.\n");
}
