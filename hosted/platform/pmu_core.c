/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/platform/pmu_core.h"

#include "hosted/platform/sysfs.h"

#include <glob.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH = 288, LINE = 256 };

/* Of the architecture, for PMUs that have a name: PERF_TYPE_HARDWARE reaches them on young kernels only. */
enum {
	X86_CYCLES = 0x3c,
	X86_INSTRUCTIONS = 0xc0,
	ARM_CYCLES = 0x11,
	ARM_INSTRUCTIONS = 0x08,
	ARM_COMMON_EVENTS = 0x40
};

static bool lists_cpu(const char *list, int cpu) {
	while (*list) {
		char *end;
		long first = strtol(list, &end, 10), last = first;
		if (end == list)
			return false;
		if (*end == '-')
			last = strtol(end + 1, &end, 10);
		if (cpu >= first && cpu <= last)
			return true;
		list = *end == ',' ? end + 1 : end;
	}
	return false;
}

static bool take_pmu(const char *cpus, int cpu, struct pmu_core *core) {
	char line[LINE], path[PATH];
	size_t folder = strlen(cpus) - strlen("cpus");
	bool is_arm = strstr(cpus, "/armv") != NULL;
	sysfs_read_line(cpus, line, sizeof(line));
	if ((!is_arm && !strstr(cpus, "/cpu_")) || folder >= sizeof(core->folder) ||
	    (cpu >= 0 && !lists_cpu(line, cpu)))
		return false;
	snprintf(path, sizeof(path), "%.*stype", (int)folder, cpus);
	sysfs_read_line(path, line, sizeof(line));
	if (!line[0])
		return false;
	core->type = (uint32_t)strtoul(line, NULL, 10);
	snprintf(core->folder, sizeof(core->folder), "%.*s", (int)folder, cpus);
	core->is_arm = is_arm;
	return true;
}

void pmu_core_find(const char *root, int cpu, struct pmu_core *core) {
	char pattern[PATH];
	glob_t found;
	*core = (struct pmu_core){.type = PERF_TYPE_RAW};
	snprintf(pattern, sizeof(pattern), "%s/*/cpus", root);
	if (glob(pattern, 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc && !take_pmu(found.gl_pathv[i], cpu, core); i++)
		;
	globfree(&found);
}

/* Linux lists those of the architecture's events that PMCEID has; what it does not list it counts as nothing. */
static bool has_arm_event(const struct pmu_core *core, uint64_t code) {
	char pattern[PATH], line[LINE];
	glob_t found;
	snprintf(pattern, sizeof(pattern), "%sevents/*", core->folder);
	if (code >= ARM_COMMON_EVENTS || glob(pattern, 0, NULL, &found) != 0)
		return true;
	bool has = false;
	for (size_t i = 0; i < found.gl_pathc && !has; i++) {
		sysfs_read_line(found.gl_pathv[i], line, sizeof(line));
		has = strncmp(line, "event=", 6) == 0 && strtoull(line + 6, NULL, 16) == code;
	}
	globfree(&found);
	return has;
}

bool pmu_core_event(const struct pmu_core *core, const struct platform_pmu_event *event, struct pmu_event *as) {
	bool named = core->folder[0] != '\0';
	*as = (struct pmu_event){core->type, event->code};
	if (event->kind == PLATFORM_PMU_CYCLES)
		*as = named ? (struct pmu_event){core->type, core->is_arm ? ARM_CYCLES : X86_CYCLES}
			    : (struct pmu_event){PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES};
	else if (event->kind == PLATFORM_PMU_INSTRUCTIONS)
		*as = named ? (struct pmu_event){core->type, core->is_arm ? ARM_INSTRUCTIONS : X86_INSTRUCTIONS}
			    : (struct pmu_event){PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS};
	else
		return !core->is_arm || has_arm_event(core, event->code);
	return true;
}
