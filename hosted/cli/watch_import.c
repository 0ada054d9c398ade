/* SPDX-License-Identifier: Apache-2.0
 *
 * Rounds that others measured: the image's, from a console's capture, or from its pipe as they come. A log is fed from
 * its begin each time; what the state has of it is passed over, boots included: what a boot changed was learned then.
 * The minute that the last file ends in may go on in it later, and stays open.
 */
#include "hosted/cli/output.h"
#include "hosted/cli/watch_request.h"
#include "hosted/platform/guard.h"
#include "hosted/results/files.h"
#include "hosted/watcher/monotonic.h"
#include "hosted/watcher/round_log.h"
#include "platform.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <time.h>

struct importing {
	const struct watch_request *request;
	struct watch_tell tell;
	struct state *state;
	struct watcher *watcher;
	bool live; /* it comes out of a pipe */
	bool whole;
	bool refused;            /* it is another machine's, or cannot be watched: that was said */
	struct rounds_head head; /* of the boot */
	char machine[STATE_MACHINE_BYTES];
	int64_t last_minute; /* that the state has; of the boot only what comes later is new */
	int64_t minute;
	uint64_t held;
};

static bool end_watcher(struct importing *importing, bool (*how)(struct watcher *watcher)) {
	if (importing->watcher)
		importing->whole &= how(importing->watcher);
	importing->watcher = NULL;
	return importing->whole;
}

static struct watcher *begin_watcher(struct importing *importing, struct text *complaint) {
	enum { MINUTES_A_COMMIT = 60 };
	const struct rounds_head *head = &importing->head;
	const char *names[ROUNDS_BENCHMARKS_MOST];
	const struct watcher_rules rules = {
		.run_length = importing->request->run_length,
		.room = importing->request->room,
		.takes_unknown_rooms = true,
		.minutes_a_commit = importing->live ? 1 : MINUTES_A_COMMIT,
		.tell = watch_tell_alert,
		.say = watch_tell_line,
		.argument = &importing->tell,
	};
	for (size_t i = 0; i < head->count; i++)
		names[i] = head->names[i];
	return watcher_begin(importing->state, &rules, names, head->count, complaint);
}

/* A round of it is new. */
static bool begin_boot(struct importing *importing) {
	struct text complaint = {0};
	importing->watcher = begin_watcher(importing, &complaint);
	bool good = importing->watcher &&
		    watcher_machine(importing->watcher, importing->machine, importing->head.commit, &complaint);
	if (good) {
		watcher_set_duty(importing->watcher, importing->head.duty);
		watch_tell_status(&importing->tell, importing->watcher);
	}
	if (good && importing->head.emulated[0])
		output_say(stderr, "FUNCTIONAL ONLY, no figure is the hardware's: %s\n", importing->head.emulated);
	output_complain(&complaint);
	importing->refused = !good;
	return good;
}

/* A boot of the machine, or the first. */
static bool begin(void *argument, const struct rounds_head *head) {
	struct importing *importing = argument;
	struct text complaint = {0};
	struct state_watch kept;
	if (!end_watcher(importing, watcher_end))
		return false;
	importing->head = *head;
	watch_machine_name(head->cpu, head->architecture, head->way, importing->machine);
	bool good = state_get_watch(importing->state, &kept);
	if (!good)
		state_complain(importing->state, &complaint);
	good = good && watcher_may_take(importing->state, &kept, importing->machine, &complaint);
	importing->last_minute = kept.last;
	output_complain(&complaint);
	importing->refused = !good;
	return good;
}

/* A log has months in a second, and each of its alerts its command. */
static void serve_commands(struct importing *importing) {
	enum { STEP_MS = 50 };
	struct outlets *outlets = &importing->tell.outlets;
	struct text complaint = {0};
	do {
		if (!on_alert_is_busy(&outlets->on_alert))
			break;
		outlets_wait(outlets, monotonic_ms() + (importing->live ? 1 : STEP_MS), NULL, &complaint);
	} while (!importing->live && !platform_interrupted());
	output_complain(&complaint);
}

static bool take(void *argument, const struct round *round) {
	struct importing *importing = argument;
	if (importing->watcher == NULL && round->time / 60 <= importing->last_minute) {
		importing->held++;
		return !platform_interrupted();
	}
	if (importing->watcher == NULL && !begin_boot(importing))
		return false;
	enum watcher_answer answer = watcher_take(importing->watcher, &(struct watcher_round){
									      .benchmark = round->benchmark,
									      .time = round->time,
									      .status = round->status,
									      .room = round->room,
									      .values = round->values,
									      .count = round->count,
								      });
	watch_tell_answer(&importing->tell, answer);
	importing->held += answer == WATCHER_HELD;
	if (importing->live && round->time / 60 != importing->minute)
		watch_tell_status(&importing->tell, importing->watcher);
	importing->minute = round->time / 60;
	serve_commands(importing);
	return !platform_interrupted() && !(importing->request->until_alert && importing->tell.alarmed);
}

/* 0, or an exit status. */
static int read_log(struct importing *importing, const char *name) {
	struct text complaint = {0};
	struct round_log log = {.begin = begin, .take = take, .argument = importing};
	bool is_pipe = strcmp(name, "-") == 0;
	FILE *file = is_pipe ? stdin : files_open(name, &complaint);
	output_complain(&complaint);
	if (file == NULL)
		return 2;
	importing->live = is_pipe;
	bool whole = round_log_read(&log, file);
	int why = errno;
	if (!is_pipe)
		fclose(file);
	if (!whole && why != 0 && why != EINTR) {
		output_say(stderr, "%s: %s\n", name, strerror(why));
		return 2;
	}
	if (log.heads == 0) {
		output_say(stderr, "%s: no watch is in it: it wants what `watch` of the image writes to its console\n",
			   name);
		return 2;
	}
	return importing->refused ? 2 : 0;
}

/* Who waits for a line is not to wait on for one where an end is asked for. */
static void let_reads_be_cut(void) {
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (sigaction(ends[i], NULL, &action) == 0) {
			action.sa_flags &= ~SA_RESTART;
			sigaction(ends[i], &action, NULL);
		}
}

int watch_import(const struct watch_request *request) {
	struct importing importing = {.request = request, .whole = true};
	struct text complaint = {0};
	if (request->outlets.listen) {
		fprintf(stderr, "--listen is of a watch that measures; --textfile is of both\n");
		return 2;
	}
	int status = watch_tell_open(&importing.tell, request);
	if (status != 0)
		return status;
	guard_listen_for_end();
	let_reads_be_cut();
	status = state_open(request->state, STATE_WATCH, &importing.state, &complaint) == 0 ? 0 : 2;
	output_complain(&complaint);
	for (size_t i = 0; status == 0 && i < request->count; i++) {
		status = read_log(&importing, request->words[i]);
		if (importing.watcher)
			watch_tell_status(&importing.tell, importing.watcher);
		bool may_go_on = !importing.live && i + 1 == request->count;
		if (!end_watcher(&importing, may_go_on ? watcher_leave : watcher_end))
			output_say(stderr, "%s: not all of it is in it\n", state_file(importing.state));
	}
	if (status == 0)
		fprintf(stderr, "%" PRIu64 " round%s taken, %" PRIu64 " %s there already\n", importing.tell.taken,
			importing.tell.taken == 1 ? " was" : "s were", importing.held,
			importing.held == 1 ? "was" : "were");
	state_close(importing.state);
	watch_tell_close(&importing.tell);
	if (status == 0 && !importing.whole)
		status = 2;
	return status == 0 ? watch_tell_verdict(&importing.tell) : status;
}
