/* SPDX-License-Identifier: Apache-2.0
 *
 * An alert of a watch as those outside get it: as JSON, and as a line for people. Pure.
 */
#pragma once

#include "bench/text.h"
#include "hosted/watch/status.h"

/* Adds the alert as one object of ASCII, schema anechoic-alert/1 of docs/formats.md, in one line with its end. At most
 * WATCH_ALERT_BENCHMARKS changes are in it, whatever their number. text->failed where memory ended. */
void alert_json(const struct watch_alert *alert, struct text *text);

/* The same as a sentence without a line end, as "alert 3: tlb/lookup is 5.2 % slower (p50), ..." */
void alert_sentence(const struct watch_alert *alert, struct text *text);

/* Of one benchmark in it: "5.2 % slower (p50, 100 ns to 105.2 ns, by cusum)". */
void alert_change(const struct watch_alert_member *member, struct text *text);

/* "p50", "p95", "p99". */
const char *alert_percentile_name(enum detector_percentile percentile);

/* "opened" or "closed". */
const char *alert_state_name(enum watch_alert_state state);
