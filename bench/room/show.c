/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/room/show.h"

static const char *const names[ROOM_COUNTS] = {
	[ROOM_INTERRUPTS] = "interrupts", [ROOM_SMIS] = "smis",        [ROOM_SWITCHES] = "switches",
	[ROOM_WAITS] = "waits",           [ROOM_MOVES] = "migrations", [ROOM_STOLEN_NS] = "stolen_ns",
	[ROOM_AWAY_NS] = "away_ns",
};

void room_write_counts(struct text *text, const bool *counted, const uint64_t *counts) {
	for (int i = 0; i < ROOM_COUNTS; i++)
		if (counted[i])
			text_member_u64(text, names[i], counts[i]);
		else
			text_member_null(text, names[i]);
}

void room_write(struct text *text, const struct room_seen *seen, const char *word) {
	if (seen->measured_ns == 0)
		return;
	text_member_object(text, "room");
	if (word)
		text_member_string(text, "word", word);
	text_member_u64(text, "measured_ns", seen->measured_ns);
	text_member_object(text, "probe");
	text_member_u64(text, "count", seen->probes);
	text_member_u64(text, "chains", seen->chains);
	text_member_double(text, "ratio_low", seen->ratio_low);
	text_member_double(text, "ratio_median", seen->ratio_median);
	text_member_double(text, "ratio_high", seen->ratio_high);
	if (seen->ratio_alone > 0)
		text_member_double(text, "ratio_alone", seen->ratio_alone);
	else
		text_member_null(text, "ratio_alone");
	text_member_double(text, "add_ticks_before", seen->add_before);
	text_member_double(text, "add_ticks_after", seen->add_after);
	text_add_string(text, "}");
	text_member_object(text, "detours");
	text_member_u64(text, "within", seen->within);
	text_member_u64(text, "within_ns", seen->within_ns);
	text_member_u64(text, "between", seen->between);
	text_member_u64(text, "between_ns", seen->between_ns);
	text_member_u64(text, "longest_ns", seen->longest_ns);
	text_add_string(text, "}");
	room_write_counts(text, seen->counted, seen->counts);
	text_add_string(text, "}");
}

enum { CHAINS_UNSAID = 4 }; /* what there were before they were counted */

static void read_double(struct json_span object, const char *name, double *number) {
	struct json_span value;
	if (!json_member(object, name, &value) || !json_to_double(value, number))
		*number = 0;
}

bool room_read(struct json_span object, struct room_seen *seen) {
	struct json_span room, part;
	*seen = (struct room_seen){0};
	if (!json_member(object, "room", &room) || !json_member_u64(room, "measured_ns", &seen->measured_ns))
		return false;
	if (json_member(room, "probe", &part)) {
		json_member_u64(part, "count", &seen->probes);
		if (!json_member_u64(part, "chains", &seen->chains))
			seen->chains = CHAINS_UNSAID;
		read_double(part, "ratio_low", &seen->ratio_low);
		read_double(part, "ratio_median", &seen->ratio_median);
		read_double(part, "ratio_high", &seen->ratio_high);
		read_double(part, "ratio_alone", &seen->ratio_alone);
		read_double(part, "add_ticks_before", &seen->add_before);
		read_double(part, "add_ticks_after", &seen->add_after);
	}
	if (json_member(room, "detours", &part)) {
		json_member_u64(part, "within", &seen->within);
		json_member_u64(part, "within_ns", &seen->within_ns);
		json_member_u64(part, "between", &seen->between);
		json_member_u64(part, "between_ns", &seen->between_ns);
		json_member_u64(part, "longest_ns", &seen->longest_ns);
	}
	for (int i = 0; i < ROOM_COUNTS; i++)
		seen->counted[i] = json_member_u64(room, names[i], &seen->counts[i]);
	return seen->measured_ns > 0;
}
