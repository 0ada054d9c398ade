/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/ladder/measured.h"

#include "lib/units.h"

#include <stdlib.h>
#include <string.h>

static const struct page {
	uint64_t bytes;
	const char *prefix, *name;
} pages[MEASURED_PAGE_SIZES] = {
	{PAGE_BYTES, "machine/latency/4KiB/line/", "4 KiB"},
	{LARGE_PAGE_BYTES, "machine/latency/2MiB/line/", "2 MiB"},
	{UINT64_C(1) << 30, "machine/latency/1GiB/line/", "1 GiB"},
};

uint64_t measured_page_bytes(size_t index) {
	return pages[index].bytes;
}

static const struct page *page_of(uint64_t bytes) {
	const struct page *page = pages;
	while (page->bytes != bytes)
		page++;
	return page;
}

const char *measured_page_name(uint64_t page_bytes) {
	return page_of(page_bytes)->name;
}

/* ---- points ------------------------------------------------------------------------------------------------------ */

/* "48KiB"; 0: it is none, or more than a curve has. */
static uint64_t size_of(const char *text) {
	static const char *const units[] = {"B", "KiB", "MiB", "GiB"};
	char *end;
	if (*text < '0' || *text > '9')
		return 0;
	uint64_t number = strtoull(text, &end, 10);
	for (unsigned i = 0; i < sizeof units / sizeof units[0]; i++)
		if (strcmp(end, units[i]) == 0)
			return number <= LEVELS_BYTES_MOST >> (10 * i) ? number << (10 * i) : 0;
	return 0;
}

static void add_point(struct measured_levels *measured, uint64_t bytes, double latency) {
	size_t at = measured->count;
	if (at == LEVELS_POINTS_MOST)
		return;
	for (; at > 0 && measured->points[at - 1].bytes > bytes; at--)
		measured->points[at] = measured->points[at - 1];
	measured->points[at] = (struct levels_point){.bytes = bytes, .latency = latency};
	measured->count++;
}

static void add_missing(struct measured_levels *measured, uint64_t bytes, const struct collected *benchmark) {
	if (measured->missing++ > 0 && bytes >= measured->missing_from)
		return;
	measured->missing_from = bytes;
	measured->why[0] = 0;
	if (benchmark->end != NULL)
		json_member_string((struct json_span){benchmark->end, strlen(benchmark->end)}, "reason", measured->why,
				   sizeof measured->why);
}

static void take_points(struct collector *collector, const struct page *page, struct measured_levels *measured) {
	size_t length = strlen(page->prefix);
	for (size_t i = 0; i < collector->count; i++) {
		struct collected *benchmark = &collector->benchmarks[i];
		uint64_t bytes;
		if (strncmp(benchmark->name, page->prefix, length) != 0 || !benchmark->finished ||
		    (bytes = size_of(benchmark->name + length)) == 0)
			continue;
		if (benchmark->status != BENCH_STATUS_OK || !collect_summarise(collector, benchmark)) {
			add_missing(measured, bytes, benchmark);
			continue;
		}
		double tick_ns = NS_PER_SECOND / (double)collect_hz(collector, benchmark);
		add_point(measured, bytes, benchmark->summary.minimum * tick_ns);
	}
}

/* ---- what the machine says --------------------------------------------------------------------------------------- */

static void take_told(const struct collector *collector, struct measured_levels *measured) {
	struct json_span context, machine, caches, cache;
	if (collector->machine == NULL)
		return;
	const struct json_span record = {collector->machine, strlen(collector->machine)};
	if (!json_member(record, "context", &context) || !json_member(context, "machine", &machine) ||
	    !json_member(machine, "caches", &caches))
		return;
	while (json_next(&caches, &cache)) {
		uint64_t level, bytes;
		if (!json_member_u64(cache, "level", &level) || !json_member_u64(cache, "bytes", &bytes) ||
		    json_member_is(cache, "type", "instruction") || level == 0 || level > LEVELS_MOST)
			continue;
		if (measured->told_bytes[level - 1] == 0)
			measured->told_bytes[level - 1] = bytes;
	}
}

bool measured_levels_of(struct collector *collector, uint64_t page_bytes, struct measured_levels *measured) {
	memset(measured, 0, sizeof *measured);
	measured->page_bytes = page_bytes;
	take_points(collector, page_of(page_bytes), measured);
	if (measured->count == 0)
		return false;
	void *workspace = malloc(levels_workspace_bytes(measured->count));
	if (workspace == NULL)
		return false;
	const struct levels_curve curve = {measured->points, measured->count, page_bytes};
	levels_find(&curve, workspace, &measured->levels);
	free(workspace);
	take_told(collector, measured);
	return true;
}

