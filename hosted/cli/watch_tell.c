/* SPDX-License-Identifier: Apache-2.0
 *
 * Alerts on standard output, a line each, at once: that is the terminal, or the journal of a service.
 */
#include "hosted/cli/output.h"
#include "hosted/cli/watch_request.h"
#include "hosted/watcher/alert_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int watch_tell_open(struct watch_tell *tell, const struct watch_request *request) {
	struct text complaint = {0};
	*tell = (struct watch_tell){.request = request};
	int status = outlets_open(&tell->outlets, &request->outlets, &complaint);
	output_complain(&complaint);
	if (status == 0 && request->outlets.listen)
		fprintf(stderr, "listening on 127.0.0.1:%u\n", tell->outlets.listen.port);
	return status == 0 ? 0 : 2;
}

void watch_tell_close(struct watch_tell *tell) {
	struct text complaint = {0};
	outlets_close(&tell->outlets, &complaint);
	output_complain(&complaint);
}

void watch_tell_alert(void *argument, const struct watch_alert *alert) {
	struct watch_tell *tell = argument;
	struct text text = {0}, complaint = {0};
	if (tell->request->as_json) {
		alert_json(alert, &text);
	} else {
		alert_sentence(alert, &text);
		text_add_string(&text, "\n");
	}
	if (!text.failed)
		fwrite(text.bytes, 1, text.length, stdout);
	fflush(stdout);
	text_free(&text);
	outlets_alert(&tell->outlets, alert, &complaint);
	output_complain(&complaint);
	tell->alarmed |= alert->state == WATCH_ALERT_OPENED;
}

void watch_tell_line(void *argument, const char *line) {
	(void)argument;
	output_say(stderr, "%s\n", line);
}

void watch_tell_status(struct watch_tell *tell, struct watcher *watcher) {
	struct text complaint = {0};
	outlets_status(&tell->outlets, watcher_status(watcher), &complaint);
	output_complain(&complaint);
}

void watch_tell_answer(struct watch_tell *tell, enum watcher_answer answer) {
	tell->taken += answer == WATCHER_TAKEN;
	tell->loud += answer == WATCHER_LOUD;
}

int watch_tell_verdict(const struct watch_tell *tell) {
	if (!tell->request->until_alert)
		return 0;
	if (tell->alarmed)
		return 1;
	if (tell->taken > 0 || tell->loud == 0)
		return 0;
	output_say(stderr,
		   "inconclusive: the room was loud: each of %" PRIu64
		   " rounds had a room below --room=%s, and was passed "
		   "over\n",
		   tell->loud, room_word_name(tell->request->room));
	return 3;
}

void watch_machine_name(const char *cpu, const char *architecture, const char *way, char name[STATE_MACHINE_BYTES]) {
	snprintf(name, STATE_MACHINE_BYTES, "%s, %s, %s", *cpu ? cpu : "a processor that is not named", architecture,
		 way);
}
