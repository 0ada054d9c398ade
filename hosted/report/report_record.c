/* SPDX-License-Identifier: Apache-2.0
 *
 * What a program asked of memory (`anechoic record`) on the page: its calls and blocks by size, how long blocks lived,
 * and what that says of the settings that may be switched on, where it is known what memory costs here. Words and
 * figures are those of `record` and `advise`.
 */
#include "bench/plain.h"
#include "hosted/record/record.h"
#include "hosted/report/report.h"
#include "hosted/results/files.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static bool read(struct report_part *part, const struct text *bytes, struct text *complaint) {
	part->record = malloc(sizeof(*part->record));
	if (!part->record)
		plain_format(complaint, "%s: out of memory\n", part->file);
	return part->record && record_read(bytes->bytes, bytes->length, part->file, part->record, complaint);
}

bool report_has_records(const struct report *report) {
	for (size_t i = 0; i < report->part_count; i++)
		if (report->parts[i].record)
			return true;
	return false;
}

int report_records_advise(struct report *report, const struct costs *costs) {
	for (size_t i = 0; i < report->part_count; i++) {
		struct report_part *part = &report->parts[i];
		if (!part->record)
			continue;
		part->advice = malloc(sizeof(*part->advice));
		if (!part->advice)
			return -1;
		advice_make(part->record, costs, NULL, part->advice);
		part->advice->tunables = getenv("GLIBC_TUNABLES");
	}
	return 0;
}

static const char *cpu_of(const struct report_part *part) {
	const struct tune_signature *machine = &part->record->machine;
	return machine->model[0] ? machine->model : machine->cpu;
}

/* ---- words of others as markup ----------------------------------------------------------------------------------- */

/* Between `before` and `after`, each line of it; frees it. */
static void add_lines(struct text *text, struct text *words, const char *before, const char *after) {
	text_add(words, "", 1);
	char *line = words->failed ? NULL : words->bytes;
	text->failed |= words->failed;
	while (line && *line) {
		char *end = line + strcspn(line, "\n"), *next = *end ? end + 1 : end;
		*end = '\0';
		text_add_string(text, before);
		report_text(text, line + strspn(line, " "));
		text_add_string(text, after);
		line = next;
	}
	text_free(words);
}

/* ---- calls and blocks -------------------------------------------------------------------------------------------- */

enum { SIZE_STEP = 4, LIFE_STEP = 6 };

/* Two classes an octave (counts_class), the first of 0 bytes. */
static const struct report_tick size_ticks[] = {
	{"16 B", 8 * SIZE_STEP}, {"1 KiB", 20 * SIZE_STEP}, {"1 MiB", 40 * SIZE_STEP}, {"", 60 * SIZE_STEP}};
/* Class n ends at 2^n ns. */
static const struct report_tick life_ticks[] = {
	{"1 ns", LIFE_STEP}, {"1 µs", 11 * LIFE_STEP}, {"1 ms", 21 * LIFE_STEP}, {"1 s", 31 * LIFE_STEP}};

_Static_assert(COUNTS_LIFETIMES <= COUNTS_CLASSES, "room for heights");

/* As high as their shares of the most. */
static void add_bars(struct text *text, const uint64_t *counts, struct report_bars bars) {
	double heights[COUNTS_CLASSES], most = 0;
	for (size_t i = 0; i < bars.count; i++)
		most = fmax(most, (double)counts[i]);
	for (size_t i = 0; i < bars.count; i++)
		heights[i] = most > 0 ? (double)counts[i] / most : 0;
	bars.heights = heights;
	report_bars(text, &bars);
}

static void add_sizes(struct text *text, const char *label, const uint64_t *counts, size_t width, uint64_t all) {
	uint64_t classes[COUNTS_CLASSES];
	struct text words = {0};
	for (uint32_t class = 0; class < COUNTS_CLASSES; class += 1)
		classes[class] = record_in_class(counts, width, class);
	text_add_string(text, "<td>");
	add_bars(text, classes,
		 (struct report_bars){.label = label,
				      .count = COUNTS_CLASSES,
				      .step = SIZE_STEP,
				      .ticks = size_ticks,
				      .tick_count = sizeof(size_ticks) / sizeof(size_ticks[0])});
	text_add_string(text, "</td><td>");
	record_show_sizes(counts, width, all, &words);
	add_lines(text, &words, "", "");
	text_add_string(text, "</td></tr>\n");
}

