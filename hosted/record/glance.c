/* SPDX-License-Identifier: Apache-2.0
 *
 * Files are read, not mapped: a process may make its own shorter, and no look may end us.
 */
#include "hosted/record/glance.h"

#include "hosted/results/clock.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	PAUSE_NS = 2000000, /* about, at first */
	PAUSE_NS_MOST = 50000000,
	STOPPED_NS = 30000000, /* longer than a tick: who did not run meanwhile waits for something */
	PAUSES_A_RUN = 20000,  /* a pause is at the least so small a part of the time so far */
	STAT_MINFLT = 10,      /* numbers of fields */
	STAT_STARTTIME = 22,
	LOOKS_A_SEARCH = 4, /* looks for processes that came since */
};

/* Of Linux's file of a process (proc_pid_stat(5)). The program's name, in parentheses, may have any bytes. 0: unknown.
 */
static uint64_t field_of(int stat, int number) {
	char line[512];
	ssize_t length = stat < 0 ? -1 : pread(stat, line, sizeof(line) - 1, 0);
	line[length < 0 ? 0 : length] = '\0';
	const char *at = strrchr(line, ')');
	for (int field = 2; at && field < number; field++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at, NULL, 10) : 0;
}

void glance_start(struct glance *glance) {
	*glance = (struct glance){.rng = rng_seeded(rng_seed_of((uint64_t)getpid(), "glance"))};
	glance->start_ns = glance->last_ns = clock_ns(CLOCK_MONOTONIC);
	for (size_t i = 0; i < GLANCE_PROCESSES; i++)
		glance->processes[i].file = glance->processes[i].stat = -1;
	int own = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	glance->own_starttime = field_of(own, STAT_STARTTIME);
	if (own >= 0)
		close(own);
}

/* Uniform about the mean: no rhythm of a program's goes with it. */
struct timespec glance_pause(struct glance *glance) {
	uint64_t mean = (glance->last_ns - glance->start_ns) / PAUSES_A_RUN;
	mean = mean < PAUSE_NS ? PAUSE_NS : mean < PAUSE_NS_MOST ? mean : PAUSE_NS_MOST;
	return (struct timespec){0, (long)(mean / 2 + rng_below(&glance->rng, (uint32_t)mean))};
}

/* ---- processes --------------------------------------------------------------------------------------------------- */

static void forget(struct glance_process *process) {
	close(process->file);
	if (process->stat >= 0)
		close(process->stat);
	process->file = process->stat = -1;
}

static void begin_window(struct glance_process *process, uint64_t now, uint64_t cpu_ns) {
	process->window_ns = now;
	process->cpu_ns = cpu_ns;
	process->looks = process->found = 0;
	memset(process->in, 0, sizeof(process->in));
}

/* NULL: it is looked at already, or there is no place. */
static struct glance_process *place_for(struct glance *glance, uint64_t process, uint64_t image) {
	struct glance_process *place = NULL;
	for (size_t i = 0; i < GLANCE_PROCESSES; i++) {
		struct glance_process *one = &glance->processes[i];
		if (one->file < 0)
			place = one;
		else if (one->process == process)
			return one->image < image ? one : NULL;
	}
	return place;
}

/* One of another namespace has a number that is another's here: of a process that was there before us, as a rule. */
static bool is_strangers(const struct glance *glance, const struct glance_process *process) {
	return process->stat >= 0 && field_of(process->stat, STAT_STARTTIME) < glance->own_starttime;
}

/* Its name is the process' number and that of the image. */
static void take_process(struct glance *glance, int folder, const char *name) {
	char *end;
	uint64_t process = strtoull(name, &end, 10), image = *end == '-' ? strtoull(end + 1, NULL, 10) : 0;
	struct glance_process *place = process ? place_for(glance, process, image) : NULL;
	if (!place)
		return;
	if (place->file >= 0)
		forget(place);
	if (clock_getcpuclockid((pid_t)process, &place->clock) != 0)
		return;
	char path[64];
	snprintf(path, sizeof(path), "/proc/%" PRIu64 "/stat", process);
	place->file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	place->stat = place->file < 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	if (is_strangers(glance, place)) {
		forget(place);
		return;
	}
	place->faults = field_of(place->stat, STAT_MINFLT);
	place->process = process;
	place->image = image;
	place->passed_ns = place->taken_ns = 0;
	begin_window(place, glance->last_ns, clock_ns(place->clock));
}

