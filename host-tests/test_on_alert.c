/* SPDX-License-Identifier: Apache-2.0
 *
 * --on-alert with commands that mean well, and with those that do not.
 */
#include "host-tests/watch_made_up.h"
#include "hosted/results/files.h"
#include "hosted/watcher/alert_json.h"
#include "hosted/watcher/on_alert.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LONG_MS = 600000 };

static char folder[64];
static struct on_alert on_alert;
static struct text said;

static void begin(void) {
	strcpy(folder, "/tmp/anechoic-on-alert-XXXXXX");
	cr_assert(mkdtemp(folder));
	cr_assert_eq(chdir(folder), 0);
}

static void end(void) {
	char remove[128];
	snprintf(remove, sizeof(remove), "rm -rf %s", folder);
	cr_expect_eq(system(remove), 0);
	text_free(&said);
}

TestSuite(on_alert, .init = begin, .fini = end);

static void tell(int count) {
	for (int i = 0; i < count; i++) {
		struct watch_alert alert = i % 2 == 0 ? made_up_alert(3) : made_up_end(3);
		on_alert_tell(&on_alert, &alert, &said);
	}
}

/* What was said when nothing is left to do. */
static const char *run(const char *words, uint64_t limit_ms, int count) {
	static const struct timespec step = {.tv_nsec = 1000000};
	on_alert_begin(&on_alert, words, limit_ms);
	tell(count);
	while (on_alert_is_busy(&on_alert)) {
		on_alert_step(&on_alert, &said);
		nanosleep(&step, NULL);
	}
	text_add(&said, "", 1);
	return said.bytes;
}

static const char *content(const char *name) {
	static struct text bytes;
	struct text complaint = {0};
	bytes.length = 0;
	cr_assert_eq(files_read(name, 1 << 20, &bytes, &complaint), 0);
	text_add(&bytes, "", 1);
	return bytes.bytes;
}

Test(on_alert, an_alert_is_standard_input) {
	struct text wanted = {0};
	struct watch_alert alert = made_up_alert(3), over = made_up_end(3);
	alert_json(&alert, &wanted);
	alert_json(&over, &wanted);
	alert_json(&alert, &wanted);
	text_add(&wanted, "", 1);
	cr_expect_str_eq(run("cat >>told", LONG_MS, 3), "");
	cr_expect_str_eq(content("told"), wanted.bytes);
	cr_expect_str_eq(run("cat /dev/stdin >by_name", LONG_MS, 1), "");
	cr_expect_eq(strncmp(content("by_name"), wanted.bytes, strlen(content("by_name"))), 0);
	text_free(&wanted);
}

Test(on_alert, one_that_does_not_read_holds_up_nobody) {
	cr_expect_str_eq(run("exec <&-; echo x >>told", LONG_MS, ON_ALERT_WAITING), "");
	cr_expect_eq(strlen(content("told")), 2 * ON_ALERT_WAITING);
}

Test(on_alert, one_runs_at_a_time) {
	cr_expect_str_eq(run("mkdir here && sleep 0.01 && rmdir here", LONG_MS, 8), "");
}

Test(on_alert, a_bad_end_is_said) {
	cr_expect_str_eq(run("exit 3", LONG_MS, 1), "--on-alert: alert 7 (opened): the command ended with status 3\n");
	said.length = 0;
	cr_expect_str_eq(run("kill -9 $$", LONG_MS, 1),
			 "--on-alert: alert 7 (opened): the command was killed by signal 9\n");
	said.length = 0;
	cr_expect(strstr(run("/no/such/command", LONG_MS, 2), "alert 7 (closed): the command ended with status 127\n"));
}

/* The reader of a pipe sees its end when the last process that writes to it is gone. */
static int open_pipe(void) {
	cr_assert_eq(mkfifo("pipe", 0600), 0);
	int reader = open("pipe", O_RDONLY | O_NONBLOCK);
	cr_assert_geq(reader, 0);
	cr_assert_eq(fcntl(reader, F_SETFL, 0), 0);
	return reader;
}

static void expect_gone(int reader) {
	char byte;
	cr_expect_eq(read(reader, &byte, 1), 1, "the command ran");
	cr_expect_eq(read(reader, &byte, 1), 0, "all that it started is gone");
}

