/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/results/results_memory.h"

#include <stdio.h>
#include <string.h>

static uint64_t whole_number(const json_t *object, const char *name) {
	json_int_t number = json_integer_value(json_object_get(object, name));
	return number > 0 ? (uint64_t)number : 0;
}

static const char *string_of(const json_t *object, const char *name) {
	const char *string = json_string_value(json_object_get(object, name));
	return string ? string : "";
}

static void take_told(const struct results *results, struct results_caches *caches) {
	const json_t *all = json_object_get(json_object_get(results->context, "machine"), "caches");
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *cache = json_array_get(all, i);
		uint64_t level = whole_number(cache, "level"), bytes = whole_number(cache, "bytes");
		if (level == 0 || level > LEVELS_MOST || strcmp(string_of(cache, "type"), "instruction") == 0 ||
		    caches->told[level - 1].bytes)
			continue;
		caches->told[level - 1] = (struct results_told){bytes, json_array_size(json_object_get(cache, "cpus")),
								string_of(cache, "source")};
	}
}

/* "L1 Data 48K shared by 1, L1 Instruction 32K shared by 1, …" */
static void take_read(const struct results *results, struct results_caches *caches) {
	for (const char *at = results_context(results, "caches"); at; at = strchr(at, ',')) {
		unsigned level;
		unsigned kib;
		char type[16];
		at += strspn(at, ", ");
		if (sscanf(at, "L%1u %15s %9uK", &level, type, &kib) == 3 && level > 0 && level <= LEVELS_MOST &&
		    strcmp(type, "Instruction") != 0 && caches->read_bytes[level - 1] == 0)
			caches->read_bytes[level - 1] = (uint64_t)kib * 1024;
	}
}

struct results_caches results_caches_of(const struct results *results) {
	struct results_caches caches = {0};
	take_told(results, &caches);
	take_read(results, &caches);
	for (size_t i = 0; i < LEVELS_MOST; i++)
		if (caches.told[i].bytes || caches.read_bytes[i])
			caches.count = i + 1;
	return caches;
}

const struct results_ladder *results_best_ladder(const struct results *results) {
	for (size_t i = results->ladder_count; i-- > 0;)
		if (results->ladders[i].count > 0)
			return &results->ladders[i];
	return NULL;
}

const char *results_verdict_name(enum results_verdict verdict) {
	static const char *const names[] = {
		[RESULTS_NOT_MEASURED] = "not measured",
		[RESULTS_UNCERTAIN] = "uncertain",
		[RESULTS_LATENCY_ALONE] = "latency alone",
		[RESULTS_NOT_TOLD] = "not told",
		[RESULTS_AGREES] = "agrees",
		[RESULTS_DIFFERS] = "differs",
	};
	return names[verdict];
}

static enum results_verdict verdict_of(const struct results_level *level, uint64_t told_bytes) {
	if (!level)
		return RESULTS_NOT_MEASURED;
	if (!level->certain)
		return RESULTS_UNCERTAIN;
	if (level->kind == LEVEL_LAST)
		return RESULTS_LATENCY_ALONE;
	if (told_bytes == 0)
		return RESULTS_NOT_TOLD;
	return told_bytes >= level->bytes_lower && told_bytes <= level->bytes_upper ? RESULTS_AGREES : RESULTS_DIFFERS;
}

static struct results_memory_row row_of(const struct results_caches *caches, size_t index,
					const struct results_level *level) {
	const struct results_told *told = &caches->told[index];
	struct results_memory_row row = {
		.told_bytes = level && level->told_bytes ? level->told_bytes : told->bytes,
		.read_bytes = caches->read_bytes[index],
		.source = told->source ? told->source : "",
		.found = level,
	};
	snprintf(row.name, sizeof(row.name), "L%u", (unsigned)index % 100 + 1);
	row.verdict = verdict_of(level, row.told_bytes ? row.told_bytes : row.read_bytes);
	return row;
}

size_t results_memory_rows(const struct results *results, const struct results_ladder *ladder,
			   struct results_memory_row rows[RESULTS_MEMORY_ROWS_MOST]) {
	struct results_caches caches = results_caches_of(results);
	size_t found = ladder ? ladder->count : 0;
	const struct results_level *last =
		found && ladder->levels[found - 1].kind == LEVEL_LAST ? &ladder->levels[found - 1] : NULL;
	size_t measured = found - (last != NULL), count = measured > caches.count ? measured : caches.count;
	count = count > LEVELS_MOST ? LEVELS_MOST : count;
	for (size_t i = 0; i < count; i++)
		rows[i] = row_of(&caches, i, i < measured ? &ladder->levels[i] : NULL);
	rows[count] = (struct results_memory_row){
		.name = "memory",
		.read_bytes = whole_number(results->context, "memory_bytes"),
		.source = "",
		.found = last,
		.verdict = verdict_of(last, 0),
	};
	return count + 1;
}
