/* SPDX-License-Identifier: Apache-2.0
 *
 * What Linux counts: two looks at it tell what is so now.
 */
#include "hosted/platform/witness.h"
#include "hosted/still/facts_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES = 1 << 20 };

/* "cpuN user nice system idle iowait irq softirq steal ...": proc(5). */
struct cpu_line {
	unsigned cpu;
	uint64_t user, nice, system, idle, iowait, irq, softirq, steal;
};

static bool read_cpu_line(const char *line, struct cpu_line *times) {
	return sscanf(line,
		      "cpu%u %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
		      " %" SCNu64,
		      &times->cpu, &times->user, &times->nice, &times->system, &times->idle, &times->iowait,
		      &times->irq, &times->softirq, &times->steal) == 9;
}

static void take_times(const char *text, const struct still_facts *facts, struct still_counted *counted) {
	struct cpu_line times;
	for (const char *line = text; line && *line; line = strchr(line, '\n'), line += line != NULL) {
		if (!read_cpu_line(line, &times))
			continue;
		uint64_t busy = times.user + times.nice + times.system + times.irq + times.softirq;
		uint64_t all = busy + times.idle + times.iowait + times.steal;
		if (times.cpu == facts->cpu) {
			counted->times_known = true;
			counted->core_all += all;
			counted->core_stolen += times.steal;
		} else if (times.cpu < FACTS_CPUS && facts->siblings[times.cpu]) {
			counted->siblings_all += all;
			counted->siblings_busy += busy;
		} else {
			counted->others_all += all;
			counted->others_busy += busy;
		}
	}
}

void still_facts_count(const struct tree *tree, const struct still_facts *facts, struct still_counted *counted) {
	const uint64_t cpu = facts->cpu;
	struct witness witness = {0};
	struct fact_number percent;
	uint64_t core = 0, package = 0;
	char *text = malloc(FILE_BYTES);
	memset(counted, 0, sizeof(*counted));
	if (!text)
		return;
	if (tree_read(tree, text, FILE_BYTES, "proc/stat"))
		take_times(text, facts, counted);
	if (tree_read(tree, text, FILE_BYTES, "proc/interrupts"))
		witness_take_interrupts(text, &cpu, 1, &witness);
	free(text);
	counted->interrupts_known = witness.interrupts_known;
	counted->interrupts = witness.interrupts;
	counted->throttled_known = still_facts_quota(tree, &percent, &counted->throttled);
	counted->too_hot_known = tree_number(
		tree, &core, "sys/devices/system/cpu/cpu%u/thermal_throttle/core_throttle_count", facts->cpu);
	(void)tree_number(tree, &package, "sys/devices/system/cpu/cpu%u/thermal_throttle/package_throttle_count",
			  facts->cpu);
	counted->too_hot = core + package;
}

double still_facts_uptime(const struct tree *tree) {
	char line[FACTS_WORD];
	double seconds = tree_line(tree, line, sizeof(line), "proc/uptime") ? strtod(line, NULL) : 0;
	return seconds > 0 && seconds < 1e10 ? seconds : 0;
}
