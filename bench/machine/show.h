/* SPDX-License-Identifier: Apache-2.0
 *
 * A machine's description as a table for people, at most 100 columns, plain ASCII, and as JSON. In both, each figure
 * stands with its source.
 */
#pragma once

#include "bench/machine/facts.h"

#define MACHINE_SCHEMA "anechoic-machine/1"

void machine_show_table(const struct facts *facts, struct text *text);

/* An object, without a line end (docs/formats.md). */
void machine_show_json(const struct facts *facts, struct text *text);

/* The member `measured_on` of the context: the core that the programme stays on, and its kind; nothing where it may
 * move. */
void machine_show_measured_on(const struct facts *facts, struct text *text);

/* "data", "instruction", "unified" */
const char *machine_cache_type(enum caps_cache_type type);

/* "48 KiB", "1536 MiB", "16 GiB": the largest unit that leaves a whole number. */
void machine_add_bytes(struct text *text, uint64_t bytes);
