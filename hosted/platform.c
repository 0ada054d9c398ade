/* SPDX-License-Identifier: Apache-2.0
 *
 * platform.h on Linux: description, clock, streams, options. Memory is in memory.c, contained faults in guard.c, the further facts of
 * the context in facts.c.
 *
 * The process stays on one core: the last one that it is allowed, or that of --cpu. Threads on the others are cores.c's.
 */
#include "hosted/baseline.h"
#include "hosted/hosted.h"
#include "hosted/machine.h"
#include "hosted/sanitize.h"

#include "bench/ticks.h"
#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

/* Two readings of both clocks, one right after the other. */
struct reading {
	uint64_t ticks;
	uint64_t ns;
	uint64_t doubt_ticks; /* how far apart the two reads of the ticks around it were */
};

static struct {
	struct reading start;
	struct platform_info info;
	int cpu; /* pinned to; -1: not */
	int log;
	int results;
	struct platform_text earlier; /* --resume's */
} host = {.cpu = -1, .log = -1, .results = -1};

/* The closest of a few: a reading that the scheduler broke into is worth nothing. */
static struct reading read_clocks(void) {
	struct reading best = {.doubt_ticks = UINT64_MAX};
	for (int i = 0; i < 16; i++) {
		struct timespec time;
		uint64_t before = ticks_begin();
		clock_gettime(CLOCK_MONOTONIC_RAW, &time);
		uint64_t after = ticks_end();
		if (after - before >= best.doubt_ticks)
			continue;
		best.ticks = before + (after - before) / 2;
		best.ns = (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
		best.doubt_ticks = after - before;
	}
	return best;
}

static bool pin(int cpu) {
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) != 0)
		return false;
	host.cpu = cpu;
	return true;
}

/* Interrupts of most devices are served by the first cores. */
static void pin_to_last(void) {
	cpu_set_t set;
	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return;
	for (int cpu = CPU_SETSIZE - 1; cpu >= 0; cpu--)
		if (CPU_ISSET((size_t)cpu, &set)) {
			pin(cpu);
			return;
		}
}

int hosted_pinned_cpu(void) {
	return host.cpu;
}

/* The first thing in the process, so that the clock's span is all of it. */
__attribute__((constructor)) static void start(void) {
	host.start = read_clocks();
}

static void describe(struct platform_info *info) {
	struct utsname system;
	long pages = sysconf(_SC_PHYS_PAGES), cores = sysconf(_SC_NPROCESSORS_ONLN);
	pin_to_last();
	snprintf(info->architecture, sizeof(info->architecture), "%s", machine_architecture);
	snprintf(info->way, sizeof(info->way), "hosted");
	snprintf(info->hold, sizeof(info->hold), "process");
	snprintf(info->entry_level, sizeof(info->entry_level), "%s", machine_level);
	machine_cpu_model(info->cpu_model, sizeof(info->cpu_model));
	machine_hypervisor(info->hypervisor, sizeof(info->hypervisor));
	if (uname(&system) == 0)
		snprintf(info->firmware, sizeof(info->firmware), "%.12s %.50s", system.sysname, system.release);
	if (HOSTED_SANITIZED)
		snprintf(info->emulated, sizeof(info->emulated), "this build has the address sanitizer in it");
	else if (strcmp(info->hypervisor, "TCG") == 0)
		snprintf(info->emulated, sizeof(info->emulated), "QEMU's TCG emulates this processor");
	snprintf(info->console, sizeof(info->console), "%s", isatty(STDOUT_FILENO) ? "terminal" : "file or pipe");
	info->cores = cores > 0 ? (uint32_t)cores : 1;
	info->memory_bytes = pages > 0 ? (uint64_t)pages * 4096 : 0;
	info->page_sizes = hosted_page_sizes();
	info->start_ticks = info->boot_ticks = host.start.ticks;
}

const struct platform_info *platform_describe(void) {
	if (!host.info.way[0])
		describe(&host.info);
	return &host.info;
}

/* ---- clock ---------------------------------------------------------------------------------------------------------------- */

int platform_clock_calibrate(struct platform_clock *clock) {
	enum { SPAN_MIN_NS = 10000000 };
	const char *stated_by = "";
	struct reading now = read_clocks();
	if (now.ns - host.start.ns < SPAN_MIN_NS) {
		struct timespec rest = {.tv_nsec = (long)(SPAN_MIN_NS - (now.ns - host.start.ns))};
		nanosleep(&rest, NULL);
		now = read_clocks();
	}
	*clock = (struct platform_clock){.span_ns = now.ns - host.start.ns, .invariant = machine_counter_invariant()};
	if (now.ns <= host.start.ns || now.ticks <= host.start.ticks)
		return PLATFORM_EIO;
	clock->hz = (uint64_t)((double)(now.ticks - host.start.ticks) * 1e9 / (double)clock->span_ns + 0.5);
	clock->hz_second = machine_counter_hz(&stated_by);
	snprintf(clock->counter, sizeof(clock->counter), "%s", machine_counter);
	snprintf(clock->source, sizeof(clock->source), "CLOCK_MONOTONIC_RAW");
	if (clock->hz_second)
		snprintf(clock->source_second, sizeof(clock->source_second), "%s", stated_by);
	return 0;
}

