/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/rounds/record.h"

#include "bench/record.h"
#include "bench/room/show.h"

void rounds_head_write(struct text *text, const struct rounds_head *head) {
	record_open(text, ROUNDS_HEAD_TAG);
	text_member_string(text, "schema", ROUNDS_SCHEMA);
	text_member_string(text, "commit", head->commit);
	text_member_string(text, "cpu", head->cpu);
	text_member_string(text, "architecture", head->architecture);
	text_member_string(text, "way", head->way);
	if (head->emulated[0])
		text_member_string(text, "emulated", head->emulated);
	text_member_double(text, "duty", head->duty);
	text_member_u64(text, "seed", head->seed);
	text_member_array(text, "benchmarks");
	for (size_t i = 0; i < head->count; i++)
		text_member_string(text, NULL, head->names[i]);
	text_add_string(text, "]");
	record_close(text);
}

static bool read_names(struct json_span record, struct rounds_head *head) {
	struct json_span array, element;
	if (!json_member(record, "benchmarks", &array))
		return false;
	while (json_next(&array, &element))
		if (head->count == ROUNDS_BENCHMARKS_MOST ||
		    !json_to_string(element, head->names[head->count++], ROUND_NAME_BYTES))
			return false;
	return head->count > 0;
}

bool rounds_head_read(struct json_span record, struct rounds_head *head) {
	struct json_span duty;
	*head = (struct rounds_head){.count = 0};
	if (!json_member_is(record, "schema", ROUNDS_SCHEMA) ||
	    !json_member_string(record, "commit", head->commit, sizeof(head->commit)) ||
	    !json_member_string(record, "cpu", head->cpu, sizeof(head->cpu)) ||
	    !json_member_string(record, "architecture", head->architecture, sizeof(head->architecture)) ||
	    !json_member_string(record, "way", head->way, sizeof(head->way)) || !read_names(record, head))
		return false;
	json_member_string(record, "emulated", head->emulated, sizeof(head->emulated));
	json_member_u64(record, "seed", &head->seed);
	if (json_member(record, "duty", &duty))
		json_to_double(duty, &head->duty);
	return true;
}

void round_write(struct text *text, const struct round *round) {
	record_open(text, ROUND_TAG);
	text_member_string(text, "name", round->benchmark);
	text_member_u64(text, "time", (uint64_t)round->time);
	text_member_string(text, "status", bench_status_name(round->status));
	if (round->reason && round->reason[0])
		text_member_string(text, "reason", round->reason);
	text_member_u64(text, "cost_ns", round->cost_ns);
	if (round->room)
		room_write(text, round->room, NULL);
	text_member_array(text, "ns");
	for (size_t i = 0; i < round->count; i++)
		text_member_double(text, NULL, round->values[i]);
	text_add_string(text, "]");
	record_close(text);
}

static bool read_status(struct json_span record, enum bench_status *status) {
	for (int i = BENCH_STATUS_OK; i <= BENCH_STATUS_HUNG; i++)
		if (json_member_is(record, "status", bench_status_name((enum bench_status)i))) {
			*status = (enum bench_status)i;
			return true;
		}
	return false;
}

static bool read_values(struct json_span record, struct round_read *read) {
	struct json_span array, element;
	if (!json_member(record, "ns", &array))
		return false;
	for (read->round.count = 0; json_next(&array, &element); read->round.count++)
		if (read->round.count == ROUND_VALUES_MOST ||
		    !json_to_double(element, &read->values[read->round.count]))
			return false;
	return true;
}

bool round_read(struct json_span record, struct round_read *read) {
	uint64_t time;
	read->round = (struct round){
		.benchmark = read->benchmark, .reason = read->reason, .values = read->values, .room = &read->room};
	read->reason[0] = '\0';
	if (!json_member_string(record, "name", read->benchmark, sizeof(read->benchmark)) ||
	    !json_member_u64(record, "time", &time) || time > INT64_MAX || !read_status(record, &read->round.status) ||
	    !read_values(record, read))
		return false;
	read->round.time = (int64_t)time;
	json_member_string(record, "reason", read->reason, sizeof(read->reason));
	json_member_u64(record, "cost_ns", &read->round.cost_ns);
	if (!room_read(record, &read->room))
		read->round.room = NULL;
	return true;
}
