/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/watcher/outlets.h"

#include "hosted/watcher/metrics.h"
#include "hosted/watcher/monotonic.h"
#include "hosted/watcher/textfile.h"
#include "lib/units.h"
#include "platform.h"

#include <errno.h>

int outlets_open(struct outlets *outlets, const struct outlets_options *options, struct text *complaint) {
	*outlets = (struct outlets){.textfile = options->textfile};
	if (options->textfile && !textfile_may_write(options->textfile, complaint))
		return PLATFORM_EINVAL;
	int status = options->listen ? listen_open(&outlets->listen, options->listen, complaint) : 0;
	if (status == 0 && options->on_alert)
		on_alert_begin(&outlets->on_alert, options->on_alert, ON_ALERT_LIMIT_MS);
	return status;
}

void outlets_alert(struct outlets *outlets, const struct watch_alert *alert, struct text *complaint) {
	on_alert_tell(&outlets->on_alert, alert, complaint);
	on_alert_step(&outlets->on_alert, complaint);
}

/* A disk that is full for a day is said once, not each minute. */
static void save(struct outlets *outlets, const struct text *metrics, struct text *complaint) {
	struct text why = {0};
	bool failed = textfile_save(outlets->textfile, metrics, &why) != 0;
	if (failed && !outlets->textfile_failed) {
		text_add_string(complaint, "--textfile ");
		text_add(complaint, why.bytes, why.length);
	}
	outlets->textfile_failed = failed;
	text_free(&why);
}

void outlets_status(struct outlets *outlets, const struct watch_status *status, struct text *complaint) {
	struct text metrics = {0};
	metrics_write(status, &metrics);
	if (outlets->listen.is_open)
		listen_show(&outlets->listen, &metrics);
	if (outlets->textfile && !metrics.failed)
		save(outlets, &metrics, complaint);
	text_free(&metrics);
}

bool outlets_wait(struct outlets *outlets, uint64_t until_ms, const sigset_t *mask, struct text *complaint) {
	enum { COMMAND_MS = 50 };
	for (uint64_t now; (now = monotonic_ms()) < until_ms;) {
		struct pollfd fds[LISTEN_FDS];
		size_t count = listen_poll_fds(&outlets->listen, fds);
		uint64_t wait = until_ms - now, listens = (uint64_t)listen_poll_ms(&outlets->listen); /* -1: the most */
		if (listens < wait)
			wait = listens;
		if (on_alert_is_busy(&outlets->on_alert) && wait > COMMAND_MS)
			wait = COMMAND_MS;
		const struct timespec time = {(time_t)(wait / 1000), (long)(wait % 1000 * NS_PER_MS)};
		if (ppoll(fds, count, &time, mask) < 0 && errno == EINTR)
			return false;
		listen_serve(&outlets->listen);
		on_alert_step(&outlets->on_alert, complaint);
	}
	return true;
}

void outlets_close(struct outlets *outlets, struct text *complaint) {
	listen_close(&outlets->listen);
	on_alert_end(&outlets->on_alert, complaint);
}
