/* SPDX-License-Identifier: Apache-2.0
 *
 * What `noise` saw (noise.json) on the page: what each core got of its time, what comes at even intervals, what
 * somebody counted meanwhile, and detours by their length, drawn here. A file is a stranger's: what is not as it should
 * be is left out, and no more is shown than a machine may have.
 */
#include "bench/noise/publish.h"
#include "hosted/report/report.h"
#include "lib/units.h"

#include <math.h>

enum { CORES_SHOWN = 512, PERIODS_SHOWN = 8 };

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static const char *cpu_of(const struct report_part *noise) {
	const char *cpu = json_string_value(json_object_get(json_object_get(noise->root, "machine"), "cpu"));
	return cpu ? cpu : "";
}

/* NAN: there is no number that is not negative. What is beyond 10^18 is that. */
static double number_of(const json_t *object, const char *name) {
	const json_t *value = json_object_get(object, name);
	double number = json_is_number(value) ? json_number_value(value) : (double)NAN;
	return number >= 0 ? fmin(number, 1e18) : (double)NAN;
}

static size_t cores_of(const struct report_part *noise) {
	size_t count = json_array_size(json_object_get(noise->root, "cores"));
	return count < CORES_SHOWN ? count : CORES_SHOWN;
}

static const json_t *core_of(const struct report_part *noise, size_t at) {
	return json_array_get(json_object_get(noise->root, "cores"), at);
}

/* ---- detours by length ------------------------------------------------------------------------------------------- */

enum { COLUMNS = 80, STEP = 3, DECADES = 14 };

/* Decades of nanoseconds, whole. */
struct span {
	int low, high;
};

static int decade_of(double ns) {
	return (int)fmax(0, fmin(12, floor(log10(fmax(ns, 1)))));
}

/* Of all cores, so that their pictures can be compared. */
static struct span span_of(const struct report_part *noise) {
	struct span span = {12, 0};
	for (size_t i = 0; i < cores_of(noise); i++) {
		const json_t *histogram = json_object_get(core_of(noise, i), "histogram");
		for (size_t k = 0; k < json_array_size(histogram) && k < NOISE_BUCKETS; k++) {
			double from = number_of(json_array_get(histogram, k), "from_ns");
			if (isnan(from))
				continue;
			span.low = decade_of(from) < span.low ? decade_of(from) : span.low;
			span.high = decade_of(from) + 1 > span.high ? decade_of(from) + 1 : span.high;
		}
	}
	return span.low < span.high ? span : (struct span){1, 7};
}

/* The most of them. */
static double fill(const json_t *histogram, struct span span, double columns[COLUMNS]) {
	double most = 0;
	for (size_t k = 0; k < json_array_size(histogram) && k < NOISE_BUCKETS; k++) {
		const json_t *bucket = json_array_get(histogram, k);
		double from = number_of(bucket, "from_ns"), count = number_of(bucket, "count");
		if (isnan(from) || isnan(count))
			continue;
		double place = (log10(fmax(from, 1)) - span.low) / (span.high - span.low) * COLUMNS;
		int column = (int)fmax(0, fmin(COLUMNS - 1, place));
		columns[column] += count;
		most = fmax(most, columns[column]);
	}
	return most;
}

/* Each decade has a tick, and each third of them a name. */
static size_t find_ticks(struct span span, struct report_tick ticks[DECADES]) {
	static const char *const names[] = {"1 ns", "", "", "1 µs", "", "", "1 ms", "", "", "1 s"};
	size_t count = 0;
	for (int ten = span.low; ten <= span.high; ten++) {
		bool is_named = ten < span.high && ten < (int)(sizeof(names) / sizeof(names[0]));
		ticks[count++] = (struct report_tick){is_named ? names[ten] : "",
						      (ten - span.low) * COLUMNS * STEP / (span.high - span.low)};
	}
	return count;
}

