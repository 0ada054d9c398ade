/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/watcher/alert_json.h"

#include "lib/civil.h"

#include <math.h>

enum { WINDOW_S = 60 /* of the detectors: a WATCH_MINUTE */ };

const char *alert_percentile_name(enum detector_percentile percentile) {
	static const char *const names[DETECTOR_PERCENTILES] = {"p50", "p95", "p99"};
	return names[percentile];
}

const char *alert_state_name(enum watch_alert_state state) {
	return state == WATCH_ALERT_OPENED ? "opened" : "closed";
}

static const char *direction(const struct detector_event *event) {
	return event->is_slower ? "slower" : "faster";
}

static double change(const struct detector_event *event) {
	return event->after / event->before - 1;
}

/* 0 is a time that there is not. */
static void add_utc(struct text *text, const char *name, int64_t seconds) {
	char utc[CIVIL_TEXT_BYTES];
	if (seconds <= 0) {
		text_member_null(text, name);
		return;
	}
	civil_text((uint64_t)seconds, utc);
	text_member_string(text, name, utc);
}

static size_t listed(const struct watch_alert *alert) {
	return alert->count < WATCH_ALERT_BENCHMARKS ? alert->count : WATCH_ALERT_BENCHMARKS;
}

static void add_change(struct text *text, const struct watch_alert_member *member) {
	const struct detector_event *event = &member->event;
	bool is_closed = event->answer == DETECTOR_CLOSED;
	text_member_object(text, NULL);
	text_member_string(text, "benchmark", member->benchmark);
	text_member_string(text, "state", alert_state_name(is_closed ? WATCH_ALERT_CLOSED : WATCH_ALERT_OPENED));
	if (is_closed)
		text_member_bool(text, "adopted", event->is_adopted);
	else
		text_member_null(text, "adopted");
	text_member_string(text, "direction", direction(event));
	text_member_string(text, "percentile", alert_percentile_name(event->percentile));
	text_member_string(text, "by", event->by);
	add_utc(text, "first_utc", (int64_t)(event->first * WINDOW_S));
	add_utc(text, "last_utc", is_closed ? (int64_t)(event->last * WINDOW_S) : 0);
	text_member_double(text, "before", event->before);
	text_member_double(text, "after", event->after);
	text_member_double(text, "change", change(event));
	text_add_string(text, "}");
}

void alert_json(const struct watch_alert *alert, struct text *text) {
	struct text sentence = {0};
	alert_sentence(alert, &sentence);
	text_add(&sentence, "", 1);
	text_add_string(text, "{");
	text_member_string(text, "schema", "anechoic-alert/1");
	text_member_u64(text, "id", alert->id);
	text_member_string(text, "state", alert_state_name(alert->state));
	text_member_string(text, "text", sentence.failed ? "" : sentence.bytes);
	add_utc(text, "began_utc", alert->began);
	add_utc(text, "opened_utc", alert->opened);
	add_utc(text, "closed_utc", alert->closed);
	text_member_u64(text, "benchmarks", alert->count);
	text_member_array(text, "changes");
	for (size_t i = 0; i < listed(alert); i++)
		add_change(text, &alert->members[i]);
	text_add_string(text, "]}\n");
	text->failed |= sentence.failed;
	text_free(&sentence);
}

/* Whether the new level is the one to compare with from now on; of several benchmarks, how many's is. */
static void add_adopted(const struct watch_alert *alert, struct text *text) {
	size_t adopted = 0;
	for (size_t i = 0; i < listed(alert); i++)
		adopted += alert->members[i].event.answer == DETECTOR_CLOSED && alert->members[i].event.is_adopted;
	if (adopted == 0)
		text_add_string(text, "; it came back");
	else if (adopted == listed(alert))
		text_add_string(text, "; it stayed there, which is the level from now on");
	else
		text_format(text, "; %zu of %zu stayed there, which is their level from now on", adopted,
			    listed(alert));
}

void alert_change(const struct watch_alert_member *member, struct text *text) {
	const struct detector_event *event = &member->event;
	text_format(text, "%.3g %% %s (%s, %.4g ns to %.4g ns, by %s)", 100 * fabs(change(event)), direction(event),
		    alert_percentile_name(event->percentile), event->before, event->after, event->by);
}

void alert_sentence(const struct watch_alert *alert, struct text *text) {
	const struct watch_alert_member *first = &alert->members[0];
	bool is_open = alert->state == WATCH_ALERT_OPENED;
	char from[CIVIL_TEXT_BYTES], to[CIVIL_TEXT_BYTES];
	civil_text((uint64_t)alert->began, from);
	civil_text((uint64_t)alert->closed, to);
	text_format(text, "alert %llu %s: ", (unsigned long long)alert->id, alert_state_name(alert->state));
	text_add_string(text, first->benchmark);
	text_add_string(text, is_open ? " is " : " was ");
	alert_change(first, text);
	if (alert->count > 1)
		text_format(text, " and %zu more", alert->count - 1);
	text_format(text, is_open ? ", since %s" : ", from %s to %s", from, to);
	if (!is_open)
		add_adopted(alert, text);
}
