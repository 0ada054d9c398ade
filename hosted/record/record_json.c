/* SPDX-License-Identifier: Apache-2.0
 *
 * A record as JSON. The numbers in it are those of jansson, up to 2^63 - 1.
 */
#include "bench/plain.h"
#include "hosted/record/machine_json.h"
#include "hosted/record/record.h"
#include "hosted/results/parse.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

struct member {
	const char *name;
	size_t at;     /* in struct record, a uint64_t */
	bool is_later; /* earlier records have none */
};

#define MEMBER(name) \
	{ #name, offsetof(struct record, name), false }
#define LATER(name) \
	{ #name, offsetof(struct record, name), true }
#define SUM(name) \
	{ #name, offsetof(struct record, sums.name), false }
#define LATER_SUM(name) \
	{ #name, offsetof(struct record, sums.name), true }
static const struct member members[] = {
	MEMBER(wall_ns),
	MEMBER(user_ns),
	MEMBER(system_ns),
	MEMBER(minor_faults),
	MEMBER(major_faults),
	MEMBER(peak_bytes),
	MEMBER(processes),
	MEMBER(threads),
	MEMBER(running),
	MEMBER(damaged),
	MEMBER(not_seen),
	MEMBER(overflown),
	MEMBER(allocated),
	SUM(allocated_bytes),
	MEMBER(freed),
	MEMBER(freed_more),
	SUM(grown_bytes),
	SUM(mapped_bytes),
	SUM(moved),
	SUM(failed),
	SUM(samples),
	SUM(samples_lost),
	LATER(start_faults),
	LATER(read_bytes),
	LATER_SUM(zeroed_bytes),
	LATER_SUM(large_bytes),
	LATER_SUM(large_zeroed_bytes),
	LATER_SUM(looked_bytes),
	LATER_SUM(touched_bytes),
	LATER_SUM(within_bytes),
	LATER_SUM(cleared_bytes),
	LATER_SUM(behind_bytes),
	LATER_SUM(vacated_bytes),
};
enum { MEMBERS = sizeof(members) / sizeof(members[0]) };

/* ---- written ----------------------------------------------------------------------------------------------------- */

static uint64_t bounded(uint64_t number) {
	return number > INT64_MAX ? INT64_MAX : number;
}

static void add_u64(struct text *json, const char *name, uint64_t number) {
	text_member_u64(json, name, bounded(number));
}

/* [[least size, count...], ...], classes that have any. */
static void add_sizes(struct text *json, const char *name, const uint64_t *counts, size_t width) {
	text_member_array(json, name);
	for (uint32_t class = 0; class < COUNTS_CLASSES; class ++) {
		uint64_t any = 0;
		for (size_t i = 0; i < width; i++)
			any |= counts[class * width + i];
		if (!any)
			continue;
		text_member_array(json, NULL);
		add_u64(json, NULL, counts_least(class));
		for (size_t i = 0; i < width; i++)
			add_u64(json, NULL, counts[class * width + i]);
		text_add_string(json, "]");
	}
	text_add_string(json, "]");
}

static void add_numbers(struct text *json, const char *name, const uint64_t *numbers, size_t count) {
	text_member_array(json, name);
	for (size_t i = 0; i < count; i++)
		add_u64(json, NULL, numbers[i]);
	text_add_string(json, "]");
}

static void add_calls(struct text *json, const struct record *record) {
	text_member_object(json, "calls");
	for (enum counts_call call = 0; call < COUNTS_CALL_COUNT; call++) {
		if (!record_calls(record, call) && !record->sums.bytes[call])
			continue;
		text_member_object(json, record_call_name(call));
		add_u64(json, "bytes", record->sums.bytes[call]);
		add_u64(json, "unsized", record->sums.unsized[call]);
		add_sizes(json, "sizes", &record->sums.calls[call][0][0], COUNTS_ALIGNMENTS);
		add_numbers(json, "in_place", record->sums.in_place[call], COUNTS_IN_PLACES);
		text_add_string(json, "}");
	}
	text_add_string(json, "}");
}

static void add_samples(struct text *json, const struct record *record) {
	text_member_u64(json, "sampled_every", COUNTS_SAMPLE_EVERY);
	text_member_object(json, "orders");
	for (enum counts_order order = 0; order < COUNTS_ORDERS; order++)
		add_u64(json, record_order_name(order), record->sums.orders[order]);
	text_add_string(json, "}");
	add_numbers(json, "lifetimes", record->sums.lifetimes, COUNTS_LIFETIMES);
}

static const char *in_name(size_t in) {
	return in == COUNTS_IN_ALLOCATION ? "allocation"
	       : in == COUNTS_IN_FREE     ? "free"
					  : record_call_name((enum counts_call)(in - 1));
}

static void add_glances(struct text *json, const struct record *record) {
	text_member_object(json, "glances");
	add_u64(json, "count", record->glances);
	add_u64(json, "ns", record->glanced_ns);
	text_member_object(json, "in");
	for (size_t in = COUNTS_IN_NOTHING + 1; in < COUNTS_INS; in++)
		if (record->in_ns[in])
			add_u64(json, in_name(in), record->in_ns[in]);
	text_add_string(json, "}");
	add_numbers(json, "fault_paces", record->fault_paces, RECORD_PACES);
	text_add_string(json, "}");
}

void record_write(const struct record *record, struct text *json) {
	text_add_string(json, "{");
	text_member_string(json, "schema", RECORD_OF_PROGRAM_SCHEMA);
	machine_json_write(json, &record->machine);
	text_member_string(json, "program", record->program);
	text_member(json, "status");
	text_format(json, "%d", record->status);
	for (size_t i = 0; i < MEMBERS; i++) {
		uint64_t number;
		memcpy(&number, (const char *)record + members[i].at, sizeof(number));
		add_u64(json, members[i].name, number);
	}
	add_calls(json, record);
	text_member_object(json, "allocations");
	for (enum counts_kind kind = 0; kind < COUNTS_KINDS; kind++)
		add_sizes(json, record_kind_name(kind), record->sums.allocations[kind], 1);
	text_add_string(json, "}");
	add_sizes(json, "frees", record->sums.frees, 1);
	add_numbers(json, "small_allocations", record->sums.small, COUNTS_SMALL_STEPS);
	add_samples(json, record);
	add_glances(json, record);
	text_add_string(json, "}\n");
}

/* ---- read -------------------------------------------------------------------------------------------------------- */

/* What is wrong, or NULL. */
typedef const char *complaint_of;

static bool take_number(const json_t *value, uint64_t *number) {
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return false;
	*number = (uint64_t)json_integer_value(value);
	return true;
}

static bool take_list(const json_t *list, uint64_t *numbers, size_t count) {
	bool good = json_array_size(list) == count;
	for (size_t i = 0; good && i < count; i++)
		good = take_number(json_array_get(list, i), &numbers[i]);
	return good;
}

static bool take_sizes(const json_t *sizes, uint64_t *counts, size_t width) {
	size_t i;
	json_t *row;
	uint32_t next = 0;
	if (!json_is_array(sizes))
		return false;
	json_array_foreach(sizes, i, row) {
		uint64_t least;
		if (json_array_size(row) != width + 1 || !take_number(json_array_get(row, 0), &least))
			return false;
		uint32_t class = counts_class(least);
		if (class < next || counts_least(class) != least)
			return false;
		for (size_t k = 0; k < width; k++)
			if (!take_number(json_array_get(row, k + 1), &counts[class * width + k]))
				return false;
		next = class + 1;
	}
	return true;
}

static bool take_call(const json_t *call, enum counts_call number, struct counts_sums *sums) {
	const json_t *in_place = json_object_get(call, "in_place"); /* earlier records have none */
	return take_number(json_object_get(call, "bytes"), &sums->bytes[number]) &&
	       take_number(json_object_get(call, "unsized"), &sums->unsized[number]) &&
	       take_sizes(json_object_get(call, "sizes"), &sums->calls[number][0][0], COUNTS_ALIGNMENTS) &&
	       (!in_place || take_list(in_place, sums->in_place[number], COUNTS_IN_PLACES));
}

static complaint_of take_calls(const json_t *calls, struct record *record) {
	if (!json_is_object(calls))
		return "calls";
	for (enum counts_call call = 0; call < COUNTS_CALL_COUNT; call++) {
		const json_t *one = json_object_get(calls, record_call_name(call));
		if (one && !take_call(one, call, &record->sums))
			return record_call_name(call);
	}
	return NULL;
}

static complaint_of take_allocations(const json_t *root, struct record *record) {
	const json_t *allocations = json_object_get(root, "allocations");
	for (enum counts_kind kind = 0; kind < COUNTS_KINDS; kind++)
		if (!take_sizes(json_object_get(allocations, record_kind_name(kind)), record->sums.allocations[kind],
				1))
			return "allocations";
	if (!take_sizes(json_object_get(root, "frees"), record->sums.frees, 1))
		return "frees";
	for (enum counts_order order = 0; order < COUNTS_ORDERS; order++)
		if (!take_number(json_object_get(json_object_get(root, "orders"), record_order_name(order)),
				 &record->sums.orders[order]))
			return "orders";
	const json_t *small = json_object_get(root, "small_allocations"); /* earlier records have none */
	if (small && !take_list(small, record->sums.small, COUNTS_SMALL_STEPS))
		return "small_allocations";
	return take_list(json_object_get(root, "lifetimes"), record->sums.lifetimes, COUNTS_LIFETIMES) ? NULL
												       : "lifetimes";
}

/* A record without them has none. */
static complaint_of take_glances(const json_t *glances, struct record *record) {
	const json_t *in_ns = json_object_get(glances, "in");
	bool good =
		!glances || (take_number(json_object_get(glances, "count"), &record->glances) &&
			     take_number(json_object_get(glances, "ns"), &record->glanced_ns) && json_is_object(in_ns));
	for (size_t in = COUNTS_IN_NOTHING + 1; good && in < COUNTS_INS; in++) {
		const json_t *ns = json_object_get(in_ns, in_name(in));
		good = !ns || take_number(ns, &record->in_ns[in]);
	}
	const json_t *paces = json_object_get(glances, "fault_paces"); /* earlier records have none */
	good = good && (!paces || take_list(paces, record->fault_paces, RECORD_PACES));
	return good ? NULL : "glances";
}

static complaint_of take_members(const json_t *root, struct record *record) {
	if (!machine_json_read(json_object_get(root, "machine"), &record->machine))
		return "machine";
	if (!machine_json_text(json_object_get(root, "program"), record->program, sizeof(record->program)))
		return "program";
	const json_t *status = json_object_get(root, "status");
	json_int_t number = json_integer_value(status);
	if (!json_is_integer(status) || number < -128 || number > 255)
		return "status";
	record->status = (int)number;
	for (size_t i = 0; i < MEMBERS; i++) {
		uint64_t taken = 0;
		const json_t *value = json_object_get(root, members[i].name);
		if (!(members[i].is_later && !value) && !take_number(value, &taken))
			return members[i].name;
		memcpy((char *)record + members[i].at, &taken, sizeof(taken));
	}
	if (!json_object_get(root, "large_bytes")) /* all that is mapped may be large, and nobody looked at it */
		record->sums.large_bytes = record->sums.mapped_bytes;
	return NULL;
}

bool record_read(const char *bytes, size_t length, const char *name, struct record *record, struct text *complaint) {
	json_t *root = parse_json(name, bytes, length, complaint);
	memset(record, 0, sizeof(*record));
	if (!root)
		return false;
	complaint_of wrong = NULL;
	bool good = parse_is_of(root, RECORD_OF_PROGRAM_SCHEMA, "record of `anechoic record`", name, complaint);
	if (good) {
		wrong = take_members(root, record);
		if (!wrong)
			wrong = take_calls(json_object_get(root, "calls"), record);
		if (!wrong)
			wrong = take_allocations(root, record);
		if (!wrong)
			wrong = take_glances(json_object_get(root, "glances"), record);
		if (wrong)
			plain_format(complaint, "%s: the record is damaged: %s\n", name, wrong);
	}
	json_decref(root);
	return good && !wrong;
}
