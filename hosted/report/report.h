/* SPDX-License-Identifier: Apache-2.0
 *
 * `anechoic report`: result files, or folders of launches, as one page of HTML that needs nothing else. Every figure
 * stands in tables that this side writes; the script in the page (charts/) adds charts from the data at its end. Names,
 * reasons and facts are a stranger's text: they reach the page only through report_text and report_json_string.
 */
#pragma once

#include "bench/text.h"
#include "hosted/advise/advice.h"
#include "hosted/history/history.h"
#include "hosted/results/results_read.h"
#include "hosted/verdict/judge.h"
#include "hosted/verdict/launches.h"
#include "hosted/verdict/spread.h"
#include "hosted/watcher/state.h"

enum { REPORT_FILES_MAX = 6 };

/* A change of time against the first version. point, lower, upper: 0.02 is 2 % slower. */
struct report_change {
	bool known; /* both have the figure */
	double point;
	double lower;
	double upper;
	const char *verdict; /* "improved", "regressed", "no change", "inconclusive", "not judged" */
	bool has_gap;        /* one of the two has no figure, as `gap` says */
	struct gap gap;
};

/* What launches of one version say of a benchmark. */
struct report_between {
	struct spread spread; /* of the first SPREAD_LAUNCHES_MAX */
	size_t shown;         /* the launch that `runs` is of, from 0 */
};

/* A benchmark of any of the versions. */
struct report_row {
	const char *name;
	const char *group;
	const struct results_benchmark *runs[REPORT_FILES_MAX]; /* of the launch in the middle; NULL: in none */
	struct report_between between[REPORT_FILES_MAX];
	struct report_change changes[REPORT_FILES_MAX]; /* the first is unused */
	struct history_entry *past;                     /* of the files' machines, series by series; NULL: none */
	size_t past_count;
};

/* A file that is no results: a section of the page by itself. */
struct report_part {
	const struct report_kind *kind;
	const char *file;      /* the caller's */
	size_t number;         /* of those of its kind, from 0 */
	json_t *root;          /* of JSON that is shown by its members; NULL: of another kind */
	struct record *record; /* what a program asked of memory; NULL: of another kind */
	struct advice *advice; /* on it; NULL: what memory costs here is not known */
	char machine[STATE_MACHINE_BYTES];
	struct text section; /* of what is written as it is read */
};

/* What such a file may be. */
struct report_kind {
	const char *anchor; /* the first section's */
	const char *link;   /* what leads there is called */
	bool leads;         /* it stands before each benchmark by itself */
	const char *schema; /* of a kind of JSON; NULL: `is` says whether a file is one */
	bool (*is)(const char *name);
	/* Takes the file that part->file names; `bytes` of a kind of JSON: all that is in it. false, with a line in
	 * `complaint`: it cannot be read. What it fills is freed with the parts. */
	bool (*read)(struct report_part *part, const struct text *bytes, struct text *complaint);
	/* NULL: what it wrote as it read it. */
	void (*show)(struct text *text, const struct report_part *part);
	/* "": it is not told. NULL: part->machine. */
	const char *(*machine)(const struct report_part *part);
};

extern const struct report_kind report_profile_kind, report_record_kind, report_noise_kind, report_watch_kind,
	report_doctor_kind, report_snippet_kind;

struct report {
	struct launches versions[REPORT_FILES_MAX];    /* a file is one launch */
	const struct results *files[REPORT_FILES_MAX]; /* each version's first launch: machine, options, date */
	size_t file_count;
	struct report_row *rows; /* a group's stand together */
	size_t row_count;
	size_t memory_rows;                         /* of them, those under machine/ */
	struct report_part parts[REPORT_FILES_MAX]; /* by kind, as they stand on the page */
	size_t part_count;
	struct report_fleet *fleet;           /* machines of a history; NULL: none was asked for */
	double threshold;                     /* changes below it do not matter: 0.01 */
	char refusals[REPORT_FILES_MAX][256]; /* why one is not judged against the first; "" where it is */
};

/* Any version is of several launches. */
bool report_has_launches(const struct report *report);

