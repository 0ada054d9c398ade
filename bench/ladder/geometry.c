/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/ladder/geometry.h"

#include "lib/units.h"

#include <inttypes.h>
#include <string.h>

/* ---- written ----------------------------------------------------------------------------------------------------- */

/* Bits of the address, not of the page's number. */
static void write_index(struct text *text, const struct tlb_geometry *geometry, const struct tlb_structure *structure) {
	text_member_array(text, "index");
	for (unsigned row = 0; row < structure->set_bits; row++) {
		text_member_array(text, NULL);
		for (unsigned bit = 0; bit < geometry->page_bits; bit++)
			if (structure->rows[row] >> bit & 1)
				text_member_u64(text, NULL, geometry->page_shift + bit);
		text_add_string(text, "]");
	}
	text_add_string(text, "]");
}

static void write_level(struct text *text, const struct tlb_geometry *geometry, enum tlb_level level) {
	const struct tlb_structure *structure = &geometry->level[level];
	text_member_object(text, NULL);
	text_member_u64(text, "level", level == TLB_SECOND ? 2 : 1);
	text_member_string(text, "type",
			   level == TLB_FIRST_CODE                                  ? "instruction"
			   : level == TLB_SECOND && geometry->sharing == TLB_SHARED ? "unified"
										    : "data");
	text_member_string(text, "outcome", tlb_geometry_outcome_name(structure->outcome));
	if (structure->outcome == TLB_FOUND) {
		text_member_u64(text, "sets", UINT64_C(1) << structure->set_bits);
		text_member_u64(text, "ways", structure->ways_least);
		text_member_u64(text, "ways_most", structure->ways_most);
		text_member_bool(text, "linear", tlb_geometry_is_linear(structure));
		write_index(text, geometry, structure);
	} else {
		text_member_string(text, "doubt", tlb_geometry_doubt_name(structure->doubt));
	}
	text_add_string(text, "}");
}

void geometry_write(struct text *text, const struct tlb_geometry *geometry) {
	text_member_object(text, "tlb_geometry");
	text_member_u64(text, "page_bytes", UINT64_C(1) << geometry->page_shift);
	text_member_u64(text, "pages", UINT64_C(1) << geometry->page_bits);
	text_member_string(text, "second_level", tlb_geometry_sharing_name(geometry->sharing));
	text_member_string(text, "relation", tlb_geometry_relation_name(geometry->relation));
	text_member_double(text, "error", geometry->error);
	text_member_u64(text, "trials", geometry->trials);
	text_member_array(text, "levels");
	for (enum tlb_level level = 0; level < TLB_LEVELS; level++)
		write_level(text, geometry, level);
	text_add_string(text, "]}");
}

/* ---- shown ------------------------------------------------------------------------------------------------------- */

static bool has_page_size(struct json_span tlb, uint64_t bytes) {
	struct json_span sizes, size;
	uint64_t number;
	if (json_member(tlb, "page_sizes", &sizes))
		while (json_next(&sizes, &size))
			if (json_to_u64(size, &number) && number == bytes)
				return true;
	return false;
}

/* What the context's machine says of a TLB of that level and type for such pages, or of one for both types. */
static bool find_told(struct json_span context, struct json_span level, uint64_t page_bytes, struct json_span *told) {
	struct json_span machine, tlbs;
	uint64_t mine, its;
	char type[16];
	if (context.length == 0 || !json_member_u64(level, "level", &mine) ||
	    !json_member_string(level, "type", type, sizeof type) || !json_member(context, "machine", &machine) ||
	    !json_member(machine, "tlbs", &tlbs))
		return false;
	while (json_next(&tlbs, told))
		if (json_member_u64(*told, "level", &its) && its == mine && has_page_size(*told, page_bytes) &&
		    (json_member_is(*told, "type", type) || json_member_is(*told, "type", "unified")))
			return true;
	return false;
}

static void show_told(struct text *text, struct json_span context, struct json_span level, uint64_t page_bytes) {
	struct json_span told;
	uint64_t entries, ways;
	if (!find_told(context, level, page_bytes, &told) || !json_member_u64(told, "entries", &entries))
		return;
	text_format(text, "; told %" PRIu64 " entries", entries);
	if (json_member_u64(told, "ways", &ways))
		text_format(text, ", %" PRIu64 " ways", ways);
}

/* "12^19 13^20". */
static void show_index(struct text *text, struct json_span level) {
	struct json_span rows, row, bit;
	uint64_t number;
	const char *separator;
	bool is_linear = false;
	if (json_member(level, "linear", &rows))
		json_to_bool(rows, &is_linear);
	if (is_linear || !json_member(level, "index", &rows))
		return;
	text_add_string(text, ", set by address bits");
	while (json_next(&rows, &row)) {
		for (separator = " "; json_next(&row, &bit) && json_to_u64(bit, &number); separator = "^")
			text_format(text, "%s%" PRIu64, separator, number);
	}
}

static void show_level(struct text *text, struct json_span context, struct json_span level, uint64_t page_bytes) {
	uint64_t number = 0, sets, ways, ways_most;
	char type[16] = "", doubt[64] = "";
	json_member_u64(level, "level", &number);
	json_member_string(level, "type", type, sizeof type);
	text_format(text, "        L%" PRIu64 " %s: ", number, type);
	if (json_member_u64(level, "sets", &sets) && json_member_u64(level, "ways", &ways)) {
		text_format(text, "%" PRIu64 " ways", ways);
		if (json_member_u64(level, "ways_most", &ways_most) && ways_most != ways)
			text_format(text, " to %" PRIu64, ways_most);
		text_format(text, ", %" PRIu64 " set%s", sets, sets == 1 ? "" : "s");
		show_index(text, level);
	} else {
		json_member_string(level, "doubt", doubt, sizeof doubt);
		text_format(text, "uncertain: %s", doubt);
	}
	show_told(text, context, level, page_bytes);
	text_add_string(text, "\n");
}

void geometry_show_one(struct json_span geometry, struct json_span context, struct text *text) {
	struct json_span levels, level;
	uint64_t page_bytes = 0, pages = 0;
	char relation[32] = "", second[32] = "";
	double error = 0;
	json_member_u64(geometry, "page_bytes", &page_bytes);
	json_member_u64(geometry, "pages", &pages);
	json_member_string(geometry, "relation", relation, sizeof relation);
	json_member_string(geometry, "second_level", second, sizeof second);
	struct json_span member;
	if (json_member(geometry, "error", &member))
		json_to_double(member, &error);
	text_format(text,
		    "TLBs    by which frame answers, %" PRIu64 " pages of %" PRIu64 " KiB; second level: %s, %s; ",
		    pages, page_bytes / 1024, second, relation);
	text_format(text, "wrong with a probability below %.1g\n", error);
	if (json_member(geometry, "levels", &levels))
		while (json_next(&levels, &level))
			show_level(text, context, level, page_bytes);
}

void geometry_show(const struct collector *collector, struct text *text) {
	struct json_span context = {"", 0}, geometry;
	if (collector->machine != NULL)
		json_member((struct json_span){collector->machine, strlen(collector->machine)}, "context", &context);
	for (size_t i = 0; i < collector->count; i++) {
		const struct collected *benchmark = &collector->benchmarks[i];
		if (benchmark->end == NULL)
			continue;
		const struct json_span end = {benchmark->end, strlen(benchmark->end)};
		if (json_member(end, "tlb_geometry", &geometry))
			geometry_show_one(geometry, context, text);
	}
}
