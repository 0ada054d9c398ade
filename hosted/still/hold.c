/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/still/hold.h"

#include "hosted/platform/allowed.h"
#include "hosted/platform/pin.h"
#include "hosted/still/found.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
	pid_t keeper; /* 0: there is none */
	int to_keeper;
	struct tree tree;
	int folder, place;          /* found.h's; -1: not held */
	int latency;                /* the open file; -1: not held */
	bool begun, locked, raised; /* raised: from SCHED_OTHER */
	char done[256], not_done[256];
	char summary[560];
} hold = {.to_keeper = -1, .folder = -1, .place = -1, .latency = -1};

static const char wanted[] = "performance";

struct tree hold_tree(void) {
	const char *root = getenv("ANECHOIC_ROOT");
	return (struct tree){root ? root : ""};
}

const char *hold_summary(void) {
	return hold.summary;
}

static void add(char *list, size_t capacity, const char *what) {
	size_t used = strlen(list);
	snprintf(list + used, capacity - used, "%s%s", used ? ", " : "", what);
}

static void done(const char *what) {
	add(hold.done, sizeof(hold.done), what);
}

static void not_done(const char *what, const char *why) {
	char line[160];
	snprintf(line, sizeof(line), "%.60s (%.90s)", what, why);
	add(hold.not_done, sizeof(hold.not_done), line);
}

/* ---- the keeper -------------------------------------------------------------------------------------------------- */

static void close_all_but(int a, int b, int c) {
	int highest = (int)sysconf(_SC_OPEN_MAX);
	enum { MOST = 65536 };
	for (int file = STDERR_FILENO + 1; file < (highest > 0 && highest < MOST ? highest : MOST); file++)
		if (file != a && file != b && file != c)
			close(file);
}

/* What ends a group of processes, or a terminal, must not end it: it has to outlive the one that it puts back for. */
_Noreturn static void keep(int from) {
	static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};
	struct text said = {0};
	cpu_set_t cores;
	char byte;
	(void)setsid();
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		(void)signal(ignored[i], SIG_IGN);
	cores_allowed(&cores);
	(void)sched_setaffinity(0, sizeof(cores), &cores);
	int nothing = open("/dev/null", O_RDWR);
	if (nothing >= 0) {
		(void)dup2(nothing, STDIN_FILENO);
		(void)dup2(nothing, STDOUT_FILENO);
	}
	close_all_but(from, hold.folder, hold.place);
	while (read(from, &byte, 1) < 0 && errno == EINTR)
		;
	int count = found_restore(&hold.tree, hold.folder, &said);
	if (said.length != 0)
		fprintf(stderr, "still: %.*s", (int)said.length, said.bytes);
	_exit(count < 0);
}

static bool start_keeper(void) {
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	pid_t pid = fork();
	if (pid == 0) {
		close(ends[1]);
		keep(ends[0]);
	}
	close(ends[0]);
	if (pid < 0) {
		close(ends[1]);
		return false;
	}
	hold.keeper = pid;
	hold.to_keeper = ends[1];
	return true;
}

static void close_one(int *file) {
	if (*file >= 0)
		close(*file);
	*file = -1;
}

/* What would end with the process. */
static void let_go(void) {
	const struct sched_param none = {0};
	if (hold.locked)
		(void)munlockall();
	if (hold.raised)
		(void)sched_setscheduler(0, SCHED_OTHER, &none);
	hold.begun = hold.locked = hold.raised = false;
}

void hold_end(void) {
	struct text said = {0};
	int status = 0;
	close_one(&hold.latency);
	if (hold.keeper != 0) {
		close_one(&hold.to_keeper);
		while (waitpid(hold.keeper, &status, 0) < 0 && errno == EINTR)
			;
		if (!WIFEXITED(status) && found_is_left(hold.folder))
			(void)found_restore(&hold.tree, hold.folder, &said);
		if (said.length != 0)
			fprintf(stderr, "still: %.*s", (int)said.length, said.bytes);
		text_free(&said);
		hold.keeper = 0;
	}
	close_one(&hold.place);
	close_one(&hold.folder);
	let_go();
}

/* ---- governors --------------------------------------------------------------------------------------------------- */

static bool are_alike(const struct found *found) {
	for (size_t i = 1; i < found->count; i++)
		if (strcmp(found->settings[i].before, found->settings[0].before) != 0)
			return false;
	return true;
}

static void set_governors(struct text *said) {
	const struct tree *tree = &hold.tree;
	struct found *found = malloc(sizeof(*found));
	struct text complaint = {0};
	char line[128];
	if (!found)
		return;
	found_look(tree, wanted, found);
	if (found->count == 0) {
		char word[FOUND_WORD];
		if (tree_word(tree, word, sizeof(word), "sys/devices/system/cpu/cpufreq/policy0/scaling_governor"))
			done("governors were performance");
		else
			not_done("governors", "there are none here");
	} else if (!found_save(hold.folder, found, &complaint) || !start_keeper()) {
		not_done("governors", "what was found cannot be kept");
		found_forget(hold.folder);
	} else {
		size_t count = found_set(tree, found, &complaint);
		snprintf(line, sizeof(line), "%zu of %zu governors performance, were %s%s", count, found->count,
			 found->settings[0].before, are_alike(found) ? "" : " and others");
		if (count != 0)
			done(line);
		else
			not_done("governors", "they cannot be written");
	}
	text_add(said, complaint.bytes, complaint.length);
	text_free(&complaint);
	free(found);
}