static void open_row(struct text *text, const char *name, const char *label, uint64_t count) {
	text_format(text,
		    "<tr><th scope=\"row\">%s</th><td class=\"number\" data-l=\"%s\">%" PRIu64
		    "</td><td class=\"number\" data-l=\"bytes\">",
		    name, label, count);
}

static void open_table(struct text *text, const char *label, const char *what, const char *counted, const char *each) {
	text_format(text,
		    "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s\"><table class=\"plain\">"
		    "<thead><tr><th>%s</th><th class=\"number\">%s</th><th class=\"number\">bytes</th><th>by size</th>"
		    "<th>bytes a %s: share of the %s</th></tr></thead><tbody>\n",
		    label, what, counted, each, counted);
}

static void add_calls(struct text *text, const struct record *record) {
	bool shown[COUNTS_CALL_COUNT] = {false};
	enum counts_call call = record_next_call(record, shown);
	text_add_string(text, "<h3>Calls on memory</h3>\n");
	if (call == COUNTS_CALL_COUNT) {
		text_add_string(text, "<p class=\"note\">None that went through the dynamic linker.</p>\n");
		return;
	}
	open_table(text, "Calls on memory", "call", "calls", "call");
	for (; call != COUNTS_CALL_COUNT; call = record_next_call(record, shown)) {
		open_row(text, record_call_name(call), "calls", record_calls(record, call));
		text_format(text, "%" PRIu64 "</td>", record->sums.bytes[call]);
		if (record->sums.unsized[call] == record_calls(record, call)) {
			text_add_string(text, "<td></td><td>of no known size</td></tr>\n");
			continue;
		}
		add_sizes(text, "calls by size", &record->sums.calls[call][0][0], COUNTS_ALIGNMENTS,
			  record_calls(record, call));
	}
	text_add_string(text, "</tbody></table></div>\n");
}

static uint64_t sum_of(const uint64_t *counts, size_t count) {
	uint64_t sum = 0;
	for (size_t i = 0; i < count; i++)
		sum += counts[i];
	return sum;
}

static void add_kinds(struct text *text, const struct record *record) {
	for (enum counts_kind kind = 0; kind < COUNTS_KINDS; kind++) {
		uint64_t blocks = sum_of(record->sums.allocations[kind], COUNTS_CLASSES);
		if (!blocks)
			continue;
		open_row(text, record_kind_name(kind), "blocks", blocks);
		text_add_string(text, "</td>");
		add_sizes(text, "blocks by size", record->sums.allocations[kind], 1, blocks);
	}
}

static void add_blocks(struct text *text, const struct record *record) {
	uint64_t blocks[COUNTS_CLASSES];
	text_add_string(text, "<h3>Blocks of the heap</h3>\n");
	if (!record->allocated) {
		text_add_string(text, "<p class=\"note\">None.</p>\n");
		return;
	}
	record_blocks(record, blocks);
	open_table(text, "Blocks of the heap", "heap", "blocks", "block");
	open_row(text, "allocated", "blocks", record->allocated);
	text_format(text, "%" PRIu64 "</td>", record->sums.allocated_bytes);
	add_sizes(text, "blocks by size", blocks, 1, record->allocated);
	add_kinds(text, record);
	open_row(text, "freed", "blocks", record->freed);
	text_add_string(text, "</td>");
	if (record->freed)
		add_sizes(text, "freed blocks by size", record->sums.frees, 1, record->freed);
	else
		text_add_string(text, "<td></td><td></td></tr>\n");
	text_add_string(text, "</tbody></table></div>\n");
}

/* ---- what became of blocks --------------------------------------------------------------------------------------- */

/* The time that so many of them lived less than. */
static void add_lived(struct text *text, const uint64_t *lifetimes, double share) {
	double wanted = share * (double)sum_of(lifetimes, COUNTS_LIFETIMES), sum = 0;
	size_t class = 0;
	for (; class < COUNTS_LIFETIMES - 1; class ++) {
		sum += (double)lifetimes[class];
		if (sum >= wanted)
			break;
	}
	report_time(text, ldexp(1, (int)class));
}

