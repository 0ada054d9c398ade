/* SPDX-License-Identifier: Apache-2.0
 *
 * Curves and price are people's and a chart's: only what simd_select is given is read, but all of it is scanned.
 */
#include "bench/tune/profile_read.h"

#include "bench/json.h"
#include "bench/tune/profile_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { NAME_BYTES = 48 };

struct reading {
	struct profile_file *file;
	simd_features features;
	struct text *why;
	bool seen[SIMD_OPERATION_COUNT];
};

static bool wrong(struct reading *reading, const char *where, const char *what) {
	if (where[0])
		text_format(reading->why, "%.80s: ", where);
	text_add_string(reading->why, what);
	return false;
}

/* Printable ASCII, whole, and not empty; nothing else that a machine or we call a thing is read. */
static bool to_word(struct json_span value, char *word, size_t capacity) {
	if (value.length < 3 || value.length - 2 >= capacity || !json_to_string(value, word, capacity))
		return false;
	for (const char *at = word; *at; at++)
		if (*at < ' ' || *at > '~')
			return false;
	return true;
}

static bool member_word(struct json_span object, const char *name, char *word, size_t capacity) {
	struct json_span value;
	return json_member(object, name, &value) && to_word(value, word, capacity);
}

static bool member_object(struct json_span object, const char *name, struct json_span *value) {
	return json_member(object, name, value) && *value->bytes == '{' && json_is_unique(*value);
}

static bool is_null(struct json_span value) {
	return value.length == 4 && memcmp(value.bytes, "null", 4) == 0;
}

/* null is SIZE_MAX. */
static bool member_bytes(struct json_span object, const char *name, size_t *bytes) {
	struct json_span value;
	uint64_t number = SIZE_MAX;
	if (!json_member(object, name, &value) ||
	    !(is_null(value) || (json_to_u64(value, &number) && number < SIZE_MAX)))
		return false;
	*bytes = (size_t)number;
	return true;
}

static void note_unknown(struct reading *reading, const char *what, const char *name) {
	if (!reading->file->unknown[0])
		snprintf(reading->file->unknown, sizeof(reading->file->unknown), "%s '%s'", what, name);
}

/* ---- head -------------------------------------------------------------------------------------------------------- */

struct word_field {
	const char *name;
	char *to;
	size_t capacity;
	bool must;
};

/* What is not there stays "". */
static bool read_words(struct reading *reading, struct json_span object, const char *where,
		       const struct word_field *fields, size_t count) {
	for (size_t i = 0; i < count; i++) {
		struct json_span value;
		bool there = json_member(object, fields[i].name, &value);
		if (!there && !fields[i].must)
			continue;
		if (there && to_word(value, fields[i].to, fields[i].capacity))
			continue;
		text_format(reading->why, "%s.%s is not a word of at most %zu letters", where, fields[i].name,
			    fields[i].capacity - 1);
		return false;
	}
	return true;
}

#define WORD(name, field, must) \
	{ name, field, sizeof(field), must }

static bool read_made(struct reading *reading, struct json_span root) {
	struct profile_file *file = reading->file;
	struct tune_signature *signature = &file->signature;
	struct json_span made, machine;
	char what_for[NAME_BYTES] = "";
	const struct word_field words[] = {
		WORD("for", what_for, true),           WORD("kernels", signature->kernels, true),
		WORD("date", file->date, false),       WORD("version", file->version, false),
		WORD("command", file->command, false),
	};
	const struct word_field machine_words[] = {
		WORD("architecture", signature->architecture, true),
		WORD("cpu", signature->cpu, true),
		WORD("model", signature->model, false),
		WORD("core_type", signature->core_type, false),
		WORD("microcode", signature->microcode, false),
		WORD("hypervisor", signature->hypervisor, false),
	};
	if (!member_object(root, "made", &made) || !member_object(made, "machine", &machine))
		return wrong(reading, "", "it does not say where it was made: made.machine is not an object");
	if (!read_words(reading, made, "made", words, sizeof(words) / sizeof(words[0])) ||
	    !read_words(reading, machine, "made.machine", machine_words,
			sizeof(machine_words) / sizeof(machine_words[0])))
		return false;
	return tune_for_of(what_for, &file->what_for) || wrong(reading, "made.for", "valid are mixed and bulk");
}

/* ---- operations -------------------------------------------------------------------------------------------------- */

/* Static text; NULL: there is none of this name, or it does not run here. */
static const char *find_method(simd_features features, enum simd_operation operation, const char *name) {
	struct simd_method methods[SIMD_METHODS_MAX];
	size_t count = simd_methods(features, operation, methods);
	for (size_t i = 0; i < count; i++)
		if (strcmp(methods[i].name, name) == 0)
			return methods[i].name;
	return NULL;
}

static bool is_basis(struct json_span band) {
	for (int i = TUNE_NOT_MEASURED; i <= TUNE_KEPT_IN_COMPANY; i++)
		if (json_member_is(band, "basis", profile_basis_name((enum tune_basis)i)))
			return true;
	return false;
}

/* *next: where the band before ended, and this one does. */
static bool read_band(struct reading *reading, struct json_span band, enum simd_operation operation, const char *where,
		      size_t *next, const char **method) {
	char name[NAME_BYTES];
	size_t from, below;
	if (*band.bytes != '{' || !json_is_unique(band))
		return wrong(reading, where, "a band is not an object, or names a member twice");
	if (!member_bytes(band, "from", &from) || !member_bytes(band, "below", &below) || from != *next ||
	    below <= from)
		return wrong(reading, where, "its bands do not ascend from 0 without a gap");
	if (!member_word(band, "method", name, sizeof(name)))
		return wrong(reading, where, "a band's method is not a word");
	if (!is_basis(band))
		return wrong(reading, where, "a band's basis is none that is known");
	*next = below;
	*method = find_method(reading->features, operation, name);
	if (!*method)
		note_unknown(reading, simd_operation_name(operation), name);
	return true;
}