static inline bool report_has_figures(const struct results_benchmark *run) {
	return run && run->count > 0;
}

/* A row whose figures stand in a picture of the memory, where there are so many of those that a card for each would
 * make the page too long: it has a line in the table and none of its samples are in the page. */
bool report_is_brief(const struct report *report, const struct report_row *row);

/* The file's letter: A, B, … */
static inline char report_letter(size_t file) {
	return (char)('A' + file);
}

/* Embedded from charts/: the style sheet, and the bundled script, which is empty where the build had no npm. */
extern const char report_style[], report_script[];
extern const uint64_t report_style_bytes, report_script_bytes;

/* Text and attribute values: & < > " ' escaped, control characters shown as U+FFFD. */
void report_text(struct text *text, const char *string);

/* The same of what another module wrote, which is freed; where memory ended there, there is no page. */
void report_words(struct text *text, struct text *words);

/* A JSON string that may stand inside a script element: no < > & in it. */
void report_json_string(struct text *text, const char *string);

/* "12.35 ns", four digits that count; "12.31 – 12.40 ns"; "+1.24 %"; "34.10 GiB/s" of bytes, "236.9 M/s" of others */
void report_time(struct text *text, double ns);
void report_interval(struct text *text, double lower, double upper);
void report_percent(struct text *text, double share);
void report_rate(struct text *text, double per_second, const char *unit);

/* ` data-NAME="…"`: as few digits as read back to the same number. */
void report_attribute(struct text *text, const char *name, double value);

/* A name as text; a line may break behind each slash. */
void report_name(struct text *text, const char *name);

/* "good", "bad", "doubt", "even": a class of the style sheet. */
const char *report_verdict_class(const char *verdict);

/* Half of the interval of the estimate that stands for the run, as a share of it. */
double report_half_width(const struct results_benchmark *run);

/* Time of `to` against `from`, not judged; their intervals are taken as independent and joined on the logarithm's
 * scale. Either may be NULL; known: both have figures above 0. */
struct report_change report_ratio(const struct results_benchmark *from, const struct results_benchmark *to);

/* The least of the samples, nanoseconds an iteration. */
double report_least(const struct results_benchmark *run);

/* A member of the context, by members with '/' between; NULL: there is none. */
const json_t *report_context(const struct results *results, const char *path);

/* Fills rows, of `versions`; the caller frees them. -1: no memory. */
int report_join(struct report *report);

/* Fills changes, refusals and threshold; -1: no memory. */
int report_judge(struct report *report, const struct judge *judge);

/* Fills `past` of all rows; file NULL: the default one. 0, or 2 with a line in `complaint`, which may
 * have one in any case. */
int report_history_read(struct report *report, const char *file, struct text *complaint);
void report_history_free(struct report *report);
bool report_has_history(const struct report *report);

/* The machines of a history that have names: 0, or 2 with a line in `complaint`; report_fleet_free in any case. */
int report_fleet_read(struct report *report, struct history *history, struct text *complaint);
void report_fleet_free(struct report *report);
bool report_has_fleet(const struct report *report); /* any is of a file's model */

/* 1: the file, or for "-" standard input, is of one of the kinds, and taken; 0: of none, and all of it is in `bytes`,
 * which are the caller's; -1: it cannot be read, with a line in `complaint`. Of no more than REPORT_FILES_MAX. */
int report_part_read(struct report *report, const char *name, struct text *bytes, struct text *complaint);
void report_parts_free(struct report *report);

/* Sections of those that lead, or of the others; links to the same. */
void report_parts(struct text *text, const struct report *report, bool leading);
void report_part_links(struct text *text, const struct report *report, bool leading);

/* The first machine that one of them is of; NULL: none of them says. */
const char *report_parts_machine(const struct report *report);

/* `<section>`, with its kind's anchor where it is the first of it. */
void report_part_open(struct text *text, const struct report_part *part);

/* part->root of the bytes, whose member `array` is one (NULL: whatever is in it). */
bool report_part_parse(struct report_part *part, const struct text *bytes, const char *array, struct text *complaint);

