/* SPDX-License-Identifier: Apache-2.0
 *
 * What the machine said of itself, from `context.machine`: drawn, as tables in which each figure has its source, and
 * the advice that follows. A stranger's: what is of another type is left out.
 */
#include "bench/machine/words.h"
#include "hosted/report/report.h"
#include "hosted/report/topology.h"

#include <string.h>

enum { ROWS_MAX = 256, NUMBERS = 65536 };

static const char *string_of(const json_t *object, const char *name) {
	const char *string = json_string_value(json_object_get(object, name));
	return string ? string : "";
}

static const char *kind_name(const json_t *machine, size_t kind) {
	return string_of(json_object_get(json_array_get(json_object_get(machine, "kinds"), kind), "name"), "value");
}

static void open_table(struct text *text, const char *heads) {
	text_format(text, "<table class=\"plain machine\"><thead><tr>%s</tr></thead><tbody>\n", heads);
}

static void close_table(struct text *text) {
	text_add_string(text, "</tbody></table>\n");
}

static void source_cell(struct text *text, const char *source) {
	text_add_string(text, "<td class=\"source\">");
	report_text(text, source);
	text_add_string(text, "</td></tr>\n");
}

/* ---- words and figures ------------------------------------------------------------------------------------------- */

enum shape { WORD, COUNT, BITS, HERTZ, BYTES_A_SECOND };

static void value_cell(struct text *text, const json_t *value, enum shape shape) {
	double number = json_number_value(value);
	text_add_string(text, "<td>");
	if (json_is_string(value))
		report_text(text, json_string_value(value));
	else if (shape == HERTZ)
		text_format(text, "%.3f GHz", number / 1e9);
	else if (shape == BYTES_A_SECOND)
		text_format(text, "%.1f GB/s on paper", number / 1e9);
	else
		text_format(text, "%.0f%s", number, shape == BITS ? " bit" : "");
	text_add_string(text, "</td>");
}

struct told {
	const char *member, *label;
	enum shape shape;
};

static void told_rows(struct text *text, const json_t *object, const struct told *told, size_t count,
		      const char *kind) {
	for (size_t i = 0; i < count; i++) {
		const json_t *field = json_object_get(object, told[i].member), *value = json_object_get(field, "value");
		if (!(told[i].shape == WORD ? json_is_string(value) : json_is_integer(value)))
			continue;
		text_format(text, "<tr><th scope=\"row\">%s%s", told[i].label, kind[0] ? ", " : "");
		report_text(text, kind);
		text_add_string(text, "</th>");
		value_cell(text, value, told[i].shape);
		source_cell(text, string_of(field, "source"));
	}
}

static void joined_row(struct text *text, const char *label, const char *kind, const json_t *array,
		       const char *source) {
	bool any = false;
	for (size_t i = 0; i < json_array_size(array) && i < ROWS_MAX; i++) {
		const json_t *value = json_array_get(array, i);
		if (!json_is_string(value) && !(json_is_integer(value) && json_integer_value(value) > 0))
			continue;
		if (!any) {
			text_format(text, "<tr><th scope=\"row\">%s%s", label, kind[0] ? ", " : "");
			report_text(text, kind);
			text_add_string(text, "</th><td>");
		}
		text_add_string(text, any ? ", " : "");
		if (json_is_string(value))
			report_text(text, json_string_value(value));
		else
			machine_add_bytes(text, (uint64_t)json_integer_value(value));
		any = true;
	}
	if (!any)
		return;
	text_add_string(text, "</td>");
	source_cell(text, source);
}

static void words_table(struct text *text, const json_t *machine) {
	static const struct told whole[] = {
		{"vendor", "Vendor", WORD},
		{"model", "Model", WORD},
		{"microarchitecture", "Design", WORD},
		{"microcode", "Microcode", WORD},
		{"hypervisor", "Hypervisor", WORD},
		{"packages", "Packages", COUNT},
		{"dies", "Dies", COUNT},
		{"clusters", "Clusters", COUNT},
		{"cores", "Cores", COUNT},
		{"threads", "Threads", COUNT},
		{"memory_bandwidth", "Memory bandwidth", BYTES_A_SECOND},
	};
	static const struct told each[] = {
		{"model", "Model", WORD},
		{"microarchitecture", "Design", WORD},
		{"stepping", "Stepping", WORD},
		{"base_hz", "Clock, base", HERTZ},
		{"max_hz", "Clock, highest", HERTZ},
		{"measured_hz", "Clock, measured", HERTZ},
		{"counters", "Counters", WORD},
		{"physical_bits", "Physical addresses", BITS},
		{"virtual_bits", "Virtual addresses", BITS},
	};
	const json_t *kinds = json_object_get(machine, "kinds");
	open_table(text, "<th>Told</th><th></th><th>by</th>");
	told_rows(text, machine, whole, sizeof(whole) / sizeof(whole[0]), "");
	for (size_t i = 0; i < json_array_size(kinds) && i < TOPOLOGY_KINDS_MAX; i++) {
		const json_t *kind = json_array_get(kinds, i);
		size_t skip = json_array_size(kinds) == 1 ? 2 : 0; /* the machine's own words already */
		told_rows(text, kind, each + skip, sizeof(each) / sizeof(each[0]) - skip, kind_name(machine, i));
		joined_row(text, "Page sizes", kind_name(machine, i), json_object_get(kind, "page_sizes"),
			   string_of(kind, "page_sizes_source"));
		joined_row(text, "Features", kind_name(machine, i), json_object_get(kind, "features"),
			   string_of(kind, "features_source"));
	}
	close_table(text);
}