static void add_lengths(struct text *text, const json_t *core, struct span span) {
	double columns[COLUMNS] = {0};
	struct report_tick ticks[DECADES];
	double most = fill(json_object_get(core, "histogram"), span, columns);
	for (int i = 0; i < COLUMNS && most > 0; i++)
		columns[i] = log1p(columns[i]) / log1p(most);
	report_bars(text,
		    &(struct report_bars){"detours by length", columns, COLUMNS, STEP, ticks, find_ticks(span, ticks)});
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

static void open_cell(struct text *text, const char *label) {
	text_format(text, "<td class=\"number\" data-l=\"%s\">", label);
}

static void time_cell(struct text *text, const char *label, double ns) {
	open_cell(text, label);
	if (isnan(ns))
		text_add_string(text, "–");
	else
		report_time(text, ns);
	text_add_string(text, "</td>");
}

static void count_cell(struct text *text, const char *label, double count) {
	open_cell(text, label);
	text_format(text, isnan(count) ? "–" : "%.0f", count);
	text_add_string(text, "</td>");
}

static void rate_cell(struct text *text, const json_t *core) {
	const json_t *over = json_object_get(core, "over_1us");
	double count = number_of(over, "count"), looked = number_of(core, "looked_ns");
	open_cell(text, "a second");
	if (count > 0 && looked > 0)
		text_format(text, "%.3g", count / looked * NS_PER_SECOND);
	else if (count == 0 && number_of(over, "a_second_upper") >= 0)
		text_format(text, "&lt; %.3g", number_of(over, "a_second_upper"));
	else
		text_add_string(text, "–");
	text_add_string(text, "</td>");
}

static void core_row(struct text *text, const json_t *core, struct span span) {
	const json_t *over = json_object_get(core, "over_1us");
	double available = number_of(over, "available");
	text_format(text, "<tr data-core><th scope=\"row\">core %.0f</th>", fmax(number_of(core, "core"), 0));
	count_cell(text, "CPU", number_of(core, "cpu"));
	time_cell(text, "looked", number_of(core, "looked_ns"));
	open_cell(text, "available");
	text_format(text, isnan(available) ? "–" : "%.6f %%", available * 100);
	text_add_string(text, "</td>");
	time_cell(text, "lost", number_of(over, "lost_ns"));
	time_cell(text, "longest", number_of(core, "longest_ns"));
	count_cell(text, "over 1 µs", number_of(over, "count"));
	count_cell(text, "detours", number_of(json_object_get(core, "over_threshold"), "count"));
	rate_cell(text, core);
	text_add_string(text, "<td>");
	add_lengths(text, core, span);
	text_add_string(text, "</td></tr>\n");
}

static void core_table(struct text *text, const struct report_part *noise) {
	static const char *const heads[] = {"CPU",     "Looked",    "Available", "Lost",
					    "Longest", "Over 1 µs", "Detours",   "A second"};
	struct span span = span_of(noise);
	text_add_string(text, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Noise of each "
			      "core\"><table class=\"plain\"><thead><tr><th>Core</th>");
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		text_format(text, "<th class=\"number\">%s</th>", heads[i]);
	text_add_string(text, "<th>Detours by length</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < cores_of(noise); i++)
		core_row(text, core_of(noise, i), span);
	text_add_string(text, "</tbody></table></div>\n<p class=\"note\">Available, lost, longest and a second are of "
			      "detours over 1 µs; “&lt;”: none was seen, and this many a second would have been, "
			      "with 95 %. Both scales of the pictures are logarithmic.</p>\n");
}

/* ---- periods and causes ------------------------------------------------------------------------------------------ */

static size_t add_periods(struct text *text, const json_t *core, const json_t *periods, const char *where) {
	size_t shown = 0;
	for (size_t i = 0; i < json_array_size(periods) && i < PERIODS_SHOWN; i++) {
		const json_t *period = json_array_get(periods, i);
		double every = number_of(period, "every_ns"), length = number_of(period, "length_ns");
		if (!(every > 0) || isnan(length))
			continue;
		text_format(text, "<li>core %.0f: every ", fmax(number_of(core, "core"), 0));
		report_time(text, every);
		text_format(text, " (%.4g Hz) ", NS_PER_SECOND / every);
		report_time(text, length);
		text_add_string(text, where);
		if (number_of(period, "turns") >= 0)
			text_format(text, ", in %.0f %% of its turns", number_of(period, "turns") * 100);
		text_add_string(text, "</li>\n");
		shown++;
	}
	return shown;
}

static void all_periods(struct text *text, const struct report_part *noise) {
	size_t shown = 0;
	text_add_string(text, "<h3>Periods</h3>\n<ul class=\"advice\">");
	for (size_t i = 0; i < cores_of(noise); i++) {
		const json_t *core = core_of(noise, i);
		size_t found = add_periods(text, core, json_object_get(core, "periods"), "");
		if (found == 0)
			found = add_periods(text, core, json_object_get(json_object_get(core, "fixed_time"), "periods"),
					    " of work in equal times");
		shown += found;
	}
	text_add_string(text, shown ? "</ul>\n" : "<li>none that stands out</li></ul>\n");
}

static const struct {
	const char *member, *shown;
} counts[] = {{"interrupts", "interrupts"},
	      {"nmis", "NMIs"},
	      {"smis", "SMIs"},
	      {"context_switches", "switches"},
	      {"stolen_ns", "taken by the host"}};

enum { COUNTS = sizeof(counts) / sizeof(counts[0]), STOLEN = COUNTS - 1 };

static void add_plant(struct text *text, const json_t *planted) {
	double every = number_of(planted, "every_ns"), length = number_of(planted, "length_ns");
	const json_t *found = json_object_get(planted, "found");
	double found_every = number_of(found, "every_ns"), found_length = number_of(found, "length_ns");
	if (isnan(every) || isnan(length))
		return;
	text_add_string(text, "; planted every ");
	report_time(text, every);
	text_add_string(text, " ");
	report_time(text, length);
	if (isnan(found_every) || isnan(found_length)) {
		text_add_string(text, ", not found");
		return;
	}
	text_add_string(text, ", found every ");
	report_time(text, found_every);
	text_add_string(text, " ");
	report_time(text, found_length);
}

static void cause(struct text *text, const json_t *core) {
	const json_t *counted = json_object_get(core, "counted");
	double together = number_of(core, "on_all_cores"), over = number_of(json_object_get(core, "over_1us"), "count");
	text_format(text, "<li>core %.0f: ", fmax(number_of(core, "core"), 0));
	if (isnan(together) || isnan(over))
		text_add_string(text, "one core: nothing to compare with");
	else
		text_format(text, "%.0f of %.0f over 1 µs on all cores at once", together, over);
	if (!isnan(number_of(core, "on_all_cores_by_chance")))
		text_format(text, " (%.0f by chance)", number_of(core, "on_all_cores_by_chance"));
	for (size_t i = 0; i < COUNTS; i++) {
		double count = number_of(counted, counts[i].member);
		if (isnan(count))
			continue;
		text_format(text, i == STOLEN ? "; %s " : "; %s %.0f", counts[i].shown, count);
		if (i == STOLEN)
			report_time(text, count);
	}
	const json_t *unknown = json_object_get(core, "unknown");
	if (!isnan(number_of(unknown, "ns"))) {
		text_add_string(text, json_is_false(json_object_get(unknown, "at_most")) ? "; unknown "
											 : "; unknown at most ");
		report_time(text, number_of(unknown, "ns"));
	}
	if (number_of(core, "clock_went_back") > 0)
		text_format(text, "; its clock went back %.0f times: do not trust its times",
			    number_of(core, "clock_went_back"));
	if (number_of(core, "elsewhere") > 0)
		text_add_string(text, "; it was not always on this core, which went away or is forbidden");
	add_plant(text, json_object_get(core, "planted"));
	text_add_string(text, "</li>\n");
}

static void causes(struct text *text, const struct report_part *noise) {
	const json_t *not_counted = json_object_get(core_of(noise, 0), "not_counted");
	text_add_string(text, "<h3>Causes, as far as they can be told</h3>\n<ul class=\"advice\">");
	for (size_t i = 0; i < cores_of(noise); i++)
		cause(text, core_of(noise, i));
	for (size_t i = 0; i < COUNTS; i++) {
		const char *reason = json_string_value(json_object_get(not_counted, counts[i].member));
		if (!reason)
			continue;
		text_format(text, "<li>%s not counted here: ", counts[i].shown);
		report_text(text, reason);
		text_add_string(text, "</li>\n");
	}
	text_add_string(text, "</ul>\n");
}

/* ---- the section ------------------------------------------------------------------------------------------------- */

static void banner(struct text *text, const struct report_part *noise) {
	const char *emulated = json_string_value(json_object_get(json_object_get(noise->root, "machine"), "emulated"));
	if (!emulated || !emulated[0])
		return;
	text_add_string(text, "<p class=\"banner\"><strong>Functional only.</strong> ");
	report_text(text, emulated);
	text_add_string(text, ". This says nothing of how quiet hardware is.</p>\n");
}

static void where_and_when(struct text *text, const struct report_part *noise) {
	static const char *const members[] = {"architecture", "way", "hypervisor"};
	const json_t *machine = json_object_get(noise->root, "machine");
	const char *date = json_string_value(json_object_get(noise->root, "date"));
	const char *held = json_string_value(json_object_get(noise->root, "held"));
	size_t all = json_array_size(json_object_get(noise->root, "cores"));
	text_add_string(text, "<p class=\"files\">");
	report_text(text, cpu_of(noise));
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		const char *value = json_string_value(json_object_get(machine, members[i]));
		text_add_string(text, value && value[0] ? " · " : "");
		report_text(text, value ? value : "");
	}
	text_add_string(text, date ? " · " : "");
	report_text(text, date ? date : "");
	text_add_string(text, " · <span class=\"file\">");
	report_text(text, noise->file);
	text_add_string(text, "</span>");
	text_add_string(text, held ? " · " : "");
	report_text(text, held ? held : "");
	text_format(text, " · %zu core%s at once", all, all == 1 ? "" : "s");
	if (all > CORES_SHOWN)
		text_format(text, ", the first %d of them here", CORES_SHOWN);
	text_add_string(text, json_is_true(json_object_get(noise->root, "cut")) ? " · <b>cut off</b></p>\n" : "</p>\n");
}

static void show(struct text *text, const struct report_part *noise) {
	report_part_open(text, noise);
	text_add_string(text, "<h2>The noise of the machine</h2>\n");
	banner(text, noise);
	where_and_when(text, noise);
	core_table(text, noise);
	all_periods(text, noise);
	causes(text, noise);
	text_add_string(text, "</section>\n");
}

static bool read(struct report_part *part, const struct text *bytes, struct text *complaint) {
	return report_part_parse(part, bytes, "cores", complaint);
}

const struct report_kind report_noise_kind = {
	.schema = NOISE_SCHEMA, .anchor = "noise", .link = "Noise", .read = read, .show = show, .machine = cpu_of};
