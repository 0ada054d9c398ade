/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/still/doctor.h"

#include <string.h>

enum { COLUMN = 16 };

static void show_worse(const struct doctor_finding *finding, size_t number, struct text *text) {
	text_format(text, "%3zu %s", number, finding->name);
	text_pad(text, COLUMN);
	text_format(text, " %s\n", finding->found);
	text_format(text, "    why          %s\n", finding->why);
	text_format(text, "    mend         %s%s\n", finding->mend, finding->still ? DOCTOR_STILL : "");
	text_format(text, "    worth        %s\n", finding->worth);
}

/* "a, b, c", with what was found where there is something. */
static void show_others(const struct doctor *doctor, enum doctor_state state, bool all, struct text *text) {
	const char *head = state == DOCTOR_FINE ? "fine" : "not told";
	size_t shown = 0;
	for (size_t i = 0; i < doctor->count; i++) {
		const struct doctor_finding *finding = &doctor->findings[i];
		if (finding->state != state)
			continue;
		if (all) {
			text_format(text, "%s  %s", head, finding->name);
			text_pad(text, COLUMN + 8);
			text_format(text, " %s\n", finding->found);
		} else {
			text_format(text, "%s%s", shown == 0 ? head : ",", shown == 0 ? ": " : " ");
			text_add_string(text, finding->name);
		}
		shown++;
	}
	if (shown != 0 && !all)
		text_add_string(text, "\n");
}

void doctor_show_head(unsigned cpu, double seconds, size_t worse, struct text *text) {
	text_format(text, "core %u, ", cpu);
	if (seconds > 0)
		text_format(text, "watched for %.1f s", seconds);
	else
		text_add_string(text, "counts since the machine's start");
	text_format(text, "; %zu make%s figures worse, from worst to least:\n", worse, worse == 1 ? "s" : "");
}

void doctor_show_table(const struct still_facts *facts, const struct doctor *doctor, bool all, struct text *text) {
	doctor_show_head(facts->cpu, facts->since_start ? 0 : facts->seconds, doctor->worse, text);
	for (size_t i = 0; i < doctor->worse; i++)
		show_worse(&doctor->findings[i], i + 1, text);
	show_others(doctor, DOCTOR_NOT_TOLD, all, text);
	show_others(doctor, DOCTOR_FINE, all, text);
	if (doctor->told == 0)
		text_add_string(text, "nothing could be read: this says nothing of the machine\n");
}

static const char *const states[] = {[DOCTOR_FINE] = "fine", [DOCTOR_WORSE] = "worse", [DOCTOR_NOT_TOLD] = "not told"};

void doctor_write_json(const struct still_facts *facts, const struct doctor *doctor, struct text *text) {
	text_add_string(text, "{");
	text_member_string(text, "schema", DOCTOR_SCHEMA);
	text_member_u64(text, "core", facts->cpu);
	text_member_bool(text, "since_start", facts->since_start);
	text_member_double(text, "seconds", facts->seconds);
	text_member_u64(text, "worse", doctor->worse);
	text_member_array(text, "findings");
	for (size_t i = 0; i < doctor->count; i++) {
		const struct doctor_finding *finding = &doctor->findings[i];
		text_member_object(text, NULL);
		text_member_string(text, "name", finding->name);
		text_member_string(text, "state", states[finding->state]);
		text_member_string(text, "found", finding->found);
		text_member_string(text, "why", finding->why);
		if (finding->state == DOCTOR_WORSE) {
			text_member_string(text, "mend", finding->mend);
			text_member_string(text, "worth", finding->worth);
			text_member_bool(text, "measured", finding->measured);
			text_member_bool(text, "still", finding->still);
		}
		text_add_string(text, "}");
	}
	text_add_string(text, "]");
}