/* ---- caches and TLBs --------------------------------------------------------------------------------------------- */

static void ways(struct text *text, const json_t *object) {
	const json_t *ways = json_object_get(object, "ways");
	if (json_is_integer(ways))
		text_format(text, ", %lld ways", (long long)json_integer_value(ways));
	else if (strcmp(string_of(object, "ways"), "full") == 0)
		text_add_string(text, ", fully associative");
}

/* TOPOLOGY_KINDS_MAX, which has no name: of several. */
static size_t cache_kind(const json_t *cache, const uint8_t *kind_of) {
	const json_t *cpus = json_object_get(cache, "cpus");
	size_t kind = TOPOLOGY_KINDS_MAX;
	for (size_t i = 0; i < json_array_size(cpus) && i < TOPOLOGY_CPUS_MAX; i++) {
		json_int_t number = json_integer_value(json_array_get(cpus, i));
		size_t mine = number >= 0 && number < NUMBERS ? kind_of[number] : TOPOLOGY_KINDS_MAX;
		if (i > 0 && mine != kind)
			return TOPOLOGY_KINDS_MAX;
		kind = mine;
	}
	return kind;
}

static bool cache_alike(const json_t *a, size_t kind_a, const json_t *b, size_t kind_b) {
	static const char *const same[] = {"level", "type", "bytes", "ways", "sets", "line_bytes"};
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		const json_t *mine = json_object_get(a, same[i]), *theirs = json_object_get(b, same[i]);
		if (json_is_object(mine) || json_is_array(mine) || (mine != theirs && !json_equal(mine, theirs)))
			return false;
	}
	return kind_a == kind_b &&
	       json_array_size(json_object_get(a, "cpus")) == json_array_size(json_object_get(b, "cpus"));
}

static void cache_row(struct text *text, const json_t *machine, const json_t *cache, size_t kind, size_t count) {
	const json_t *bytes = json_object_get(cache, "bytes");
	uint32_t line = topology_number(cache, "line_bytes", 65536, 0),
		 sets = topology_number(cache, "sets", 1 << 30, 0);
	size_t sharers = json_array_size(json_object_get(cache, "cpus"));
	text_format(text, "<tr><th scope=\"row\">L%u ", topology_number(cache, "level", 9, 0));
	report_text(text, string_of(cache, "type"));
	text_add_string(text, kind_name(machine, kind)[0] ? ", " : "");
	report_text(text, kind_name(machine, kind));
	text_add_string(text, "</th><td>");
	if (count > 1)
		text_format(text, "%zu × ", count);
	if (json_integer_value(bytes) > 0)
		machine_add_bytes(text, (uint64_t)json_integer_value(bytes));
	else
		text_add_string(text, "size not known");
	ways(text, cache);
	if (sets)
		text_format(text, ", %u sets", sets);
	if (line)
		text_format(text, ", lines of %u B", line);
	text_format(text, ", for %zu CPU%s</td>", sharers, sharers == 1 ? "" : "s");
	source_cell(text, string_of(cache, "source"));
}

static void cache_rows(struct text *text, const json_t *machine) {
	const json_t *caches = json_object_get(machine, "caches"), *shown[ROWS_MAX];
	const json_t *cpus = json_object_get(machine, "cpus");
	size_t kinds[ROWS_MAX], counts[ROWS_MAX], rows = 0;
	uint8_t kind_of[NUMBERS];
	memset(kind_of, TOPOLOGY_KINDS_MAX, sizeof(kind_of));
	for (size_t i = 0; i < json_array_size(cpus) && i < TOPOLOGY_CPUS_MAX; i++)
		kind_of[topology_number(json_array_get(cpus, i), "number", NUMBERS - 1, 0)] = (uint8_t)topology_number(
			json_array_get(cpus, i), "kind", TOPOLOGY_KINDS_MAX - 1, TOPOLOGY_KINDS_MAX);
	for (size_t i = 0; i < json_array_size(caches) && i < TOPOLOGY_CACHES_MAX; i++) {
		const json_t *cache = json_array_get(caches, i);
		size_t kind = cache_kind(cache, kind_of), row = 0;
		while (row < rows && !cache_alike(cache, kind, shown[row], kinds[row]))
			row++;
		if (row == ROWS_MAX || !json_is_object(cache))
			continue;
		counts[row] = row == rows ? 1 : counts[row] + 1;
		shown[row] = row == rows ? cache : shown[row];
		kinds[row] = kind;
		rows += row == rows;
	}
	for (size_t row = 0; row < rows; row++)
		cache_row(text, machine, shown[row], kinds[row], counts[row]);
}