/* A member of it: "" where it is no string, NAN where it is no number. */
const char *report_word_of(const json_t *object, const char *name);
double report_number_of(const json_t *object, const char *name);

/* Advice on all records, by what memory costs: -1: no memory. */
int report_records_advise(struct report *report, const struct costs *costs);
bool report_has_records(const struct report *report);

/* Intervals as parts of what the picture reaches to, -1 to 1; beyond it they are cut off. */
struct report_forest {
	double lower, point, upper;
	double band;    /* half of one about 0; 0: none */
	bool from_left; /* the line that it is held against stands at -1 */
};
void report_forest(struct text *text, const struct report_forest *forest);

/* Bars over a line with ticks: `label` and names are ours, not a stranger's. */
struct report_bars {
	const char *label;
	const double *heights; /* 0 to 1 */
	size_t count;
	int step; /* from one to the next */
	const struct report_tick {
		const char *name; /* "": none */
		int at;
	} * ticks;
	size_t tick_count;
};
void report_bars(struct text *text, const struct report_bars *bars);

/* A page's head, from its first byte to the style sheet's end; "</head>" is the caller's. */
void report_open(struct text *text, const char *title);

/* What happened beside each benchmark while it was measured: whether any file says so; in its row of the table; in its
 * card, of one file; and of a file's whole run, false where it says nothing. */
bool report_has_rooms(const struct report *report);
void report_room_cell(struct text *text, const struct report *report, const struct report_row *row);
void report_room_of_card(struct text *text, const struct report *report, const struct report_row *row, size_t file);
bool report_room_of_run(struct text *text, const struct results *results);

/* Parts of the page, in its order. Without a file it has the files of other kinds alone. */
void report_page(struct text *text, const struct report *report);
void report_key_facts(struct text *text, const struct report *report, size_t file);
void report_overview(struct text *text, const struct report *report);
void report_table(struct text *text, const struct report *report);
void report_counters(struct text *text, const struct report *report);
void report_memory(struct text *text, const struct report *report);
void report_headlines(struct text *text, const struct report *report);
void report_gaps(struct text *text, const struct report *report, size_t file);
void report_pairs(struct text *text, const struct report *report, size_t file);
void report_missing(struct text *text, const struct report *report);
void report_cards(struct text *text, const struct report *report);
void report_history(struct text *text, const struct report *report);
void report_fleet(struct text *text, const struct report *report);
void report_room(struct text *text, const struct report *report);
void report_machine(struct text *text, const struct report *report);
void report_caps(struct text *text, const struct report *report, size_t file);
void report_drawing(struct text *text, const struct report *report, size_t file);
void report_cores(struct text *text, const struct report *report);
void report_topology(struct text *text, const json_t *context);
void report_data(struct text *text, const struct report *report);
void report_profiles_data(struct text *text, const struct report *report);
void report_memory_data(struct text *text, const struct report *report);

/* Any file has figures of a row whose name begins so. */
bool report_has_rows(const struct report *report, const char *prefix);

/* Any file has figures of the memory, machine/latency/…, machine/pages/reach/… and the like: then the page opens with
 * them. */
bool report_has_memory(const struct report *report);

/* The same pictures without a script, in a noscript element; `ladder`, whose levels are drawn, may be NULL. */
void report_plots(struct text *text, const struct report *report, const struct results_ladder *ladder);

/* "2 cores · L1 48 KiB · L2 1 MiB · ", of what is told. */
void report_memory_line(struct text *text, const struct report *report, size_t file);

/* A row's member of report_data's. */
void report_history_data(struct text *text, const struct report *report, const struct report_row *row);

/* "unchecked", where in any file nobody looked whether the row is right. */
void report_unchecked(struct text *text, const struct report *report, const struct report_row *row);

/* "functional only", where that file's figures are. */
void report_badge(struct text *text, const struct report *report, size_t file);

/* The file's letter in its colour, where there are several. */
void report_mark(struct text *text, const struct report *report, size_t file);

/* Mark and badge of each file whose figures are functional only, for a figure of all files. */
void report_badges(struct text *text, const struct report *report);
