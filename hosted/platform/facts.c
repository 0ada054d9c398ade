/* SPDX-License-Identifier: Apache-2.0
 *
 * What Linux says about the machine and about how it treats this process: context for whoever reads the results.
 */
#include "hosted/platform/facts.h"

#include "hosted/platform/pin.h"
#include "hosted/platform/sysfs.h"
#include "lib/number_list.h"
#include "platform.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Appends to a list, after `separator` where something is in it; cut off at the capacity. */
static void add(char *list, size_t capacity, const char *separator, const char *a, const char *b, const char *c) {
	size_t used = strlen(list);
	if (used + 1 < capacity)
		snprintf(list + used, capacity - used, "%s%s%s%s", used ? separator : "", a, b, c);
}

static void count_one(void *argument, unsigned number) {
	(void)number;
	++*(unsigned *)argument;
}

/* "L1 Data 32K shared by 1, L2 Unified 512K shared by 2" */
static void read_caches(int cpu, char *list, size_t capacity) {
	for (int index = 0; index < 8; index++) {
		char name[40], level[8], type[16], size[16], sharing[256], head[32], tail[48];
		unsigned sharers = 0;
		snprintf(name, sizeof(name), "cache/index%d/level", index);
		sysfs_read_cpu_line(cpu, name, level, sizeof(level));
		if (!level[0])
			return;
		snprintf(name, sizeof(name), "cache/index%d/type", index);
		sysfs_read_cpu_line(cpu, name, type, sizeof(type));
		snprintf(name, sizeof(name), "cache/index%d/size", index);
		sysfs_read_cpu_line(cpu, name, size, sizeof(size));
		snprintf(name, sizeof(name), "cache/index%d/shared_cpu_list", index);
		sysfs_read_cpu_line(cpu, name, sharing, sizeof(sharing));
		number_list_read(sharing, count_one, &sharers);
		snprintf(head, sizeof(head), "L%s %s ", level, type);
		snprintf(tail, sizeof(tail), " shared by %u", sharers);
		add(list, capacity, ", ", head, size, sharers ? tail : "");
	}
}

/* "meltdown: Not affected; ...", those that cost something only. */
static void read_mitigations(char *list, size_t capacity) {
	glob_t found;
	if (glob("/sys/devices/system/cpu/vulnerabilities/*", 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		char line[160];
		sysfs_read_line(found.gl_pathv[i], line, sizeof(line));
		if (strncmp(line, "Mitigation: ", 12) == 0)
			add(list, capacity, "; ", strrchr(found.gl_pathv[i], '/') + 1, ": ", line + 12);
	}
	globfree(&found);
}

/* A field of /proc/cpuinfo. */
static void read_cpuinfo(const char *name, char *value, size_t capacity) {
	char line[512];
	FILE *file = fopen("/proc/cpuinfo", "re");
	if (!file)
		return;
	while (!value[0] && fgets(line, sizeof(line), file)) {
		char *colon = strstr(line, ": ");
		if (!colon || strncmp(line, name, strlen(name)) != 0)
			continue;
		colon[strcspn(colon, "\n")] = '\0';
		snprintf(value, capacity, "%.*s", (int)capacity - 1, colon + 2);
	}
	fclose(file);
}

static char still[600];

void facts_set_still(const char *words) {
	snprintf(still, sizeof(still), "%s", words);
}

const struct platform_fact *platform_facts(void) {
	static char pinning[32], huge[160], governor[32], microcode[32], caches[160], mitigations[800];
	static struct platform_core other_core;
	static const struct platform_fact facts[] = {
		{"other_core", other_core.text}, {"pinning", pinning},     {"transparent_huge_pages", huge},
		{"governor", governor},          {"microcode", microcode}, {"caches", caches},
		{"mitigations", mitigations},    {"still", still},         {NULL, NULL},
	};
	const char *held = getenv(FACTS_STILL);
	if (held && !still[0])
		facts_set_still(held);
	int cpu = pin_cpu();
	if (cpu < 0)
		snprintf(pinning, sizeof(pinning), "none");
	else
		snprintf(pinning, sizeof(pinning), "core %d", cpu);
	if (platform_core_describe(1, &other_core) != 0)
		other_core.text[0] = '\0';
	if (caches[0])
		return facts;
	sysfs_read_line("/sys/kernel/mm/transparent_hugepage/enabled", huge, sizeof(huge));
	sysfs_read_cpu_line(cpu < 0 ? 0 : cpu, "cpufreq/scaling_governor", governor, sizeof(governor));
	read_cpuinfo("microcode", microcode, sizeof(microcode));
	read_caches(cpu < 0 ? 0 : cpu, caches, sizeof(caches));
	mitigations[0] = '\0';
	read_mitigations(mitigations, sizeof(mitigations));
	return facts;
}
