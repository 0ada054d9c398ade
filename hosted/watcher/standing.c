/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/watcher/standing.h"

#include "lib/civil.h"

#include <inttypes.h>

const char *standing_span_name(enum watch_span span) {
	static const char *const names[WATCH_SPANS] = {"minute", "hour", "day"};
	return names[span];
}

int64_t standing_span_seconds(enum watch_span span) {
	static const int64_t seconds[WATCH_SPANS] = {60, 3600, 86400};
	return seconds[span];
}

bool standing_add(const struct state_watch *watch, struct text *text) {
	char started[CIVIL_TEXT_BYTES], last[CIVIL_TEXT_BYTES];
	if (watch->started == 0) {
		text_add_string(text, "no round was measured yet\n");
		return false;
	}
	civil_text((uint64_t)watch->started, started);
	civil_text((uint64_t)watch->last_round, last);
	text_add_string(text, watch->machine);
	text_format(text, ", since %s, last round %s\n", started, last);
	text_format(text,
		    "%" PRId64 " round%s; skipped, as the room was loud: %" PRId64 "; failed: %" PRId64
		    "; held, as the clock was behind: %" PRId64 "; windows lost: %" PRId64 "\n",
		    watch->rounds, watch->rounds == 1 ? "" : "s", watch->rounds_loud, watch->rounds_failed,
		    watch->rounds_held, watch->windows_lost);
	text_format(text, "%.3g %% of one core; one false alarm in %g days is to be expected\n", watch->duty * 100,
		    watch->run_length / (double)standing_span_seconds(WATCH_DAY));
	return true;
}
