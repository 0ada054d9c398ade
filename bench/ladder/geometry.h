/* SPDX-License-Identifier: Apache-2.0
 *
 * The TLBs' geometry in records, in results.json (both as docs/formats.md says) and for people, beside what the machine
 * says of them.
 */
#pragma once

#include "bench/collect.h"
#include "bench/text.h"
#include "bench/tlb_geometry/geometry.h"

/* The member `tlb_geometry` of an END record. */
void geometry_write(struct text *text, const struct tlb_geometry *geometry);

/* Lines of one such member; `context` is that of results.json or of the MACHINE record, length 0: none. */
void geometry_show_one(struct json_span geometry, struct json_span context, struct text *text);

/* A line for each level of each run's rows machine/tlb_geometry/PAGE; nothing where there are none. */
void geometry_show(const struct collector *collector, struct text *text);
