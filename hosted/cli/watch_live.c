/* SPDX-License-Identifier: Apache-2.0
 *
 * Rounds as they are measured. Signals that ask for an end are let in only while nothing is measured, a hundredth of a
 * second at the most later; a second one ends the process at once.
 */
#include "bench/rounds/rounds.h"
#include "build_info.h"
#include "hosted/cli/launch.h"
#include "hosted/cli/output.h"
#include "hosted/cli/watch_request.h"
#include "hosted/platform/guard.h"
#include "hosted/results/clock.h"
#include "hosted/watcher/monotonic.h"
#include "lib/units.h"
#include "platform.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct live {
	const struct watch_request *request;
	struct watch_tell tell;
	struct rounds *rounds;
	struct state *state;
	struct watcher *watcher;
	sigset_t mask; /* while nothing is measured */
	uint64_t begin_ms, begin_cpu_ns, measured;
	int64_t minute; /* whose end was told */
};

static uint64_t cpu_ns(void) {
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

/* ---- begin and end ----------------------------------------------------------------------------------------------- */

static bool begin_rounds(struct live *live) {
	struct text said = {0}, complaint = {0};
	const struct watch_request *request = live->request;
	live->rounds = rounds_begin(
		&(struct rounds_request){
			.filters = (const char *const *)request->words,
			.filter_count = request->count,
			.exact = request->exact,
			.inject = request->inject,
			.inject_count = request->inject_count,
			.seed = request->has_seed ? request->seed : launch_seed(),
			.duty = request->duty,
		},
		&said, &complaint);
	output_complain(&said);
	output_complain(&complaint);
	return live->rounds != NULL;
}

static bool begin_watcher(struct live *live) {
	struct text complaint = {0};
	const struct platform_info *info = platform_describe();
	const char *names[ROUNDS_BENCHMARKS_MOST];
	size_t count = rounds_names(live->rounds, names);
	char machine[STATE_MACHINE_BYTES];
	const struct watcher_rules rules = {
		.run_length = live->request->run_length,
		.room = live->request->room,
		.takes_unknown_rooms = true,
		.minutes_a_commit = 1,
		.is_live = true,
		.tell = watch_tell_alert,
		.say = watch_tell_line,
		.argument = &live->tell,
	};
	watch_machine_name(info->cpu_model, info->architecture, info->way, machine);
	if (state_open(live->request->state, STATE_WATCH, &live->state, &complaint) == 0)
		live->watcher = watcher_begin(live->state, &rules, names, count, &complaint);
	bool good = live->watcher && watcher_machine(live->watcher, machine, BUILD_COMMIT, &complaint);
	output_complain(&complaint);
	return good;
}

static void say_what_is_watched(const struct live *live) {
	const char *names[ROUNDS_BENCHMARKS_MOST];
	output_say(
		stderr,
		"watching %zu benchmark%s at %g %% of one core, in %s; one false alarm in %g days is to be expected\n",
		rounds_names(live->rounds, names), rounds_names(live->rounds, names) == 1 ? "" : "s",
		live->request->duty * 100, state_file(live->state), live->request->run_length / 86400);
	if (platform_describe()->emulated[0])
		output_say(stderr, "FUNCTIONAL ONLY, no figure is the hardware's: %s\n", platform_describe()->emulated);
}

/* false: it is not all in the state. */
static bool end(struct live *live) {
	bool whole = true;
	if (live->watcher) {
		whole = watcher_end(live->watcher);
		if (!whole)
			output_say(stderr, "%s: not all of the watch is in it\n", state_file(live->state));
	}
	state_close(live->state);
	rounds_free(live->rounds);
	return whole;
}

/* ---- rounds ------------------------------------------------------------------------------------------------------ */

static void complain_of_round(const struct live *live, const struct round *round) {
	if (round->status == BENCH_STATUS_OK)
		return;
	output_say(stderr, "%s %s%s%s%s\n", round->benchmark, bench_status_name(round->status),
		   *round->reason ? ": " : "", round->reason,
		   rounds_gave_up(live->rounds) ? "; that often, it is measured no more" : "");
}

static void tell(struct live *live) {
	uint64_t elapsed_ms = monotonic_ms() - live->begin_ms;
	double cpu_ms = (double)(cpu_ns() - live->begin_cpu_ns) / NS_PER_MS;
	if (elapsed_ms > 0)
		watcher_set_duty(live->watcher, cpu_ms / (double)elapsed_ms);
	watch_tell_status(&live->tell, live->watcher);
}

static void tell_minute(struct live *live, int64_t now) {
	watcher_advance(live->watcher, now);
	if (now / 60 == live->minute)
		return;
	live->minute = now / 60;
	tell(live);
}

/* false: none can be measured any more. */
static bool measure(struct live *live, uint64_t *pause_ns) {
	struct round round;
	if (!rounds_measure(live->rounds, &round)) {
		fprintf(stderr, "all benchmarks have failed: the watch ends\n");
		return false;
	}
	live->measured++;
	complain_of_round(live, &round);
	watch_tell_answer(&live->tell, watcher_take(live->watcher, &(struct watcher_round){.benchmark = round.benchmark,
											   .time = time(NULL),
											   .status = round.status,
											   .room = round.room,
											   .values = round.values,
											   .count = round.count}));
	*pause_ns = rounds_pause_ns(live->rounds, round.cost_ns);
	return true;
}

static bool is_over(const struct live *live) {
	const struct watch_request *request = live->request;
	return platform_interrupted() || (request->until_alert && live->tell.alarmed) ||
	       (request->rounds > 0 && live->measured >= request->rounds) ||
	       (request->duration_s > 0 && monotonic_ms() - live->begin_ms >= request->duration_s * 1000);
}

/* Until then; a minute's windows are told as it ends. Signals and who asks are let in even where there is no pause. */
static void rest(struct live *live, uint64_t until_ms) {
	enum { STEP_MS = 1000 };
	struct text complaint = {0};
	uint64_t least = monotonic_ms() + 1;
	until_ms = until_ms > least ? until_ms : least;
	while (!is_over(live) && monotonic_ms() < until_ms) {
		uint64_t step = monotonic_ms() + STEP_MS;
		outlets_wait(&live->tell.outlets, step < until_ms ? step : until_ms, &live->mask, &complaint);
		output_complain(&complaint);
		tell_minute(live, time(NULL));
	}
}

static int watch(struct live *live) {
	live->begin_ms = monotonic_ms();
	live->begin_cpu_ns = cpu_ns();
	live->minute = time(NULL) / 60;
	watch_tell_status(&live->tell, live->watcher);
	uint64_t pause_ns;
	while (!is_over(live)) {
		tell_minute(live, time(NULL));
		if (!measure(live, &pause_ns))
			return 4;
		rest(live, monotonic_ms() + pause_ns / NS_PER_MS);
	}
	return 0;
}

int watch_live(const struct watch_request *request) {
	struct live live = {.request = request};
	sigset_t ends;
	(void)platform_describe(); /* pins the process */
	int status = watch_tell_open(&live.tell, request);
	if (status != 0)
		return status;
	guard_listen_for_end();
	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	sigprocmask(SIG_BLOCK, &ends, &live.mask);
	status = 2;
	if (begin_rounds(&live) && begin_watcher(&live)) {
		say_what_is_watched(&live);
		status = watch(&live);
		watcher_end_minute(live.watcher);
		tell(&live);
		if (status == 0)
			status = watch_tell_verdict(&live.tell);
	}
	if (!end(&live) && status == 0)
		status = 2;
	watch_tell_close(&live.tell);
	return status;
}
