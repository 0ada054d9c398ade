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
