/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/watcher/alerts.h"

#include "hosted/watcher/watcher.h"

#include <stdio.h>
#include <string.h>

enum { MINUTE_S = 60, TOLD_OPENED = 1, TOLD_CLOSED = 2 };

static bool is_open(const struct alerts *alerts) {
	return alerts->alert.id != 0 && alerts->alert.closed == 0;
}

static void take_kept(void *argument, const struct watch_alert *alert, unsigned told) {
	struct alerts *alerts = argument;
	uint64_t last = 0;
	bool any_open = false;
	alerts->alert = *alert;
	alerts->told = told;
	for (size_t i = 0; i < alert->count; i++) {
		const struct watch_alert_member *member = &alert->members[i];
		snprintf(alerts->names[i], sizeof(alerts->names[i]), "%s", member->benchmark);
		snprintf(alerts->detectors[i], sizeof(alerts->detectors[i]), "%s", member->event.by);
		alerts->alert.members[i].benchmark = alerts->names[i];
		alerts->alert.members[i].event.by = alerts->detectors[i];
		any_open |= member->event.answer != DETECTOR_CLOSED;
		last = member->event.last > last ? member->event.last : last;
	}
	alerts->quiet_since = any_open ? 0 : (int64_t)last;
	alerts->opened = alert->id;
	alerts->closed = alert->id - (alert->closed == 0);
}

bool alerts_load(struct alerts *alerts, struct state *state) {
	return state_alerts(state, 1, take_kept, alerts);
}

/* The place of a benchmark's change; NULL: there is no more room. */
static struct watch_alert_member *member_of(struct alerts *alerts, const char *benchmark) {
	struct watch_alert *alert = &alerts->alert;
	for (size_t i = 0; i < alert->count; i++)
		if (strcmp(alert->members[i].benchmark, benchmark) == 0)
			return &alert->members[i];
	if (alert->count == WATCH_ALERT_BENCHMARKS)
		return NULL;
	size_t place = alert->count++;
	snprintf(alerts->names[place], sizeof(alerts->names[place]), "%s", benchmark);
	alert->members[place] = (struct watch_alert_member){.benchmark = alerts->names[place]};
	return &alert->members[place];
}

static void open_alert(struct alerts *alerts, int64_t minute) {
	alerts->alert = (struct watch_alert){.id = alerts->alert.id + 1,
					     .state = WATCH_ALERT_OPENED,
					     .opened = (minute + 1) * MINUTE_S,
					     .began = (minute + 1) * MINUTE_S};
	alerts->told = 0;
	alerts->opened++;
}

static bool any_change_open(const struct alerts *alerts) {
	for (size_t i = 0; i < alerts->alert.count; i++)
		if (alerts->alert.members[i].event.answer != DETECTOR_CLOSED)
			return true;
	return false;
}

void alerts_take(struct alerts *alerts, const char *benchmark, const struct detector_event *event, int64_t minute) {
	/* An end that nobody knows the begin of. */
	if (!is_open(alerts) && event->answer == DETECTOR_CLOSED)
		return;
	if (!is_open(alerts))
		open_alert(alerts, minute);
	struct watch_alert_member *member = member_of(alerts, benchmark);
	if (member == NULL)
		return;
	size_t place = (size_t)(member - alerts->alert.members);
	member->event = *event;
	snprintf(alerts->detectors[place], sizeof(alerts->detectors[place]), "%s", event->by ? event->by : "");
	member->event.by = alerts->detectors[place];
	int64_t began = (int64_t)event->first * MINUTE_S;
	if (began < alerts->alert.began)
		alerts->alert.began = began;
	alerts->quiet_since = any_change_open(alerts) ? 0 : minute;
	alerts->is_news = true;
}

void alerts_settle(struct alerts *alerts, int64_t minute) {
	if (!is_open(alerts) || alerts->quiet_since == 0 || minute - alerts->quiet_since < WATCHER_HOLD_MINUTES)
		return;
	uint64_t last = 0;
	for (size_t i = 0; i < alerts->alert.count; i++)
		if (alerts->alert.members[i].event.last > last)
			last = alerts->alert.members[i].event.last;
	alerts->alert.state = WATCH_ALERT_CLOSED;
	alerts->alert.closed = ((int64_t)last + 1) * MINUTE_S;
	alerts->closed++;
	alerts->is_news = true;
}

static unsigned due(const struct alerts *alerts) {
	return alerts->alert.id == 0 ? 0 : is_open(alerts) ? TOLD_OPENED : TOLD_OPENED | TOLD_CLOSED;
}

bool alerts_has_to_tell(const struct alerts *alerts) {
	return (alerts->told & due(alerts)) != due(alerts);
}

void alerts_tell(struct alerts *alerts, void (*tell)(void *argument, const struct watch_alert *alert), void *argument) {
	if (!alerts_has_to_tell(alerts))
		return;
	tell(argument, &alerts->alert);
	alerts->told = due(alerts);
	alerts->is_news = true;
}

bool alerts_has_news(const struct alerts *alerts) {
	return alerts->is_news;
}

bool alerts_put(const struct alerts *alerts, struct state *state) {
	return state_put_alert(state, &alerts->alert, alerts->told);
}

void alerts_are_put(struct alerts *alerts) {
	alerts->is_news = false;
}

bool alerts_is_part(const struct alerts *alerts, const char *benchmark, bool *is_slower) {
	for (size_t i = 0; is_open(alerts) && i < alerts->alert.count; i++)
		if (strcmp(alerts->alert.members[i].benchmark, benchmark) == 0) {
			*is_slower = alerts->alert.members[i].event.is_slower;
			return true;
		}
	return false;
}

void alerts_drop(struct alerts *alerts, bool (*goes_on)(const void *argument, const char *benchmark),
		 const void *argument, int64_t minute) {
	if (!is_open(alerts))
		return;
	for (size_t i = 0; i < alerts->alert.count; i++) {
		struct watch_alert_member *member = &alerts->alert.members[i];
		if (member->event.answer == DETECTOR_CLOSED || goes_on(argument, member->benchmark))
			continue;
		member->event.answer = DETECTOR_CLOSED;
		member->event.last = (uint64_t)minute;
		member->event.is_adopted = true;
		alerts->is_news = true;
	}
	if (!any_change_open(alerts) && alerts->quiet_since == 0)
		alerts->quiet_since = minute;
}
