/* SPDX-License-Identifier: Apache-2.0
 *
 * How a watch stands, in the words that the terminal and the report's page have. Pure.
 */
#pragma once

#include "bench/text.h"
#include "hosted/watcher/state.h"

/* Of its alerts the last so many are shown. */
enum { STANDING_ALERTS = 20 };

/* Lines: what watches since when, what became of its rounds, what it costs and how often it is wrong. false: it says
 * that no round was measured yet, and there is nothing more to show. */
bool standing_add(const struct state_watch *watch, struct text *text);

/* "minute", "hour", "day"; and how long that is, seconds. */
const char *standing_span_name(enum watch_span span);
int64_t standing_span_seconds(enum watch_span span);
