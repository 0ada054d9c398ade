/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of hosted/ share.
 */
#pragma once

#include <stdint.h>

/* The core that the process stays on; -1: it is not pinned. */
int hosted_pinned_cpu(void);

/* A list as the kernel writes it, "0-3,8": calls add(argument, number) for each. Ends quietly at what is none. */
void hosted_read_list(const char *text, void (*add)(void *argument, unsigned number), void *argument);

/* PLATFORM_PAGE_*: what platform_memory_map can give now. */
uint32_t hosted_page_sizes(void);

uint64_t hosted_faults_contained(void);

/* Commands: argv[0] is the command's name; each returns the exit status. */
int hosted_collect(int argc, char **argv);
int hosted_export(int argc, char **argv);

/* The command `report`. */
int hosted_report(int argc, char **argv);

/* The first line of a file without its end; empty where there is none. */
void hosted_read_line(const char *path, char *line, int capacity);