void platform_counters_read(struct platform_counters *counters) {
	struct rusage usage;
	*counters = (struct platform_counters){.faults_contained = hosted_faults_contained()};
	if (getrusage(RUSAGE_SELF, &usage) == 0)
		counters->context_switches = (uint64_t)(usage.ru_nvcsw + usage.ru_nivcsw);
}

/* ---- streams -------------------------------------------------------------------------------------------------------------- */

static int write_all(int file, const char *bytes, size_t length) {
	while (length > 0) {
		ssize_t written = write(file, bytes, length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return PLATFORM_EIO;
		bytes += written;
		length -= (size_t)written;
	}
	return 0;
}

int platform_write(enum platform_stream stream, const void *bytes, size_t length) {
	bool kept;
	int baseline_status;
	if (stream == PLATFORM_STREAM_RECORD)
		progress_record(bytes, length);
	else
		progress_clear();
	switch (stream) {
	case PLATFORM_STREAM_TEXT:
		return google_shows() ? 0 : write_all(STDOUT_FILENO, bytes, length);
	case PLATFORM_STREAM_ERROR:
		return write_all(STDERR_FILENO, bytes, length);
	case PLATFORM_STREAM_RECORD:
		return host.log < 0 ? 0 : write_all(host.log, bytes, length);
	case PLATFORM_STREAM_RESULTS:
		kept = google_keep(bytes, length);
		baseline_status = baseline_take(bytes, length);
		if (host.results < 0)
			return kept ? 0 : baseline_status;
		return write_all(host.results, bytes, length);
	}
	return PLATFORM_EINVAL;
}

int platform_results_close(void) {
	return 0;
}

struct platform_text platform_config(void) {
	return (struct platform_text){NULL, 0};
}

struct platform_text platform_previous_log(void) {
	return host.earlier;
}

_Noreturn void platform_exit(int status) {
	exit(baseline_finish(google_finish(status)));
}

/* ---- options -------------------------------------------------------------------------------------------------------------- */

static int create(const char *name, int *file) {
	*file = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (*file >= 0)
		return 0;
	fprintf(stderr, "%s: %s\n", name, strerror(errno));
	return PLATFORM_EIO;
}

static int set_out(const char *value) {
	return create(value, &host.results);
}

static int set_log(const char *value) {
	return create(value, &host.log);
}

static int set_resume(const char *value) {
	struct stat status;
	int file = open(value, O_RDONLY | O_CLOEXEC);
	void *bytes = MAP_FAILED;
	if (file >= 0 && fstat(file, &status) == 0 && status.st_size > 0)
		bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
	if (file >= 0)
		close(file);
	if (bytes == MAP_FAILED) {
		fprintf(stderr, "%s: %s\n", value, file >= 0 ? "nothing in it" : strerror(errno));
		return PLATFORM_EIO;
	}
	host.earlier = (struct platform_text){bytes, (size_t)status.st_size};
	return 0;
}

static int set_cpu(const char *value) {
	char *end;
	long cpu = strtol(value, &end, 10);
	platform_describe();
	if (end != value && *end == '\0' && cpu >= 0 && cpu < CPU_SETSIZE && pin((int)cpu))
		return 0;
	fprintf(stderr, "--cpu %s: no such core, or not allowed\n", value);
	return PLATFORM_EINVAL;
}

const struct platform_option platform_options[] = {
	{"out", "FILE", "write results.json there", set_out},
	{"log", "FILE", "write the records there", set_log},
	{"resume", "LOG", "go on with the run that this log was cut off in", set_resume},
	{"cpu", "N", "stay on this core (the last one allowed)", set_cpu},
	{"benchmark_out", "FILE", "write Google Benchmark's JSON there", google_set_out},
	{"benchmark_format", "FORMAT", "console, or json: Google Benchmark's in the table's place", google_set_format},
	{"benchmark_out_format", "FORMAT", "json, the only one", google_set_out_format},
	{"save-baseline", "NAME", "keep the results under this name", baseline_set_save},
	{"noise-threshold", "X", "of --baseline: the whole interval must lie beyond it (0.01)",
	 baseline_set_noise_threshold},
	{"significance-level", "X", "of --baseline (0.05)", baseline_set_significance_level},
	{"per-benchmark", "FILE", "of --baseline: thresholds by benchmark", baseline_set_per_benchmark},
	{"baseline", "NAME", "compare with what was kept under this name", baseline_set_against},
	{"load-baseline", "NAME", "compare this one, and measure nothing", baseline_set_load},
	{NULL, NULL, NULL, NULL},
};

const struct platform_command platform_commands[] = {
	{"collect", "records of a console or of anechoic.log into results.json", hosted_collect},
	{"compare", "results.json against results.json: changes and verdicts", hosted_compare},
	{"ab", "two commands, launched in turn: changes and verdicts", hosted_ab},
	{"layout", "variants linked in other orders: what the place of code and data does", hosted_layout},
	{"export", "results.json in the format of another tool", hosted_export},
	{"report", "result files as one page to look at", hosted_report},
	{"history", "figures over many runs, and where their level changed", hosted_history},
	{"completion", "completion for a shell, on standard output", hosted_completion},
	{"man", "the man page, on standard output", hosted_man},
	{"help", "this text, or a command's page", hosted_help},
	{NULL, NULL, NULL},
};