static void find_processes(struct glance *glance, const char *path) {
	DIR *folder = opendir(path);
	const struct dirent *entry;
	while (folder && (entry = readdir(folder)) != NULL)
		take_process(glance, dirfd(folder), entry->d_name);
	if (folder)
		closedir(folder);
}

/* ---- a look ------------------------------------------------------------------------------------------------------ */

static bool read_word(int file, size_t at, uint32_t *word) {
	return pread(file, word, sizeof(*word), (off_t)at) == (ssize_t)sizeof(*word);
}

/* Adds threads by what they are in; all of them but those that are in nothing come back. */
static uint32_t add_threads(int file, uint32_t slots, uint32_t in[COUNTS_INS]) {
	uint32_t found, all = 0;
	for (uint32_t i = 0; i < slots && i < COUNTS_SLOTS - 1; i++)
		if (read_word(file,
			      offsetof(struct counts_file, slots) + i * sizeof(struct counts_slot) +
				      offsetof(struct counts_slot, in),
			      &found) &&
		    found != COUNTS_IN_NOTHING && found < COUNTS_INS) {
			in[found]++;
			all++;
		}
	return all;
}

static size_t pace_class(uint64_t ns) {
	size_t class = ns ? 64 - (size_t)__builtin_clzll(ns) : 0;
	return class < RECORD_PACES ? class : RECORD_PACES - 1;
}

static void add_faults(struct glance_process *process, uint64_t taken, struct record *record) {
	uint64_t before = process->faults, faults = process->faults = field_of(process->stat, STAT_MINFLT);
	if (before && faults > before)
		record->fault_paces[pace_class(taken / (faults - before))] += faults - before;
}

/* Looks of a window share the CPU time that passed in it. Where several threads run, that is more than any has: how
 * much more, the whole run tells, as the clock of a single window is a tick off. */
static void end_window(struct glance_process *process, uint64_t passed, uint64_t taken, struct record *record) {
	uint32_t shares = process->looks > process->found ? process->looks : process->found;
	add_faults(process, taken, record);
	process->passed_ns += passed;
	process->taken_ns += taken;
	double threads = process->passed_ns ? (double)process->taken_ns / (double)process->passed_ns : 1;
	double each = (double)taken / shares;
	if (threads > 1 && process->found <= process->looks)
		each /= threads;
	record->glances += process->looks;
	record->glanced_ns += taken;
	for (size_t i = COUNTS_IN_NOTHING + 1; i < COUNTS_INS; i++)
		record->in_ns[i] += (uint64_t)(process->in[i] * each);
}

/* Another process' clock moves at its system's ticks, and when it stops running. */
static void look_at(struct glance_process *process, uint64_t now, struct record *record) {
	uint32_t slots = 0;
	uint64_t cpu_ns = clock_ns(process->clock), passed = now - process->window_ns;
	if (cpu_ns < process->cpu_ns) {
		forget(process); /* it is gone */
		return;
	}
	(void)read_word(process->file, offsetof(struct counts_file, header.slots), &slots);
	process->looks++;
	process->found += add_threads(process->file, slots, process->in);
	if (cpu_ns > process->cpu_ns)
		end_window(process, passed, cpu_ns - process->cpu_ns, record);
	if (cpu_ns > process->cpu_ns || passed > STOPPED_NS)
		begin_window(process, now, cpu_ns);
}

void glance_look(struct glance *glance, const struct session *session, struct record *record) {
	glance->last_ns = clock_ns(CLOCK_MONOTONIC);
	for (size_t i = 0; i < GLANCE_PROCESSES; i++)
		if (glance->processes[i].file >= 0)
			look_at(&glance->processes[i], glance->last_ns, record);
	if (glance->looks++ % LOOKS_A_SEARCH == 0)
		find_processes(glance, session->counts);
}

void glance_end(struct glance *glance) {
	for (size_t i = 0; i < GLANCE_PROCESSES; i++)
		if (glance->processes[i].file >= 0)
			forget(&glance->processes[i]);
}
