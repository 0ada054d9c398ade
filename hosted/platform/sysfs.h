/* SPDX-License-Identifier: Apache-2.0
 *
 * Readers of the small files below /sys and /proc.
 */
#pragma once

/* The first line of a file without its end; empty where there is none. */
void sysfs_read_line(const char *path, char *line, int capacity);

/* The same of a file below /sys/devices/system/cpu/cpuN/. */
void sysfs_read_cpu_line(int cpu, const char *name, char *line, int capacity);
