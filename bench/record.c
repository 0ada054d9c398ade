/* SPDX-License-Identifier: Apache-2.0
 *
 * A line opens when record_open is called on empty text; the CRC covers `TAG {json}`.
 */
#include "bench/record.h"

#include "bench/ladder/geometry.h"
#include "bench/room/show.h"
#include "lib/crc32.h"

#include <inttypes.h>
#include <string.h>

void record_open(struct text *text, const char *tag) {
	text->length = 0;
	text_add_string(text, RECORD_MARK);
	text_add_string(text, tag);
	text_add_string(text, " {");
}

void record_close(struct text *text) {
	text_add_string(text, "}");
	if (!text->failed)
		text_format(text, " %08" PRIx32 "\n",
			    crc32c(0, text->bytes + RECORD_MARK_BYTES, text->length - RECORD_MARK_BYTES));
}

void record_copy(struct text *text, const char *tag, struct json_span json) {
	record_open(text, tag);
	text_add(text, json.bytes + 1, json.length - 2);
	record_close(text);
}

void record_start(struct text *text, const char *name, size_t index) {
	record_open(text, "START");
	text_member_string(text, "name", name);
	text_member_u64(text, "index", index);
	record_close(text);
}

void record_cut(struct text *text, const char *name, size_t index) {
	record_open(text, "CUT");
	text_member_string(text, "name", name);
	text_member_u64(text, "index", index);
	record_close(text);
}

const char *record_unit_name(enum bench_unit unit) {
	static const char *const names[] = {
		[BENCH_UNIT_NONE] = "", [BENCH_UNIT_BYTES] = "bytes", [BENCH_UNIT_ELEMENTS] = "elements"};
	return names[unit];
}

static void add_fault(struct text *text, const struct measurement *m) {
	text_member_object(text, "fault");
	text_member_string(text, "name", m->fault.name);
	text_member_string(text, "phase", m->phase);
	text_member_u64(text, "vector", m->fault.vector);
	text_member_hex(text, "code", m->fault.code);
	text_member_hex(text, "address", m->fault.address);
	text_member_hex(text, "instruction", m->fault.instruction);
	text_member_hex(text, "stack", m->fault.stack);
	text_member_string(text, "symbol", m->fault.symbol);
	text_add_string(text, "}");
}

static void add_cores(struct text *text, const struct measurement *m) {
	if (m->core_count == 0)
		return;
	text_member_array(text, "cores");
	for (unsigned i = 0; i < m->core_count; i++)
		text_member_string(text, NULL, m->cores[i].text);
	text_add_string(text, "]");
}

/* Samples, and what happened beside them; nothing where there are none. */
static void add_samples(struct text *text, const struct measurement *m) {
	if (m->count == 0)
		return;
	text_member_string(text, "sampling", m->linear ? "linear" : "flat");
	text_member_u64(text, "step", m->step);
	text_member_u64(text, "hz", m->hz);
	text_member_array(text, "ticks");
	for (size_t i = 0; i < m->count; i++)
		text_member_u64(text, NULL, m->ticks[i]);
	text_add_string(text, "]");
	if (m->room)
		room_write(text, &m->room->seen, NULL);
}

void record_layout(struct text *text, const struct benchmark *benchmark, size_t index, uint32_t layout,
		   const struct measurement *m) {
	record_open(text, "LAYOUT");
	text_member_string(text, "name", benchmark->name);
	text_member_u64(text, "index", index);
	text_member_u64(text, "layout", layout);
	text_member_string(text, "status", bench_status_name(m->status));
	if (m->reason[0])
		text_member_string(text, "reason", m->reason);
	add_samples(text, m);
	record_close(text);
}

static void add_limit(struct text *text, const struct benchmark *benchmark) {
	if (benchmark->limit != NULL)
		text_member_string(text, "limit", benchmark->limit);
	if (benchmark->paper_source == NULL)
		return;
	text_member_object(text, "paper");
	text_member_double(text, "ns", benchmark->paper_ns);
	text_member_string(text, "source", benchmark->paper_source);
	text_add_string(text, "}");
}

void record_end(struct text *text, const struct benchmark *benchmark, size_t index, const struct measurement *m) {
	record_open(text, "END");
	text_member_string(text, "name", benchmark->name);
	text_member_u64(text, "index", index);
	text_member_string(text, "status", bench_status_name(m->status));
	if (m->reason[0])
		text_member_string(text, "reason", m->reason);
	if (m->phase)
		add_fault(text, m);
	add_cores(text, m);
	if (m->tlb_geometry != NULL && m->status == BENCH_STATUS_OK)
		geometry_write(text, m->tlb_geometry);
	text_member_string(text, "iteration", benchmark->iteration);
	text_member_string(text, "unit", record_unit_name(benchmark->unit));
	text_member_u64(text, "per_iteration", benchmark->per_iteration);
	add_limit(text, benchmark);
	if (benchmark->unchecked)
		text_member_bool(text, "unchecked", true);
	add_samples(text, m);
	counts_record(text, m->counts);
	record_close(text);
}

void record_end_cut_off(struct text *text, const char *name, uint64_t index) {
	record_open(text, "END");
	text_member_string(text, "name", name);
	text_member_u64(text, "index", index);
	text_member_string(text, "status", bench_status_name(BENCH_STATUS_HUNG));
	text_member_string(text, "reason", "it was begun twice and never came to its end");
	record_close(text);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static const char *find_mark(struct json_span text) {
	const char *at = text.bytes, *end = text.bytes + text.length;
	while (at && end - at >= RECORD_MARK_BYTES) {
		at = memchr(at, RECORD_MARK[0], (size_t)(end - at));
		if (at && end - at >= RECORD_MARK_BYTES && memcmp(at, RECORD_MARK, RECORD_MARK_BYTES) == 0)
			return at;
		at = at ? at + 1 : NULL;
	}
	return NULL;
}

/* A record whose mark stands at the start of `text`: its whole length, or 0. */
static size_t read_record(struct json_span text, struct record *record) {
	const char *tag = text.bytes + RECORD_MARK_BYTES, *end = text.bytes + text.length;
	size_t tag_length = 0;
	while (tag_length + 1 < sizeof(record->tag) && tag + tag_length < end && tag[tag_length] >= 'A' &&
	       tag[tag_length] <= 'Z')
		tag_length++;
	const char *json = tag + tag_length + 1;
	if (tag_length == 0 || json >= end || json[-1] != ' ' || *json != '{')
		return 0;
	record->json.bytes = json;
	record->json.length = json_value_length((struct json_span){json, (size_t)(end - json)});
	const char *behind = json + record->json.length;
	uint32_t crc;
	if (record->json.length == 0 || end - behind < 1 + CRC32C_DIGITS || *behind != ' ' ||
	    !crc32c_parse(behind + 1, &crc))
		return 0;
	if (crc32c(0, tag, (size_t)(behind - tag)) != crc)
		return 0;
	memcpy(record->tag, tag, tag_length);
	record->tag[tag_length] = '\0';
	return (size_t)(behind - text.bytes) + 1 + CRC32C_DIGITS;
}

bool record_next(struct json_span *text, struct record *record) {
	const char *at;
	while ((at = find_mark(*text))) {
		text->length -= (size_t)(at - text->bytes);
		text->bytes = at;
		size_t length = read_record(*text, record);
		size_t passed = length ? length : RECORD_MARK_BYTES;
		text->bytes += passed;
		text->length -= passed;
		if (length)
			return true;
	}
	return false;
}