static void add_lifetimes(struct text *text, const struct record *record) {
	const uint64_t *lifetimes = record->sums.lifetimes;
	if (!sum_of(lifetimes, COUNTS_LIFETIMES))
		return;
	text_add_string(text, "<h3>How long blocks live</h3>\n");
	add_bars(text, lifetimes,
		 (struct report_bars){.label = "blocks by how long they lived",
				      .count = COUNTS_LIFETIMES,
				      .step = LIFE_STEP,
				      .ticks = life_ticks,
				      .tick_count = sizeof(life_ticks) / sizeof(life_ticks[0])});
	text_add_string(text, "\n<p class=\"note\">Of those that were followed to their end half lived less than ");
	add_lived(text, lifetimes, 0.5);
	text_add_string(text, ", nine in ten less than ");
	add_lived(text, lifetimes, 0.9);
	text_add_string(text, ".</p>\n");
}

static void add_ends(struct text *text, const struct record *record) {
	struct text words = {0};
	record_show_orders(record, &words);
	if (record->freed_more)
		text_format(&words,
			    "%" PRIu64 " blocks at least were freed by another thread than the one that "
			    "allocated them\n",
			    record->freed_more);
	if (record->sums.moved)
		text_format(&words, "%" PRIu64 " blocks were moved by realloc\n", record->sums.moved);
	if (record->sums.failed)
		text_format(&words, "%" PRIu64 " allocations gave NULL\n", record->sums.failed);
	record_show_missing(record, &words);
	if (words.length == 0)
		return;
	text_add_string(text, "<ul class=\"advice\">");
	add_lines(text, &words, "<li>", "</li>\n");
	text_add_string(text, "</ul>\n");
}

/* ---- the advice -------------------------------------------------------------------------------------------------- */

static void add_part(struct text *text, const struct advice *advice, enum advice_part part) {
	const struct advice_range *range = &advice->parts[part];
	struct text words = {0};
	text_format(text, "<tr><th scope=\"row\">%s</th><td class=\"number\" data-l=\"share\">",
		    advice_part_name(part));
	advice_show_range(range, false, &words);
	add_lines(text, &words, "", "");
	text_add_string(text, "</td><td>");
	report_forest(text, &(struct report_forest){.lower = 2 * range->lower - 1,
						    .point = 2 * range->point - 1,
						    .upper = 2 * range->upper - 1,
						    .from_left = true});
	text_add_string(text, "</td></tr>\n");
}

static void add_parts(struct text *text, const struct advice *advice) {
	text_add_string(text,
			"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Parts of the time\">"
			"<table class=\"plain\"><thead><tr><th>part</th><th class=\"number\">share of the time</th>"
			"<th>0 to 100 %</th></tr></thead><tbody>\n");
	for (enum advice_part part = 0; part < ADVICE_PARTS; part++)
		add_part(text, advice, part);
	text_add_string(text, "</tbody></table></div>\n");
}

/* How far the farthest gain or loss reaches. */
static double reach_of(const struct advice *advice) {
	double reach = 0.01;
	for (enum advice_setting setting = 0; setting < ADVICE_SETTINGS; setting++)
		reach = fmax(reach, fmax(fabs(advice->settings[setting].gain.lower),
					 fabs(advice->settings[setting].gain.upper)));
	return reach;
}

static void add_setting(struct text *text, const struct report_part *of, enum advice_setting setting, double reach) {
	const struct advice *advice = of->advice;
	const struct advice_range *gain = &advice->settings[setting].gain;
	struct text words = {0}, command = {0};
	const char *class = gain->lower > 0 ? "good" : gain->upper < 0 ? "bad" : "even";
	text_format(text, "<tr><th scope=\"row\">%s</th><td class=\"number %s\" data-l=\"gain\">",
		    advice_setting_name(setting), class);
	advice_show_gain(advice, setting, &words);
	add_lines(text, &words, "", "");
	text_format(text, "</td><td class=\"%s\">", class);
	if (advice->settings[setting].measured) {
		report_forest(text, &(struct report_forest){.lower = gain->lower / reach,
							    .point = gain->point / reach,
							    .upper = gain->upper / reach});
		advice_command(advice, setting, &command);
		text_format(&command, "%s ...", of->record->program);
	}
	text_add_string(text, "</td><td>");
	add_lines(text, &command, "<code>", "</code>");
	text_add_string(text, "</td></tr>\n");
}