static bool read_choice(struct reading *reading, struct json_span json, enum simd_operation operation,
			const char *where, struct simd_choice *choice) {
	struct json_span bands, band;
	const size_t most = simd_operation_is_sized(operation) ? SIMD_BANDS : 1;
	size_t next = 0, count = 0;
	if (!json_member(json, "bands", &bands) || *bands.bytes != '[')
		return wrong(reading, where, "bands is not an array");
	while (json_next(&bands, &band)) {
		if (count == most)
			return wrong(reading, where, "it has too many bands");
		if (!read_band(reading, band, operation, where, &next, &choice->method[count]))
			return false;
		if (next != SIZE_MAX && count + 1 < most)
			choice->below[count] = next;
		count++;
	}
	if (count == 0 || next != SIZE_MAX)
		return wrong(reading, where, "its last band does not go to the end");
	return true;
}

static enum simd_operation find_operation(const char *name) {
	int i = 0;
	while (i < SIMD_OPERATION_COUNT && strcmp(simd_operation_name((enum simd_operation)i), name) != 0)
		i++;
	return (enum simd_operation)i;
}

static bool read_choices(struct reading *reading, struct json_span json, enum simd_operation operation) {
	struct json_span choices, choice;
	const char *name = simd_operation_name(operation);
	if (!member_object(json, "choices", &choices))
		return wrong(reading, name, "choices is not an object");
	for (int i = 0; i < TUNE_FOR_COUNT; i++) {
		char where[NAME_BYTES];
		const char *what_for = tune_for_name((enum tune_for)i);
		snprintf(where, sizeof(where), "%s, %s", name, what_for);
		if (!member_object(choices, what_for, &choice))
			return wrong(reading, where, "there is no such choice");
		if (!read_choice(reading, choice, operation, where, &reading->file->choices[i].choice[operation]))
			return false;
	}
	return true;
}

static bool read_operation(struct reading *reading, struct json_span json) {
	char name[NAME_BYTES];
	struct json_span value;
	bool measured;
	if (*json.bytes != '{' || !json_is_unique(json) || !member_word(json, "name", name, sizeof(name)))
		return wrong(reading, "operations", "one is not an object with a name, or names a member twice");
	enum simd_operation operation = find_operation(name);
	if (operation == SIMD_OPERATION_COUNT) {
		note_unknown(reading, "operation", name);
		return true;
	}
	if (reading->seen[operation])
		return wrong(reading, name, "it is there twice");
	reading->seen[operation] = true;
	if (!json_member(json, "measured", &value) || !json_to_bool(value, &measured))
		return wrong(reading, name, "measured is neither true nor false");
	reading->file->measured += measured;
	return !measured || read_choices(reading, json, operation);
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

static bool read_end(struct reading *reading, struct json_span root) {
	struct json_span end, streams, value;
	size_t copy = 0, zero = 0;
	bool measured = false;
	if (!member_object(root, "end", &end) || !json_member(end, "cut", &value) ||
	    !json_to_bool(value, &reading->file->cut))
		return wrong(reading, "end", "it does not say whether the profile was cut off");
	if (!json_member(end, "streams", &streams))
		return true;
	if (!json_is_unique(streams) || !json_member(streams, "measured", &value) || !json_to_bool(value, &measured))
		return wrong(reading, "end.streams", "measured is neither true nor false");
	if (measured && (!member_bytes(streams, "copy_bytes", &copy) || !member_bytes(streams, "zero_bytes", &zero)))
		return wrong(reading, "end.streams", "a size is neither null nor a number of bytes");
	for (int i = 0; i < TUNE_FOR_COUNT; i++) {
		reading->file->choices[i].copy_stream_bytes = copy;
		reading->file->choices[i].zero_stream_bytes = zero;
	}
	return true;
}

static bool read_root(struct reading *reading, struct json_span root) {
	struct json_span operations, operation;
	char schema[NAME_BYTES];
	if (!json_is_unique(root))
		return wrong(reading, "", "it is no object, or names a member twice");
	if (!member_word(root, "schema", schema, sizeof(schema)) || strcmp(schema, PROFILE_SCHEMA) != 0)
		return wrong(reading, "", "it is no profile: its schema is not " PROFILE_SCHEMA);
	if (!read_made(reading, root))
		return false;
	if (!json_member(root, "operations", &operations) || *operations.bytes != '[')
		return wrong(reading, "", "operations is not an array");
	while (json_next(&operations, &operation))
		if (!read_operation(reading, operation))
			return false;
	return read_end(reading, root);
}

bool profile_is(const char *bytes, size_t length) {
	struct json_span root = {bytes, length};
	return json_value_length(root) != 0 && json_member_is(root, "schema", PROFILE_SCHEMA);
}

bool profile_read(const char *bytes, size_t length, simd_features features, struct profile_file *file,
		  struct text *why) {
	struct reading reading = {.file = file, .features = features, .why = why};
	*file = (struct profile_file){.what_for = TUNE_FOR_MIXED};
	snprintf(file->hash, sizeof(file->hash), "%08" PRIx32, crc32c(0, bytes, length));
	if (length > PROFILE_BYTES_MAX)
		return wrong(&reading, "", "it is larger than 1 MiB");
	while (length > 0 && strchr(" \t\r\n", bytes[length - 1]) && bytes[length - 1])
		length--;
	struct json_span root = {bytes, length};
	if (length == 0)
		return wrong(&reading, "", "it is empty");
	if (json_value_length(root) != length)
		return wrong(&reading, "", "it is not JSON, or cut off");
	return read_root(&reading, root);
}
