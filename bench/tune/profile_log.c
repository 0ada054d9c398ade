/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/tune/profile_log.h"

#include "bench/tune/profile_json.h"

#include <stdlib.h>
#include <string.h>

static bool keep(struct profile_log *log, char **part, struct json_span json) {
	char *copy = *json.bytes == '{' ? malloc(json.length + 1) : NULL;
	if (!copy) {
		log->no_memory |= *json.bytes == '{';
		return *json.bytes == '{';
	}
	memcpy(copy, json.bytes, json.length);
	copy[json.length] = '\0';
	free(*part);
	*part = copy;
	return true;
}

static char **place_of(struct profile_log *log, struct json_span operation) {
	for (int i = 0; i < SIMD_OPERATION_COUNT; i++)
		if (json_member_is(operation, "name", simd_operation_name((enum simd_operation)i)))
			return &log->operations[i];
	return NULL;
}

bool profile_log_take(struct profile_log *log, struct json_span record) {
	struct json_span json;
	if (json_member(record, "operation", &json)) {
		char **part = place_of(log, json);
		return part && keep(log, part, json);
	}
	if (json_member(record, "price", &json))
		return keep(log, &log->price, json);
	if (json_member(record, "end", &json))
		return keep(log, &log->end, json);
	if (!json_member(record, "made", &json))
		return false;
	profile_log_free(log);
	return keep(log, &log->head, json);
}

bool profile_log_has(const struct profile_log *log) {
	bool any = log->head || log->price || log->end;
	for (int i = 0; i < SIMD_OPERATION_COUNT; i++)
		any |= log->operations[i] != NULL;
	return any;
}

bool profile_log_is_whole(const struct profile_log *log) {
	struct json_span value;
	bool whole = log->head && log->price && log->end, cut = true;
	for (int i = 0; i < SIMD_OPERATION_COUNT; i++)
		whole &= log->operations[i] != NULL;
	return whole && json_member((struct json_span){log->end, strlen(log->end)}, "cut", &value) &&
	       json_to_bool(value, &cut) && !cut;
}

void profile_log_write(const struct profile_log *log, struct text *text) {
	struct profile_parts parts = {.head = log->head, .price = log->price, .end = log->end};
	for (int i = 0; i < SIMD_OPERATION_COUNT; i++)
		parts.operations[i] = log->operations[i];
	profile_json_compose(text, &parts);
}

void profile_log_free(struct profile_log *log) {
	free(log->head);
	free(log->price);
	free(log->end);
	for (int i = 0; i < SIMD_OPERATION_COUNT; i++)
		free(log->operations[i]);
	*log = (struct profile_log){.no_memory = false};
}