static void tlb_row(struct text *text, const json_t *machine, const json_t *tlb) {
	const char *kind = kind_name(machine, topology_number(tlb, "kind", TOPOLOGY_KINDS_MAX - 1, 0));
	const json_t *pages = json_object_get(tlb, "page_sizes");
	text_format(text, "<tr><th scope=\"row\">TLB %u ", topology_number(tlb, "level", 9, 0));
	report_text(text, string_of(tlb, "type"));
	text_add_string(text, kind[0] ? ", " : "");
	report_text(text, kind);
	text_format(text, "</th><td>%u entries", topology_number(tlb, "entries", 1 << 30, 0));
	ways(text, tlb);
	for (size_t i = 0; i < json_array_size(pages) && i < 16; i++) {
		text_add_string(text, i ? ", " : ", pages of ");
		machine_add_bytes(text, (uint64_t)json_integer_value(json_array_get(pages, i)));
	}
	text_add_string(text, "</td>");
	source_cell(text, string_of(tlb, "source"));
}

static void caches_table(struct text *text, const json_t *machine) {
	const json_t *tlbs = json_object_get(machine, "tlbs");
	open_table(text, "<th>Cache</th><th></th><th>by</th>");
	cache_rows(text, machine);
	for (size_t i = 0; i < json_array_size(tlbs) && i < ROWS_MAX; i++)
		tlb_row(text, machine, json_array_get(tlbs, i));
	close_table(text);
}

/* ---- advice and remarks ------------------------------------------------------------------------------------------ */

static void advice(struct text *text, const json_t *machine) {
	const json_t *advice = json_object_get(machine, "advice");
	if (json_array_size(advice) == 0)
		return;
	text_add_string(text, "<h3>Advice</h3><ul class=\"advice\">\n");
	for (size_t i = 0; i < json_array_size(advice) && i < ROWS_MAX; i++) {
		const json_t *one = json_array_get(advice, i);
		text_add_string(text, "<li><strong>");
		report_text(text, string_of(one, "text"));
		text_add_string(text, "</strong>, because ");
		report_text(text, string_of(one, "reason"));
		text_add_string(text, " <span class=\"basis\">(");
		report_text(text, string_of(one, "basis"));
		text_add_string(text, string_of(one, "margin")[0] ? ": " : "");
		report_text(text, string_of(one, "margin"));
		text_add_string(text, ")</span></li>\n");
	}
	text_add_string(text, "</ul>\n");
}

static void remarks(struct text *text, const json_t *machine) {
	const json_t *remarks = json_object_get(machine, "remarks");
	if (json_array_size(remarks) == 0)
		return;
	text_add_string(text, "<h3>Where sources differ</h3><ul class=\"advice\">\n");
	for (size_t i = 0; i < json_array_size(remarks) && i < ROWS_MAX; i++) {
		const char *remark = json_string_value(json_array_get(remarks, i));
		text_add_string(text, "<li>");
		report_text(text, remark ? remark : "");
		text_add_string(text, "</li>\n");
	}
	text_add_string(text, "</ul>\n");
}

/* The first file that tells of the same cores and caches. */
static size_t first_alike(const struct report *report, size_t file) {
	static const char *const same[] = {"cpus", "caches", "tlbs", "kinds"};
	const json_t *mine = json_object_get(report->files[file]->context, "machine");
	for (size_t other = 0; other < file; other++) {
		const json_t *theirs = json_object_get(report->files[other]->context, "machine");
		bool alike = true;
		for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
			alike &= json_equal(json_object_get(mine, same[i]), json_object_get(theirs, same[i]));
		if (alike)
			return other;
	}
	return file;
}

void report_drawing(struct text *text, const struct report *report, size_t file) {
	const json_t *context = report->files[file]->context;
	size_t drawn = first_alike(report, file);
	if (!json_is_object(json_object_get(context, "machine")))
		return;
	text_add_string(text, "<h3>");
	report_mark(text, report, file);
	text_add_string(text, "Cores and caches, as told</h3>\n");
	if (drawn == file) {
		report_topology(text, context);
	} else {
		text_add_string(text, "<p class=\"note\">Those of ");
		report_mark(text, report, drawn);
		text_add_string(text, "</p>\n");
	}
}

void report_caps(struct text *text, const struct report *report, size_t file) {
	const json_t *machine = json_object_get(report->files[file]->context, "machine");
	if (!json_is_object(machine))
		return;
	text_add_string(text, "<div class=\"caps\">");
	if (!report_has_memory(report))
		report_drawing(text, report, file);
	advice(text, machine);
	remarks(text, machine);
	text_add_string(text, "<details><summary>Caches, TLBs and features, each with its source</summary>\n");
	caches_table(text, machine);
	words_table(text, machine);
	text_add_string(text, "</details></div>\n");
}
