/* SPDX-License-Identifier: Apache-2.0
 *
 * How a watch stands, from its state alone: another process may watch on it meanwhile.
 */
#include "hosted/cli/fold.h"
#include "hosted/cli/output.h"
#include "hosted/cli/watch_request.h"
#include "hosted/platform/columns.h"
#include "hosted/watcher/alert_json.h"
#include "hosted/watcher/standing.h"
#include "lib/civil.h"

#include <inttypes.h>

enum { NAME_COLUMNS = 42 };

struct showing {
	struct state *state;
	struct state_watch watch;
	struct text *text;
	bool as_json;
	const char *name;
	enum watch_span span;
	size_t alerts;
};

static void add_utc(struct text *text, const char *name, int64_t seconds) {
	char utc[CIVIL_TEXT_BYTES];
	civil_text((uint64_t)seconds, utc);
	if (seconds > 0)
		text_member_string(text, name, utc);
	else
		text_member_null(text, name);
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

static bool add_json_window(void *argument, const struct state_window *window) {
	struct showing *showing = argument;
	text_member_object(showing->text, standing_span_name(showing->span));
	add_utc(showing->text, "start_utc", window->start);
	text_member_u64(showing->text, "count", window->count);
	text_member_string(showing->text, "room", room_word_name(window->room));
	for (int p = 0; p < DETECTOR_PERCENTILES; p++)
		text_member_double(showing->text, alert_percentile_name((enum detector_percentile)p),
				   window->percentiles[p]);
	text_add_string(showing->text, "}");
	return false;
}

static void add_json_benchmark(void *argument, int64_t benchmark, const char *name) {
	struct showing *showing = argument;
	text_member_object(showing->text, NULL);
	text_member_string(showing->text, "name", name);
	for (int span = 0; span < WATCH_SPANS; span++) {
		showing->span = (enum watch_span)span;
		state_last_window(showing->state, benchmark, showing->span, add_json_window, showing);
	}
	text_add_string(showing->text, "}");
}

static void add_json_alert(void *argument, const struct watch_alert *alert, unsigned told) {
	struct showing *showing = argument;
	(void)told;
	text_member(showing->text, NULL);
	alert_json(alert, showing->text);
}

static bool add_json(struct showing *showing) {
	const struct state_watch *watch = &showing->watch;
	struct text *text = showing->text;
	text_add_string(text, "{");
	text_member_string(text, "schema", "anechoic-watch/1");
	text_member_string(text, "state", state_file(showing->state));
	text_member_string(text, "machine", watch->machine);
	text_member_string(text, "commit", watch->commit);
	add_utc(text, "started_utc", watch->started);
	add_utc(text, "last_round_utc", watch->last_round);
	text_member_u64(text, "rounds", (uint64_t)watch->rounds);
	text_member_u64(text, "rounds_skipped", (uint64_t)watch->rounds_loud);
	text_member_u64(text, "rounds_failed", (uint64_t)watch->rounds_failed);
	text_member_u64(text, "rounds_held", (uint64_t)watch->rounds_held);
	text_member_u64(text, "windows_lost", (uint64_t)watch->windows_lost);
	text_member_double(text, "run_length_seconds", watch->run_length);
	text_member_double(text, "duty", watch->duty);
	text_member_array(text, "benchmarks");
	bool good = state_benchmarks(showing->state, add_json_benchmark, showing);
	text_add_string(text, "]");
	text_member_array(text, "alerts");
	good = good && state_alerts(showing->state, STANDING_ALERTS, add_json_alert, showing);
	text_add_string(text, "]}\n");
	return good;
}

/* ---- a table ----------------------------------------------------------------------------------------------------- */

static bool add_row(void *argument, const struct state_window *window) {
	struct showing *showing = argument;
	struct text *text = showing->text;
	char utc[CIVIL_TEXT_BYTES];
	civil_text((uint64_t)window->start, utc);
	size_t begin = text->length;
	text_add_string(text, showing->name);
	size_t used = text->length - begin;
	text_format(text, "%*s %-6s %s", used < NAME_COLUMNS ? (int)(NAME_COLUMNS - used) : 0, "",
		    standing_span_name(showing->span), utc);
	for (int p = 0; p < DETECTOR_PERCENTILES; p++)
		text_format(text, " %9.4g", window->percentiles[p]);
	text_format(text, " %8" PRIu64 " %s\n", window->count, room_word_name(window->room));
	showing->name = "";
	return false;
}

static void add_benchmark(void *argument, int64_t benchmark, const char *name) {
	struct showing *showing = argument;
	showing->name = name;
	for (int span = 0; span < WATCH_SPANS; span++) {
		showing->span = (enum watch_span)span;
		state_last_window(showing->state, benchmark, showing->span, add_row, showing);
	}
}

static void add_alert(void *argument, const struct watch_alert *alert, unsigned told) {
	struct showing *showing = argument;
	(void)told;
	showing->alerts++;
	alert_sentence(alert, showing->text);
	text_add_string(showing->text, "\n");
}

static bool add_table(struct showing *showing) {
	struct text *text = showing->text;
	if (!standing_add(&showing->watch, text))
		return true;
	text_format(text, "\n%-*s %-6s %-20s %9s %9s %9s %8s room\n", NAME_COLUMNS, "last windows", "", "start, UTC",
		    "p50 ns", "p95", "p99", "values");
	bool good = state_benchmarks(showing->state, add_benchmark, showing);
	text_add_string(text, "\n");
	good = good && state_alerts(showing->state, STANDING_ALERTS, add_alert, showing);
	if (showing->alerts == 0)
		text_add_string(text, "no alert\n");
	return good;
}

int watch_show(const struct watch_request *request) {
	struct text text = {0}, folded = {0}, complaint = {0};
	struct showing showing = {.text = &text, .as_json = request->as_json};
	if (state_open(request->state, STATE_LOOK, &showing.state, &complaint) != 0) {
		output_complain(&complaint);
		return 2;
	}
	bool good = state_get_watch(showing.state, &showing.watch) &&
		    (request->as_json ? add_json(&showing) : add_table(&showing));
	if (!good)
		state_complain(showing.state, &complaint);
	state_close(showing.state);
	if (output_complain(&complaint)) {
		text_free(&text);
		return 2;
	}
	if (request->as_json)
		return output_save("-", &text);
	fold_add(&folded, text.bytes, text.length, columns_of_output());
	folded.failed |= text.failed;
	text_free(&text);
	return output_save("-", &folded);
}
