/* SPDX-License-Identifier: Apache-2.0
 *
 * Alerts and a status as a watch may have them.
 */
#pragma once

#include "hosted/watch/status.h"

#define MADE_UP_START INT64_C(1795737600) /* 2026-11-27T00:00:00Z */

/* Opened by tlb/lookup, 5 % slower, with `count` benchmarks in all. */
static inline struct watch_alert made_up_alert(size_t count) {
	struct watch_alert alert = {.id = 7, .began = MADE_UP_START, .opened = MADE_UP_START + 600, .count = count};
	for (size_t i = 0; i < count && i < WATCH_ALERT_BENCHMARKS; i++)
		alert.members[i] = (struct watch_alert_member){
			.benchmark = i == 0 ? "tlb/lookup" : "reference/a \"name\"\\ of its own",
			.event = {.answer = DETECTOR_OPENED,
				  .percentile = i == 0 ? DETECTOR_P50 : DETECTOR_P99,
				  .by = "cusum",
				  .is_slower = i == 0,
				  .first = (uint64_t)MADE_UP_START / 60 + i,
				  .before = 100,
				  .after = i == 0 ? 105 : 90}};
	return alert;
}

/* The same, over. */
static inline struct watch_alert made_up_end(size_t count) {
	struct watch_alert alert = made_up_alert(count);
	alert.state = WATCH_ALERT_CLOSED;
	alert.closed = MADE_UP_START + 3600;
	for (size_t i = 0; i < count && i < WATCH_ALERT_BENCHMARKS; i++) {
		alert.members[i].event.answer = DETECTOR_CLOSED;
		alert.members[i].event.last = (uint64_t)MADE_UP_START / 60 + 50;
	}
	return alert;
}

/* Of two benchmarks, the second of which is slower; nothing of a day yet. */
static inline struct watch_status made_up_status(struct watch_row rows[2]) {
	for (int r = 0; r < 2; r++) {
		rows[r] = (struct watch_row){.benchmark = r == 0 ? "tlb/lookup" : "a\\b\"c\nd",
					     .learns = r == 0 ? 0 : 128,
					     .is_open = r == 1,
					     .is_slower = r == 1};
		for (int s = WATCH_MINUTE; s < WATCH_DAY; s++)
			rows[r].last[s] = (struct watch_figures){.start = MADE_UP_START,
								 .count = s == WATCH_MINUTE ? 60 : 3600,
								 .percentiles = {12.5, 13, 1e4},
								 .room = ROOM_QUIET};
	}
	return (struct watch_status){.rows = rows,
				     .row_count = 2,
				     .started = MADE_UP_START,
				     .last_round = MADE_UP_START + 7200,
				     .rounds = 7000,
				     .rounds_loud = 200,
				     .rounds_failed = 1,
				     .duty = 0.0045,
				     .run_length = 30 * 86400.0,
				     .alerts_opened = 3,
				     .alerts_closed = 2};
}
