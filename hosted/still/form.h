/* SPDX-License-Identifier: Apache-2.0
 *
 * The form of a report on a machine (docs/hardware.md, "A report"), filled in with what Linux says of it. It is read by
 * strangers: serial numbers, UUIDs, asset tags, addresses, names of hosts, users, disks and kernels are in none of the
 * files that are read here, or are passed over in them by a list of what is taken.
 */
#pragma once

#include "bench/text.h"
#include "hosted/still/tree.h"

/* A row of one of its tables; an empty answer is not known. What a table, HTML or a terminal would take for more than
 * letters is made harmless. */
void form_add_row(struct text *text, const char *label, const char *answer);

/* The head of a table behind a heading of its own. */
void form_add_head(struct text *text, const char *heading);

/* The machine, as Markdown. */
void form_add_machine(struct text *text, const struct tree *tree);

/* Adds `part` to a list, behind ", " where there is something; nothing where it is empty or the last one. */
void form_list(struct text *list, const char *part);
void form_list_format(struct text *list, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- rows in files of their own: each adds its answer, or nothing ------------------------------------------------ */

void form_processor(const struct tree *tree, struct text *answer);
void form_processor_numbers(const struct tree *tree, struct text *answer);
void form_features(const struct tree *tree, struct text *answer);
void form_cores(const struct tree *tree, struct text *answer);
void form_hypervisor(const struct tree *tree, struct text *answer);
void form_tables(const struct tree *tree, struct text *answer);
void form_ports(const struct tree *tree, struct text *answer);
void form_disks(const struct tree *tree, struct text *answer);
