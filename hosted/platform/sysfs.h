/* SPDX-License-Identifier: Apache-2.0
 *
 * Readers of the small files below /sys and /proc.
 */
#pragma once

/* The first line of a file without its end; empty where there is none. */
void sysfs_read_line(const char *path, char *line, int capacity);

/* The word in brackets of such a line, "always [madvise] never"; empty where there is none, or no room. */
void sysfs_read_chosen(const char *path, char *word, int capacity);

/* The same as sysfs_read_line of a file below /sys/devices/system/cpu/cpuN/. */
void sysfs_read_cpu_line(int cpu, const char *name, char *line, int capacity);