Test(on_alert, one_that_hangs_is_killed_with_all_it_started) {
	int reader = open_pipe();
	cr_expect_str_eq(run("trap '' TERM INT HUP; exec 9>pipe; echo >&9; sleep 1000 & sleep 1000", 300, 1),
			 "--on-alert: alert 7 (opened): the command took more than 0.3 s, and was killed\n");
	expect_gone(reader);
}

Test(on_alert, what_it_leaves_behind_is_killed) {
	int reader = open_pipe();
	cr_expect_str_eq(run("exec 9>pipe; echo >&9; sleep 1000 & exit 0", LONG_MS, 1), "");
	expect_gone(reader);
}

Test(on_alert, it_inherits_nothing) {
	sigset_t set, before;
	cpu_set_t all, one;
	int cpu = 0;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, &before);
	signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(dup2(STDERR_FILENO, 9), 9);
	cr_assert_eq(sched_getaffinity(0, sizeof(all), &all), 0);
	while (!CPU_ISSET(cpu, &all))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	/* `read` is the shell's own: where it starts a process, it blocks signals meanwhile. */
	on_alert_begin(&on_alert,
		       "for fd in 3 4 5 6 7 8 9; do [ ! -e /proc/$$/fd/$fd ] || echo $fd; done >fds; "
		       "while read -r name value; do "
		       "case $name in SigBlk:|SigIgn:) echo $value;; esac; done </proc/$$/status >signals; "
		       "nproc >cpus; ps -o pgid= -p $$ | tr -d ' ' >group; echo $$ >pid",
		       LONG_MS);
	tell(1);
	cr_assert_eq(sched_setaffinity(0, sizeof(one), &one), 0);
	while (on_alert_is_busy(&on_alert))
		on_alert_step(&on_alert, &said);
	cr_expect_eq(said.length, 0);
	cr_expect_str_eq(content("fds"), "");
	/* Of the C library's own two, 32 and 33, nothing is promised. */
	const char *signals = content("signals");
	cr_expect_eq(strtoull(signals, NULL, 16), 0, "%s", signals);
	cr_expect_eq(strtoull(strchr(signals, '\n'), NULL, 16) & 0x7fffffff, 0, "%s", signals);
	cr_expect_eq(atoi(content("cpus")), CPU_COUNT(&all));
	int group = atoi(content("group"));
	cr_expect_eq(group, atoi(content("pid")));
	cr_assert_eq(sched_getaffinity(0, sizeof(all), &all), 0);
	cr_expect(CPU_EQUAL(&all, &one), "the watch stays where it was");
	sigprocmask(SIG_SETMASK, &before, NULL);
}

Test(on_alert, the_queue_has_an_end) {
	cr_expect_str_eq(run("true", LONG_MS, ON_ALERT_WAITING + 1),
			 "--on-alert: alert 7 (opened): not told, too many wait for their command\n");
}

Test(on_alert, its_end_tells_what_is_left_and_waits_no_longer_than_stated) {
	on_alert_begin(&on_alert, "cat >>told", LONG_MS);
	tell(2);
	on_alert_end(&on_alert, &said);
	cr_expect_eq(said.length, 0);
	cr_expect(strstr(content("told"), "\"closed\""));
	on_alert_begin(&on_alert, "sleep 1000", 0);
	tell(2);
	on_alert_end(&on_alert, &said);
	text_add(&said, "", 1);
	cr_expect_str_eq(said.bytes, "--on-alert: alert 7 (opened): the command was killed, as the watch ends\n"
				     "--on-alert: alert 7 (closed): not told, as the watch ends\n");
	cr_expect_not(on_alert_is_busy(&on_alert));
}

Test(on_alert, without_a_command_nothing_is_done) {
	struct on_alert none = {0};
	struct watch_alert alert = made_up_alert(1);
	on_alert_tell(&none, &alert, &said);
	on_alert_step(&none, &said);
	on_alert_end(&none, &said);
	cr_expect_not(on_alert_is_busy(&none));
	cr_expect_eq(said.length, 0);
}
