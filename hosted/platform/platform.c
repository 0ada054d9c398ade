/* SPDX-License-Identifier: Apache-2.0
 *
 * platform.h on Linux: description and clock. The streams are in streams.c, memory in memory.c, contained faults in
 * guard.c, threads on other cores in cores.c, the further facts of the context in facts.c.
 */
#include "platform.h"
#include "bench/ticks.h"
#include "hosted/platform/allowed.h"
#include "hosted/platform/columns.h"
#include "hosted/platform/guard.h"
#include "hosted/platform/machine.h"
#include "hosted/platform/memory.h"
#include "hosted/platform/pin.h"
#include "hosted/platform/plant.h"
#include "hosted/platform/sanitize.h"
#include "lib/civil.h"
#include "lib/units.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
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
} host;

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
		best.ns = (uint64_t)time.tv_sec * NS_PER_SECOND + (uint64_t)time.tv_nsec;
		best.doubt_ticks = after - before;
	}
	return best;
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
	info->columns = (uint32_t)columns_of_output();
	info->cores = cores > 0 ? (uint32_t)cores : 1;
	info->cores_usable = cores_usable();
	info->memory_bytes = pages > 0 ? (uint64_t)pages * PAGE_BYTES : 0;
	info->page_sizes = memory_page_sizes();
	info->start_ticks = info->boot_ticks = host.start.ticks;
	struct timespec now;
	if (clock_gettime(CLOCK_REALTIME, &now) == 0 && civil_believed((uint64_t)now.tv_sec)) {
		info->utc_seconds = (uint64_t)now.tv_sec;
		info->utc_ticks = ticks_begin();
		snprintf(info->utc_source, sizeof(info->utc_source), "clock_gettime");
	}
}

const struct platform_info *platform_describe(void) {
	if (!host.info.way[0])
		describe(&host.info);
	return &host.info;
}

/* ---- clock ------------------------------------------------------------------------------------------------------- */

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
	clock->hz = (uint64_t)((double)(now.ticks - host.start.ticks) * NS_PER_SECOND / (double)clock->span_ns + 0.5);
	clock->hz_second = machine_counter_hz(&stated_by);
	snprintf(clock->counter, sizeof(clock->counter), "%s", machine_counter);
	snprintf(clock->source, sizeof(clock->source), "CLOCK_MONOTONIC_RAW");
	if (clock->hz_second)
		snprintf(clock->source_second, sizeof(clock->source_second), "%s", stated_by);
	return 0;
}

void platform_counters_read(struct platform_counters *counters) {
	struct rusage usage;
	*counters = (struct platform_counters){.faults_contained = guard_faults_contained()};
	if (getrusage(RUSAGE_SELF, &usage) == 0)
		counters->context_switches = (uint64_t)(usage.ru_nvcsw + usage.ru_nivcsw);
}

void platform_thread_read(struct platform_thread *thread) {
	struct rusage usage;
	struct timespec ran;
	int cpu = sched_getcpu();
	*thread = (struct platform_thread){.cpu_known = cpu >= 0, .cpu = cpu >= 0 ? (uint64_t)cpu : 0};
	thread->switches_known = getrusage(RUSAGE_THREAD, &usage) == 0;
	if (thread->switches_known) {
		thread->switches = (uint64_t)usage.ru_nivcsw;
		thread->waits = (uint64_t)usage.ru_nvcsw;
	}
	thread->ran_known = clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ran) == 0;
	if (thread->ran_known)
		thread->ran_ns = (uint64_t)ran.tv_sec * NS_PER_SECOND + (uint64_t)ran.tv_nsec;
}

int platform_plant(uint64_t every_ns, uint64_t length_ns, struct platform_planted *planted) {
	struct platform_clock clock;
	if (every_ns != 0 && !(every_ns >= PLATFORM_PLANT_LEAST_NS && every_ns <= PLATFORM_PLANT_MOST_NS &&
			       length_ns != 0 && length_ns <= every_ns / 2))
		return PLATFORM_EINVAL;
	if (every_ns != 0 && (!guard_is_armed() || platform_clock_calibrate(&clock) != 0))
		return PLATFORM_EUNSUPPORTED;
	plant_take(planted);
	if (every_ns == 0)
		return 0;
	return plant_begin(every_ns, (uint64_t)((double)length_ns * (double)clock.hz / NS_PER_SECOND));
}

/* Asked for nothing of the kind: what is switched off stays off for all that runs here, and after a crash. */
int platform_prefetchers_switch(uint64_t off, struct platform_prefetchers *prefetchers) {
	(void)off;
	*prefetchers = (struct platform_prefetchers){
		.reason = "Linux: needs /dev/cpu/*/msr, as root; the image switches them itself"};
	return 0;
}
