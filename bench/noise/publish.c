/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/noise/publish.h"

#include "bench/compact/stream.h"
#include "bench/context.h"
#include "bench/record.h"
#include "platform.h"

#include <stdlib.h>
#include <string.h>

enum { CORES_MOST = 4096 };

static void add_head(const struct noise *noise, struct text *text) {
	context_write_maker(text, noise->hz);
	for (const struct platform_fact *fact = platform_facts(); fact->name; fact++)
		if (strcmp(fact->name, "still") == 0 && fact->value[0])
			text_member_string(text, "still", fact->value);
	if (noise->held != NULL)
		text_member_string(text, "held", noise->held);
	text_member_u64(text, "clock_hz", noise->hz);
	text_member_u64(text, "asked_ns", noise->asked_ns);
	text_member_u64(text, "cores_not_looked_at", noise->cores_not);
}

void noise_write(const struct noise *noise, bool cut, struct text *text) {
	text_add_string(text, "{");
	text_member_string(text, "schema", NOISE_SCHEMA);
	add_head(noise, text);
	text_member_bool(text, "cut", cut);
	text_member_array(text, "cores");
	for (size_t i = 0; i < noise->core_count; i++) {
		text_member_object(text, NULL);
		noise_write_core(noise, noise->cores[i], text);
		text_add_string(text, "}");
	}
	text_add_string(text, "]}\n");
}

static void emit(struct text *record) {
	if (!record->failed && record->length != 0)
		(void)record_stream_write(record);
	record->length = 0;
}

void noise_record_head(const struct noise *noise) {
	struct text record = {0};
	record_open(&record, "NOISE");
	text_member_object(&record, "head");
	add_head(noise, &record);
	text_add_string(&record, "}");
	record_close(&record);
	emit(&record);
	text_free(&record);
}

void noise_record_cores(const struct noise *noise) {
	struct text record = {0};
	for (size_t i = 0; i < noise->core_count; i++) {
		record_open(&record, "NOISE");
		text_member_object(&record, "core");
		noise_write_core(noise, noise->cores[i], &record);
		text_add_string(&record, "}");
		record_close(&record);
		emit(&record);
	}
	text_free(&record);
}

void noise_record_end(bool cut) {
	struct text record = {0};
	record_open(&record, "NOISE");
	text_member_object(&record, "end");
	text_member_bool(&record, "cut", cut);
	text_add_string(&record, "}");
	record_close(&record);
	emit(&record);
	text_free(&record);
}

/* ---- back -------------------------------------------------------------------------------------------------------- */

static char *copy_of(struct noise_log *log, struct json_span json) {
	char *copy = malloc(json.length + 1);
	if (copy == NULL) {
		log->no_memory = true;
		return NULL;
	}
	memcpy(copy, json.bytes, json.length);
	copy[json.length] = '\0';
	return copy;
}

static bool make_room(struct noise_log *log, size_t count) {
	if (count <= log->core_count)
		return true;
	char **cores = realloc(log->cores, count * sizeof(*cores));
	if (cores == NULL) {
		log->no_memory = true;
		return false;
	}
	memset(cores + log->core_count, 0, (count - log->core_count) * sizeof(*cores));
	log->cores = cores;
	log->core_count = count;
	return true;
}

static void keep_core(struct noise_log *log, struct json_span core, size_t number) {
	char *copy = make_room(log, number + 1) ? copy_of(log, core) : NULL;
	if (copy == NULL)
		return;
	free(log->cores[number]);
	log->cores[number] = copy;
}

bool noise_log_take(struct noise_log *log, struct json_span record) {
	struct json_span json;
	uint64_t number;
	if (json_member(record, "head", &json) && *json.bytes == '{') {
		noise_log_free(log);
		log->head = copy_of(log, json);
	} else if (json_member(record, "end", &json) && *json.bytes == '{') {
		free(log->end);
		log->end = copy_of(log, json);
	} else if (json_member(record, "core", &json) && *json.bytes == '{' && json_member_u64(json, "core", &number) &&
		   number < CORES_MOST) {
		keep_core(log, json, (size_t)number);
	} else {
		return false;
	}
	return true;
}

bool noise_log_has(const struct noise_log *log) {
	return log->head != NULL || log->core_count != 0;
}

static bool is_cut(const struct noise_log *log) {
	struct json_span value;
	bool cut = true;
	return log->end == NULL || !json_member((struct json_span){log->end, strlen(log->end)}, "cut", &value) ||
	       !json_to_bool(value, &cut) || cut;
}

bool noise_log_is_whole(const struct noise_log *log) {
	bool whole = log->head != NULL && log->core_count != 0;
	for (size_t i = 0; i < log->core_count; i++)
		whole &= log->cores[i] != NULL;
	return whole && !is_cut(log);
}

void noise_log_write(const struct noise_log *log, struct text *text) {
	text_add_string(text, "{");
	text_member_string(text, "schema", NOISE_SCHEMA);
	if (log->head != NULL && log->head[1 + strspn(log->head + 1, " \t\r\n")] == '"') {
		text_add_string(text, ",");
		text_add(text, log->head + 1, strlen(log->head) - 2);
	}
	text_member_bool(text, "cut", !noise_log_is_whole(log));
	text_member_array(text, "cores");
	for (size_t i = 0; i < log->core_count; i++) {
		if (log->cores[i] == NULL)
			continue;
		text_member(text, NULL);
		text_add_string(text, log->cores[i]);
	}
	text_add_string(text, "]}\n");
}

void noise_log_free(struct noise_log *log) {
	for (size_t i = 0; i < log->core_count; i++)
		free(log->cores[i]);
	free(log->cores);
	free(log->head);
	free(log->end);
	*log = (struct noise_log){.head = NULL};
}
