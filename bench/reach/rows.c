/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/reach/rows.h"

#include "lib/units.h"

#include <string.h>

static const struct page {
	uint64_t bytes;
	const char *part, *name;
} pages[REACH_PAGE_SIZES] = {
	{PAGE_BYTES, "4KiB/", "4 KiB"},
	{LARGE_PAGE_BYTES, "2MiB/", "2 MiB"},
	{UINT64_C(1) << 30, "1GiB/", "1 GiB"},
};

const char *reach_page_name(size_t size) {
	return pages[size].name;
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

static bool skip(const char **at, const char *part) {
	size_t length = strlen(part);
	if (strncmp(*at, part, length) != 0)
		return false;
	*at += length;
	return true;
}

/* 0: it is none, or larger than any that counts. */
static uint32_t number_of(const char *text) {
	enum { DIGITS_MOST = 8 };
	uint32_t number = 0;
	size_t digits = 0;
	for (; text[digits] >= '0' && text[digits] <= '9' && digits < DIGITS_MOST; digits++)
		number = number * 10 + (uint32_t)(text[digits] - '0');
	return text[digits] == 0 ? number : 0;
}

static struct reach_rows_curve *curve_of(struct reach_rows *rows, const char **at) {
	if (skip(at, "machine/pages/held/1/"))
		return &rows->held;
	if (!skip(at, REACH_PREFIX))
		return NULL;
	if (skip(at, "4KiB/16/"))
		return &rows->apart;
	for (size_t size = 0; size < REACH_PAGE_SIZES; size++)
		if (skip(at, pages[size].part))
			return skip(at, "1/") ? &rows->neighbours[size] : NULL;
	return NULL;
}

void reach_rows_take(struct reach_rows *rows, const char *name, double ns) {
	struct reach_rows_curve *curve = curve_of(rows, &name);
	uint32_t count = curve != NULL ? number_of(name) : 0;
	if (count == 0 || curve->count == REACH_POINTS_MOST)
		return;
	size_t at = curve->count;
	while (at > 0 && curve->rows[at - 1].count > count)
		at--;
	if (at > 0 && curve->rows[at - 1].count == count)
		return;
	memmove(curve->rows + at + 1, curve->rows + at, (curve->count - at) * sizeof *curve->rows);
	curve->rows[at] = (struct reach_row){count, ns};
	curve->count++;
}

/* ---- told -------------------------------------------------------------------------------------------------------- */

static bool has_number(struct json_span object, const char *name, uint64_t number) {
	struct json_span array, element;
	uint64_t one;
	if (json_member(object, name, &array))
		while (json_next(&array, &element))
			if (json_to_u64(element, &one) && one == number)
				return true;
	return false;
}

/* Of the CPU that was measured, where a machine has several kinds. */
static uint64_t kind_of(struct json_span context, struct json_span machine) {
	struct json_span on, cpus, cpu;
	uint64_t measured, number, kind;
	if (!json_member(context, "measured_on", &on) || !json_member_u64(on, "cpu", &measured) ||
	    !json_member(machine, "cpus", &cpus))
		return 0;
	while (json_next(&cpus, &cpu))
		if (json_member_u64(cpu, "number", &number) && number == measured &&
		    json_member_u64(cpu, "kind", &kind))
			return kind;
	return 0;
}

/* Of two of a level (loads' and stores', as leaf 0x18 has them) the larger: loads are what is measured. */
static void take_tlb(struct json_span tlb, uint64_t kind, struct reach_told *told) {
	uint64_t level, entries, its_kind;
	if (json_member_is(tlb, "type", "instruction") || !json_member_u64(tlb, "level", &level) || level == 0 ||
	    level > REACH_LEVELS_MOST || !json_member_u64(tlb, "entries", &entries) ||
	    (json_member_u64(tlb, "kind", &its_kind) && its_kind != kind))
		return;
	for (size_t size = 0; size < REACH_PAGE_SIZES; size++) {
		if (!has_number(tlb, "page_sizes", pages[size].bytes) || told->entries[size][level - 1] >= entries)
			continue;
		told->entries[size][level - 1] = entries;
		if (!json_member_string(tlb, "source", told->source[size][level - 1],
					sizeof told->source[size][level - 1]))
			told->source[size][level - 1][0] = 0;
	}
}

/* The first of a level, as the ladder's. */
static void take_cache(struct json_span cache, struct reach_told *told) {
	enum { LINE_BYTES_USUAL = 64 };
	uint64_t level, bytes, line_bytes;
	if (json_member_is(cache, "type", "instruction") || !json_member_u64(cache, "level", &level) ||
	    !json_member_u64(cache, "bytes", &bytes))
		return;
	if (!json_member_u64(cache, "line_bytes", &line_bytes) || line_bytes == 0)
		line_bytes = LINE_BYTES_USUAL;
	uint64_t *lines = level == 1 ? &told->first_lines : level == 2 ? &told->second_lines : NULL;
	if (lines != NULL && *lines == 0)
		*lines = bytes / line_bytes;
}

void reach_told_of(struct json_span context, struct reach_told *told) {
	struct json_span machine, array, element;
	memset(told, 0, sizeof *told);
	if (context.length == 0 || !json_member(context, "machine", &machine))
		return;
	uint64_t kind = kind_of(context, machine);
	if (json_member(machine, "caches", &array))
		while (json_next(&array, &element))
			take_cache(element, told);
	if (json_member(machine, "tlbs", &array))
		while (json_next(&array, &element))
			take_tlb(element, kind, told);
}

/* ---- together ---------------------------------------------------------------------------------------------------- */

static double time_of(const struct reach_rows_curve *curve, uint32_t count) {
	for (size_t i = 0; i < curve->count; i++)
		if (curve->rows[i].count == count)
			return curve->rows[i].ns;
	return 0;
}

/* Where some points have large pages beside them, only these count. */
static bool find_in(const struct reach_rows_curve *rows, const struct reach_rows_curve *held,
		    const struct reach_told *told, struct reach *found) {
	struct reach_point points[REACH_POINTS_MOST];
	size_t both = 0, count = 0;
	for (size_t i = 0; held != NULL && i < rows->count; i++)
		both += time_of(held, rows->rows[i].count) > 0;
	if (both < REACH_POINTS_LEAST)
		held = NULL;
	for (size_t i = 0; i < rows->count; i++) {
		double held_ns = held != NULL ? time_of(held, rows->rows[i].count) : 0;
		if (held == NULL || held_ns > 0)
			points[count++] = (struct reach_point){rows->rows[i].count, rows->rows[i].ns, held_ns};
	}
	const struct reach_curve curve = {points, count, told->first_lines, told->second_lines};
	return reach_find(&curve, found);
}

/* Entries that neighbours share are seen where pages are further apart than any that may: those reach less far. */
static bool may_share(const struct reach_rows *rows, const struct reach_told *told, const struct reach_level *level,
		      uint64_t entries) {
	enum { PAGES_AN_ENTRY_MOST = 16 };
	struct reach apart;
	if (entries == 0 || level->lower <= entries || level->lower > entries * PAGES_AN_ENTRY_MOST)
		return false;
	return !find_in(&rows->apart, NULL, told, &apart) || apart.level[0].lower <= entries;
}

static void judge(const struct reach_rows *rows, const struct reach_told *told, size_t size, struct reach_tlbs *tlbs) {
	for (size_t i = 0; i < REACH_LEVELS_MOST; i++) {
		uint64_t entries = tlbs->told[i], before = i > 0 ? tlbs->told[i - 1] : 0;
		struct reach_level *level = i < tlbs->found.count ? &tlbs->found.level[i] : NULL;
		tlbs->verdict[i] = reach_judge(level, entries, before);
		if (size == 0 && tlbs->verdict[i] == REACH_DIFFERS && may_share(rows, told, level, entries)) {
			level->doubts |= REACH_SHARED;
			tlbs->verdict[i] = REACH_UNCERTAIN;
		}
	}
}

void reach_tlbs_of(const struct reach_rows *rows, const struct reach_told *told, size_t size, struct reach_tlbs *tlbs) {
	memset(tlbs, 0, sizeof *tlbs);
	tlbs->page_bytes = pages[size].bytes;
	tlbs->points = rows->neighbours[size].count;
	memcpy(tlbs->told, told->entries[size], sizeof tlbs->told);
	if (tlbs->points > 0)
		find_in(&rows->neighbours[size], size == 0 ? &rows->held : NULL, told, &tlbs->found);
	judge(rows, told, size, tlbs);
}

const struct reach_level *reach_tlbs_level(const struct reach_tlbs *tlbs, size_t level) {
	return level < tlbs->found.count ? &tlbs->found.level[level] : NULL;
}
