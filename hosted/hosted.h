/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of hosted/ share.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The core that the process stays on; -1: it is not pinned. */
int hosted_pinned_cpu(void);

/* Which core platform_core_start takes first, and its relation to the pinned one, "core 2, other core"; empty: there is
 * none. */
void hosted_other_core(char *text, size_t capacity);

/* A list as the kernel writes it, "0-3,8": calls add(argument, number) for each. Ends quietly at what is none. */
void hosted_read_list(const char *text, void (*add)(void *argument, unsigned number), void *argument);

/* PLATFORM_PAGE_*: what platform_memory_map can give now. */
uint32_t hosted_page_sizes(void);

uint64_t hosted_faults_contained(void);

/* The value of option `name` at argv[*index], as "--name value", on which *index then stands, or "--name=value"; NULL:
 * it is not that option, or has none. */
const char *hosted_option_value(int argc, char **argv, int *index, const char *name);

/* Commands: argv[0] is the command's name; each returns the exit status. */
int hosted_collect(int argc, char **argv);
int hosted_compare(int argc, char **argv);
int hosted_ab(int argc, char **argv);
int hosted_layout(int argc, char **argv);
int hosted_export(int argc, char **argv);
int hosted_history(int argc, char **argv);
int hosted_help(int argc, char **argv);
int hosted_completion(int argc, char **argv);
int hosted_man(int argc, char **argv);

/* Google Benchmark's options. `keep` takes a piece of results.json, false where nobody asked; `finish` writes what was
 * asked for and returns the exit status. */
int google_set_out(const char *value);
int google_set_format(const char *value);
int google_set_out_format(const char *value);
bool google_shows(void);
bool google_keep(const char *bytes, size_t length);
int google_finish(int status);

/* A line on the terminal that says what runs: each record as it is written, and before anything else is. */
void progress_record(const char *bytes, size_t length);
void progress_clear(void);

/* The command `report`. */
int hosted_report(int argc, char **argv);

/* The first line of a file without its end; empty where there is none. */
void hosted_read_line(const char *path, char *line, int capacity);
