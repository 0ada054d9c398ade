/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/platform/sysfs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More than the kernel numbers of anything that it lists. */
enum { NUMBER_MAX = 1 << 16 };

void sysfs_read_line(const char *path, char *line, int capacity) {
	line[0] = '\0';
	FILE *file = fopen(path, "re");
	if (!file)
		return;
	if (!fgets(line, capacity, file))
		line[0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	fclose(file);
}

void sysfs_read_cpu_line(int cpu, const char *name, char *line, int capacity) {
	char path[128];
	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/%s", cpu, name);
	sysfs_read_line(path, line, capacity);
}

void sysfs_read_list(const char *text, void (*add)(void *argument, unsigned number), void *argument) {
	for (char *end; *text >= '0' && *text <= '9'; text = end + (*end == ',')) {
		unsigned long first = strtoul(text, &end, 10), last = first;
		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		for (; first <= last && first < NUMBER_MAX; first++)
			add(argument, (unsigned)first);
	}
}