static void add_settings(struct text *text, const struct report_part *of) {
	double reach = reach_of(of->advice);
	text_add_string(text,
			"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"What settings gain\">"
			"<table class=\"plain\"><thead><tr><th>setting</th><th class=\"number\">time that it gains</th>"
			"<th>slower | faster</th><th>typed so</th></tr></thead><tbody>\n");
	for (enum advice_setting setting = 0; setting < ADVICE_SETTINGS; setting++)
		add_setting(text, of, setting, reach);
	text_add_string(text, "</tbody></table></div>\n");
}

/* What came from standard input has no name that `advise` would find. */
static void add_command(struct text *text, const struct report_part *of) {
	text_add_string(text, "<code>anechoic advise ");
	report_text(text, strcmp(of->file, files_named("-")) == 0 ? "RECORD" : of->file);
	text_add_string(text, "</code>");
}

/* A page measures nothing; `advise` plays back where there are sizes to play. */
static void add_replay(struct text *text, const struct report_part *of) {
	text_add_string(text, "<p class=\"note\">No block was played back for this page");
	if (!of->advice->settings[ADVICE_POOLS].measured) {
		text_add_string(text, ": there is no size that pools gain for sure for.</p>\n");
		return;
	}
	text_add_string(text, ": what pools gain is a sum over sizes and orders. ");
	add_command(text, of);
	text_add_string(text, " plays the blocks back as a mixture, on the machine that the costs are of, and says it "
			      "more exactly.</p>\n");
}

static void add_advice(struct text *text, const struct report_part *of) {
	struct text kind = {0}, notes = {0}, best = {0};
	text_add_string(text, "<h3>What it would gain</h3>\n");
	if (!of->advice) {
		text_add_string(text, "<p class=\"note\">What memory costs here was not measured yet: ");
		add_command(text, of);
		text_add_string(text, " measures it, in half a minute, and tells the gain.</p>\n");
		return;
	}
	advice_show_kind(of->record, of->advice, &kind);
	add_lines(text, &kind, "<p class=\"note\">", "</p>\n");
	if (of->advice->missing)
		return;
	add_parts(text, of->advice);
	add_settings(text, of);
	advice_show_notes(of->advice, &notes);
	add_lines(text, &notes, "<p class=\"note\">", "</p>\n");
	add_replay(text, of);
	advice_show_best(of->record, of->advice, &best);
	add_lines(text, &best, "<p><b>advice:</b> <code>", "</code></p>\n");
}

/* ---- the section ------------------------------------------------------------------------------------------------- */

static void add_head(struct text *text, const struct report_part *of) {
	struct text run = {0};
	text_add_string(text, "<h2>What ");
	report_text(text, of->record->program);
	text_add_string(text, " asks of memory</h2>\n<p class=\"files\">");
	report_text(text, cpu_of(of));
	if (of->record->machine.hypervisor[0])
		text_add_string(text, " · ");
	report_text(text, of->record->machine.hypervisor);
	text_add_string(text, " · <span class=\"file\">");
	report_text(text, of->file);
	text_add_string(text, "</span></p>\n");
	record_show_run(of->record, &run);
	add_lines(text, &run, "<p class=\"note\">", "</p>\n");
}

static void show(struct text *text, const struct report_part *of) {
	report_part_open(text, of);
	add_head(text, of);
	add_advice(text, of);
	add_calls(text, of->record);
	add_blocks(text, of->record);
	add_lifetimes(text, of->record);
	add_ends(text, of->record);
	text_add_string(text, "</section>\n");
}

const struct report_kind report_record_kind = {.schema = RECORD_OF_PROGRAM_SCHEMA,
					       .anchor = "record",
					       .link = "A program",
					       .leads = true,
					       .read = read,
					       .show = show,
					       .machine = cpu_of};