static bool is_among(const uint64_t *bytes, size_t count, const struct measured_levels *measured, uint64_t size) {
	for (size_t i = 0; i < count; i++)
		if (bytes[i] == size)
			return true;
	for (size_t i = 0; i < measured->count; i++)
		if (measured->points[i].bytes == size)
			return true;
	return false;
}

/* Whole lines, and above 32 KiB whole pages, that names stay short. */
static uint64_t rounded(uint64_t bytes) {
	const uint64_t unit = bytes < 32 * 1024 ? 64 : bytes < 4 * UINT64_C(1048576) ? 1024 : UINT64_C(1048576) / 4;
	return (bytes + unit / 2) / unit * unit;
}

size_t measured_wanted(const struct measured_levels *measured, uint64_t *bytes, size_t capacity) {
	const struct levels_curve curve = {measured->points, measured->count, measured->page_bytes};
	uint64_t wanted[LEVELS_POINTS_MOST + LEVELS_MOST];
	size_t wants = 0, count = 0;
	/* A neighbour that has the cache for the time of one size ends a level too early: what is beyond says so. */
	for (size_t i = 0; i < measured->levels.count; i++)
		if (measured->levels.level[i].kind != LEVEL_LAST)
			wanted[wants++] = measured->levels.level[i].rise_to_bytes / 16 * 17;
	if (wants < capacity)
		wants += levels_wanted(&curve, &measured->levels, wanted + wants, capacity - wants);
	for (size_t i = 0; i < wants && count < capacity; i++)
		if (!is_among(bytes, count, measured, rounded(wanted[i])))
			bytes[count++] = rounded(wanted[i]);
	return count;
}

bool measured_ladder_of(struct collector *collector, struct measured_ladder *ladder) {
	bool any = false;
	ladder->count = 0;
	for (size_t i = 0; i < MEASURED_PAGE_SIZES; i++) {
		struct measured_levels *measured = &ladder->pages[ladder->count];
		bool has_points = measured_levels_of(collector, pages[i].bytes, measured);
		any |= has_points;
		ladder->count += has_points || measured->missing > 0;
	}
	for (size_t large = ladder->count; large-- > 1;)
		for (size_t small = large; small-- > 0;)
			levels_combine(&ladder->pages[large].levels, &ladder->pages[small].levels);
	return any;
}

const struct measured_levels *measured_best(const struct measured_ladder *ladder) {
	for (size_t i = ladder->count; i-- > 0;)
		if (ladder->pages[i].levels.count > 0)
			return &ladder->pages[i];
	return NULL;
}

/* ---- results.json ------------------------------------------------------------------------------------------------ */

static void write_level(const struct measured_levels *measured, size_t index, struct text *text) {
	const struct levels_level *level = &measured->levels.level[index];
	text_member_object(text, NULL);
	text_member_string(text, "kind", levels_kind_name(level->kind));
	text_member_double(text, "ns", level->latency);
	text_member_double(text, "ns_lower", level->latency_lower);
	text_member_double(text, "ns_upper", level->latency_upper);
	if (level->kind != LEVEL_LAST) {
		text_member_u64(text, "bytes", level->bytes_best);
		text_member_u64(text, "bytes_lower", level->bytes_lower);
		text_member_u64(text, "bytes_upper", level->bytes_upper);
		if (level->named_bytes != 0)
			text_member_u64(text, "named_bytes", level->named_bytes);
		if (measured->told_bytes[index] != 0)
			text_member_u64(text, "told_bytes", measured->told_bytes[index]);
	}
	text_member_bool(text, "certain", level->doubts == 0);
	text_member_array(text, "doubts");
	for (unsigned doubt = LEVEL_WEAK; doubt < LEVEL_DOUBTS_END; doubt *= 2)
		if (level->doubts & doubt)
			text_member_string(text, NULL, levels_doubt_name((enum levels_doubt)doubt));
	text_add_string(text, "]}");
}

static void write_page(const struct measured_levels *measured, struct text *text) {
	text_member_object(text, NULL);
	text_member_u64(text, "page_bytes", measured->page_bytes);
	text_member_string(text, "outcome", levels_outcome_name(measured->levels.outcome));
	text_member_double(text, "noise", measured->levels.noise);
	text_member_array(text, "found");
	for (size_t i = 0; i < measured->levels.count; i++)
		write_level(measured, i, text);
	text_add_string(text, "]}");
}

void measured_write(struct collector *collector, struct text *text) {
	struct measured_ladder *ladder = malloc(sizeof *ladder);
	bool any = ladder != NULL && measured_ladder_of(collector, ladder);
	if (any)
		text_member_array(text, "levels");
	for (size_t i = 0; any && i < ladder->count; i++)
		if (ladder->pages[i].count > 0)
			write_page(&ladder->pages[i], text);
	text_add_string(text, any ? "]" : "");
	free(ladder);
}
