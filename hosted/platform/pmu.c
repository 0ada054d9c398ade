/* SPDX-License-Identifier: Apache-2.0
 *
 * Counters by perf_event_open(2): one pinned group, in user mode alone, of this thread. Read by a system call: what
 * that costs is outside of what is counted but for its way in and out, and whoever counts takes a difference. The group
 * is counted whole or not at all: where others have the counters (the NMI watchdog takes one), the kernel gives the
 * group up, and a smaller one is tried.
 * Source: Linux, tools/perf and perf_event_open(2); Documentation/admin-guide/sysctl/kernel.rst, perf_event_paranoid.
 */
#include "hosted/platform/pmu.h"
#include "hosted/platform/pin.h"
#include "hosted/platform/pmu_core.h"
#include "hosted/platform/sysfs.h"
#include "platform.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct {
	int files[PLATFORM_PMU_EVENTS_MAX]; /* the first leads */
	unsigned count;
} group;

/* What PERF_FORMAT_GROUP with both times gives. */
struct group_counts {
	uint64_t count, enabled, running, values[PLATFORM_PMU_EVENTS_MAX];
};

static int open_one(struct pmu_event event, int leader) {
	struct perf_event_attr attr = {
		.type = event.type,
		.size = sizeof(attr),
		.config = event.config,
		.disabled = leader < 0,
		.pinned = leader < 0,
		.exclude_kernel = 1,
		.exclude_hv = 1,
		.read_format = PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
	};
	int file = (int)syscall(SYS_perf_event_open, &attr, 0, -1, leader, PERF_FLAG_FD_CLOEXEC);
	return file < 0 ? -errno : file;
}

static void find_core(struct pmu_core *core) {
	pmu_core_find("/sys/bus/event_source/devices", pin_cpu(), core);
}

/* ---- the group --------------------------------------------------------------------------------------------------- */

void platform_pmu_stop(void) {
	for (unsigned i = group.count; i > 0; i--)
		close(group.files[i - 1]);
	group.count = 0;
}

static int read_group(struct group_counts *counts) {
	size_t wanted = (3 + group.count) * sizeof(uint64_t);
	if (group.count == 0 || read(group.files[0], counts, sizeof(*counts)) != (ssize_t)wanted)
		return PLATFORM_EBUSY;
	return counts->enabled == counts->running && counts->running != 0 ? 0 : PLATFORM_EBUSY;
}

/* Their number, or why not even the first: -errno. */
static int open_group(const struct pmu_event *events, unsigned count) {
	int error = 0;
	for (; group.count < count && error == 0; group.count += error == 0) {
		int file = open_one(events[group.count], group.count == 0 ? -1 : group.files[0]);
		error = file < 0 ? file : 0;
		group.files[group.count] = file;
	}
	return group.count == 0 ? error : (int)group.count;
}

int pmu_group_start(const struct pmu_event *events, unsigned count) {
	for (platform_pmu_stop(); count > 0; count--) {
		struct group_counts counts;
		int opened = open_group(events, count);
		if (opened < 0)
			return opened;
		count = (unsigned)opened;
		ioctl(group.files[0], PERF_EVENT_IOC_RESET, PERF_IOC_FLAG_GROUP);
		ioctl(group.files[0], PERF_EVENT_IOC_ENABLE, PERF_IOC_FLAG_GROUP);
		if (read_group(&counts) == 0)
			return opened;
		platform_pmu_stop();
	}
	return -EBUSY;
}

int platform_pmu_start(const struct platform_pmu_event *events, unsigned count) {
	struct pmu_event wanted[PLATFORM_PMU_EVENTS_MAX];
	if (count > PLATFORM_PMU_EVENTS_MAX)
		return PLATFORM_EINVAL;
	struct pmu_core core;
	find_core(&core);
	for (unsigned i = 0; i < count; i++)
		if (!pmu_core_event(&core, &events[i], &wanted[i]))
			count = i;
	int started = pmu_group_start(wanted, count);
	return started > 0 ? started : PLATFORM_EUNSUPPORTED;
}

int platform_pmu_read(uint64_t *values) {
	struct group_counts counts;
	int error = read_group(&counts);
	for (unsigned i = 0; error == 0 && i < group.count; i++)
		values[i] = counts.values[i];
	return error;
}

/* ---- whether there are any --------------------------------------------------------------------------------------- */

void pmu_explain(int error, const char *paranoid, char *text, size_t capacity) {
	const char *level = paranoid[0] ? paranoid : "not to be read";
	if (error == EACCES || error == EPERM)
		snprintf(text, capacity,
			 "perf_event_open is not allowed (kernel.perf_event_paranoid is %s): as root, sysctl "
			 "kernel.perf_event_paranoid=2",
			 level);
	else if (error == ENOENT || error == EOPNOTSUPP || error == ENODEV)
		snprintf(text, capacity, "Linux has no counters here (%s): a hypervisor may keep them from this guest",
			 error == ENOENT ? "ENOENT" : strerror(error));
	else if (error == ENOSYS)
		snprintf(text, capacity, "this kernel has no perf_event_open, or a sandbox forbids it (ENOSYS)");
	else if (error == EBUSY)
		snprintf(text, capacity, "others have the counters: end them, or as root sysctl kernel.nmi_watchdog=0");
	else
		snprintf(text, capacity, "perf_event_open: %s", strerror(error));
}

void platform_pmu_describe(struct platform_pmu *pmu) {
	const struct platform_pmu_event two[] = {{PLATFORM_PMU_CYCLES, 0}, {PLATFORM_PMU_INSTRUCTIONS, 0}};
	struct pmu_event wanted[2];
	struct pmu_core core;
	char paranoid[16];
	sysfs_read_line("/proc/sys/kernel/perf_event_paranoid", paranoid, sizeof(paranoid));
	find_core(&core);
	for (int i = 0; i < 2; i++)
		pmu_core_event(&core, &two[i], &wanted[i]);
	*pmu = (struct platform_pmu){0};
	snprintf(pmu->source, sizeof(pmu->source), "perf_event_open");
	int started = pmu_group_start(wanted, 2);
	platform_pmu_stop();
	if (started < 2)
		pmu_explain(started < 0 ? -started : EBUSY, paranoid, pmu->reason, sizeof(pmu->reason));
	else
		pmu->at_once = PLATFORM_PMU_EVENTS_MAX - 2; /* the kernel says itself how many fit */
}