static void hold_governors(struct text *said) {
	struct text complaint = {0};
	char why[96];
	unsigned holder = 0;
	hold.folder = found_open_folder(&hold.tree, &complaint);
	hold.place = hold.folder >= 0 ? found_take_place(hold.folder, &holder) : -1;
	text_free(&complaint);
	if (hold.folder < 0) {
		not_done("governors", "nowhere to keep what was found: root may");
		return;
	}
	if (hold.place < 0) {
		snprintf(why, sizeof(why), "process %u holds this machine still", holder);
		not_done("governors", why);
		return;
	}
	if (found_is_left(hold.folder) && found_restore(&hold.tree, hold.folder, said) >= 0)
		text_add_string(said, "put back what an earlier process left\n");
	if (found_is_left(hold.folder))
		not_done("governors", "an earlier process's are not put back");
	else
		set_governors(said);
}

/* ---- what ends with this process --------------------------------------------------------------------------------- */

/* Linux, Documentation/power/pm_qos_interface.rst: a request of microseconds as an s32, which stands while the file is
 * open. */
static void hold_latency(const struct tree *tree) {
	const int32_t none = 0;
	char path[TREE_PATH];
	if (!tree_path(tree, path, "dev/cpu_dma_latency"))
		return;
	hold.latency = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (hold.latency >= 0 && write(hold.latency, &none, sizeof(none)) == (ssize_t)sizeof(none)) {
		done("idle states of 0 us");
		return;
	}
	not_done("idle states", strerror(errno));
	if (hold.latency >= 0)
		close(hold.latency);
	hold.latency = -1;
}

/* Memory that is mapped later is not locked: what benchmarks map they touch before they time it, and some of them give
 * pages back, which a lock forbids. */
static void lock_memory(void) {
	hold.locked = mlockall(MCL_CURRENT) == 0;
	if (hold.locked)
		done("memory so far locked");
	else
		not_done("memory locked", strerror(errno));
}

/* Throttling (sched(7), sched_rt_runtime_us) would stop it for 50 ms of each second: worse than what it is to mend.
 * Other threads, which stand on other cores, are ordinary ones. */
static void raise_priority(const struct tree *tree) {
	const struct sched_param first = {.sched_priority = 1};
	char line[32];
	if ((sched_getscheduler(0) & ~SCHED_RESET_ON_FORK) != SCHED_OTHER)
		not_done("SCHED_FIFO", "it was started with a policy of its own, which stays");
	else if (!tree_line(tree, line, sizeof(line), "proc/sys/kernel/sched_rt_runtime_us"))
		not_done("SCHED_FIFO", "whether it is throttled is not told");
	else if (strcmp(line, "-1") != 0)
		not_done("SCHED_FIFO", "it is throttled: sched_rt_runtime_us is not -1");
	else if ((hold.raised = sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &first) == 0))
		done("SCHED_FIFO 1");
	else
		not_done("SCHED_FIFO", strerror(errno));
}

static void say_pages(const struct tree *tree) {
	char line[64], said[96];
	if (!tree_line(tree, line, sizeof(line), "sys/kernel/mm/transparent_hugepage/enabled"))
		return;
	snprintf(said, sizeof(said), "huge pages as they were, %s", line);
	done(said);
}

void hold_begin(const struct tree *tree, bool own, struct text *said) {
	char core[32];
	static bool listens;
	if (hold.begun)
		return;
	hold.begun = true;
	hold.tree = *tree;
	hold.done[0] = hold.not_done[0] = '\0';
	if (!listens)
		(void)atexit(hold_end);
	listens = true;
	hold_governors(said);
	hold_latency(tree);
	if (own && pin_cpu() >= 0) {
		snprintf(core, sizeof(core), "on core %d", pin_cpu());
		done(core);
	}
	if (own) {
		lock_memory();
		raise_priority(tree);
	}
	say_pages(tree);
	snprintf(hold.summary, sizeof(hold.summary), "%s%s%s", hold.done, hold.not_done[0] ? "; not: " : "",
		 hold.not_done);
}

int hold_restore(const struct tree *tree, struct text *said) {
	char path[TREE_PATH];
	struct stat status;
	unsigned holder;
	/* Looking makes no folder. */
	if (!tree_path(tree, path, "run/anechoic") || (stat(path, &status) != 0 && errno == ENOENT)) {
		text_add_string(said, "nothing was left to put back\n");
		return 0;
	}
	int folder = found_open_folder(tree, said), place = -1, count = -1;
	if (folder >= 0) {
		place = found_take_place(folder, &holder);
		if (place < 0)
			text_format(said, "process %u holds this machine still, and puts it back itself\n", holder);
		else if (found_is_left(folder))
			count = found_restore(tree, folder, said);
		else
			count = 0;
	}
	if (count > 0)
		text_format(said, "put back: %d governor%s\n", count, count == 1 ? "" : "s");
	else if (count == 0)
		text_add_string(said, "nothing was left to put back\n");
	if (place >= 0)
		close(place);
	if (folder >= 0)
		close(folder);
	return count >= 0 ? 0 : 2;
}
