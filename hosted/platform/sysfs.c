/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/platform/sysfs.h"

#include <stdio.h>
#include <string.h>

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

void sysfs_read_chosen(const char *path, char *word, int capacity) {
	char line[160];
	sysfs_read_line(path, line, sizeof(line));
	const char *chosen = strchr(line, '[');
	size_t length = chosen ? strcspn(++chosen, "]") : 0;
	if (length >= (size_t)capacity)
		length = 0;
	memcpy(word, chosen ? chosen : "", length);
	word[length] = '\0';
}

void sysfs_read_cpu_line(int cpu, const char *name, char *line, int capacity) {
	char path[128];
	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/%s", cpu, name);
	sysfs_read_line(path, line, capacity);
}
