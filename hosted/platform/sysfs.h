/* SPDX-License-Identifier: Apache-2.0
 *
 * Readers of the small files below /sys and /proc.
 */
#pragma once

/* The first line of a file without its end; empty where there is none. */
void sysfs_read_line(const char *path, char *line, int capacity);

/* The same of a file below /sys/devices/system/cpu/cpuN/. */
void sysfs_read_cpu_line(int cpu, const char *name, char *line, int capacity);

/* A list as the kernel writes it, "0-3,8": calls add(argument, number) for each. Ends quietly at what is none. */
void sysfs_read_list(const char *text, void (*add)(void *argument, unsigned number), void *argument);
